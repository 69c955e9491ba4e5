"""RowTable: the one live table of trigdash, for runs, queues, batches, spans and events.

It draws the visible lines only (Textual's line API), keeps its cursor by key and repaints just the
lines that say something else. Rows are handed over whole with `show`; keys of the keyboard are
bound by the screens, which call the methods here.

It overrides `render_lines`, so borders, padding and tint of CSS have no effect on it: put those on
a container.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from textual import events
from textual.message import Message
from typing_extensions import override

from trigdash.presentation.cell import Cell
from trigdash.presentation.columns import Column
from trigdash.ui.widgets.row_canvas import RowCanvas
from trigdash.ui.widgets.row_order import RowOrder, Sort, is_descending
from trigdash.ui.widgets.row_strips import GUTTER

R = TypeVar("R")


@dataclass
class TableMessage(Message):
    """Something happened in a table."""

    table: "RowTable[Any]"

    @property
    @override
    def control(self) -> "RowTable[Any]":
        """The table, so that `@on(RowTable.CursorMoved, "#runs")` works."""
        return self.table


class RowTable(RowCanvas[R], can_focus=True):
    """A table of rows of type R that stays calm while its data changes."""

    DEFAULT_CSS = "RowTable { width: 1fr; height: 1fr; }"

    @dataclass
    class CursorMoved(TableMessage):
        """Another row is highlighted; `key` is None when there are no rows."""

        key: Hashable | None

    @dataclass
    class RowOpened(TableMessage):
        """The user asked to open a row: a double click, or a screen's enter (`open_row`)."""

        key: Hashable

    class MarksChanged(TableMessage):
        """Other rows are marked."""

    @dataclass
    class SortChanged(TableMessage):
        """The order changed; `sort` is None in the order of the rows themselves."""

        sort: Sort | None

    @dataclass
    class ReachedEnd(TableMessage):
        """Time to load more: the user moved to within a page of the last row, or the rows do not
        fill the table. Sent once per number of rows."""

        wished: bool
        """Whether the user moved there."""

    @dataclass
    class HeaderClicked(TableMessage):
        """A title was clicked; the table has sorted by it if it can."""

        column: str

    @dataclass
    class NewRowsCounted(TableMessage):
        """The number of rows that arrived above, out of sight, changed."""

        count: int

    def __init__(
        self,
        columns: Sequence[Column[R]],
        key: Callable[[R], Hashable],
        *,
        natural_sort: Sort | None = None,
        banner: Callable[[R], Cell | None] | None = None,
        empty: Sequence[Cell] = (),
        frozen: int = 1,
        header: bool = True,
        id: str | None = None,
    ) -> None:
        """Make a table.

        `natural_sort` names the column and direction in which the rows come anyway: it is shown
        in the header, and sorting by it sorts nothing. `banner` gives the text of rows that are
        drawn full width (a gap in the data). `empty` is shown when there are no rows. `frozen`
        columns stay when the table is scrolled sideways.
        """
        super().__init__(columns, key, banner=banner, frozen=frozen, header=header, id=id)
        self._empty = tuple(empty)
        self._order: RowOrder[R] = RowOrder(natural_sort, lambda: self._strips.now_ms)
        self.sortable: Sequence[Column[R]] = ()
        """Columns to sort by beside those of the table."""
        self._told: tuple[Hashable | None, int] = (None, 0)
        self._told_end = -1

    # -- data

    def show(self, rows: Sequence[R]) -> None:
        """Show these rows, newest data in display order; only lines that differ are repainted.

        The sequence must not change afterwards: hand over a new one. Rows that did not change
        should be the same objects as before.
        """
        self._view.show(rows)
        self._update()

    def forget_end(self) -> None:
        """Tell of the end again although the number of rows is the same: the last time that more
        was asked for, nothing came."""
        self._told_end = -1

    @property
    def new_above(self) -> int:
        """Rows that arrived above, out of sight, since the top was last on screen."""
        return self._view.new_above

    # -- cursor and view

    @property
    def cursor_key(self) -> Hashable | None:
        """The key of the highlighted row; None without rows."""
        return self._view.cursor_key

    @property
    def cursor_row(self) -> R | None:
        """The highlighted row; None without rows."""
        return self._view.row_at(self._view.cursor)

    @property
    def cursor_index(self) -> int:
        """The place of the highlighted row in the shown order."""
        return self._view.cursor

    @property
    def top(self) -> int:
        """The place of the first row on screen in the shown order."""
        return self._view.top

    def select_key(self, key: Hashable) -> bool:
        """Highlight the row with this key; False when there is none."""
        index = self._view.index_of(key, near=self._view.cursor)
        if index is not None:
            self.move_to(index)
        return index is not None

    def move_to(self, index: int) -> None:
        """Highlight the row at `index`, or the nearest that exists."""
        self._view.move_to(index)
        self._update(wished=True)

    def move(self, delta: int) -> None:
        """Move the highlight by `delta` rows."""
        self.move_to(self._view.cursor + delta)

    def page(self, direction: int, *, half: bool = False) -> None:
        """Move view and highlight by half a page, or by a page with one line kept in common."""
        height = self._view.height
        self._view.page(direction * max(height // 2 if half else height - 1, 1))
        self._update(wished=True)

    def home(self) -> None:
        """Highlight the first row."""
        self.move_to(0)

    def end(self) -> None:
        """Highlight the last row."""
        self.move_to(len(self._view.rows) - 1)

    def hold(self) -> bool:
        """Stay with the highlighted row until the cursor is moved; call it before doing anything
        with that row. False when the row that was meant has just left the list."""
        was_meant = self._view.hold()
        self._update()
        return was_meant

    def open_row(self) -> None:
        """Say that the highlighted row is to be opened."""
        if (key := self.cursor_key) is not None:
            self.post_message(self.RowOpened(self, key))

    # -- marks

    @property
    def marked(self) -> frozenset[Hashable]:
        """Keys of the marked rows, shown or not."""
        return self._marked

    def toggle_mark(self) -> None:
        """Mark the highlighted row, or unmark it."""
        key, row = self.cursor_key, self.cursor_row
        if key is not None and row is not None and not self._is_banner(row):
            self._mark(self._marked ^ {key})

    def mark_all(self) -> None:
        """Mark every row there is, beside what is marked."""
        key = self._view.key
        self._mark(self._marked.union(key(row) for row in self.records))

    def unmark(self, keys: Iterable[Hashable]) -> None:
        """Take the marks of some rows away."""
        self._mark(self._marked.difference(keys))

    def _is_banner(self, row: R) -> bool:
        is_banner = self._view.is_banner
        return is_banner is not None and is_banner(row)

    def clear_marks(self) -> None:
        """Unmark everything."""
        self._mark(frozenset())

    def _mark(self, keys: frozenset[Hashable]) -> None:
        if keys != self._marked:
            self._marked = keys
            self._redraw()
            self.post_message(self.MarksChanged(self))

    # -- order

    @property
    def sort(self) -> Sort | None:
        """The order shown: a column's key and whether descending; None if there is no name.
        Setting one by a column that is not there, or cannot be sorted by, changes nothing."""
        return self._order.shown

    @sort.setter
    def sort(self, sort: Sort | None) -> None:
        order = self._order
        if order.choose(sort, (*self._columns, *self.sortable)):
            self._view.sort_by(order.sort_key, order.is_descending)
            self._update()
            self.post_message(self.SortChanged(self, self.sort))

    @override
    def tick(self, now_ms: float) -> None:
        super().tick(now_ms)
        if self._order.is_due(len(self._view.rows)):
            self._view.sort_again()
            self._update()

    def sort_next(self) -> None:
        """Sort by the next shown column that can be sorted; after the last, by the first."""
        shown = [place.column for place in self._strips.layout.placed]
        if (column := self._order.next_column(shown)) is not None:
            self.sort_by(column)

    def sort_by(self, column: str) -> None:
        """Sort by a column (numbers from the largest, words from a), or turn its order round."""
        self.sort = self._order.by(column, (*self._columns, *self.sortable))

    def usual_direction(self, column: str) -> bool:
        """Whether an order by a column usually begins with the largest."""
        return is_descending(column, (*self._columns, *self.sortable))

    def reverse_sort(self) -> None:
        """Turn the order round."""
        if (current := self.sort) is not None:
            self.sort = (current[0], not current[1])

    @override
    def _sort_shown(self) -> Sort | None:
        return self.sort

    @override
    def _publish(self, *, wished: bool = False) -> None:
        view = self._view
        key, new = view.cursor_key, view.new_above
        told_key, told_new = self._told
        self._told = (key, new)
        if key != told_key:
            self.post_message(self.CursorMoved(self, key))
        if new != told_new:
            self.post_message(self.NewRowsCounted(self, new))
        self._tell_end(wished)

    def _tell_end(self, wished: bool) -> None:
        view = self._view
        rows = len(view.rows)
        if not view.height or not rows or self._told_end == rows:
            return
        seen = max(view.cursor + 1, view.top + view.height)
        # What arrives below the end must not be a reason to ask for more by itself.
        if seen + view.height >= rows if wished else rows < view.height:
            self._told_end = rows
            self.post_message(self.ReachedEnd(self, wished))

    # -- mouse

    def on_click(self, event: events.Click) -> None:
        """Highlight a row, open it on a double click, sort by a title."""
        if event.y < self._top_lines:
            column = self._strips.layout.column_at(event.x - GUTTER)
            if column is not None:
                self.post_message(self.HeaderClicked(self, column.key))
                if column.is_sortable:
                    self.sort_by(column.key)
            return
        index = self._view.top + event.y - self._top_lines
        if index < len(self._view.rows) and event.x < self.size.width - 1:
            self.move_to(index)
            self.hold()
            if event.chain == 2:
                self.open_row()
