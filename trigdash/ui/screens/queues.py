"""All queues, live: how deep, how full, and what is to come; the highlighted one drawn below."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import BindingType
from textual.containers import Vertical
from textual.widget import Widget
from typing_extensions import override

from trigdash.model.queue import Queue
from trigdash.service.filter_completion import Completion
from trigdash.service.queues import QueueList, QueuesQuery
from trigdash.service.store import LOADING, Snapshot
from trigdash.ui.cells.cell import EMPTY, Cell
from trigdash.ui.cells.queue_totals import totals_cell
from trigdash.ui.cells.units import count
from trigdash.ui.keys import bindings
from trigdash.ui.queue_filter import (
    QueueFilter,
    complete_queue_filter,
    parse_queue_filter,
    problem_of,
)
from trigdash.ui.queue_readings import QueueReadings
from trigdash.ui.screens.list_states import list_state
from trigdash.ui.screens.listing import ListScreen
from trigdash.ui.widgets.filter_line import FilterLine
from trigdash.ui.widgets.line import Line
from trigdash.ui.widgets.queue_columns import BUSIEST_FIRST, queue_columns
from trigdash.ui.widgets.queue_pane import QueuePane
from trigdash.ui.widgets.row_table import RowTable
from trigdash.ui.widgets.state_view import StateView
from trigdash.ui.writing.pending_marks import MARK

if TYPE_CHECKING:
    from trigdash.service.connection import Connection
    from trigdash.service.queries import Query

_EMPTY_LINES: tuple[Cell, ...] = (
    (("no queues yet", "text"),),
    EMPTY,
    (("a queue appears with the first run of its task", "dim"),),
)


class QueuesScreen(ListScreen):
    """The list of queues."""

    PLACE = "queues"
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
    QueuesScreen .list { height: 3fr; margin: 1 0 0 0; min-height: 6; }
    QueuesScreen .list > RowTable { display: none; }
    QueuesScreen.-rows .list > RowTable { display: block; }
    QueuesScreen.-rows .list > StateView { display: none; }
    QueuesScreen QueuePane { height: 2fr; max-height: 20; min-height: 6; display: none; }
    QueuesScreen.-rows QueuePane { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._line = ""
        self._filter = QueueFilter()
        self._snapshot: Snapshot[QueueList] = LOADING
        self._shown: QueueList | None = None
        self._readings: QueueReadings | None = None
        self._read_on: Connection | None = None

    @override
    def compose_body(self) -> Iterable[Widget]:
        yield Line(id="counts")
        yield FilterLine(self._complete, problem_of, "part of a name  health:  kind:")
        with Vertical(classes="list"):
            yield RowTable(
                queue_columns(lambda: self.readings, lambda: self.session.clock.now()),
                lambda queue: queue.id,
            )
            yield StateView(id="state")
        yield QueuePane(id="queue-pane")

    @override
    def on_mount(self) -> None:
        self.table.sort = BUSIEST_FIRST
        self.restore_sort()

    # What is watched

    @property
    def readings(self) -> QueueReadings | None:
        """What our samples say; anew for each connection."""
        connection = self.session.connection
        if connection is not self._read_on:
            self._read_on = connection
            self._readings = QueueReadings(connection.depths) if connection else None
        return self._readings

    @override
    def wanted(self) -> Iterable[Query[Any]]:
        return (QueuesQuery(),)

    @override
    def show_snapshot(self, query: Query[Any], snapshot: Snapshot[Any]) -> None:
        self._snapshot = snapshot
        if snapshot.data is not self._shown:
            self._shown = snapshot.data
            self._show_rows()
        else:
            self._show_state()

    @override
    def main_snapshot(self) -> Snapshot[Any]:
        return self._snapshot

    @override
    def show_time(self, now: datetime) -> None:
        self.table.tick(now.timestamp() * 1000)
        self.show_pending(now)
        self._look_at_what_is_seen()
        self.show_cursor()
        self._show_state()

    def _look_at_what_is_seen(self) -> None:
        """With many pages of queues, those on screen are polled first."""
        if self._shown is not None:
            self._shown.look_at(queue.id for queue in self.table.visible_rows)

    # What is shown

    def _show_rows(self) -> None:
        queues = self._shown.queues if self._shown is not None else ()
        shown = [queue for queue in queues if self._matches(queue)]
        self.set_class(bool(shown), "-rows")
        self.table.show(shown)
        self._look_at_what_is_seen()
        self._show_state()
        self.show_cursor()

    def _matches(self, queue: Queue) -> bool:
        readings = self.readings
        if readings is None or self._filter == QueueFilter():
            return True
        health = readings.of(queue, self.session.clock.now()).health
        return self._filter.matches(queue, health)

    def _show_state(self) -> None:
        now, filtered = self.session.clock.now(), bool(self._line)
        lines = list_state(
            self.session, self._snapshot, "queues", _EMPTY_LINES, now, filtered=filtered
        )
        self.query_one(StateView).say(lines)
        self.query_one(FilterLine).show(self._line, self._loaded_note())
        self.query_one("#counts", Line).show(self._totals(now), self._marked_note())

    def _loaded_note(self) -> Cell:
        shown = self._shown
        if shown is None or shown.complete:
            return EMPTY
        return ((f"{count(len(shown))} of {count(shown.count)} queues loaded ", "warn"),)

    def _marked_note(self) -> Cell:
        marked = len(self.table.marked)
        return ((f"{count(marked)} marked ", "accent"),) if marked else EMPTY

    def _totals(self, now: datetime) -> Cell:
        readings, rows = self.readings, self.table.rows
        if readings is None or self._shown is None:
            return ((" queued –", "faint"),)
        # Idle queues add nothing, and there may be thousands of them.
        busy = [readings.of(q, now) for q in rows if q.queued or q.running or q.paused]
        return totals_cell(busy, len(rows))

    @override
    def show_cursor(self) -> None:
        pane, queue, readings = self.query_one(QueuePane), self.table.cursor_row, self.readings
        if isinstance(queue, Queue) and readings is not None:
            pane.show(queue, readings, self.session.clock.now())
        else:
            pane.clear()

    @override
    def table_changed(self) -> None:
        self._show_state()

    # The filter

    @override
    def apply_line(self, line: str) -> None:
        self._filter, self._line = parse_queue_filter(line), " ".join(line.split())
        self._show_rows()
        self.table.home()

    @override
    def clear_filter(self) -> bool:
        had = bool(self._line)
        self.apply_line("")
        return had

    def _complete(self, line: str, position: int) -> Completion:
        names = [queue.name for queue in self._shown.queues] if self._shown is not None else []
        return complete_queue_filter(line, position, names)

    # One queue

    @override
    def open_row(self, key: object) -> None:
        queue = next((row for row in self.table.rows if self.key_of(row) == key), None)
        if isinstance(queue, Queue):
            self.trigdash.open_detail("queue", queue.name, queue_kind=queue.kind)

    def action_write(self, verb: str) -> None:
        """Begin an action on the highlighted queue."""
        queue = self.table.cursor_row if self.hold_row() else None
        if isinstance(queue, Queue):
            self.trigdash.write_on_queue(verb, queue)

    @override
    def show_pending(self, now: datetime) -> None:
        connection = self.session.connection
        pending = connection.actions.pending if connection is not None else {}
        self.table.set_flags(dict.fromkeys(pending, MARK))

    @override
    def copied_text(self, row: Any) -> str:
        return str(row.filter_name)

    @override
    def save_columns(self) -> Sequence[str]:
        return ("name", "kind", "health", "queued", "running", "limit", "paused", "outlook")

    @override
    def save_record(self, row: Any) -> dict[str, object]:
        readings = self.readings
        reading = readings.of(row, self.session.clock.now()) if readings else None
        return {
            "name": row.name,
            "kind": row.kind,
            "health": reading.health.value if reading else None,
            "queued": row.queued,
            "running": row.running,
            "limit": row.concurrency_limit,
            "paused": row.paused,
            "outlook": reading.outlook.sentence() if reading else None,
        }
