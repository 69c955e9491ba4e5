"""The batches that could be found, and how they stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual.containers import Vertical
from textual.widget import Widget
from typing_extensions import override

from trigdash.service.batches import BatchesQuery, BatchList, BatchSource
from trigdash.service.filter_completion import Completion
from trigdash.service.store import LOADING, Snapshot
from trigdash.ui.cells.batches import BatchLine, batch_line, explain_batch
from trigdash.ui.cells.cell import EMPTY, Cell, Piece
from trigdash.ui.cells.units import count
from trigdash.ui.screens.list_states import list_state
from trigdash.ui.screens.listing import ListScreen
from trigdash.ui.widgets.batch_columns import NATURAL_SORT, batch_columns
from trigdash.ui.widgets.explanation import Explanation
from trigdash.ui.widgets.filter_line import FilterLine
from trigdash.ui.widgets.line import Line
from trigdash.ui.widgets.row_table import RowTable
from trigdash.ui.widgets.state_view import StateView

if TYPE_CHECKING:
    from trigdash.model.batch import BatchSummary
    from trigdash.service.queries import Query

_EMPTY_LINES: tuple[Cell, ...] = (
    (("no batches were triggered in the last 7 days", "text"),),
    EMPTY,
    ((":batch <id>", "key"), (" opens one by its id", "dim")),
)


class BatchesScreen(ListScreen):
    """The list of batches; `enter` opens one."""

    PLACE = "batches"
    KEY_GROUPS: ClassVar[tuple[str, ...]] = ("list", "table", "everywhere")
    FOOTER: ClassVar[tuple[str, ...]] = (
        "table.open",
        "list.filter",
        "table.sort",
        "list.copy",
        "app.refresh",
        "app.command",
        "app.help",
    )
    DEFAULT_CSS = """
    BatchesScreen .list { height: 1fr; margin: 1 0 0 0; }
    BatchesScreen .list > RowTable { display: none; }
    BatchesScreen.-rows .list > RowTable { display: block; }
    BatchesScreen.-rows .list > StateView { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._words: tuple[str, ...] = ()
        self._snapshot: Snapshot[BatchList] = LOADING
        self._shown: BatchList | None = None
        self._lines: dict[str, tuple[BatchSummary, BatchLine]] = {}

    @override
    def compose_body(self) -> Iterable[Widget]:
        yield Line(id="counts")
        yield FilterLine(self._complete, lambda line: None, "part of an id")
        with Vertical(classes="list"):
            yield RowTable(batch_columns(), lambda line: line.id, natural_sort=NATURAL_SORT)
            yield StateView(id="state")
        yield Explanation(id="explanation")

    # What is watched

    @property
    def _query(self) -> BatchesQuery | None:
        connection = self.session.connection
        return BatchesQuery(connection.known_batches) if connection is not None else None

    @override
    def wanted(self) -> Iterable[Query[Any]]:
        query = self._query
        return (query,) if query is not None else ()

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
    def window(self) -> str:
        return "last 7 days"

    @override
    def show_time(self, now: datetime) -> None:
        self.table.tick(now.timestamp() * 1000)
        self.show_cursor()
        self._show_state()

    # What is shown

    def _show_rows(self) -> None:
        found = self._shown.batches if self._shown is not None else ()
        self._lines = {each.id: (each, self._line(each)) for each in found}
        lines = [line for _, line in self._lines.values() if self._matches(line)]
        self.set_class(bool(lines), "-rows")
        self.table.show(lines)
        self._show_state()
        self.show_cursor()

    def _line(self, batch: BatchSummary) -> BatchLine:
        """The line of a batch; the same object as before where nothing changed, so that the table
        draws it once."""
        before, line = self._lines.get(batch.id, (None, None))
        return line if line is not None and before is batch else batch_line(batch)

    def _matches(self, line: BatchLine) -> bool:
        return all(word in line.id.lower() for word in self._words)

    def _show_state(self) -> None:
        now = self.session.clock.now()
        lines = list_state(
            self.session, self._snapshot, "batches", _EMPTY_LINES, now, filtered=bool(self._words)
        )
        self.query_one(StateView).say(lines)
        self.query_one(FilterLine).show(" ".join(self._words))
        self.query_one("#counts", Line).show(self._totals(), self._source())

    def _totals(self) -> Cell:
        lines: Sequence[BatchLine] = self.table.rows
        moving = sum(not line.progress.ended for line in lines)
        failures = sum(bool(line.progress.failed) for line in lines)
        pieces: list[Piece] = [(" all ", "strong on selected"), (f" {count(len(lines))}", "dim")]
        if moving:
            pieces += [("   ● ", "running"), (f"{count(moving)} under way", "text")]
        if failures:
            pieces += [("   × ", "bad-strong"), (f"{count(failures)} with failures", "strong")]
        return tuple(pieces)

    def _source(self) -> Cell:
        """Where the list comes from: the API has none."""
        if self._shown is None:
            return EMPTY
        role = "faint" if self._shown.source is BatchSource.QUERY else "warn"
        return ((f"from {self._shown.source.value} ", role),)

    @override
    def show_cursor(self) -> None:
        line = self.table.cursor_row
        now_ms = self.session.clock.now().timestamp() * 1000
        said = explain_batch(line, now_ms) if isinstance(line, BatchLine) else EMPTY
        self.query_one(Explanation).say(said)

    # The filter

    @override
    def apply_line(self, line: str) -> None:
        self._words = tuple(line.lower().split())
        self._show_rows()
        self.table.home()

    @override
    def clear_filter(self) -> bool:
        had = bool(self._words)
        self.apply_line("")
        return had

    def _complete(self, line: str, position: int) -> Completion:
        return Completion(position, position, ())

    # One batch

    @override
    def open_row(self, key: object) -> None:
        self.trigdash.open_detail("batch", str(key))

    @override
    def copied_text(self, row: Any) -> str:
        return str(row.id)

    @override
    def save_columns(self) -> Sequence[str]:
        return ("id", "runs", "succeeded", "failed", "canceled", "running", "queued")

    @override
    def save_record(self, row: Any) -> dict[str, object]:
        progress = row.progress
        return {"id": row.id, "runs": progress.total} | {
            name: getattr(progress, name) for name in self.save_columns()[2:]
        }
