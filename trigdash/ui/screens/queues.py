"""All queues, live: how deep, how full, and what is to come; the highlighted one drawn below."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import BindingType
from textual.widget import Widget
from typing_extensions import override

from trigdash.model.queue import Queue
from trigdash.presentation.cell import EMPTY, Cell, cell_width
from trigdash.presentation.columns import MARK
from trigdash.presentation.list_states import unread_cell
from trigdash.presentation.queue_columns import BUSIEST_FIRST, live_queues
from trigdash.presentation.queue_filter import (
    QueueFilter,
    complete_queue_filter,
    parse_queue_filter,
    problem_of,
)
from trigdash.presentation.queue_readings import QueueReadings, readings_of
from trigdash.presentation.queues import totals_cell
from trigdash.presentation.units import count
from trigdash.service.filters.completion import Completion
from trigdash.service.queues.query import QueueList
from trigdash.service.watches import Watched, watched_queue
from trigdash.ui.input.keys import bindings
from trigdash.ui.screens.resource import ResourceScreen
from trigdash.ui.subject import OneQueue
from trigdash.ui.widgets.queue_pane import QueuePane

if TYPE_CHECKING:
    from trigdash.service.connection import Connection


class QueuesScreen(ResourceScreen):
    """The list of queues."""

    LEGEND: ClassVar[tuple[str, ...]] = ("queues", "bar", "colors")
    KEY_GROUPS: ClassVar[tuple[str, ...]] = ("queue writes", "list", "table", "everywhere")
    BINDINGS: ClassVar[list[BindingType]] = bindings("queue writes")
    FOOTER: ClassVar[tuple[str, ...]] = (
        "table.open",
        "queue.pause",
        "queue.limit",
        "queue.unlimit",
        "table.sort",
        "list.filter",
        "list.copy",
        "app.command",
        "app.help",
    )
    DEFAULT_CSS = """
    QueuesScreen .list { height: 3fr; min-height: 6; }
    QueuesScreen QueuePane { height: 2fr; max-height: 20; min-height: 6; display: none; }
    QueuesScreen.-rows QueuePane { display: block; }
    """

    def __init__(self) -> None:
        live = live_queues(lambda: self.readings, lambda: self.session.clock.now())
        super().__init__("queues", live)
        self._filter = QueueFilter()
        self._readings: QueueReadings | None = None
        self._read_on: Connection | None = None

    @override
    def make_pane(self) -> Widget:
        return QueuePane(id="queue-pane").kept_in(self.session.choices, "pane.queues")

    @override
    def on_mount(self) -> None:
        self.table.sort = BUSIEST_FIRST
        self.restore_sort()

    @override
    def key_of(self, row: Any) -> object:
        return row.id

    # What is watched

    @property
    def readings(self) -> QueueReadings | None:
        """What our samples say, for each connection."""
        connection = self.session.connection
        if connection is not self._read_on:
            self._read_on = connection
            self._readings = readings_of(connection)
        return self._readings

    @override
    def show_time(self, now: datetime) -> None:
        self.show_pending(now)
        super().show_time(now)
        self._look_at_what_is_seen()

    def _look_at_what_is_seen(self) -> None:
        """With many pages of queues, those on screen are polled first."""
        if self._found is not None:
            self._found.prioritize(queue.id for queue in self.table.visible_rows)

    # What is shown

    @property
    def _found(self) -> QueueList | None:
        return self.snapshot.data

    @override
    def matching_rows(self) -> Sequence[Queue]:
        queues = self._found.queues if self._found is not None else ()
        return [queue for queue in queues if self._matches(queue)]

    @override
    def show_rows(self) -> None:
        super().show_rows()
        self._look_at_what_is_seen()

    def _matches(self, queue: Queue) -> bool:
        readings = self.readings
        if readings is None or self._filter == QueueFilter():
            return True
        health = readings.reading_of(queue, self.session.clock.now()).health
        return self._filter.matches(queue, health)

    @override
    def filter_note(self) -> Cell:
        found = self._found
        if found is None or found.complete:
            return EMPTY
        return ((f"{count(len(found))} of {count(found.count)} queues loaded ", "warn"),)

    @override
    def aside(self) -> Cell:
        return EMPTY if self._found is None else unread_cell(self._found.odd, "queue")

    @override
    def totals_note(self) -> Cell:
        marked = len(self.table.marked)
        return ((f"{count(marked)} marked ", "accent"),) if marked else EMPTY

    @override
    def totals(self, now: datetime) -> Cell:
        readings, rows = self.readings, self.table.rows
        if readings is None or self._found is None:
            return ((" queued –", "faint"),)
        # Idle queues add nothing, and there may be thousands of them.
        busy = [readings.reading_of(q, now) for q in rows if q.queued or q.running or q.paused]
        room = self.size.width - cell_width(self.totals_note()) - 1
        paused = self.session.environment_paused
        return totals_cell(busy, len(rows), room, environment_paused=paused)

    @override
    def show_cursor(self) -> None:
        pane, queue, readings = self.query_one(QueuePane), self.table.cursor_row, self.readings
        if isinstance(queue, Queue) and readings is not None:
            pane.show(queue, readings, self.session.clock.now())
        else:
            pane.clear()

    @override
    def table_changed(self) -> None:
        self.show_state()

    # The filter

    @override
    def apply_line(self, line: str) -> None:
        self._filter = parse_queue_filter(line)
        super().apply_line(line)

    @override
    def complete(self, line: str, position: int) -> Completion:
        names = [queue.name for queue in self._found.queues] if self._found is not None else []
        return complete_queue_filter(line, position, names)

    @override
    def filter_problem(self, line: str) -> str | None:
        return problem_of(line)

    # One queue

    @override
    def open_row(self, key: object) -> None:
        queue = next((row for row in self.table.rows if self.key_of(row) == key), None)
        if isinstance(queue, Queue):
            self.trigdash.open_detail("queue", queue.name, queue_kind=queue.kind)

    @override
    def watched(self, until: str = "") -> Watched | None:
        queue = self.table.cursor_row if self.hold_row() else None
        return watched_queue(queue.filter_name, until) if queue is not None else None

    def action_write(self, verb: str) -> None:
        """Begin an action on the highlighted queue, or on the marked one."""
        queues = self.chosen_rows() if self.hold_row() else []
        if len(queues) > 1:
            self.trigdash.toast("this takes one queue at a time: unmark the others")
        elif queues:
            self.trigdash.start_action(verb, OneQueue(queues[0]))

    @override
    def show_pending(self, now: datetime) -> None:
        connection = self.session.connection
        pending = connection.actions.pending if connection is not None else {}
        self.table.set_flags(dict.fromkeys(pending, MARK))
