"""The highlighted queue in time: who limits it, what is to come, and how deep it was."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from textual.containers import Vertical
from textual.widget import Widget
from typing_extensions import override

from trigdash.model.queue import Queue
from trigdash.presentation.cell import Cell, Piece
from trigdash.presentation.plot import Area
from trigdash.presentation.queue_readings import SPARK_S, QueueReadings, forecast_label
from trigdash.presentation.queues import limit_label, rate_cell
from trigdash.ui.widgets.chart import Chart
from trigdash.ui.widgets.dragged import DraggedPane, Edge
from trigdash.ui.widgets.line import Line

MOMENTS: Final = 300
"""Moments that a chart samples: more than its columns at any usual width."""

LONGEST_S: Final = 3600.0
"""An hour of samples is kept."""

_SPANS_S: Final = (120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0)
"""What a chart may show."""


class QueuePane(Vertical, DraggedPane):
    """A line of text above a chart of the queue's depth and, if there is room, of its executing
    runs."""

    DEFAULT_CSS = """
    QueuePane { height: 1fr; border-top: solid $role-hairline; }
    QueuePane > Line { height: 1; }
    """

    def __init__(self, *, longest_s: float = SPARK_S, id: str | None = None) -> None:
        super().__init__(id=id)
        self._longest_s = longest_s

    @override
    def edge(self) -> Edge | None:
        return "top"

    @override
    def compose(self) -> Iterable[Widget]:
        yield Line(id="about-queue")
        yield Chart(id="depth-chart")

    def show(self, queue: Queue, readings: QueueReadings, now: datetime, aside: Cell = ()) -> None:
        """Show a queue as it is now."""
        self.query_one(Line).show(_about(queue, readings, now), aside)
        span_s = self._span_s(queue, readings, now)
        points = readings.points(queue.id, now, span_s, MOMENTS)
        depth = [(at_ms, float(sample.queued)) for at_ms, sample in points]
        running = [(at_ms, float(sample.running)) for at_ms, sample in points]
        areas = (
            Area("queued", depth),
            Area("running", running, "running", queue.concurrency_limit),
        )
        end_ms = now.timestamp() * 1000
        self.query_one(Chart).show(areas, end_ms - span_s * 1000, end_ms)

    def clear(self) -> None:
        """No queue is highlighted."""
        self.query_one(Line).show(())
        self.query_one(Chart).show((), 0, 0)

    @property
    def plain_text(self) -> str:
        """What is said, for those who cannot see it drawn."""
        return f"{self.query_one(Line).plain_text}\n{self.query_one(Chart).plain_text}"

    def _span_s(self, queue: Queue, readings: QueueReadings, now: datetime) -> float:
        """The shortest span that holds what was watched, up to the longest wanted."""
        first_s = readings.first_s(queue.id)
        watched_s = now.timestamp() - first_s if first_s is not None else 0.0
        spans = [span_s for span_s in _SPANS_S if span_s <= self._longest_s]
        return next((span_s for span_s in spans if span_s >= watched_s), spans[-1])


def _about(queue: Queue, readings: QueueReadings, now: datetime) -> Cell:
    reading = readings.reading_of(queue, now)
    words, role = forecast_label(reading)
    # What is to come first: a narrow terminal cuts the end.
    pieces: list[Piece] = [(f" {queue.name}", "strong"), (f" {queue.kind}", "faint")]
    if words:
        pieces.append((f"   {words}", role))
    flow = readings.flow(queue, now)
    for name, per_minute in (("in", flow.in_per_minute), ("out", flow.out_per_minute)):
        if per_minute is not None:
            # A run that came and went between two polls was not seen.
            least = "≥" if per_minute else ""
            pieces += [(f"   {name} {least}", "dim"), *rate_cell(per_minute), ("/min", "dim")]
    return (*pieces, (f"   {limit_label(queue)}", "dim"))
