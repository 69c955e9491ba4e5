"""Lines with fields: the cursor rests on what can be copied or opened."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message
from typing_extensions import override

from trigdash.presentation.run.fields import Field, FieldLine, FieldLines
from trigdash.ui.input.keys import bindings
from trigdash.ui.widgets.line_list import LineList


class FieldList(LineList):
    """Shows lines of fields, made for each width."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("overview")

    class FieldOpened(Message):
        """A field that leads somewhere was opened."""

        def __init__(self, field: Field) -> None:
            super().__init__()
            self.field = field

    class FramesToggled(Message):
        """All frames of a stack, or the user's own only."""

    def __init__(self, *, id: str | None = None, wraps: bool = False) -> None:
        super().__init__(id=id, wraps=wraps)
        self.fields = FieldLines(lambda width: [])
        self._width = 0
        """The last width that the lines had, for when the list is not on screen."""
        self._is_fresh = True
        """Whether nothing was shown yet: the cursor goes to the first field when it is."""

    def show_fields(self, fields: FieldLines) -> None:
        """Show other lines; the cursor stays on its field, wherever that is now."""
        place = self.fields.anchor_of(self.cursor)
        fields.column, fields.cursor = self.fields.column, self.cursor
        self.fields = fields
        if self._lay_out():
            found = fields.find(place) if place is not None else None
            if found is not None:
                fields.cursor = found[0]
                if fields.field(found[0]) != fields.lines[found[0]].fields[found[1]]:
                    fields.column = found[1]
            self.show(fields, found[0] if found is not None else None)
            self._first_stop()

    def home(self) -> None:
        """Go to the first field, the top in view."""
        self.cursor = self.top = 0
        self.fields.cursor = self.cursor = self.fields.next_stop(-1, 1) if self.count else 0
        self.redraw()

    def _lay_out(self) -> bool:
        """Make the lines for the width there is, or was; False before any is known."""
        self._width = self.room if self.size.width else self._width
        if self._width:
            self.fields.lay_out(self._width)
        return bool(self._width)

    def _first_stop(self) -> None:
        if self._is_fresh and self.count:
            self._is_fresh = False
            self.home()

    @property
    def field(self) -> Field | None:
        """The selected field."""
        return self.fields.field(self.cursor)

    def cells(self) -> list[FieldLine]:
        """All lines, shown or not."""
        return self.fields.lines

    @override
    def on_resize(self) -> None:
        if self.size.width and self._lay_out():
            self.show(self.fields)
            self._first_stop()

    @override
    def move_to(self, index: int) -> None:
        self.fields.cursor = min(max(index, 0), max(self.count - 1, 0))
        super().move_to(index)

    @override
    def action_move(self, delta: int) -> None:
        stop = self.fields.next_stop(self.cursor, delta)
        if stop == self.cursor:
            # Nothing to rest on that way: show what is there all the same.
            self.scroll_lines(delta)
        else:
            self.move_to(stop)

    @override
    def action_open(self) -> None:
        field = self.field
        if field is not None:
            self.post_message(self.FieldOpened(field))

    def action_sideways(self, step: int) -> None:
        """Select the field to the left or right."""
        self.fields.sideways(self.cursor, step)
        self.redraw()

    def action_toggle_frames(self) -> None:
        """Show all frames of a stack, or the user's own."""
        self.post_message(self.FramesToggled())
