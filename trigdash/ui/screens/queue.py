"""One queue: its depth over time, who waits longest, what the server measured, and its runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual.widget import Widget
from typing_extensions import override

from trigdash.model.queue import Queue, QueueMetrics
from trigdash.model.run_filter import RunFilter
from trigdash.service.oldest_waiting import OldestWaiting, OldestWaitingQuery
from trigdash.service.queues import QueueMetricsQuery, QueueQuery
from trigdash.service.store import LOADING, Snapshot
from trigdash.ui.cells.queue_metrics import metrics_cell, oldest_cell
from trigdash.ui.keys import bindings
from trigdash.ui.queue_readings import QueueReadings, readings_of
from trigdash.ui.screens.runs import RunsScreen
from trigdash.ui.widgets.line import Line
from trigdash.ui.widgets.queue_pane import LONGEST_S, QueuePane
from trigdash.ui.writing.queue_asks import QUEUE_ASKS

if TYPE_CHECKING:
    from trigdash.service.connection import Connection
    from trigdash.service.queries import Query


class QueueScreen(RunsScreen):
    """A queue and its runs."""

    PLACE = "queues"
    KEY_GROUPS: ClassVar[tuple[str, ...]] = ("queue writes", *RunsScreen.KEY_GROUPS)
    BINDINGS = bindings("queue writes")
    FOOTER: ClassVar[tuple[str, ...]] = (
        "queue.pause",
        "queue.limit",
        "queue.unlimit",
        "table.open",
        "run.cancel",
        "run.replay",
        "list.filter",
        "app.back",
        "app.help",
    )
    DEFAULT_CSS = """
    QueueScreen QueuePane { height: 45%; max-height: 24; border-top: none; }
    """

    def __init__(self, name: str, queue_kind: str = "task") -> None:
        kind = "task" if name.startswith("task/") else queue_kind
        name = name.removeprefix("task/")
        filter_name = f"task/{name}" if kind == "task" else name
        super().__init__(RunFilter(queues=(filter_name,)))
        self._queue_query = QueueQuery(name, kind)
        self._metrics_query = QueueMetricsQuery(name, kind)
        self._oldest_query = OldestWaitingQuery(filter_name)
        self._queue: Queue | None = None
        self._metrics: Snapshot[QueueMetrics] = LOADING
        self._oldest: Snapshot[OldestWaiting] = LOADING
        self._readings: QueueReadings | None = None
        self._read_on: Connection | None = None

    @override
    def compose_body(self) -> Iterable[Widget]:
        yield QueuePane(longest_s=LONGEST_S, id="queue-pane")
        yield Line(id="queue-metrics")
        yield from super().compose_body()

    @override
    def kept_as(self) -> str:
        return "queue"

    # What is watched

    @override
    def wanted(self) -> Iterable[Query[Any]]:
        own = (self._queue_query, self._metrics_query, self._oldest_query)
        return (*own, *super().wanted())

    @override
    def show_snapshot(self, query: Query[Any], snapshot: Snapshot[Any]) -> None:
        if query == self._queue_query:
            self._queue = snapshot.data or self._queue
        elif query == self._metrics_query:
            self._metrics = snapshot
        elif query == self._oldest_query:
            self._oldest = snapshot
        else:
            super().show_snapshot(query, snapshot)
            return
        self._show_queue(self.session.clock.now())

    @override
    def show_time(self, now: datetime) -> None:
        super().show_time(now)
        self._show_queue(now)

    def _show_queue(self, now: datetime) -> None:
        connection = self.session.connection
        if connection is not self._read_on:
            self._read_on = connection
            self._readings = readings_of(connection)
        if self._queue is not None and self._readings is not None:
            oldest = oldest_cell(self._oldest.data, now)
            self.query_one(QueuePane).show(self._queue, self._readings, now, oldest)
        self.query_one("#queue-metrics", Line).show(metrics_cell(self._metrics))

    # The filter: the queue itself stays

    @override
    def narrow(self, narrowed: RunFilter) -> None:
        super().narrow(replace(narrowed, queues=self._base.queues))

    # Actions

    @override
    def action_write(self, verb: str) -> None:
        if verb not in QUEUE_ASKS:
            super().action_write(verb)
        elif self._queue is not None:
            self.trigdash.write_on_queue(verb, self._queue)
