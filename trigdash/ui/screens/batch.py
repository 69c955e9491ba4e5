"""The runs of one batch with its head, and the runs of one error group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from trigdash.model.batch import Batch, BatchSummary, summary_of_runs
from trigdash.model.run_filter import RunFilter
from trigdash.model.run_row import RunRow
from trigdash.presentation.batches import batch_head
from trigdash.presentation.cell import EMPTY, Cell
from trigdash.service.batches import BatchesQuery, BatchList, BatchQuery
from trigdash.service.bulk.collect import FAILURES, UNFINISHED
from trigdash.service.cache.store import LOADING, Snapshot
from trigdash.service.runs.query import RunsQuery
from trigdash.service.runs.run_list import RunList
from trigdash.ui.dialogs.dialog import to_text
from trigdash.ui.screens.runs import RunsScreen
from trigdash.ui.subject import BatchRuns

if TYPE_CHECKING:
    from trigdash.service.cache.query import Query

EARLY = timedelta(minutes=1)
"""A batch's runs may be older than the batch by a little; the window begins this much before."""


class BatchScreen(RunsScreen):
    """A batch and its runs."""

    PLACE = "batches"
    FOOTER: ClassVar[tuple[str, ...]] = (
        "table.open",
        "run.cancel",
        "run.replay",
        "run.tag",
        "table.mark",
        "list.filter",
        "list.copy",
        "app.back",
        "app.help",
    )
    DEFAULT_CSS = """
    BatchScreen #batch-head { height: auto; max-height: 12; margin: 0 0 1 0; }
    """

    def __init__(self, batch_id: str) -> None:
        super().__init__(RunFilter(batch=batch_id))
        self._batch_query = BatchQuery(batch_id)
        self._batch: Snapshot[Batch] = LOADING
        self._whole: RunList | None = None
        """Its runs, however the list is narrowed."""
        self._counted: BatchSummary | None = None
        """How many runs are in which status, by the query endpoint: all of them at once."""
        self._is_long = False
        """Whether it has more runs than were read at first."""

    @override
    def compose_body(self) -> Iterable[Widget]:
        yield Static(id="batch-head")
        yield from super().compose_body()

    @override
    def state_key(self) -> str:
        return "batch"

    # What is watched

    @override
    def queries(self) -> Iterable[Query[Any]]:
        connection = self.session.connection
        counts = (
            (BatchesQuery(connection.known_batches),)
            if self._is_long and connection is not None
            else ()
        )
        return (self._batch_query, RunsQuery(self._base), *counts, *super().queries())

    @override
    def show_snapshot(self, query: Query[Any], snapshot: Snapshot[Any]) -> None:
        if query == self._batch_query:
            self._batch = snapshot
            self._remember(snapshot.data)
        elif isinstance(query, BatchesQuery):
            self._counted = _find(snapshot.data, self._batch_query.batch_id)
        else:
            super().show_snapshot(query, snapshot)
        if query == RunsQuery(self._base):
            self._whole = snapshot.data
        self._show_head(self.session.clock.now())
        if not self._is_long and self._whole is not None and self._summary().unseen:
            self._is_long = True
            self.sync()

    def _remember(self, batch: Batch | None) -> None:
        """Remember the batch for the list, and show runs of its whole time, since a run list shows
        seven days by default."""
        connection = self.session.connection
        if batch is None or connection is None:
            return
        connection.known_batches.remember(batch.id)
        if self._base.since is None:
            self._base = replace(self._base, since=batch.created_at.replace(microsecond=0) - EARLY)
            self.narrow(self._filter)

    @property
    def _is_unknown(self) -> bool:
        """Whether the server knows no such batch, and no run of it either."""
        problem, runs = self._batch.problem, self._whole
        is_absent = problem is not None and problem.kind == "NotFound"
        return is_absent and self._batch.data is None and not (runs is not None and runs.rows)

    @override
    def main_snapshot(self) -> Snapshot[Any]:
        return self._batch if self._is_unknown else super().main_snapshot()

    @override
    def instead_of_rows(self) -> Sequence[Cell]:
        if not self._is_unknown:
            return super().instead_of_rows()
        return [
            ((f"no such batch: {self._batch_query.batch_id}", "strong"),),
            EMPTY,
            (("it may be of another environment", "dim"),),
            (("3", "key"), (" lists the batches   ", "dim"), ("esc", "key"), (" back", "dim")),
        ]

    @override
    def show_time(self, now: datetime) -> None:
        super().show_time(now)
        self._show_head(now)

    def _show_head(self, now: datetime) -> None:
        line = self._summary()
        page = self.session.page("batches", line.id)
        lines = batch_head(line, self._batch, now.timestamp() * 1000, page)
        self.query_one("#batch-head", Static).update(to_text(self.app, lines, "plain"))

    def _summary(self) -> BatchSummary:
        """The batch by its runs, or by their counts where these know of more."""
        rows = self._whole.rows if self._whole is not None else ()
        by_runs = summary_of_runs(self._batch_query.batch_id, self._batch.data, rows)
        if self._counted is None:
            return by_runs
        by_counts = self._counted.told_by(self._batch.data)
        return min(by_runs, by_counts, key=lambda each: each.unseen)

    # The filter: the batch itself stays

    @override
    def narrow(self, run_filter: RunFilter) -> None:
        since = run_filter.since if run_filter.period is None else None
        wanted = replace(run_filter, batch=self._base.batch, since=since)
        if wanted.period is None and wanted.since is None:
            wanted = replace(wanted, since=self._base.since)
        super().narrow(wanted)

    # Actions

    @override
    def action_write(self, verb: str) -> None:
        """`C` and `R` are about the whole batch unless runs are marked."""
        whole = {"cancel": UNFINISHED, "replay": FAILURES}.get(verb)
        if whole is None or self.table.marked:
            super().action_write(verb)
            return
        row = self.table.cursor_row if self.hold_row() else None
        run = row if isinstance(row, RunRow) else None
        subject = BatchRuns(replace(self._base, statuses=whole), run)
        self.trigdash.start_action(verb, subject)


def _find(found: BatchList | None, batch_id: str) -> BatchSummary | None:
    batches = found.rows if found is not None else ()
    return next((batch for batch in batches if batch.id == batch_id), None)


class ErrorScreen(RunsScreen):
    """The runs behind an error group, with all of their powers."""

    def __init__(self, error_id: str) -> None:
        super().__init__(RunFilter(error=error_id))

    @override
    def state_key(self) -> str:
        return "error"

    # The filter: the error itself stays

    @override
    def narrow(self, run_filter: RunFilter) -> None:
        super().narrow(replace(run_filter, error=self._base.error))
