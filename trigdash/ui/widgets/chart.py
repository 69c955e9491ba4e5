"""A chart over time: the plot of `cells.plot` as a widget that repaints the lines that changed."""

from collections.abc import Sequence
from datetime import tzinfo

from rich.segment import Segment
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget
from typing_extensions import override

from trigdash.model.moment import LOCAL
from trigdash.presentation.cell import Cell, cell_width
from trigdash.presentation.plot import Area, plot
from trigdash.ui.theme.paint import paint_of


class Chart(Widget):
    """Draws areas over a stretch of time; never asks for a layout."""

    DEFAULT_CSS = "Chart { width: 1fr; height: 1fr; }"

    def __init__(self, *, zone: tzinfo = LOCAL, id: str | None = None) -> None:
        super().__init__(id=id)
        self._zone = zone
        self._areas: tuple[Area, ...] = ()
        self._range_ms = (0.0, 0.0)
        self._cells: list[Cell] = []

    def show(self, areas: Sequence[Area], start_ms: float, end_ms: float) -> None:
        """Draw these areas from `start_ms` to `end_ms` (epoch milliseconds)."""
        self._areas, self._range_ms = tuple(areas), (start_ms, end_ms)
        self._plot()

    @property
    def plain_text(self) -> str:
        """What the chart says as text, line by line."""
        return "\n".join("".join(text for text, _ in line).rstrip() for line in self._cells)

    def _plot(self) -> None:
        width, height = self.size
        before, self._cells = self._cells, []
        if self._areas and width and height:
            self._cells = plot(self._areas, *self._range_ms, (width, height), self._zone)
        if len(before) != len(self._cells):
            self.refresh()
            return
        pairs = enumerate(zip(before, self._cells, strict=True))
        changed = [Region(0, y, width, 1) for y, (old, new) in pairs if old != new]
        if changed:
            self.refresh(*changed)

    def on_resize(self, _event: events.Resize) -> None:
        """Plot for the new size."""
        self._plot()

    @override
    def render_line(self, y: int) -> Strip:
        paint, width = paint_of(self.app), self.size.width
        if y >= len(self._cells):
            return Strip.blank(width, paint.style("text"))
        line = self._cells[y]
        blank = " " * max(width - cell_width(line), 0)
        pieces = (*line, (blank, "text")) if blank else line
        return Strip([Segment(paint.text(text), paint.style(role)) for text, role in pieces], width)

    @override
    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.refresh()
