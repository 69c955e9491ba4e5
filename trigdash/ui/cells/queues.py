"""Cells of a queue: what the list of queues shows of it, column by column."""

from typing import Final

from trigdash.model.queue import Queue
from trigdash.ui.cells.bars import meter
from trigdash.ui.cells.cell import Cell
from trigdash.ui.cells.units import UNKNOWN, short_count
from trigdash.ui.queue_health import Health

BAR_WIDTH: Final = 12
LIMIT_WIDTH: Final = 13
"""`1,200 / 1,200`."""


def name_cell(queue: Queue, health: Health) -> Cell:
    """The queue's name; a custom queue is marked, since two kinds may share a name."""
    role = "dim" if health is Health.IDLE else "text"
    if queue.kind == "custom":
        return ((queue.name, role), (" ◇", "faint"))
    return ((queue.name, role),)


def health_cell(health: Health) -> Cell:
    """One word, and its mark: never colour alone."""
    return ((f"{_MARKS[health]} ", health.role), (health.value, health.role))


_MARKS: Final = {
    Health.STALLED: "‼",
    Health.BLOCKED: "‼",
    Health.BACKLOGGED: "▲",
    Health.AT_LIMIT: "◆",
    Health.PAUSED: "‖",
    Health.ACTIVE: "●",
    Health.IDLE: "·",
}


def queued_cell(queue: Queue) -> Cell:
    """Runs that wait."""
    return ((short_count(queue.queued), "strong" if queue.queued else "faint"),)


def used_cell(queue: Queue, health: Health) -> Cell:
    """A bar of the places taken; without a limit there is nothing to fill."""
    limit, running = queue.concurrency_limit, queue.running
    if limit is None:
        return (("no limit", "faint"),)
    is_full = running >= limit and running > 0
    role = "done" if health is Health.PAUSED else "warn" if is_full else "good"
    return meter(running, limit, BAR_WIDTH, role)


def limit_cell(queue: Queue) -> Cell:
    """What runs and what may; an override is marked."""
    limit, running = queue.concurrency_limit, queue.running
    figures = f"{short_count(running):>5} / {UNKNOWN if limit is None else short_count(limit)}"
    mark: Cell = (("*", "warn"),) if queue.concurrency.override is not None else ()
    return ((figures, "text" if running else "dim"), *mark)


def rate_cell(per_min: float | None) -> Cell:
    """Runs a minute; blank until enough was seen."""
    if per_min is None:
        return ((UNKNOWN, "faint"),)
    text = short_count(per_min) if per_min >= 9.95 or per_min == 0 else f"{per_min:.1f}"
    return ((text, "dim" if per_min else "faint"),)


def limit_words(queue: Queue) -> str:
    """Who limits the queue: "limit 3 (base 5, overridden)"."""
    concurrency = queue.concurrency
    limit = queue.concurrency_limit
    if limit is None:
        return "no limit of its own"
    if concurrency.override is None:
        return f"limit {limit:,} (no override)"
    base = "none" if concurrency.base is None else f"{concurrency.base:,}"
    return f"limit {limit:,} (base {base}, overridden)"
