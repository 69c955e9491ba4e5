"""Columns of a list, where they go at a given width, and the mark of an action under way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, TypeVar

from trigdash.presentation.cell import Cell, Piece

if TYPE_CHECKING:
    from datetime import datetime

    from trigdash.model.run_row import RunRow
    from trigdash.service.actions.outcome import Pending

R = TypeVar("R")

ESSENTIAL = 97
"""Columns of this importance go last: before them others become as narrow as they can be."""

COLUMN_ALIASES = {"attempts": "tries"}
"""Aliases for the keys of columns, as people type them."""

GAP = 2
"""Blank columns between two columns of a table."""

WIDTHS = (3, 99)
"""The least and the greatest width that the user can set for a column."""


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """One column: what it shows of a row, how wide, and how much it matters."""

    key: str
    title: str
    cell: Callable[[R, float], Cell]
    """The cell of a row at `now` (epoch milliseconds)."""
    width: int
    align: Literal["left", "right"] = "left"
    importance: int = 0
    """In a narrow table the least important columns give way first."""
    sort_key: Callable[[R], Any] | None = None
    """What to sort by; None for a row sorts last either way. No key: not sortable."""
    sort_key_at: Callable[[R, float], Any] | None = None
    """The same for an order that changes with time: what to sort by at `now`."""
    live: Callable[[R], bool] | None = None
    """Whether the cell of this row changes with time alone."""
    grow: int = 0
    """At most this many more columns when there is room to spare."""
    least: int = 0
    """How narrow it may be where there is no room for what matters most; 0 for its width."""
    is_set: bool = False
    """Whether the user set its width: then it is not dropped but takes the available room, at most
    half of the list."""

    @property
    def is_sortable(self) -> bool:
        """Whether rows can be ordered by this column."""
        return self.sort_key is not None or self.sort_key_at is not None


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """The user's choice of columns of a list."""

    keys: tuple[str, ...] = ()
    """Which ones, in order; none for the usual ones."""
    widths: Mapping[str, int] = field(default_factory=dict)
    """The widths that the user set, by key."""


def set_to(column: Column[R], width: int | None) -> Column[R]:
    """A column with the width that the user set; None without one. Others are dropped to make room
    for a wider one."""
    if width is None:
        return column
    is_wider = width > column.width
    importance = max(column.importance, ESSENTIAL - 1) if is_wider else column.importance
    return replace(column, width=width, grow=0, least=0, importance=importance, is_set=True)


@dataclass(frozen=True, slots=True)
class Placed(Generic[R]):
    """A column at its position."""

    column: Column[R]
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class Layout(Generic[R]):
    """The columns shown, from left to right."""

    placed: tuple[Placed[R], ...]
    hidden_left: int = 0
    """Columns that are scrolled away between the frozen ones and the first shown."""
    hidden_right: int = 0
    """Columns for which there is no room."""

    def column_at(self, x: int) -> Column[R] | None:
        """The column under a place, its gap to the right included."""
        for place in self.placed:
            if place.x <= x < place.x + place.width + GAP:
                return place.column
        return None


def arrange(
    columns: Sequence[Column[R]], width: int, *, frozen: int = 1, skipped: int = 0
) -> Layout[R]:
    """Where columns stand in `width`.

    At rest the most important columns that fit are shown, in their own order. Scrolled sideways
    (`skipped` > 0) the first `frozen` columns stay and the others follow one after another from
    the one that was asked for, as many as fit.
    """
    chosen = _scrolled(columns, width, frozen, skipped) if skipped else _resting(columns, width)
    spare = width - _total(chosen)
    placed: list[Placed[R]] = []
    x = 0
    for column in chosen:
        extra = min(column.grow, max(spare, 0))
        spare -= extra
        room = max(1, min(column.width + extra, width - x))
        placed.append(Placed(column, x, room))
        x += room + GAP
    keys = [column.key for column in columns]
    last_shown = keys.index(chosen[-1].key) if chosen else -1
    hidden = len(columns) - len(chosen)
    right = len(columns) - 1 - last_shown if skipped else hidden
    return Layout(tuple(placed), hidden - right, right)


def furthest(columns: Sequence[Column[R]], width: int, frozen: int = 1) -> int:
    """How many columns must be skipped at most so that the last one shows."""
    if len(_fitting(columns, width)) == len(columns):
        return 0
    for skipped in range(1, len(columns) - frozen):
        if _scrolled(columns, width, frozen, skipped)[-1] is columns[-1]:
            return skipped
    return max(len(columns) - frozen - 1, 0)


def _total(columns: Sequence[Column[R]]) -> int:
    return sum(column.width for column in columns) + GAP * max(len(columns) - 1, 0)


def _resting(columns: Sequence[Column[R]], width: int) -> list[Column[R]]:
    """What is shown at rest: essential columns are narrowed before one of them gives way."""
    chosen = _fitting(columns, width)
    essential = [column for column in columns if column.importance >= ESSENTIAL]
    if not any(column.least for column in essential if column not in chosen):
        return chosen
    run_filter = [
        replace(column, width=column.least, grow=column.width - column.least)
        if column.least
        else column
        for column in essential
    ]
    return _fitting(run_filter, width)


def _fitting(columns: Sequence[Column[R]], width: int) -> list[Column[R]]:
    """The most important columns that fit together, in their own order; at least one."""
    chosen: dict[str, Column[R]] = {}
    room = width + GAP
    for column in sorted(columns, key=lambda column: -column.importance):
        left = room - GAP
        if column.is_set and left >= WIDTHS[0]:
            column = replace(column, width=min(column.width, left, max(width // 2, WIDTHS[0])))
        if column.width <= left or not chosen:
            chosen[column.key] = column
            room = left - column.width
    return [chosen[column.key] for column in columns if column.key in chosen]


def _scrolled(
    columns: Sequence[Column[R]], width: int, frozen: int, skipped: int
) -> list[Column[R]]:
    """The frozen columns and those that follow after `skipped` others; at least one of these."""
    chosen = list(columns[:frozen])
    for column in columns[frozen + skipped :]:
        if _total([*chosen, column]) > width and len(chosen) > frozen:
            break
        chosen.append(column)
    return chosen


DOING: Final[Mapping[str, str]] = {
    "cancel": "canceling",
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


def action_label(pending: Pending) -> str:
    """The word for an action under way."""
    if pending.answer_lost:
        return f"checking {pending.verb}"
    return DOING.get(pending.verb, pending.verb)


def under_way(waiting: Sequence[Pending], now: datetime) -> str:
    """The actions that wait for their answer, for the bar: `canceling run_1, 9 s`."""
    if not waiting:
        return ""
    oldest = min(waiting, key=lambda pending: pending.since)
    since = f"{(now - oldest.since).total_seconds():.0f} s"
    if len(waiting) > 1:
        return f"{MARK[0]} {len(waiting)} actions under way, {since}"
    return f"{MARK[0]} {action_label(oldest)} {oldest.target}, {since}"


def with_pending(
    column: Column[RunRow], pending: Callable[[], Mapping[str, Pending]]
) -> Column[RunRow]:
    """A status column that says "canceling" until the status changes."""
    plain = column.cell

    def cell(row: RunRow, now_ms: float) -> Cell:
        under_way = pending().get(row.id)
        return (MARK, (f" {action_label(under_way)}", "warn")) if under_way else plain(row, now_ms)

    # Always live: the mark goes when the action ends, which need not change the row.
    return replace(column, cell=cell, live=lambda row: True)
