"""`trigdash batches trigger FILE` and `trigdash batches items ID`: many runs at once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trigdash.backends.operations.groups import add_items, create_batch, get_batch
from trigdash.commands.environment import CommandContext
from trigdash.commands.exit_codes import CommandFailure, ExitCode
from trigdash.commands.resources import actions_of
from trigdash.model.capability import Capability
from trigdash.model.json_text import json_ascii, json_compact, parse_json
from trigdash.presentation.field import json_value
from trigdash.service.actions.outcome import Outcome, Result

MAX_ITEMS = 1_000
"""The server refuses larger batches (recorded)."""
CHUNK = 100
"""Items of one request."""


@dataclass(frozen=True, slots=True)
class _Step:
    """A part of triggering a batch, as the action log names it."""

    name: str
    done: Callable[[Any], str]
    makes_run: bool = False


async def trigger_batch(
    context: CommandContext, source: str, agree: Callable[[str], bool]
) -> ExitCode:
    """Trigger a batch from JSON lines `{"task", "payload", "options"}`: streamed, with progress. A
    lost answer is sent again: the batch has a key, and an item counts once by its place."""
    context.require(Capability.TRIGGER)
    items = _items(source)
    where = context.target.known_environment or "this environment"
    question = f"trigger {len(items):,} runs in {where}"
    context.output.note(question)
    if not agree(question):
        raise CommandFailure("nothing was sent: add --yes to do it", ExitCode.REFUSED)
    actions = actions_of(context)
    create = _Step("trigger batch", lambda batch_id: f"created {batch_id}", makes_run=True)
    made = await actions.perform(create, "batch", create_batch(len(items)))
    batch_id = _sure(made).new_id or ""
    print(batch_id)
    send = _Step("add batch items", lambda answer: "taken")
    for start in range(0, len(items), CHUNK):
        chunk = items[start : start + CHUNK]
        _sure(await actions.perform(send, batch_id, add_items(batch_id, chunk)))
        context.output.note(f"{start + len(chunk):,} of {len(items):,} items sent")
    return ExitCode.WELL


async def print_items(context: CommandContext, batch_id: str) -> ExitCode:
    """Print a batch as the API tells it: its runs, and the items that became none."""
    context.require(Capability.BATCHES)
    batch = await context.backend.call(get_batch(batch_id))
    print(json_ascii(json_value(batch)))
    return ExitCode.WELL


def _sure(outcome: Outcome) -> Outcome:
    """The outcome of a step that was done. Raises CommandFailure for another one."""
    if outcome.result is Result.UNKNOWN:
        raise CommandFailure(outcome.message, ExitCode.UNKNOWN)
    if not outcome.done:
        raise CommandFailure(outcome.message, ExitCode.FAILED)
    return outcome


def _items(source: str) -> list[Mapping[str, Any]]:
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
    except (OSError, ValueError) as problem:
        raise CommandFailure(f"cannot read {source}: {problem}", ExitCode.MISUSED) from None
    lines = [line for line in text.splitlines() if line.strip()]
    if not 1 <= len(lines) <= MAX_ITEMS:
        said = f"{source} has {len(lines):,} items; a batch takes 1 to {MAX_ITEMS:,}"
        raise CommandFailure(said, ExitCode.MISUSED)
    return [_item(number, line) for number, line in enumerate(lines)]


def _item(number: int, line: str) -> Mapping[str, Any]:
    """An item as the route takes it: its payload is a text of JSON."""
    try:
        item = parse_json(line)
    except ValueError as problem:
        raise CommandFailure(f"line {number + 1}: {problem}", ExitCode.MISUSED) from None
    if not isinstance(item, dict) or not isinstance(item.get("task"), str):
        raise CommandFailure(f"line {number + 1}: an object with a task", ExitCode.MISUSED)
    options = dict(item.get("options") or {})
    return {
        "index": number,
        "task": item["task"],
        "payload": json_compact(item.get("payload")),
        "options": options | {"payloadType": "application/json"},
    }
