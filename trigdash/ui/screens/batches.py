"""The batches that could be found, and how they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual.containers import Vertical
from textual.widget import Widget
from typing_extensions import override

from trigdash.presentation.batch_columns import NATURAL_SORT, SAVED_FIELDS, batch_columns
from trigdash.presentation.batches import BatchLine, batch_line, explain_batch
from trigdash.presentation.cell import EMPTY, Cell, Piece
from trigdash.presentation.list_states import unread_count_cell
from trigdash.presentation.units import count
from trigdash.service.batches import BatchesQuery, BatchList, BatchSource
from trigdash.ui.screens.whole_list import WholeListScreen, no_completion
from trigdash.ui.widgets.filter_line import FilterLine
from trigdash.ui.widgets.line import Line
from trigdash.ui.widgets.row_table import RowTable
from trigdash.ui.widgets.text_panes import Explanation, StateView

if TYPE_CHECKING:
    from trigdash.model.batch import BatchSummary
    from trigdash.presentation.columns import Column
    from trigdash.service.cache.query import Query


class BatchesScreen(WholeListScreen):
    """The list of batches; `enter` opens one."""

    PLACE = "batches"
    WHAT = "batches"
    NOTHING = (
        (("no batches were triggered in the last 7 days", "text"),),
        EMPTY,
        ((":batch <id>", "key"), (" opens one by its id", "dim")),
    )
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

    def __init__(self) -> None:
        super().__init__()
        self._lines: dict[str, tuple[BatchSummary, BatchLine]] = {}

    @override
    def compose_body(self) -> Iterable[Widget]:
        yield Line(id="counts")
        yield FilterLine(no_completion, lambda line: None, "part of an id")
        with Vertical(classes="list"):
            yield RowTable(self.chosen_columns(), lambda line: line.id, natural_sort=NATURAL_SORT)
            yield StateView(id="state")
        yield Explanation(id="explanation")

    @override
    def all_columns(self) -> Mapping[str, Column[Any]]:
        return {column.key: column for column in batch_columns()}

    # What is watched

    @property
    def _query(self) -> BatchesQuery | None:
        connection = self.session.connection
        return BatchesQuery(connection.known_batches) if connection is not None else None

    @override
    def queries(self) -> Iterable[Query[Any]]:
        query = self._query
        return (query,) if query is not None else ()

    @override
    def window(self) -> str:
        return "last 7 days"

    # What is shown

    @property
    def _found(self) -> BatchList | None:
        return self.snapshot.data

    @override
    def matching_rows(self) -> Sequence[BatchLine]:
        found = self._found.batches if self._found is not None else ()
        self._lines = {each.id: (each, self._line(each)) for each in found}
        return [line for _, line in self._lines.values() if self.has_words(line.id)]

    def _line(self, batch: BatchSummary) -> BatchLine:
        """The line of a batch; the same object as before where nothing changed, so that the table
        draws it once."""
        before, line = self._lines.get(batch.id, (None, None))
        return line if line is not None and before is batch else batch_line(batch)

    @override
    def totals(self, now: datetime) -> Cell:
        lines: Sequence[BatchLine] = self.table.rows
        moving = sum(not line.progress.ended for line in lines)
        failures = sum(bool(line.progress.failed) for line in lines)
        pieces: list[Piece] = [(" all ", "strong on selected"), (f" {count(len(lines))}", "dim")]
        if moving:
            pieces += [("   ● ", "running"), (f"{count(moving)} under way", "text")]
        if failures:
            pieces += [("   × ", "bad-strong"), (f"{count(failures)} with failures", "strong")]
        return tuple(pieces)

    @override
    def aside(self) -> Cell:
        unreadable = 0 if self._found is None else self._found.unreadable
        return unread_count_cell(unreadable, "batch", "batches")

    @override
    def totals_note(self) -> Cell:
        """Where the list comes from: the API has none."""
        if self._found is None:
            return EMPTY
        role = "faint" if self._found.source is BatchSource.QUERY else "warn"
        return ((f"from {self._found.source.value} ", role),)

    @override
    def show_cursor(self) -> None:
        line = self.table.cursor_row
        now_ms = self.session.clock.now().timestamp() * 1000
        said = explain_batch(line, now_ms) if isinstance(line, BatchLine) else EMPTY
        self.query_one(Explanation).show_text(said)

    # One batch

    @override
    def open_row(self, key: object) -> None:
        self.trigdash.open_detail("batch", str(key))

    @override
    def copied_text(self, row: Any) -> str:
        return str(row.id)

    @override
    def saved_fields(self) -> Mapping[str, Callable[[Any], object]]:
        return SAVED_FIELDS
