"""The headless commands by their first word. Only the command in use is imported."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trigdash.presentation.registry import RESOURCES

if TYPE_CHECKING:
    from trigdash.commands.parser import AddFlags


AddNoun = Callable[["argparse.ArgumentParser", "AddFlags", "Sequence[str] | None"], None]


@dataclass(frozen=True, slots=True)
class Noun:
    """A first word of the command line."""

    name: str
    help: str
    add: AddNoun
    """Adds the subcommands; given the words of the command line, only those that they need."""


def _add_runs(
    parser: argparse.ArgumentParser, add_flags: AddFlags, given: Sequence[str] | None
) -> None:
    from trigdash.commands.run_parser import add_runs

    add_runs(parser, add_flags, given)


def _add_query(
    parser: argparse.ArgumentParser, add_flags: AddFlags, given: Sequence[str] | None
) -> None:
    from trigdash.commands.reports import add_query

    add_query(parser, add_flags)


def _add_health(
    parser: argparse.ArgumentParser, add_flags: AddFlags, given: Sequence[str] | None
) -> None:
    from trigdash.commands.reports import add_health

    add_health(parser, add_flags)


def _add_grep(
    parser: argparse.ArgumentParser, add_flags: AddFlags, given: Sequence[str] | None
) -> None:
    from trigdash.commands.grep import add_grep

    add_grep(parser, add_flags)


def _add_open(
    parser: argparse.ArgumentParser, add_flags: AddFlags, given: Sequence[str] | None
) -> None:
    from trigdash.commands.open import add_open

    add_open(parser, add_flags)


def _add_triage(
    parser: argparse.ArgumentParser, add_flags: AddFlags, given: Sequence[str] | None
) -> None:
    from trigdash.commands.triage import add_triage

    add_triage(parser, add_flags)


def _add_now(
    parser: argparse.ArgumentParser, add_flags: AddFlags, given: Sequence[str] | None
) -> None:
    from trigdash.commands.now import add_now

    add_now(parser, add_flags)


def _resource(
    name: str,
) -> AddNoun:
    def add(
        parser: argparse.ArgumentParser, add_flags: AddFlags, given: Sequence[str] | None
    ) -> None:
        from trigdash.commands.parser import add_resource

        add_resource(parser, name, add_flags)

    return add


NOUNS = (
    Noun("triage", "show where an error's runs are, and what sets them apart", _add_triage),
    Noun("now", "show what needs attention now, and what was checked", _add_now),
    Noun("runs", "list, show, follow, watch, cancel, replay and tag runs", _add_runs),
    Noun("queues", "list queues; pause, resume and limit one", _resource("queues")),
    Noun("batches", "list batches", _resource("batches")),
    *(
        Noun(entry.name, f"list {entry.title.lower()}, show one, act on it", _resource(entry.name))
        for entry in RESOURCES.values()
    ),
    Noun("query", "print the rows of a TRQL statement", _add_query),
    Noun("health", "print the server's health report", _add_health),
    Noun("grep", "search the logs of many runs, newest first", _add_grep),
    Noun("open", "open a run's page in the platform's own dashboard", _add_open),
)
