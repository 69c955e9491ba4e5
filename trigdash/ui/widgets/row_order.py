"""In which order a row table shows its rows."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from trigdash.presentation.columns import Column

R = TypeVar("R")

Sort = tuple[str, bool]
"""Key of a column, and whether descending."""

QUICKLY_SORTED = 5_000
"""Rows that are put in order again with each tick, in about 2 ms."""
SLOW_SORT_TICKS = 10
"""Ticks between two such orders of more rows: 100,000 take a tenth of a second."""


class RowOrder(Generic[R]):
    """The order that was chosen, or the natural one, in which rows come anyway."""

    def __init__(self, natural: Sort | None, now_ms: Callable[[], float]) -> None:
        """`now_ms` returns the time at which rows are drawn."""
        self._natural = natural
        self._now_ms = now_ms
        self._chosen: Sort | None = None
        self._ages = False
        self._ticks = 0
        self.sort_key: Callable[[R], Any] | None = None
        """What to sort by; None for the natural order."""

    @property
    def shown(self) -> Sort | None:
        """The order for the header; None if it has no name."""
        return self._chosen or self._natural

    @property
    def is_descending(self) -> bool:
        """Whether a chosen order begins with the largest."""
        return self._chosen is not None and self._chosen[1]

    def choose(self, sort: Sort | None, columns: Sequence[Column[R]]) -> bool:
        """Set the order; False if nothing changes: it is the order already, the column does not
        exist, or it is not sortable."""
        wanted = None if sort == self._natural else sort
        column = next((c for c in columns if wanted and c.key == wanted[0]), None)
        if wanted == self._chosen or (wanted is not None and not (column and column.is_sortable)):
            return False
        self._chosen = wanted
        self._ages = column is not None and column.sort_key_at is not None
        self.sort_key = self._key_of(column)
        return True

    def next_column(self, columns: Sequence[Column[R]]) -> str | None:
        """The column after the one ordered by, of those that can be ordered by; round the end."""
        keys = [column.key for column in columns if column.is_sortable]
        if not keys:
            return None
        at = keys.index(self.shown[0]) + 1 if self.shown and self.shown[0] in keys else 0
        return keys[at % len(keys)]

    def by(self, column: str, columns: Sequence[Column[R]]) -> Sort:
        """An order by a column: numbers from the largest, text from A; reversed if it is the order
        already."""
        if self.shown is not None and self.shown[0] == column:
            return column, not self.shown[1]
        return column, is_descending(column, columns)

    def _key_of(self, column: Column[R] | None) -> Callable[[R], Any] | None:
        if column is None or column.sort_key_at is None:
            return column.sort_key if column is not None else None
        sort_key_at, now_ms = column.sort_key_at, self._now_ms
        return lambda row: sort_key_at(row, now_ms())

    def is_due(self, rows: int) -> bool:
        """Whether `rows` rows are to be put in order again: called with each tick."""
        self._ticks += 1
        return self._ages and (rows <= QUICKLY_SORTED or self._ticks % SLOW_SORT_TICKS == 0)


def is_descending(column: str, columns: Sequence[Column[R]]) -> bool:
    """Whether an order by a column begins with the largest: it does for numbers."""
    return any(each.key == column and each.align == "right" for each in columns)
