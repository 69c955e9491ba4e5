"""What stands in the place of a list that has no rows: loading, empty, failed."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget
from typing_extensions import override

from trigdash.ui.cells.cell import Cell, cell_text, cell_width, clean_cell, cut_cell
from trigdash.ui.cells.wrapping import wrap_cell
from trigdash.ui.theme import paint_of

MARGIN = 2
"""Blank columns at either side of a line that is too long and goes on below."""


class StateView(Widget, can_focus=False):
    """A few centred lines; the first says what is, the others what can be done."""

    DEFAULT_CSS = """
    StateView { height: 1fr; width: 1fr; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: tuple[Cell, ...] = ()

    def say(self, lines: Sequence[Cell]) -> None:
        """Say something else; an empty line is air."""
        if tuple(lines) != self._lines:
            self._lines = tuple(lines)
            self.refresh()

    @property
    def words(self) -> str:
        """What is said."""
        return "\n".join(cell_text(line) for line in self._lines)

    @override
    def render_lines(self, crop: Region) -> list[Strip]:
        """Only the lines that say something are drawn; the blank ones are one and the same."""
        width, height = self.size
        paint = paint_of(self.app)
        blank = Strip.blank(width, paint.style("text"))
        room = max(width - 2 * MARGIN, 1)
        lines = [row for line in self._lines for row in wrap_cell(clean_cell(line), room, indent=0)]
        top = max(0, (height - len(lines)) // 3)
        said = {top + index: line for index, line in enumerate(lines) if line}
        drawn = [
            self._strip(said[y], width) if y in said else blank for y in range(crop.y, crop.bottom)
        ]
        if crop.x == 0 and crop.right >= width:
            return drawn
        return [strip.crop(crop.x, crop.right) for strip in drawn]

    def _strip(self, line: Cell, width: int) -> Strip:
        paint = paint_of(self.app)
        blank = paint.style("text")
        line = cut_cell(line, width)
        indent = max(0, (width - cell_width(line)) // 2)
        segments = [Segment(" " * indent, blank)]
        segments += [Segment(paint.text(text), paint.style(role)) for text, role in line]
        return Strip(segments).adjust_cell_length(width, blank)
