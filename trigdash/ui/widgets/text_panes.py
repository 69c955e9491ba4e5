"""Panes of text: the explanation below a list, the message of an empty one."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget
from typing_extensions import override

from trigdash.presentation.cell import (
    EMPTY,
    Cell,
    cell_text,
    cell_width,
    clean_cell,
    cut_cell,
    wrap_cell,
)
from trigdash.ui.theme.paint import paint_of

WRAPPED_LINES = 5
"""Lines of a wrapped explanation; longer ones are read in the run itself."""


class Explanation(Widget, can_focus=False):
    """One line below a list; `wrap` gives it more."""

    DEFAULT_CSS = """
    Explanation { height: 2; width: 1fr; }
    Explanation.-wrapped { height: 6; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._said: Cell = EMPTY

    def show_text(self, said: Cell) -> None:
        """Say something else."""
        if said != self._said:
            self._said = said
            self.refresh()

    def toggle_wrap(self) -> bool:
        """Wrap the words or not; whether they are wrapped now."""
        self.toggle_class("-wrapped")
        return self.has_class("-wrapped")

    @property
    def plain_text(self) -> str:
        """What is said."""
        return cell_text(self._said)

    @override
    def render_line(self, y: int) -> Strip:
        width = self.size.width
        paint = paint_of(self.app)
        if y == 0:
            return Strip([Segment(paint.text("─" * width), paint.style("hairline"))], width)
        blank = paint.style("text")
        lines = self._lines(max(width - 4, 1))
        segments = [Segment("  ", blank)]
        if y - 1 < len(lines):
            segments += [
                Segment(paint.text(text), paint.style(role)) for text, role in lines[y - 1]
            ]
        return Strip(segments).adjust_cell_length(width, blank)

    def _lines(self, width: int) -> list[Cell]:
        if not self.has_class("-wrapped"):
            return [cut_cell(self._said, width)]
        return wrap_cell(self._said, width)[:WRAPPED_LINES]


MARGIN = 2
"""Blank columns at either side of a line that wraps."""


class StateView(Widget, can_focus=False):
    """A few centered lines; the first says what is, the others what can be done."""

    DEFAULT_CSS = """
    StateView { height: 1fr; width: 1fr; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: tuple[Cell, ...] = ()

    def show_lines(self, lines: Sequence[Cell]) -> None:
        """Say something else; an empty line is air."""
        if tuple(lines) != self._lines:
            self._lines = tuple(lines)
            self.refresh()

    @property
    def plain_text(self) -> str:
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
