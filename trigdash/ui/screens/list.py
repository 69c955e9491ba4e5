"""What all lists have in common: one table, a filter line, marks, sorting, copying, saving."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import BindingType
from typing_extensions import override

from trigdash.ui.input.keys import bindings
from trigdash.ui.screens.list_layout import ListLayout
from trigdash.ui.widgets.filter_line import FilterLine
from trigdash.ui.widgets.row_table import RowTable
from trigdash.ui.widgets.text_panes import Explanation

if TYPE_CHECKING:
    from pathlib import Path


class ListScreen(ListLayout):
    """A screen around a table. Keys move the cursor wherever the focus is."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("table", "list")
    KEY_GROUPS: ClassVar[tuple[str, ...]] = ("list", "table", "everywhere")
    AUTO_FOCUS = "RowTable"

    # What subclasses say

    def open_row(self, key: object) -> None:
        """Open the row with this key."""

    def apply_line(self, line: str) -> None:
        """Narrow the list to a valid filter line."""

    def clear_filter(self) -> bool:
        """Clear the filter; False when there is none."""
        return False

    def load_more(self, *, wished: bool) -> None:
        """Load more: the end of the loaded rows is on screen; `wished` if the user went there."""

    def show_cursor(self) -> None:
        """Another row is highlighted."""

    def copied_text(self, row: Any) -> str:
        """What `y` copies of a row."""
        return str(row)

    def saved_fields(self) -> Mapping[str, Callable[[Any], object]]:
        """What `ctrl+s` writes of a row: each field by its name, with its value."""
        return {}

    # Where it was left

    _returns_to = ""
    """The key of the row to go to once there are rows."""

    @override
    def where(self) -> dict[str, str]:
        """The filter and the highlighted row, for the next start; no row at the top, where the list
        is live."""
        lines = [line.line for line in self.filter_lines()]
        key = self.table.cursor_key if self.table.cursor_index else None
        return {"line": " ".join(lines), "row": key if isinstance(key, str) else ""}

    def return_to(self, line: str, row: str) -> None:
        """Narrow the list and go to a row, as it was left; what cannot be read is passed over."""
        self._returns_to = row
        for each in self.filter_lines():
            if line and each.problem_of(line) is None:
                self.apply_line(line)
                self.trigdash.toast(f"narrowed as you left it: {line}. Press esc to clear it")

    # The table

    def chosen_rows(self) -> list[Any]:
        """The marked rows that are loaded; without marks the highlighted one."""
        table = self.table
        if table.marked:
            return [row for row in table.records if self.key_of(row) in table.marked]
        row = table.cursor_row
        return [] if row is None else [row]

    @override
    def unmark(self, keys: Collection[str]) -> None:
        self.table.unmark(keys)

    def hold_row(self) -> bool:
        """Hold the highlighted row before an action on it; False if it has just left the list,
        since the row in its place was not meant."""
        if not self.table.rows:
            self.trigdash.toast("there is nothing in the list")
            return False
        if self.table.hold() or self.table.marked:
            return True
        self.trigdash.toast("the highlighted row has just left the list: nothing was done")
        return False

    def key_of(self, row: Any) -> object:
        """The key of a row in the table."""
        return row.id

    @on(RowTable.CursorMoved)
    def _cursor_moved(self) -> None:
        if self._returns_to and self.table.rows:
            row, self._returns_to = self._returns_to, ""
            self.table.select_key(row)
        self.show_cursor()
        self.show_footer()

    @on(RowTable.ReachedEnd)
    def _reached_end(self, message: RowTable.ReachedEnd) -> None:
        self.load_more(wished=message.wished)

    @on(RowTable.RowOpened)
    def _row_opened(self, message: RowTable.RowOpened) -> None:
        self.open_row(message.key)

    @on(RowTable.MarksChanged)
    @on(RowTable.NewRowsCounted)
    def _table_changed(self) -> None:
        self.table_changed()
        self.show_footer()

    def action_open(self) -> None:
        """Open the highlighted row."""
        if self.hold_row():
            self.table.open_row()

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self.table.move(rows)

    def action_top(self) -> None:
        """Go to the top, where the list is live."""
        self.table.home()

    def action_bottom(self) -> None:
        """Go to the last row."""
        self.table.end()

    def action_page(self, direction: int) -> None:
        """Move by a page."""
        self.table.page(direction)

    def action_half_page(self, direction: int) -> None:
        """Move by half a page."""
        self.table.page(direction, half=True)

    def action_sideways(self, columns: int) -> None:
        """Scroll sideways."""
        self.table.scroll_columns(columns)

    def action_mark(self) -> None:
        """Mark the row and go to the next."""
        if self.table.hold():
            self.table.toggle_mark()
            self.table.move(1)

    def action_mark_all(self) -> None:
        """Mark everything shown, or unmark it when all is marked."""
        table = self.table
        keys = {self.key_of(row) for row in table.records}
        if keys and keys <= table.marked:
            table.clear_marks()
        else:
            table.mark_all()

    # The filter

    def filter_lines(self) -> Iterable[FilterLine]:
        """The filter line, where the screen has one."""
        return self.query(FilterLine)

    def action_filter(self) -> None:
        """Edit the filter."""
        for line in self.filter_lines():
            line.edit()

    @on(FilterLine.Entered)
    def _filter_entered(self, message: FilterLine.Entered) -> None:
        self.apply_line(message.line)

    @on(FilterLine.Left)
    def _filter_left(self) -> None:
        self.table.focus()

    def action_next_match(self) -> None:
        """Go to the next row that matches."""
        self.step_match(1)

    def action_previous_match(self) -> None:
        """Go to the row before that matches."""
        self.step_match(-1)

    def step_match(self, step: int) -> None:
        """Go from match to match, round the end: a filter leaves nothing else in the list."""
        table = self.table
        if not any(line.line for line in self.filter_lines()):
            self.trigdash.toast("no text to look for: press / and type a word")
        elif table.rows:
            table.move_to((table.cursor_index + step) % len(table.rows))

    def action_toggle_wrap(self) -> None:
        """Wrap the explanation of the highlighted row, where there is one."""
        explanations = self.query(Explanation)
        for explanation in explanations:
            explanation.toggle_wrap()
        if not explanations:
            self.trigdash.toast("nothing is cut here")

    @override
    def action_back(self) -> None:
        """Clear marks, then the filter, then go back."""
        if self.table.marked:
            self.table.clear_marks()
        elif not self.clear_filter():
            super().action_back()

    # Taking things along

    def action_copy_id(self) -> None:
        """Copy what names the chosen rows."""
        rows = self.chosen_rows() if self.hold_row() else ()
        if not rows:
            return
        text = "\n".join(self.copied_text(row) for row in rows)
        self.trigdash.copy(text, text if len(rows) == 1 else f"{len(rows)} ids")

    def action_save_shown(self) -> None:
        """Save what is shown to a file, and say where."""
        from trigdash.ui.dialogs.save import SaveScreen

        rows = list(self.table.records)
        if not rows:
            self.trigdash.toast("there is nothing to save")
            return
        fields = self.saved_fields()
        records = [{name: value(row) for name, value in fields.items()} for row in rows]
        screen = SaveScreen(self.PLACE, tuple(fields), records)
        self.app.push_screen(screen, self._show_saved)

    def _show_saved(self, path: Path | None) -> None:
        if path is not None:
            self.trigdash.toast(f"saved {path}")
