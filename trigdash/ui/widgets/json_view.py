"""JSON on screen: folded, searched and copied by keys."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message
from typing_extensions import override

from trigdash.presentation.cell import Cell
from trigdash.presentation.run.json_rows import JsonRows
from trigdash.presentation.run.row_cells import json_line
from trigdash.presentation.units import count
from trigdash.ui.input.keys import bindings
from trigdash.ui.widgets.line_list import LineList


class JsonSource:
    """The rows of several JSON values, each a member of an object that itself is not shown."""

    def __init__(self, rows: JsonRows) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return max(len(self.rows.shown) - 1, 0) + bool(self.rows.left_out)

    def line(self, index: int, width: int) -> Cell:
        """One line; the last one names parts without a line."""
        if index + 1 >= len(self.rows.shown):
            left_out = f"… {count(self.rows.left_out)} values more, not shown: ctrl+s saves all"
            return ((left_out, "warn"),)
        return json_line(self.rows, self.row(index), top=1)

    def row(self, index: int) -> int:
        """The row of a line."""
        return self.rows.shown[min(index + 1, len(self.rows.shown) - 1)]

    def index_of(self, row: int) -> int:
        """The line of a row, or the nearest above."""
        return max(self.rows.index_of(row) - 1, 0)


class JsonView(LineList):
    """Shows an object of JSON values."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("document")

    class FindAsked(Message):
        """The user wants to look for a text."""

    class PathCopied(Message):
        """The user wants the path of the highlighted value."""

        def __init__(self, path: str) -> None:
            super().__init__()
            self.path = path

    class SaveAsked(Message):
        """The user wants to save the highlighted value."""

    class Changed(Message):
        """What is shown changed by a key."""

    def __init__(self, *, id: str | None = None) -> None:
        # Cutting would hide content: the lines of a long text are split already.
        super().__init__(id=id, wraps=True)
        self.rows: JsonRows | None = None

    def show_rows(self, rows: JsonRows) -> None:
        """Show a value; a value with the same shape keeps folds, search and place."""
        before, row = self.rows, self.row
        self.rows = rows
        source = JsonSource(rows)
        if before is None or row is None:
            self.show(source)
            return
        rows.follow(before)
        self.show(source, source.index_of(rows.reached_by(before.steps(row))))

    @property
    def row(self) -> int | None:
        """The row under the cursor."""
        if self.rows is None or not self.count:
            return None
        return JsonSource(self.rows).row(self.cursor)

    def search(self, text: str) -> None:
        """Show only rows with a text, and what they are in; "" for all."""
        if self.rows is not None:
            self.show_found(text, self.rows.found(text))

    def show_found(self, text: str, matches: list[int]) -> None:
        """Show only the rows that were found for a text, and what they are in."""
        if self.rows is not None:
            row = self.row
            self.rows.show_found(text, matches)
            self._changed(matches[0] if matches else row)

    def _changed(self, row: int | None) -> None:
        if self.rows is not None:
            source = JsonSource(self.rows)
            self.show(source)
            self.move_to(0 if row is None else source.index_of(row))
            self.post_message(self.Changed())

    @override
    def action_open(self) -> None:
        if self.rows is not None and (row := self.row) is not None:
            if self.rows.is_parent(row):
                self.rows.toggle(row)
                self._changed(row)
            super().action_open()

    def action_fold(self) -> None:
        """Fold, or go to what the value is in."""
        if self.rows is not None and (row := self.row) is not None:
            self._changed(self.rows.fold(row))

    def action_unfold(self) -> None:
        """Unfold, or go to what is in the value."""
        if self.rows is not None and (row := self.row) is not None:
            self._changed(self.rows.unfold(row))

    def action_fold_to(self, level: int) -> None:
        """Show so many levels."""
        if self.rows is not None:
            row = self.row
            self.rows.fold_to(level + 1)
            self._changed(row)

    def action_unfold_all(self) -> None:
        """Show all levels."""
        if self.rows is not None:
            row = self.row
            self.rows.unfold_all()
            self._changed(row)

    def action_find(self) -> None:
        """Look for a key or a value."""
        self.post_message(self.FindAsked())

    def action_next_match(self, step: int) -> None:
        """Go to the next or previous match."""
        if self.rows is not None and (row := self.row) is not None:
            match = self.rows.next_match(row, step)
            if match is not None:
                self._changed(match)

    def action_copy_path(self) -> None:
        """Copy where the value is."""
        if self.rows is not None and (row := self.row) is not None:
            self.post_message(self.PathCopied(self.rows.path(row)))

    def action_save_shown(self) -> None:
        """Save the highlighted value."""
        self.post_message(self.SaveAsked())

    def action_toggle_wrap(self) -> None:
        """Continue long lines below, or cut them."""
        self.wraps = not self.wraps
        self.move_to(self.cursor)
