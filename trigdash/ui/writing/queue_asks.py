"""The question before each action on a queue: pause, resume, override the limit, remove that."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Final

from trigdash.ui.cells import Cell
from trigdash.ui.cells.queues import limit_words
from trigdash.ui.cells.units import plural
from trigdash.ui.dialogs.confirm import Confirm
from trigdash.ui.dialogs.limit import OverrideLimit, limit_facts
from trigdash.ui.dialogs.lines import facts
from trigdash.ui.writing.confirmed import ConfirmedAction

if TYPE_CHECKING:
    from trigdash.model.queue import Queue
    from trigdash.ui.writing.desk import Desk

QueueAsk = Callable[["Desk", "Queue"], Awaitable[ConfirmedAction | None]]

CAPABILITY: Final = "QUEUE_WRITES"


async def ask_pause(desk: Desk, queue: Queue) -> ConfirmedAction | None:
    """Pause a queue, or resume a paused one."""
    pausing = not queue.paused
    word = "Pause" if pausing else "Resume"
    dialog = Confirm(
        f"{word} 1 queue",
        desk.place,
        [*_queue_facts(queue), (), *_pause_consequence(queue)],
        safe="leave it",
        act=f"{word.lower()} the queue",
        opened_by=desk.opened_by,
    )
    if not await desk.ask(dialog):
        return None
    return ConfirmedAction(
        f"{queue.filter_name}", lambda actions: actions.pause_queue(queue.id, pausing)
    )


async def ask_limit(desk: Desk, queue: Queue) -> ConfirmedAction | None:
    """Another limit, which holds until the override is removed."""
    identity = desk.connection.identity
    maximum = identity.concurrency_limit if identity is not None else None
    dialog = OverrideLimit(desk.place, queue, maximum, opened_by=desk.opened_by)
    limit = await desk.ask(dialog)
    if limit is None:
        return None
    return ConfirmedAction(
        queue.filter_name, lambda actions: actions.override_limit(queue.id, limit)
    )


async def ask_unlimit(desk: Desk, queue: Queue) -> ConfirmedAction | None:
    """Back to the limit that the code declares."""
    identity = desk.connection.identity
    maximum = identity.concurrency_limit if identity is not None else None
    base = queue.concurrency.base
    back: Cell = (
        (f"{queue.concurrency_limit} → ", "dim"),
        ("the environment's" if base is None else f"{base:,}", "strong"),
    )
    dialog = Confirm(
        f"Remove the override of {queue.name}",
        desk.place,
        [*limit_facts(queue, maximum), (), back],
        safe="leave it",
        act="remove the override",
        opened_by=desk.opened_by,
    )
    if not await desk.ask(dialog):
        return None
    return ConfirmedAction(queue.filter_name, lambda actions: actions.reset_limit(queue.id))


def queue_refusal(verb: str, queue: Queue) -> str:
    """Why a queue does not take a verb, in words; empty when it does."""
    if verb == "unlimit" and queue.concurrency.override is None:
        return f"{queue.name}: its limit is not overridden"
    return ""


def _queue_facts(queue: Queue) -> list[Cell]:
    return facts(
        [
            ("queue", queue.name),
            ("kind", queue.kind),
            ("now", f"{queue.running:,} running, {queue.queued:,} queued"),
            ("limit", limit_words(queue)),
        ]
    )


def _pause_consequence(queue: Queue) -> list[Cell]:
    if queue.paused:
        waiting = plural(queue.queued, "waiting run")
        return [((f"Its {waiting} may start at once, as far as the limit allows.", "text"),)]
    return [
        (("Nothing new of it starts until it is resumed.", "text"),),
        (("What runs goes on; what comes in waits.", "dim"),),
    ]


QUEUE_ASKS: Final[Mapping[str, QueueAsk]] = {
    "pause": ask_pause,
    "limit": ask_limit,
    "unlimit": ask_unlimit,
}
"""The question of each verb of queues."""
