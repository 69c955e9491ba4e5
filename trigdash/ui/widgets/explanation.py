"""What the highlighted row is about: a hairline and a line of words, wrapped when asked."""

from __future__ import annotations

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget
from typing_extensions import override

from trigdash.ui.cells.cell import EMPTY, Cell, cell_text, cut_cell
from trigdash.ui.cells.wrapping import wrap_cell
from trigdash.ui.theme import paint_of

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

    def say(self, said: Cell) -> None:
        """Say something else."""
        if said != self._said:
            self._said = said
            self.refresh()

    def toggle_wrap(self) -> bool:
        """Wrap the words or not; whether they are wrapped now."""
        self.toggle_class("-wrapped")
        return self.has_class("-wrapped")

    @property
    def words(self) -> str:
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
