"""One line of clean text in roles, left and right; the bar, the counts and the footer are lines."""

from __future__ import annotations

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget
from typing_extensions import override

from trigdash.ui.cells.cell import EMPTY, Cell, cell_text, cell_width, clean_cell, cut_cell
from trigdash.ui.theme import paint_of


class Line(Widget, can_focus=False):
    """Draws a cell at the left and one at the right; repaints only when what it says changes.

    The role of a piece may name a ground of its own: `("runs", "strong on selected")`.
    """

    DEFAULT_CSS = """
    Line { height: 1; width: 1fr; }
    """

    GROUND = "plain"
    """What the line stands on, see `trigdash.ui.theme.GROUNDS`."""

    def __init__(self, left: Cell = EMPTY, right: Cell = EMPTY, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._left = left
        self._right = right

    def show(self, left: Cell, right: Cell = EMPTY) -> None:
        """Say something else. When both do not fit, the left one is cut."""
        if (left, right) != (self._left, self._right):
            self._left, self._right = left, right
            self.refresh()

    @property
    def words(self) -> str:
        """What the line says, without roles and before it is cut."""
        return " ".join(filter(None, (cell_text(self._left), cell_text(self._right))))

    def cells(self, width: int) -> tuple[Cell, Cell]:
        """What to draw at a width; for lines that say less when there is less room."""
        return self._left, self._right

    @override
    def render_line(self, y: int) -> Strip:
        width = self.size.width
        left, right = map(clean_cell, self.cells(width))
        right = cut_cell(right, width)
        room = width - cell_width(right)
        left = cut_cell(left, room - 1 if right else room)
        gap = room - cell_width(left)
        pieces = (*left, (" " * gap, "text"), *right) if gap > 0 else (*left, *right)
        return Strip([self._segment(text, role) for text, role in pieces], width)

    def _segment(self, text: str, role: str) -> Segment:
        name, _, ground = role.partition(" on ")
        paint = paint_of(self.app)
        return Segment(paint.text(text), paint.style(name, ground or self.GROUND))

    @override
    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.refresh()
