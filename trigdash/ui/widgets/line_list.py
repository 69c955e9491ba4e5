"""LineList: lines that are made when they are drawn, however many there are.

It serves what a table of equal columns does not: a trace with its waterfall, a log whose lines
wrap, JSON, an overview. It asks its source for the lines on screen only, keeps strips as long as
their line says the same, and overrides `render_lines`, so borders, padding and tint of CSS have no
effect on it: put those on a container.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from typing_extensions import override

from trigdash.presentation.cell import Cell, cell_text, wrap_cell
from trigdash.ui.input.keys import bindings
from trigdash.ui.lifecycle import FollowsTheme
from trigdash.ui.theme.paint import paint_of
from trigdash.ui.widgets.line_strips import LineSource, LineStrips, NoLines

WHEEL_LINES = 3
WRITTEN_WIDTH = 2_000
"""Columns of a line that is written to a file: longer ones are cut there."""


class ListMessage(Message):
    """Something happened in a list."""

    def __init__(self, lines: LineList) -> None:
        super().__init__()
        self.lines = lines

    @property
    @override
    def control(self) -> LineList:
        """The list, so that a handler can name its list."""
        return self.lines


class LineList(FollowsTheme, can_focus=True):
    """Lines with a cursor; the view follows the cursor."""

    ALLOW_SELECT: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = bindings("lines")
    DEFAULT_CSS = "LineList { width: 1fr; height: 1fr; }"
    GUTTER = 2
    """Columns before each line; the cursor bar is in the first."""

    class CursorMoved(ListMessage):
        """Another line is highlighted."""

    class Opened(ListMessage):
        """The user asked to open the highlighted line."""

    def __init__(self, *, id: str | None = None, wraps: bool = False) -> None:
        super().__init__(id=id)
        self.source: LineSource = NoLines()
        self.cursor = 0
        self.top = 0
        self.wraps = wraps
        """Whether long lines wrap; otherwise they are cut."""
        self.rests = False
        """Whether the cursor is shown only while the focus is here."""
        self._heads: tuple[Cell, ...] = ()
        self._strips = LineStrips()
        self._lines: list[Strip] = []
        self._rows: list[int] = []
        """Which line each row of the screen belongs to."""

    # What is shown

    def written(self) -> Iterator[str]:
        """All lines as text, as wide as they are."""
        for index in range(self.count):
            yield cell_text(self.source.line(index, WRITTEN_WIDTH)).rstrip()

    @property
    def count(self) -> int:
        """How many lines there are."""
        return len(self.source)

    @property
    def room(self) -> int:
        """Columns for a line: without gutter and scroll bar."""
        return max(self.size.width - self.GUTTER - 1, 1)

    @property
    def height(self) -> int:
        """Rows for lines, below the heads."""
        return max(self.size.height - len(self._heads), 0)

    def set_heads(self, heads: Sequence[Cell]) -> None:
        """Lines that stay on top."""
        if tuple(heads) != self._heads:
            self._heads = tuple(heads)
            self._follow_cursor()
            self.redraw()

    def show(self, source: LineSource, cursor: int | None = None) -> None:
        """Show other lines, or the same after they changed; the cursor keeps its row on screen."""
        self.source = source
        if cursor is not None:
            self.top += cursor - self.cursor
            self.cursor = cursor
        self._clamp()
        self.redraw()

    # Cursor

    def move_to(self, index: int) -> None:
        """Highlight a line, or the nearest that exists, and bring it on screen."""
        before = self.cursor
        self.cursor = min(max(index, 0), max(self.count - 1, 0))
        self._follow_cursor()
        self.redraw()
        if self.cursor != before:
            self.post_message(self.CursorMoved(self))

    def scroll_lines(self, delta: int) -> None:
        """Move the view and leave the cursor."""
        self.top += delta
        self._clamp()
        self.redraw()

    def action_move(self, delta: int) -> None:
        """Move the cursor."""
        self.move_to(self.cursor + delta)

    def action_page(self, direction: int) -> None:
        """Move by a page, one line kept in common."""
        self._jump(direction * max(self.height - 1, 1))

    def action_half_page(self, direction: int) -> None:
        """Move by half a page."""
        self._jump(direction * max(self.height // 2, 1))

    def action_top(self) -> None:
        """Go to the first line."""
        self.move_to(0)

    def action_bottom(self) -> None:
        """Go to the last line."""
        self.move_to(self.count - 1)

    def action_open(self) -> None:
        """Open the highlighted line."""
        if self.count:
            self.post_message(self.Opened(self))

    def _jump(self, delta: int) -> None:
        self.top += delta
        self._clamp()
        self.move_to(self.cursor + delta)

    def _clamp(self) -> None:
        last = max(self.count - 1, 0)
        self.cursor = min(max(self.cursor, 0), last)
        most = last if self.wraps else max(self.count - self.height, 0)
        self.top = min(max(self.top, 0), most)

    def _follow_cursor(self) -> None:
        self._clamp()
        if self.cursor < self.top or self.height <= 0:
            self.top = self.cursor
        elif self.wraps and self.count:
            self._follow_wrapped()
        elif self.cursor >= self.top + self.height:
            self.top = self.cursor - self.height + 1

    def _follow_wrapped(self) -> None:
        """The highest top from which the cursor's line is whole on screen."""
        rows = 0
        for index in range(self.cursor, -1, -1):
            rows += len(self._wrapped(index))
            if rows > self.height:
                self.top = max(self.top, min(index + 1, self.cursor))
                return
            if index <= self.top:
                return

    # Drawing

    def redraw(self) -> None:
        """Redraw what is on screen and repaint the rows that differ."""
        if not self.is_mounted or not self.size.width:
            return
        before, self._lines = self._lines, self._draw()
        pairs = zip(before, self._lines, strict=False)
        changed = [y for y, (old, new) in enumerate(pairs) if old is not new]
        if len(before) != len(self._lines) or len(changed) > len(before) // 2:
            self.refresh()
        elif changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def _draw(self) -> list[Strip]:
        height = self.size.height
        strips = [
            self._strips.strip(self._framed(head, " ", "text"), "plain") for head in self._heads
        ]
        self._rows = [-1] * len(strips)
        index, count = self.top, self.count
        while len(strips) < height and index < count:
            is_cursor = index == self.cursor and (self.has_focus or not self.rests)
            ground = "cursor" if is_cursor else "plain"
            bar = ("▌", "accent" if self.has_focus else "faint") if is_cursor else (" ", "text")
            for cell in self._wrapped(index):
                strips.append(
                    self._strips.strip(self._framed(cell, *bar), ground, self._is_thumb(strips))
                )
                self._rows.append(index)
            index += 1
        while len(strips) < height:
            strips.append(self._strips.strip((), "plain"))
        return strips[:height]

    def _wrapped(self, index: int) -> list[Cell]:
        line = self.source.line(index, self.room)
        return wrap_cell(line, self.room) if self.wraps else [line]

    def _framed(self, cell: Cell, bar: str, role: str) -> Cell:
        return ((bar + " " * (self.GUTTER - 1), role), *cell)

    def _is_thumb(self, above: Sequence[Strip]) -> bool:
        """Whether the scroll bar's thumb is next to the next row."""
        count, height = self.count, self.height
        if count <= height or height <= 0:
            return False
        size = max(height * height // count, 1)
        start = round((height - size) * self.top / max(count - height, 1))
        return start <= len(above) - len(self._heads) < start + size

    @override
    def render_lines(self, crop: Region) -> list[Strip]:
        """The same strips frame after frame, so that Textual's caches in them keep hitting."""
        lines = self._lines[crop.y : crop.bottom]
        lines += [Strip.blank(crop.width)] * (crop.height - len(lines))
        if crop.x or crop.width != self.size.width:
            return [line.crop(crop.x, crop.right) for line in lines]
        return lines

    @override
    def render_line(self, y: int) -> Strip:
        """One line, for what looks up a style under the mouse."""
        return self._lines[y] if 0 <= y < len(self._lines) else Strip.blank(self.size.width)

    # Events

    def on_mount(self) -> None:
        """The theme is known."""
        self._strips.reset(paint_of(self.app), self.size.width)

    @override
    def take_theme(self) -> None:
        self._repaint()

    def on_resize(self) -> None:
        """Fit the lines to the new size, the cursor on screen."""
        self._follow_cursor()
        self._repaint()

    def _repaint(self) -> None:
        self._strips.reset(paint_of(self.app), self.size.width)
        self._lines = []
        self.redraw()

    @override
    def watch_has_focus(self, has_focus: bool) -> None:
        """The cursor bar has the accent color with the focus and steps back without."""
        super().watch_has_focus(has_focus)
        self.redraw()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move the view, not the cursor."""
        event.stop()
        self.scroll_lines(WHEEL_LINES)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move the view, not the cursor."""
        event.stop()
        self.scroll_lines(-WHEEL_LINES)

    def on_click(self, event: events.Click) -> None:
        """Highlight a line; open it on a double click."""
        if event.y < len(self._rows) and self._rows[event.y] >= 0:
            self.move_to(self._rows[event.y])
            if event.chain == 2:
                self.action_open()
