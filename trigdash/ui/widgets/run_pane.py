"""The highlighted run beside its list."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from typing_extensions import override

from trigdash.presentation.cell import EMPTY, Cell, cell_text, cut_cell
from trigdash.ui.theme.paint import paint_of
from trigdash.ui.widgets.dragged import DraggedPane

PANE_WIDTH = 44
"""Room for a run's id and for forty letters of its error beside a hairline and some air."""


class RunPane(DraggedPane, can_focus=False):
    """A hairline and some lines beside it; repaints those that say something else."""

    DEFAULT_CSS = f"RunPane {{ width: {PANE_WIDTH}; height: 1fr; dock: right; }}"

    def __init__(self) -> None:
        super().__init__()
        self._lines_for: Callable[[int], Sequence[Cell]] = lambda width: ()
        self._lines: Sequence[Cell] = ()

    def show_lines(self, lines_for: Callable[[int], Sequence[Cell]]) -> None:
        """Say what `lines_for` makes of the width."""
        self._lines_for = lines_for
        width, height = self.size
        before, self._lines = self._lines, lines_for((width or PANE_WIDTH) - 3)
        changed = [
            Region(0, y, width, 1)
            for y in range(min(max(len(before), len(self._lines)), height))
            if before[y : y + 1] != self._lines[y : y + 1]
        ]
        if changed:
            self.refresh(*changed)

    def on_resize(self) -> None:
        """Say the same in another width."""
        self.show_lines(self._lines_for)

    @property
    def plain_text(self) -> str:
        """What is said."""
        return "\n".join(map(cell_text, self._lines))

    @override
    def render_line(self, y: int) -> Strip:
        paint, width = paint_of(self.app), self.size.width
        line = cut_cell(self._lines[y], width - 3) if y < len(self._lines) else EMPTY
        pieces = (("│ ", "hairline"), *line)
        drawn = [Segment(paint.text(text), paint.style(role)) for text, role in pieces]
        return Strip(drawn).adjust_cell_length(width, paint.style("text"))

    @override
    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.refresh()
