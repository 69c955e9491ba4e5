"""The state of a row table without drawing: rows in order, cursor and top line. The cursor is the
key of a row: rows that come and go never move the highlighted row on the screen, except at the very
top, where the list is live.
"""

from collections.abc import Callable, Hashable, Sequence
from itertools import compress, count, repeat
from operator import is_
from time import monotonic
from typing import Any, Generic, TypeVar

R = TypeVar("R")

NEARBY = 128
"""Rows looked at on either side before all are: a page of 100 more rows is within it."""


REACTION_S = 0.5
"""Between seeing a row and the key that was meant for it: a hand on its way is not called back."""


class RowView(Generic[R]):
    """Rows as shown, the cursor among them, and the part of them that is on screen."""

    def __init__(
        self, key: Callable[[R], Hashable], is_banner: Callable[[R], bool] | None = None
    ) -> None:
        self.key = key
        self.is_banner = is_banner
        """Whether a row is a line about its position, such as a gap. It does not exist in any other
        order."""
        self.rows: Sequence[R] = ()
        """In display order. Never changed in place."""
        self.cursor = 0
        """Index of the highlighted row."""
        self.top = 0
        """Index of the first row on screen."""
        self.height = 0
        """Rows that fit on screen."""
        self.tail = 0
        """Lines below the last row, which belong to it: they are seen with it."""
        self.new_above = 0
        """Rows that arrived above since the top was last on screen."""
        self._natural: Sequence[R] = ()
        self._sort_key: Callable[[R], Any] | None = None
        self._reverse = False
        self._top_seen: Hashable | None = None
        self._held = False
        """At the top, yet the cursor keeps to its row: something was done with it."""
        self._before: tuple[Hashable, float] | None = None
        """The row that was replaced under the cursor without a key, and when."""
        self.now_s: Callable[[], float] = monotonic

    # -- rows

    def show(self, rows: Sequence[R]) -> None:
        """Replace the rows and keep the cursor on its row and that row on its line."""
        self._natural = rows
        self._replace(self._sorted(rows))

    @property
    def records(self) -> Sequence[R]:
        """The rows without banners, in display order."""
        return self._records(self.rows)

    def _records(self, rows: Sequence[R]) -> Sequence[R]:
        is_banner = self.is_banner
        return rows if is_banner is None else [row for row in rows if not is_banner(row)]

    def sort_by(self, sort_key: Callable[[R], Any] | None, reverse: bool) -> None:
        """Order by a key (None: as given); a highlighted row below the top stays highlighted."""
        self._sort_key, self._reverse = sort_key, reverse
        self._top_seen = None
        self._replace(self._sorted(self._natural))
        self._before = None

    def sort_again(self) -> None:
        """Put rows in order again, where time alone has changed it."""
        if self._sort_key is not None:
            self._replace(self._sorted(self._natural))

    @property
    def is_live(self) -> bool:
        """Whether new rows at the top are to be seen at once: cursor and view are at the top."""
        return self.cursor == 0 and self.top == 0 and not self._held

    def hold(self) -> bool:
        """Keep the cursor on its row from here on, even at the top, until it is moved. Call it
        before an action on the highlighted row. If another row has replaced it under the cursor
        within REACTION_S, the user means the previous one: the cursor goes back to it. False when
        that one has left the list, so that nothing must be done.
        """
        before, self._before = self._before, None
        self._held = True
        if before is None or self.now_s() - before[1] >= REACTION_S:
            return True
        at = self.index_of(before[0])
        if at is not None:
            self.cursor = at
            self._bring_on_screen()
        return at is not None

    @property
    def cursor_key(self) -> Hashable | None:
        """The key of the highlighted row; None without rows."""
        row = self.row_at(self.cursor)
        return None if row is None else self.key(row)

    def row_at(self, index: int) -> R | None:
        """The row at an index of the shown order; None outside."""
        return self.rows[index] if 0 <= index < len(self.rows) else None

    def index_of(self, key: Hashable, near: int = 0) -> int | None:
        """Where the row with this key is: looked for around `near`, then everywhere."""
        at = self._index_around(key, near)
        if at is not None:
            return at
        try:
            return list(map(self.key, self.rows)).index(key)
        except ValueError:
            return None

    def _index_around(self, key: Hashable, near: int) -> int | None:
        start = max(near - NEARBY, 0)
        around = [self.key(row) for row in self.rows[start : max(near, 0) + NEARBY]]
        return start + around.index(key) if key in around else None

    def _index_of_row(self, row: R, near: int) -> int | None:
        """Where a row is, or what has come in its place: near, then the same object, then by key.

        Comparing objects does not touch them: a tenth of the cost after everything moved.
        """
        key = self.key(row)
        at = self._index_around(key, near)
        if at is None:
            at = next(compress(count(), map(is_, self.rows, repeat(row))), None)
        return self.index_of(key) if at is None else at

    def _replace(self, rows: Sequence[R]) -> None:
        live, line = self.is_live, self.cursor - self.top
        highlighted, anchor = self.row_at(self.cursor), self.row_at(self.top)
        grown = len(rows) - len(self.rows)
        self.rows = rows
        if live or highlighted is None:
            self.cursor = self.top = 0
            self._see_top()
            if highlighted is not None:
                self._note_replaced(highlighted)
            return
        found = self._index_of_row(highlighted, near=self.cursor + grown)
        self.cursor = self._clamped(self.cursor if found is None else found)
        if 0 <= line < max(self.height, 1):
            self.top = self.cursor - line
        elif anchor is not None:
            at = self._index_of_row(anchor, near=self.top + grown)
            self.top = self.top if at is None else at
        self._clamp_top()
        self._count_new()
        self._note_replaced(highlighted)

    def _note_replaced(self, highlighted: R) -> None:
        """Remember which row was under the cursor before another one replaced it without a key."""
        key, now_s = self.key(highlighted), self.now_s()
        if key == self.cursor_key:
            return
        self._held = False
        if self._before is None or now_s - self._before[1] >= REACTION_S:
            self._before = (key, now_s)

    def _sorted(self, rows: Sequence[R]) -> Sequence[R]:
        key = self._sort_key
        if key is None:
            return rows
        rows = self._records(rows)
        try:
            return sorted(rows, key=key, reverse=self._reverse)
        except TypeError:
            # Rows with the key None are last in both directions.
            known = [row for row in rows if key(row) is not None]
            return sorted(known, key=key, reverse=self._reverse) + [
                row for row in rows if key(row) is None
            ]

    def _see_top(self) -> None:
        first = self.row_at(0)
        self._top_seen = None if first is None else self.key(first)
        self.new_above = 0

    def _count_new(self) -> None:
        """Rows above the one that was on top count as new. In any other order than the rows' own
        the place of a row says nothing about its age."""
        if self._sort_key is not None:
            self._see_top()
            return
        at = None if self._top_seen is None else self.index_of(self._top_seen, near=self.new_above)
        if at is None:
            self._see_top()
        else:
            self.new_above = at

    # -- moving

    @property
    def max_top(self) -> int:
        """The furthest that the view can go down."""
        return max(len(self.rows) + self.tail - self.height, 0) if self.rows else 0

    def move_to(self, index: int) -> None:
        """Highlight the row at `index` (clamped) and bring it on screen."""
        self._held, self._before = False, None
        self.cursor = self._clamped(index)
        self._bring_on_screen()

    def _bring_on_screen(self) -> None:
        """Move the view as little as shows the highlighted row, the last one with its tail."""
        height = max(self.height, 1)
        tail = self.tail if self.cursor == len(self.rows) - 1 else 0
        if self.cursor + tail >= self.top + height:
            self.top = self.cursor + tail - height + 1
        self.top = min(self.top, self.cursor)
        self._clamp_top()

    def page(self, rows: int) -> None:
        """Move cursor and view by `rows` together: the highlight keeps its line."""
        line = min(max(self.cursor - self.top, 0), max(self.height - 1, 0))
        self.top += rows
        self._clamp_top()
        cursor = self.top + line
        if self.cursor in (cursor, self._clamped(cursor)):
            # The view is at its end: only the cursor moves on.
            cursor = self.cursor + rows
        self.move_to(cursor)

    def scroll(self, rows: int) -> None:
        """Move the view alone."""
        self.top += rows
        self._clamp_top()

    def set_tail(self, lines: int) -> None:
        """Set how many lines are below the last row."""
        if lines != self.tail:
            self.tail = lines
            self._clamp_top()

    def resize(self, height: int) -> None:
        """Set how many rows fit, keeping the highlighted row on screen if it was there."""
        on_screen = self.top <= self.cursor < self.top + max(self.height, 1)
        self.height = height
        if on_screen:
            self._bring_on_screen()
        self._clamp_top()

    def _clamped(self, index: int) -> int:
        return min(max(index, 0), max(len(self.rows) - 1, 0))

    def _clamp_top(self) -> None:
        self.top = min(max(self.top, 0), self.max_top)
        if self.top == 0:
            self._see_top()
