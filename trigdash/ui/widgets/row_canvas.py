"""RowCanvas: the drawing half of a row table, in Textual's line API.

`render_lines` is overridden so that the compositor gets the same strips frame after frame; that
goes round borders, padding, tint and line filters of Textual, so borders belong on a container and
colors come from the theme's paint.
"""

import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.geometry import Region
from textual.strip import Strip
from typing_extensions import override

from trigdash.presentation.cell import EMPTY, Cell, Piece
from trigdash.presentation.columns import Column, arrange, furthest
from trigdash.ui.lifecycle import FollowsTheme
from trigdash.ui.theme.paint import paint_of
from trigdash.ui.widgets.row_order import Sort
from trigdash.ui.widgets.row_strips import GUTTER, LineState, RowStrips
from trigdash.ui.widgets.row_view import RowView

R = TypeVar("R")

WHEEL_LINES = 3
"""Rows per step of the mouse wheel."""


class RowCanvas(FollowsTheme, Generic[R], can_focus=True):
    """Draws a view of rows and repaints only the lines that say something else."""

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(
        self,
        columns: Sequence[Column[R]],
        key: Callable[[R], Hashable],
        *,
        banner: Callable[[R], Cell | None] | None,
        frozen: int,
        header: bool,
        id: str | None,
    ) -> None:
        super().__init__(id=id)
        self._columns = tuple(columns)
        self._view: RowView[R] = RowView(key, is_banner=_banner_test(banner))
        self._strips: RowStrips[R] = RowStrips(banner)
        self._strips.now_ms = time.time() * 1000
        self._frozen = frozen
        self._skipped = 0
        self._top_lines = 1 if header else 0
        self._empty: tuple[Cell, ...] = ()
        self._tail: tuple[Cell, ...] = ()
        self._marked: frozenset[Hashable] = frozenset()
        self._flags: Mapping[Hashable, Piece] = {}
        self._lines: list[Strip] = []
        self._dragging = False

    def _sort_shown(self) -> Sort | None:
        """The order that the header shows."""
        return None

    def _publish(self, *, wished: bool = False) -> None:
        """Tell what changed about the view (size, say); the acting half knows how. `wished`: by a
        key or the mouse, and not by data that arrived."""

    @property
    def rows(self) -> Sequence[R]:
        """The rows in the order shown, with the banners between them."""
        return self._view.rows

    @property
    def records(self) -> Sequence[R]:
        """The rows in the order shown, without banners."""
        return self._view.records

    def row_at(self, index: int) -> R | None:
        """The row at an index of the shown order; None outside."""
        return self._view.row_at(index)

    @property
    def visible_rows(self) -> Sequence[R]:
        """The rows on screen."""
        view = self._view
        return view.rows[view.top : view.top + view.height]

    def tick(self, now_ms: float) -> None:
        """Let time pass: live cells that read differently at `now_ms` are repainted."""
        self._strips.now_ms = now_ms
        self._redraw()

    def set_flags(self, flags: Mapping[Hashable, Piece]) -> None:
        """Show one-column marks in the gutter, by key: an action under way, say."""
        if flags != self._flags:
            self._flags = dict(flags)
            self._redraw()

    def set_highlight(self, text: str) -> None:
        """Highlight each word of `text` (case ignored) wherever it stands in a cell; "" for
        none."""
        if self._strips.highlight(text):
            self._redraw_all()

    def set_empty(self, lines: Sequence[Cell]) -> None:
        """What to say while there are no rows."""
        self._empty = tuple(lines)
        self._redraw()

    def set_tail(self, lines: Sequence[Cell]) -> None:
        """What to say below the last row."""
        if tuple(lines) != self._tail:
            self._tail = tuple(lines)
            self._view.set_tail(len(lines))
            self._redraw()

    @property
    def columns(self) -> tuple[Column[R], ...]:
        """All columns, shown or not, from left to right."""
        return self._columns

    @columns.setter
    def columns(self, columns: Sequence[Column[R]]) -> None:
        self._columns = tuple(columns)
        self._skipped = 0
        self._redraw_all()

    @property
    def shown_columns(self) -> tuple[str, ...]:
        """Keys of the columns for which there is room."""
        return tuple(self.shown_widths)

    @property
    def shown_widths(self) -> Mapping[str, int]:
        """How wide the columns stand for which there is room, by their keys."""
        return {place.column.key: place.width for place in self._strips.layout.placed}

    def scroll_columns(self, delta: int) -> None:
        """Scroll sideways by `delta` columns; the frozen ones stay."""
        most = furthest(self._columns, self._room, self._frozen)
        skipped = min(max(self._skipped + delta, 0), most)
        if skipped != self._skipped:
            self._skipped = skipped
            self._redraw_all()

    def scroll_rows(self, delta: int) -> None:
        """Move the view alone by `delta` rows."""
        self._view.scroll(delta)
        self._update(wished=True)

    @property
    def _room(self) -> int:
        """Columns for cells: without gutter and scroll bar."""
        return max(self.size.width - GUTTER - 1, 1)

    def _update(self, *, wished: bool = False) -> None:
        """Repaint what differs and tell what changed."""
        self._redraw()
        self._publish(wished=wished)

    def redraw(self) -> None:
        """Redraw every line: the cells of the same rows have changed."""
        self._redraw_all()

    def _redraw_all(self) -> None:
        """Redraw every line: width, columns, colors or highlight changed."""
        if self.is_mounted and self.size.width:
            strips = self._strips
            strips.forget()
            strips.width = self.size.width
            strips.paint = paint_of(self.app)
            strips.layout = arrange(
                self._columns, self._room, frozen=self._frozen, skipped=self._skipped
            )
            self._lines = []
            self._redraw()

    def _redraw(self) -> None:
        """Repaint the lines whose strip is another object than the one on screen."""
        if not self._strips.width:
            return
        before, self._lines = self._lines, self._draw()
        if len(before) != len(self._lines):
            self.refresh()
            return
        pairs = enumerate(zip(before, self._lines, strict=True))
        changed = [y for y, (old, new) in pairs if old is not new]
        width = self._strips.width
        if len(changed) > len(before) // 2:
            top = changed[0]
            self.refresh(Region(0, top, width, changed[-1] + 1 - top))
        elif changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def _draw(self) -> list[Strip]:
        """The strip of each line of the widget."""
        strips, height = self._strips, self.size.height
        lines = [strips.header_strip(self._sort_shown())] if self._top_lines else []
        lines += self._row_lines() if self._view.rows else map(strips.text_strip, self._empty)
        lines += map(strips.text_strip, self._tail) if self._view.rows else ()
        blank = strips.text_strip(EMPTY)
        lines += [blank] * (height - len(lines))
        return lines[:height]

    def _row_lines(self) -> list[Strip]:
        view, strip = self._view, self._strips.row_strip
        key_of, marked, flags = view.key, self._marked, self._flags
        cursor, focused = view.cursor, self.has_focus
        thumb = self._thumb()
        lines = []
        for index, row in enumerate(self.visible_rows, view.top):
            key = key_of(row)
            state = LineState(
                index == cursor,
                focused or index != cursor,
                key in marked,
                flags.get(key),
                index - view.top in thumb,
            )
            lines.append(strip(row, key, state))
        return lines

    def _thumb(self) -> range:
        """Lines of the rows on screen beside which the scroll bar's thumb is drawn."""
        view, rows = self._view, len(self._view.rows)
        if rows <= view.height or view.height <= 0:
            return range(0)
        size = max(view.height * view.height // rows, 1)
        start = round((view.height - size) * view.top / view.max_top)
        return range(start, start + size)

    @override
    def render_lines(self, crop: Region) -> list[Strip]:
        """The same strips frame after frame, so that Textual's caches in them keep hitting."""
        lines = self._lines[crop.y : crop.bottom]
        lines += [Strip.blank(crop.width)] * (crop.height - len(lines))
        if crop.x or crop.width != self._strips.width:
            return [line.crop(crop.x, crop.right) for line in lines]
        return lines

    @override
    def render_line(self, y: int) -> Strip:
        """One line, for what looks up a style under the mouse."""
        return self._lines[y] if 0 <= y < len(self._lines) else Strip.blank(self.size.width)

    @override
    def take_theme(self) -> None:
        self._redraw_all()

    def on_resize(self, event: events.Resize) -> None:
        """Fit columns and rows to the new size."""
        self._view.resize(max(event.size.height - self._top_lines, 0))
        self._skipped = min(self._skipped, furthest(self._columns, self._room, self._frozen))
        self._redraw_all()
        self._publish()

    @override
    def watch_has_focus(self, has_focus: bool) -> None:
        """The cursor bar has the accent color with the focus and steps back without."""
        super().watch_has_focus(has_focus)
        self._redraw()

    # -- mouse

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move the view, not the cursor; with shift, sideways."""
        event.stop()
        self._wheel(event, 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move the view, not the cursor; with shift, sideways."""
        event.stop()
        self._wheel(event, -1)

    def _wheel(self, event: events.MouseEvent, direction: int) -> None:
        if event.shift:
            self.scroll_columns(direction)
        else:
            self.scroll_rows(direction * WHEEL_LINES)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold of the scroll bar."""
        if event.x == self.size.width - 1 and self._view.max_top > 0:
            self._dragging = True
            self.capture_mouse()
            self._drag_to(event.y)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Drag the scroll bar."""
        if self._dragging:
            self._drag_to(event.y)

    def on_mouse_up(self, _event: events.MouseUp) -> None:
        """Let go of the scroll bar."""
        if self._dragging:
            self._dragging = False
            self.release_mouse()

    def _drag_to(self, y: int) -> None:
        """Show the part of the rows that lies beside line `y` of the widget."""
        view = self._view
        share = (y - self._top_lines) / max(view.height - 1, 1)
        self.scroll_rows(round(min(max(share, 0), 1) * view.max_top) - view.top)


def _banner_test(banner: Callable[[R], Cell | None] | None) -> Callable[[R], bool] | None:
    return None if banner is None else lambda row: banner(row) is not None
