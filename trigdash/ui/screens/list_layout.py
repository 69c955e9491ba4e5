"""How a list is laid out: its columns and its order, chosen on screen and kept per profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual import on

from trigdash.presentation.columns import ESSENTIAL, WIDTHS, ColumnChoice, set_to
from trigdash.ui.screens.base import LiveScreen
from trigdash.ui.widgets.row_table import RowTable

if TYPE_CHECKING:
    from trigdash.presentation.columns import Column


class ListLayout(LiveScreen):
    """A screen around a table whose columns and order can be chosen."""

    _made_room_for: str = ""
    """The column that is shown because rows are ordered by it."""

    # What subclasses say

    def all_columns(self) -> Mapping[str, Column[Any]]:
        """Every available column, by its key; empty without a choice of columns."""
        return {}

    def default_columns(self) -> Sequence[Column[Any]]:
        """The default columns: all of them, unless a list has more than it shows."""
        return tuple(self.all_columns().values())

    def table_changed(self) -> None:
        """Marks, order or the count of new rows changed."""

    # The table

    @property
    def table(self) -> RowTable[Any]:
        """The one table of the screen."""
        return self.query_one(RowTable)

    # Columns, kept per profile

    def state_key(self) -> str:
        """The name under which columns and order are kept."""
        return self.PLACE

    def chosen_columns(self) -> tuple[Column[Any], ...]:
        """The columns that were chosen on screen or in the settings, else the usual ones."""
        return self._laid_out(ColumnChoice(self.column_choice(), self.column_widths()))

    def _laid_out(self, choice: ColumnChoice) -> tuple[Column[Any], ...]:
        keys = dict.fromkeys(choice.keys)
        known, wanted = self.all_columns(), self._made_room_for
        chosen = [known[key] for key in keys if key in known] or [*self.default_columns()]
        if wanted in known:
            at = next((n for n, each in enumerate(chosen) if each.key == wanted), len(chosen))
            chosen[at : at + 1] = [replace(known[wanted], importance=ESSENTIAL + 1)]
        return tuple(set_to(each, choice.widths.get(each.key)) for each in chosen)

    def column_choice(self) -> tuple[str, ...]:
        """Keys of the chosen columns; empty for the default."""
        kept = self.session.choices.get(f"{self.state_key()}.columns")
        if isinstance(kept, list):
            return tuple(key for key in kept if isinstance(key, str))
        return ()

    def column_widths(self) -> dict[str, int]:
        """The widths that were set, by the keys of their columns."""
        kept = self.session.choices.get(f"{self.state_key()}.widths")
        widths = kept.items() if isinstance(kept, dict) else ()
        least, most = WIDTHS
        return {key: min(max(each, least), most) for key, each in widths if type(each) is int}

    def choose_columns(self, keys: Sequence[str]) -> None:
        """Show these columns in this order from now on; none means the usual ones."""
        if not self.all_columns():
            self.trigdash.toast("the columns of this list cannot be chosen")
            return
        if not self._keep("columns", list(keys) or None):
            self.trigdash.toast("no file for choices can be written: kept until trigdash ends")
        self.table.columns = self.chosen_columns()

    def usual_columns(self) -> None:
        """The usual columns from now on, as wide as they usually are."""
        self._keep("widths", None)
        self.choose_columns(())

    def action_pick_columns(self) -> None:
        """Ask which columns to show, and in which order."""
        known = self.all_columns()
        if not known:
            self.trigdash.toast("the columns of this list cannot be chosen")
            return
        from trigdash.ui.dialogs.columns import ColumnsScreen

        before, table = self.table.columns, self.table
        shown = tuple(column.key for column in before if column.key in known)

        def wanted(choice: ColumnChoice) -> ColumnChoice:
            # Who changes a width alone has not chosen the columns.
            keys = self.column_choice() if choice.keys == shown else choice.keys
            return replace(choice, keys=keys)

        def preview(choice: ColumnChoice) -> Mapping[str, int]:
            table.columns = self._laid_out(wanted(choice))
            return table.shown_widths

        def picked(choice: ColumnChoice | None) -> None:
            if choice is not None:
                self._keep("widths", dict(choice.widths) or None)
                self.choose_columns(wanted(choice).keys)
            elif table.columns is not before:
                table.columns = self.chosen_columns()

        usual = {key: column.width for key, column in known.items()}
        now = ColumnChoice(shown, self.column_widths())
        picker = ColumnsScreen({**usual, **table.shown_widths}, now, preview)
        self.app.push_screen(picker, picked)

    # Order, kept per profile

    @on(RowTable.SortChanged)
    def _sort_changed(self, message: RowTable.SortChanged) -> None:
        if self.is_running:
            self._keep("sort", message.sort)
        self._show_sorted()
        self.table_changed()

    def _show_sorted(self) -> None:
        """Make room for the column that rows are ordered by: an order is read in its figures."""
        table = self.table
        key = table.sort[0] if table.sort is not None else ""
        column = self.all_columns().get(key)
        if column is None or (key in table.shown_columns and key != self._made_room_for):
            key = ""
        if key != self._made_room_for:
            self._made_room_for = key
            table.columns = self.chosen_columns()

    def choose_sort(self, sort: tuple[str, bool]) -> None:
        """Sort so from now on, also by a column that is not there yet."""
        self._keep("sort", sort)
        self.table.sort = sort

    def sort_by(self, column: str, descending: bool | None) -> None:
        """Sort by any column, shown or not, and show what comes first; None: as it is usual for
        the column."""
        self.table.sortable = tuple(self.all_columns().values()) or self.table.columns
        if descending is None:
            descending = self.table.usual_direction(column)
        self.choose_sort((column, descending))
        self.table.home()

    def _keep(self, what: str, value: object) -> bool:
        """Keep a choice for the next start; False where it is known until the program ends."""
        return self.session.choices.save(f"{self.state_key()}.{what}", value)

    def restore_sort(self) -> None:
        """Sort as it was left."""
        kept = self.session.choices.get(f"{self.state_key()}.sort")
        match kept:
            case [str(column), bool(descending)]:
                self.table.sort = (column, descending)

    def action_pick_sort(self) -> None:
        """Ask for the column to sort by."""
        from trigdash.ui.dialogs.picker import SortPicker, sort_options

        columns = [*self.all_columns().values()] or [*self.table.columns]
        options = sort_options(columns, self.table.sort)
        if options:
            self.app.push_screen(SortPicker("sort by", options), self._sort_picked)
        else:
            self.trigdash.toast("this list has one order")

    def _sort_picked(self, column: str | None) -> None:
        from trigdash.ui.dialogs.picker import SortPicker

        if column == SortPicker.NEXT:
            self.action_sort_next()
        elif column == SortPicker.REVERSE:
            self.action_reverse_sort()
        elif column is not None:
            self.sort_by(column, None)

    def action_sort_next(self) -> None:
        """Sort by the next column, and show what comes first in that order."""
        self.table.sort_next()
        self.table.home()

    def action_reverse_sort(self) -> None:
        """Turn the order round, and show what comes first now."""
        self.table.reverse_sort()
        self.table.home()

    @on(RowTable.HeaderClicked)
    def _header_clicked(self) -> None:
        self.table.home()
