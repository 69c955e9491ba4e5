"""What stands in the place of a list that has no rows: loading, empty, failed."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget
from typing_extensions import override

from trigdash.ui.cells.cell import Cell, cell_text, cell_width, cut_cell
from trigdash.ui.theme import paint_of


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
    def render_line(self, y: int) -> Strip:
        width, height = self.size
        paint = paint_of(self.app)
        index = y - max(0, (height - len(self._lines)) // 3)
        blank = paint.style("text")
        if not 0 <= index < len(self._lines):
            return Strip.blank(width, blank)
        line = cut_cell(self._lines[index], width)
        indent = max(0, (width - cell_width(line)) // 2)
        segments = [Segment(" " * indent, blank)]
        segments += [Segment(paint.text(text), paint.style(role)) for text, role in line]
        return Strip(segments).adjust_cell_length(width, blank)
