"""`trigdash variables import FILE`: a dotenv file, with what it changes said first."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from trigdash.backends.operations.project import (
    import_variables,
    list_variables,
    list_variables_of,
)
from trigdash.commands.environment import CommandContext
from trigdash.commands.exit_codes import CommandFailure, ExitCode
from trigdash.commands.resources import actions_of
from trigdash.model.capability import Capability
from trigdash.model.dotenv import parse_dotenv
from trigdash.model.project import Variable
from trigdash.service.actions.outcome import Result


@dataclass(frozen=True, slots=True)
class _Import:
    name: str = "import"
    makes_run: bool = False

    @staticmethod
    def done(answer: object) -> str:
        """The sentence for the answer."""
        return "imported"


async def import_file(
    context: CommandContext, source: str, agree: Callable[[str], bool]
) -> ExitCode:
    """Import a dotenv file. Names what is new, what changes, what stays and what is only on the
    server, never a value; what is only on the server is left alone."""
    context.require(Capability.VARIABLE_WRITES)
    given = _read(source)
    known = _values((await context.backend.call(list_variables(None))).rows)
    for mark, name, words in changes(known, given):
        context.output.note(f"{mark} {name}  {words}")
    sent = {name: value for name, value in given.items() if known.get(name) != value}
    if not sent:
        context.output.note("nothing to change: nothing was sent")
        return ExitCode.WELL
    question = f"set {len(sent)} variables in {context.target.known_environment or 'this place'}"
    if not agree(question):
        raise CommandFailure("nothing was sent: add --yes to do it", ExitCode.REFUSED)
    operation = import_variables(sent, override=True)
    outcome = await actions_of(context).perform(_Import(), "variables", operation)
    if not outcome.done:
        is_lost = outcome.result is Result.UNKNOWN
        raise CommandFailure(outcome.message, ExitCode.UNKNOWN if is_lost else ExitCode.FAILED)
    context.output.note(f"{len(sent)} variables: {outcome.message}")
    return ExitCode.WELL


async def compare_with(context: CommandContext, environment: str) -> ExitCode:
    """Print what another environment has otherwise: names only, never a value."""
    context.require(Capability.VARIABLES)
    here = _values((await context.backend.call(list_variables(None))).rows)
    there = _values((await context.backend.call(list_variables_of(environment))).rows)
    for mark, name, words in differences(here, there, environment):
        print(f"{mark} {name}  {words}")
    return ExitCode.WELL


def _values(rows: Iterable[Variable]) -> dict[str, str | None]:
    return {row.name: None if row.is_secret else row.value for row in rows}


def differences(
    here: Mapping[str, str | None], there: Mapping[str, str | None], environment: str
) -> list[tuple[str, str, str]]:
    """How the variables of another environment differ: a mark, the name, the words. None is the
    value of a secret, which nobody is told."""
    told: list[tuple[str, str, str]] = []
    for name in sorted({*here, *there}):
        if name not in there:
            told.append(("-", name, f"not in {environment}"))
        elif name not in here:
            told.append(("+", name, f"only in {environment}"))
        elif here[name] is None or there[name] is None:
            told.append(("?", name, "secret: values are not told"))
        elif here[name] != there[name]:
            told.append(("~", name, "differs"))
    return told


def changes(held: Mapping[str, str | None], given: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """What an import does to each variable: a mark, the name, the words. `held` has None for a
    value that the server does not tell. Values are never in it."""
    told: list[tuple[str, str, str]] = []
    for name in sorted({*held, *given}):
        if name not in given:
            told.append((" ", name, "only on the server: stays"))
        elif name not in held:
            told.append(("+", name, "new"))
        elif held[name] is None:
            told.append(("~", name, "secret: set anew"))
        elif held[name] != given[name]:
            told.append(("~", name, "changes"))
        else:
            told.append((" ", name, "the same"))
    return told


def _read(source: str) -> dict[str, str]:
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
        return parse_dotenv(text)
    except (OSError, ValueError) as problem:
        raise CommandFailure(f"cannot read {source}: {problem}", ExitCode.MISUSED) from None
