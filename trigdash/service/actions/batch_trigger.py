"""Triggering a batch from JSON lines: created, then its items sent in parts.

A request whose answer was lost is sent again: the batch has an idempotency key, and the server
takes an item once by its index.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from trigdash.model.json_text import json_compact, parse_json

if TYPE_CHECKING:
    from trigdash.service.actions.actions import Actions
    from trigdash.service.actions.outcome import Outcome

MAX_ITEMS = 1_000
"""The server refuses larger batches (recorded)."""
CHUNK = 100
"""Items of one request."""
Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Step:
    """A step of triggering a batch, as the action log and the bar name it."""

    name: str
    done: Callable[[Any], str]


def batch_items(text: str) -> list[Item]:
    """Items in the form of the API, from lines `{"task", "payload", "options"}`. Raises ValueError
    that names the line."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not 1 <= len(lines) <= MAX_ITEMS:
        raise ValueError(f"{len(lines):,} items; a batch takes 1 to {MAX_ITEMS:,}")
    return [_item(number, line) for number, line in enumerate(lines)]


def _item(number: int, line: str) -> Item:
    """An item in the form of the API: its payload is JSON text."""
    try:
        item = parse_json(line)
    except ValueError as problem:
        raise ValueError(f"line {number + 1}: {problem}") from None
    if not isinstance(item, dict) or not isinstance(item.get("task"), str):
        raise ValueError(f"line {number + 1}: an object with a task")
    options = dict(item.get("options") or {})
    return {
        "index": number,
        "task": item["task"],
        "payload": json_compact(item.get("payload")),
        "options": options | {"payloadType": "application/json"},
    }


async def trigger_batch(
    actions: Actions,
    items: Sequence[Item],
    created: Callable[[str], None] = lambda batch_id: None,
    sent: Callable[[int], None] = lambda count: None,
) -> Outcome:
    """Create a batch and send its items. `created` gets the id, `sent` the number of items sent so
    far. The outcome is that of the failed step, or of the whole."""
    from trigdash.backends.operations.groups import add_items, create_batch
    from trigdash.service.actions.outcome import Made

    create = _Step("trigger batch", lambda batch_id: f"created {batch_id}")
    made = await actions.perform(create, "batch", create_batch(len(items)), made=Made)
    if not made.done or made.new_id is None:
        return made
    created(made.new_id)
    for start in range(0, len(items), CHUNK):
        chunk = items[start : start + CHUNK]
        until = start + len(chunk)
        step = _Step(f"send items up to {until:,} of {len(items):,} of", lambda _: "taken")
        taken = await actions.perform(step, made.new_id, add_items(made.new_id, chunk))
        if not taken.done:
            so_far = f"{start:,} of {len(items):,} items sent"
            return replace(taken, message=f"{so_far}. {taken.message}")
        sent(until)
    return replace(made, message=f"{len(items):,} items sent as {made.new_id}", new_id=None)
