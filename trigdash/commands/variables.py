"""`trigdash variables import FILE`: imports a dotenv file, after it lists the changes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from trigdash.backends.operations.project import import_variables, list_variables
from trigdash.commands.environment import CommandContext
from trigdash.commands.exit_codes import CommandFailure, ExitCode
from trigdash.commands.resources import actions_of
from trigdash.model.capability import Capability
from trigdash.model.dotenv import parse_dotenv
from trigdash.service.actions.outcome import Result
from trigdash.service.variables import CompareQuery, import_changes, values_of


@dataclass(frozen=True, slots=True)
class _Import:
    name: str = "import"

    @staticmethod
    def done(answer: object) -> str:
        """The message for the answer."""
        return "imported"


async def import_file(
    context: CommandContext, source: str, agree: Callable[[str], bool]
) -> ExitCode:
    """Import a dotenv file. Names the variables that are new, changed, unchanged, or only on the
    server, never a value. Those that are only on the server stay as they are."""
    context.require(Capability.VARIABLE_WRITES)
    given = _read(source)
    known = values_of((await context.backend.call(list_variables(None))).rows)
    for mark, name, words in import_changes(known, given):
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
    """Print the variables that differ in another environment: names only, never a value."""
    context.require(Capability.VARIABLES)
    for mark, name, words in (await CompareQuery(environment).read(context.backend)).differ:
        print(f"{mark} {name}  {words}")
    return ExitCode.WELL


def _read(source: str) -> dict[str, str]:
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
        return parse_dotenv(text)
    except (OSError, ValueError) as problem:
        raise CommandFailure(f"cannot read {source}: {problem}", ExitCode.MISUSED) from None
