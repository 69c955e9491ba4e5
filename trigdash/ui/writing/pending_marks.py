"""Rows with an action under way say so in their status, and carry a mark."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from trigdash.ui.cells.cell import Cell, Piece
from trigdash.ui.widgets.columns import Column

if TYPE_CHECKING:
    from datetime import datetime

    from trigdash.model.run_row import RunRow
    from trigdash.service.outcome import Pending

DOING: Final[Mapping[str, str]] = {
    "cancel": "cancelling",
    "replay": "replaying",
    "retry": "retrying",
    "restart": "restarting",
    "tag": "tagging",
    "reschedule": "rescheduling",
    "metadata": "saving",
    "pause": "pausing",
    "resume": "resuming",
    "limit": "limiting",
    "reset limit": "resetting",
}
"""What a row says while an action on it is under way."""

MARK: Final[Piece] = ("◌", "warn-strong")


def doing(pending: Pending) -> str:
    """The word for an action under way."""
    if pending.answer_lost:
        return f"checking {pending.verb}"
    return DOING.get(pending.verb, pending.verb)


def under_way(waiting: Sequence[Pending], now: datetime) -> str:
    """The actions that wait for their answer, for the bar: `cancelling run_1, 9 s`."""
    if not waiting:
        return ""
    oldest = min(waiting, key=lambda pending: pending.since)
    since = f"{(now - oldest.since).total_seconds():.0f} s"
    if len(waiting) > 1:
        return f"{MARK[0]} {len(waiting)} actions under way, {since}"
    return f"{MARK[0]} {doing(oldest)} {oldest.target}, {since}"


def with_pending(
    column: Column[RunRow], pending: Callable[[], Mapping[str, Pending]]
) -> Column[RunRow]:
    """A status column that says "cancelling" until the status changes."""
    plain = column.cell

    def cell(row: RunRow, now_ms: float) -> Cell:
        under_way = pending().get(row.id)
        return (MARK, (f" {doing(under_way)}", "warn")) if under_way else plain(row, now_ms)

    # Always live: the mark goes when the action ends, which need not change the row.
    return replace(column, cell=cell, live=lambda row: True)
