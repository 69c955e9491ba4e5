"""The command line's language: `:runs status:failed`, `:run run_…`, `:env staging`, `:quit`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from trigdash.presentation.registry import RESOURCES
from trigdash.service.filters.completion import Completion


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its name, what it takes, what it does."""

    name: str
    help: str
    takes: str = ""
    """What the argument is: filter, run, queue, batch, env, profile, view, name, columns,
    theme, condition; empty for none."""
    required: bool = False


COMMANDS = (
    Command("now", "what needs attention now"),
    Command("health", "the server's own report on health"),
    Command("stuck", "all runs that do not move, by what holds them"),
    Command("runs", "the run list, narrowed", "filter"),
    Command("run", "open a run by its id", "run", required=True),
    Command("why", "why a run does not move, by its id", "run", required=True),
    Command("queues", "the queues"),
    Command("queue", "open a queue by its name", "queue", required=True),
    Command("batches", "the batches"),
    Command("batch", "open a batch by its id", "batch", required=True),
    Command("error", "since when an error happens, where, and what tells it apart", "error", True),
    Command("grep", "a pattern in the logs of runs: [-i] RE [FILTER]", "grep", required=True),
    Command("diff", "a run beside the last good run of its task", "run", required=True),
    *(Command(entry.name, entry.about) for entry in RESOURCES.values()),
    Command("watch", "tell when it is over: done, failed, queued<10 …", "condition"),
    Command("split", "this run list beside that of another environment", "env", required=True),
    Command("compare", "variables here and in another environment", "env", required=True),
    Command("actions", "what was done from here, and how it ended"),
    Command("bulks", "the bulk under way, or an interrupted one"),
    Command("env", "switch to another environment", "env", required=True),
    Command("profile", "switch to another profile", "profile", required=True),
    Command("view", "a saved view: filter, columns and order", "view", required=True),
    Command("forget", "forget a saved view", "view", required=True),
    Command("columns", "columns of this list; none for the usual", "columns"),
    Command("sort", "order by any column: duration, cost asc", "sort", required=True),
    Command("theme", "colors: dark, light, high contrast …; none shows each", "theme"),
    Command("refresh", "ask the server now"),
    Command("pause", "pause or resume polling"),
    Command("save", "save this view by a name; none: rows, to a file", "name"),
    Command("help", "every key of this screen"),
    Command("quit", "leave"),
)

_ALIASES = {
    "q": "quit",
    "q!": "quit",
    "wq": "quit",
    "h": "help",
    "environment": "env",
    "ls": "runs",
}


class CommandError(ValueError):
    """What is wrong with a command, in words."""


@dataclass(frozen=True, slots=True)
class ParsedCommand:
    """A command and its argument."""

    command: Command
    argument: str = ""


_IDENTIFIED = ("run", "batch")
"""Commands that open a thing by an id which begins with their name."""


def id_in(argument: str, kind: str) -> str:
    """The id that an argument names: itself, or the one in the address of a dashboard page."""
    if "://" not in argument:
        return argument
    steps = re.split(r"[/?#&=]", argument)
    return next((step for step in reversed(steps) if step.startswith(f"{kind}_")), argument)


def _of_address(address: str) -> ParsedCommand | None:
    """What the address of a dashboard page opens."""
    by_name = {command.name: command for command in COMMANDS}
    for kind in _IDENTIFIED:
        found = id_in(address, kind)
        if found != address:
            return ParsedCommand(by_name[kind], found)
    return None


def read(line: str, available: Iterable[Command] = COMMANDS) -> ParsedCommand:
    """The command that a line asks for; CommandError says what is wrong with it."""
    name, _, argument = line.strip().removeprefix(":").strip().partition(" ")
    argument = argument.strip()
    by_name = {command.name: command for command in available}
    command = by_name.get(_ALIASES.get(name, name))
    if command is None:
        if "://" in name and not argument and (asked := _of_address(name)):
            return asked
        # A bare id opens what it names, as one pastes it from a log.
        kind = name.split("_")[0]
        if "_" in name and kind in by_name and not argument:
            return ParsedCommand(by_name[kind], name)
        close = get_close_matches(name, by_name, n=1)
        hint = f"do you mean :{close[0]}?" if close else "tab lists the commands"
        raise CommandError(f"no command {name or ':'}: {hint}")
    if argument and not command.takes:
        raise CommandError(f":{command.name} takes nothing")
    if command.required and not argument:
        raise CommandError(f":{command.name} needs a {command.takes}")
    if command.name in _IDENTIFIED:
        argument = id_in(argument, command.name)
    return ParsedCommand(command, argument)


def complete_name(line: str, position: int, available: Iterable[Command]) -> Completion | None:
    """Names of commands as candidates; None if the name is already complete."""
    typed = line[:position]
    if " " in typed.lstrip():
        return None
    start = len(typed) - len(typed.lstrip())
    wanted = typed[start:].lower()
    names = tuple(
        f"{command.name} " if command.takes else command.name
        for command in available
        if command.name.startswith(wanted)
    )
    return Completion(start, position, names)
