"""One queue: its depth over time, who waits longest, what the server measured, and its runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual.widget import Widget
from typing_extensions import override

from trigdash.model.queue import Queue, QueueMetrics
from trigdash.model.run_filter import RunFilter
from trigdash.presentation.cell import EMPTY, Cell
from trigdash.presentation.list_states import failed_lines
from trigdash.presentation.queue_filter import KINDS
from trigdash.presentation.queue_readings import QueueReadings, readings_of
from trigdash.presentation.queues import metrics_cell, oldest_cell
from trigdash.service.cache.store import LOADING, Snapshot
from trigdash.service.queues.oldest_waiting import OldestWaiting, OldestWaitingQuery
from trigdash.service.queues.query import QueueMetricsQuery, QueueQuery
from trigdash.ui.actions.queue_prompts import QUEUE_PROMPTS
from trigdash.ui.input.keys import bindings
from trigdash.ui.screens.runs import RunsScreen
from trigdash.ui.subject import OneQueue
from trigdash.ui.widgets.line import Line
from trigdash.ui.widgets.queue_pane import LONGEST_S, QueuePane

if TYPE_CHECKING:
    from trigdash.service.cache.query import Query
    from trigdash.service.connection import Connection


class QueueScreen(RunsScreen):
    """A queue and its runs."""

    PLACE = "queues"
    LEGEND: ClassVar[tuple[str, ...]] = ("runs", "queues", "bar", "colors")
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

    def __init__(self, name: str, queue_kind: str | None = None) -> None:
        """`name` may say its kind (`task/…`, `custom/…`); `queue_kind` is that of a name that does
        not. Without either it is found out."""
        told, slash, rest = name.partition("/")
        self._queue_name, self._kind = name, queue_kind
        if slash and told in KINDS:
            self._queue_name, self._kind = rest, told
        super().__init__(RunFilter(queues=self._filter_names))
        self._queue_query = QueueQuery(self._queue_name, self._kind)
        self._found: Snapshot[Queue] = LOADING
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
    def state_key(self) -> str:
        return "queue"

    # What is watched

    @property
    def _filter_names(self) -> tuple[str, ...]:
        """The queue as filters write it; both names that it may have while its kind is unknown."""
        both = (f"task/{self._queue_name}", self._queue_name)
        return both if self._kind is None else both[:1] if self._kind == "task" else both[1:]

    @override
    def queries(self) -> Iterable[Query[Any]]:
        if self._kind is None:
            return (self._queue_query,)
        metrics = QueueMetricsQuery(self._queue_name, self._kind)
        oldest = OldestWaitingQuery(self._filter_names[0])
        return (self._queue_query, metrics, oldest, *super().queries())

    @override
    def show_snapshot(self, query: Query[Any], snapshot: Snapshot[Any]) -> None:
        match query:
            case QueueQuery():
                self._found = snapshot
                self._learn_kind()
                self._show_rows()
            case QueueMetricsQuery():
                self._metrics = snapshot
            case OldestWaitingQuery():
                self._oldest = snapshot
            case _:
                super().show_snapshot(query, snapshot)
                return
        self._show_queue(self.session.clock.now())

    def _learn_kind(self) -> None:
        """Look at the queue's runs as soon as it is known which of its names it has."""
        queue = self._found.data
        if self._kind is None and queue is not None:
            self._kind = queue.kind
            self._base = replace(self._base, queues=self._filter_names)
            self.narrow(self._filter)

    @override
    def main_snapshot(self) -> Snapshot[Any]:
        return self._found if self._kind is None else super().main_snapshot()

    @override
    def instead_of_rows(self) -> Sequence[Cell]:
        problem = self._found.problem
        if self._found.data is None and problem is not None and problem.kind == "NotFound":
            return [
                ((f"no such queue: {self._queue_name}", "strong"),),
                EMPTY,
                (("a queue appears with the first run of its task", "dim"),),
                (("2", "key"), (" lists the queues   ", "dim"), ("esc", "key"), (" back", "dim")),
            ]
        if self._kind is None and problem is not None:
            return failed_lines(problem, self.session.clock.now())
        return super().instead_of_rows()

    @override
    def show_time(self, now: datetime) -> None:
        super().show_time(now)
        self._show_queue(now)

    def _show_queue(self, now: datetime) -> None:
        connection = self.session.connection
        if connection is not self._read_on:
            self._read_on = connection
            self._readings = readings_of(connection)
        queue, pane = self._found.data, self.query_one(QueuePane)
        if queue is not None and self._readings is not None:
            waited_s = self._readings.waits_since_s(queue.id)
            pane.show(queue, self._readings, now, oldest_cell(self._oldest.data, now))
            metrics = metrics_cell(self._metrics, waited_s, now)
            self.query_one("#queue-metrics", Line).show(metrics, self._problem())
        else:
            pane.clear()
            self.query_one("#queue-metrics", Line).show(EMPTY, self._problem())

    def _problem(self) -> Cell:
        """Why what is shown of the queue itself is not what it is now."""
        problem = self._found.problem
        if problem is None or self._kind is None:
            return EMPTY
        if problem.kind == "NotFound":
            gone = "this queue is gone " if self._found.data is not None else ""
            return ((gone, "warn"),)
        return ((f"the queue: {problem.message} ", "warn"),)

    # The filter: the queue itself stays

    @override
    def narrow(self, run_filter: RunFilter) -> None:
        super().narrow(replace(run_filter, queues=self._base.queues))

    # Actions

    @override
    def action_write(self, verb: str) -> None:
        if verb not in QUEUE_PROMPTS:
            super().action_write(verb)
        elif self._found.data is not None:
            self.trigdash.start_action(verb, OneQueue(self._found.data))
