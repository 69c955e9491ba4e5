"""`trigdash batches trigger FILE`, `items ID` and `results ID`: many runs at once."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from trigdash.backends.operations.groups import batch_results, get_batch
from trigdash.commands.environment import CommandContext
from trigdash.commands.exit_codes import CommandFailure, ExitCode
from trigdash.commands.resources import actions_of
from trigdash.model.capability import Capability
from trigdash.model.json_text import json_ascii
from trigdash.presentation.field import json_value
from trigdash.service.actions.batch_trigger import Item, batch_items
from trigdash.service.actions.batch_trigger import trigger_batch as send_batch
from trigdash.service.actions.outcome import Result


async def trigger_batch(
    context: CommandContext, source: str, agree: Callable[[str], bool]
) -> ExitCode:
    """Trigger a batch from JSON lines `{"task", "payload", "options"}`: streamed, with progress. A
    request whose answer was lost is sent again: the batch has an idempotency key, and the server
    takes an item once by its index."""
    context.require(Capability.TRIGGER)
    items = _items(source)
    where = context.target.known_environment or "this environment"
    question = f"trigger {len(items):,} runs in {where}"
    context.output.note(question)
    if not agree(question):
        raise CommandFailure("nothing was sent: add --yes to do it", ExitCode.REFUSED)
    output, created = context.output, ""

    def tell_id(batch_id: str) -> None:
        nonlocal created
        created = batch_id
        if output.tells_ids:
            output.line(batch_id)

    outcome = await send_batch(
        actions_of(context),
        items,
        tell_id,
        lambda sent: output.note(f"{sent:,} of {len(items):,} items sent"),
    )
    if created and not output.tells_ids:
        # Also where not all items were sent: the batch is there.
        output.record({"id": created, "_result": outcome.result.value, "_message": outcome.message})
    if outcome.result is Result.UNKNOWN:
        raise CommandFailure(outcome.message, ExitCode.UNKNOWN)
    if not outcome.done:
        raise CommandFailure(outcome.message, ExitCode.FAILED)
    return ExitCode.WELL


async def print_items(context: CommandContext, batch_id: str) -> ExitCode:
    """Print a batch as the API returns it: its runs, and the items that did not become runs."""
    context.require(Capability.BATCHES)
    batch = await context.backend.call(get_batch(batch_id))
    print(json_ascii(json_value(batch)))
    return ExitCode.WELL


async def print_results(context: CommandContext, batch_id: str) -> ExitCode:
    """Print how the runs of a batch ended, as far as the server kept their results."""
    context.require(Capability.BATCHES)
    results = await context.backend.call(batch_results(batch_id))
    context.output.table([json_value(row) for row in results.rows])
    if results.unreadable:
        context.output.note(f"{results.unreadable} rows could not be read in full")
    if not results.rows:
        context.output.note(
            "no results yet, or none that are kept, as for runs of the current engine; "
            f"its runs: trigdash runs list batch:{batch_id}"
        )
    return ExitCode.WELL


def _items(source: str) -> list[Item]:
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
        return batch_items(text)
    except (OSError, ValueError) as problem:
        raise CommandFailure(f"cannot read {source}: {problem}", ExitCode.MISUSED) from None
