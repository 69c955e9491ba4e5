"""The run list: live, filterable, paged, with the highlighted run explained below."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from textual.containers import Vertical
from textual.widget import Widget
from typing_extensions import override

from trigdash.model.run_filter import RunFilter
from trigdash.model.run_row import RunRow
from trigdash.presentation.cell import EMPTY, Cell
from trigdash.presentation.list_states import aside_cell, end_lines, state_lines
from trigdash.presentation.run_columns import NATURAL_SORT
from trigdash.service.cache.store import LOADING, Snapshot
from trigdash.service.filters.description import window_text
from trigdash.service.filters.status_words import is_of_failures
from trigdash.service.runs.row_index import key_of
from trigdash.service.runs.run_list import Gap, RunList
from trigdash.ui.screens.filtered_runs import FilteredRunsScreen
from trigdash.ui.screens.run_list import WIDE
from trigdash.ui.screens.run_rows import (
    HealthBanner,
    Shown,
    SparePaging,
    banner,
    news_cell,
    row_key,
    with_gaps,
)
from trigdash.ui.widgets.counts_line import CountsLine, count_statuses
from trigdash.ui.widgets.filter_line import FilterLine
from trigdash.ui.widgets.row_table import RowTable
from trigdash.ui.widgets.text_panes import Explanation, StateView

if TYPE_CHECKING:
    from trigdash.presentation.columns import Column
    from trigdash.service.cache.query import Query
    from trigdash.service.runs.query import RunsQuery
    from trigdash.ui.screens.run_asks import RunAsks


class RunsScreen(FilteredRunsScreen):
    """The runs of one filter, live."""

    PLACE = "runs"
    BESIDE = HealthBanner.BESIDE
    DEFAULT_CSS = """
    RunsScreen .list { height: 1fr; }
    RunsScreen.-tall .list { margin: 1 0 0 0; }
    RunsScreen.-tall Explanation { margin: 0 0 1 0; }
    RunsScreen.-wide Explanation { display: none; }
    RunsScreen.-wide.-tall .list { margin: 1 0; }
    RunsScreen .list > RunPane { display: none; }
    RunsScreen.-wide.-rows .list > RunPane { display: block; }
    RunsScreen .list > RowTable { display: none; }
    RunsScreen.-rows .list > RowTable { display: block; }
    RunsScreen.-rows .list > StateView { display: none; }
    """

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012  as Textual has it

    def __init__(self, run_filter: RunFilter | None = None) -> None:
        super().__init__(run_filter)
        self._snapshot: Snapshot[RunList] = LOADING
        self._shown: RunList | None = None
        """The list whose rows the table shows."""
        self._paging = SparePaging()
        self._health = HealthBanner()
        self._asks: RunAsks | None = None
        """The requests to the query endpoint, once there is a list."""

    @override
    def compose_body(self) -> Iterable[Widget]:
        yield CountsLine()
        yield FilterLine(self._help.complete, self._help.problem, self._help.example())
        with Vertical(classes="list"):
            yield RowTable(
                self.chosen_columns(),
                row_key,
                natural_sort=NATURAL_SORT,
                banner=banner,
                id="runs",
            )
            yield StateView(id="state")
        yield Explanation(id="explanation")

    @override
    def on_mount(self) -> None:
        self.restore_sort()
        self._show_rows()

    # What is watched

    @override
    def queries(self) -> Iterable[Query[Any]]:
        # An order of all matching runs replaces the loaded ones.
        listed = () if self._ranking is not None else (self._query,)
        asked = self._asks.queries() if self._asks is not None else ()
        health = () if self._base.is_set() else self._health.queries(self.session)
        return (*listed, *asked, *health, *super().queries())

    @property
    def _ranking(self) -> RunAsks | None:
        """The requests, while one of their orders replaces the loaded runs."""
        return self._asks if self._asks is not None and self._asks.order is not None else None

    def _ask(self) -> bool:
        """Ask for what is not loaded; True where that is something else than before."""
        if self._asks is None:
            if self._shown is None:
                return False
            from trigdash.ui.screens.run_asks import RunAsks

            self._asks = RunAsks(self.session)
        with_errors = any(column.key == "error" for column in self.table.columns)
        is_new = self._asks.choose(
            self._filter, self.table.sort, self._shown, with_errors=with_errors
        )
        if is_new:
            self.sync()
        return is_new

    @property
    def _query(self) -> RunsQuery:
        from trigdash.service.runs.query import RunsQuery

        return RunsQuery(self._filter)

    @override
    def show_snapshot(self, query: Query[Any], snapshot: Snapshot[Any]) -> None:
        if self._asks is not None and self._asks.take(query, snapshot):
            if self._asks.takes_errors(query):
                self.table.redraw()
            self._show_rows()
            self.sync()
            return
        if query != self._query:
            self._health.show_snapshot(query, snapshot)
            super().show_snapshot(query, snapshot)
            return
        if self._snapshot.problem is not None and snapshot.problem is None:
            self.table.forget_end()
        self._snapshot = snapshot
        if snapshot.data is not self._shown:
            self._shown = snapshot.data
            self.observe_ends(snapshot.data)
            self._ask()
            self._show_rows()
        else:
            self._show_state()

    @override
    def main_snapshot(self) -> Snapshot[Any]:
        return self._snapshot if self._ranking is None else self._ranking.snapshot

    @override
    def overdue_s(self) -> float:
        return super().overdue_s() if self._ranking is None else self._ranking.OVERDUE_S

    @override
    def window(self) -> str:
        applied = self._shown.applied if self._shown is not None else None
        return window_text(self._filter, self._local_now(), self.session.reach, applied)

    @override
    def show_time(self, now: datetime) -> None:
        super().show_time(now)
        self._show_state()

    @override
    def aside(self) -> Cell:
        session = self.session
        return aside_cell(self._shown, session.clock.now(), session.clock_ahead_s)

    @override
    def health(self) -> Cell:
        return self._health.cell

    # What is shown

    def _show_rows(self) -> None:
        rows = self._rows()
        self.set_class(bool(rows), "-rows")
        self.table.show(rows)
        self._show_end()
        self.table.set_highlight(self._walk.text if self._walk.is_seeking else self._filter.text)
        self._show_counts()
        self._show_state()
        self.show_cursor()

    def _rows(self) -> Sequence[Shown]:
        runs = self.runs
        if runs is None:
            return ()
        rows = self._run_rows(runs)
        return with_gaps(rows, runs.gaps) if runs.gaps else rows

    def _run_rows(self, runs: RunList) -> Sequence[RunRow]:
        if not self._filter.is_narrowed_here:
            return runs.rows
        beside = self._asks.beside(runs) if self._asks is not None else ()
        rows = self._walk.narrow([*runs.rows, *beside])
        rows.sort(key=key_of)
        return rows

    @property
    @override
    def runs(self) -> RunList | None:
        """The list that is shown: what is loaded, or the first runs of an order."""
        ranked = self._ranking.ranked if self._ranking is not None else None
        return ranked.runs if ranked is not None else self._shown

    def _show_end(self) -> None:
        """Say below the last run why it is the last."""
        lines = self._asks.tail(self.table.sort, self.runs) if self._asks is not None else None
        if lines is None:
            lines = end_lines(self._shown, self._filter, self._local_now(), self.session.reach)
        self.table.set_tail(lines)

    def _show_counts(self) -> None:
        line, runs = self.query_one(CountsLine), self.runs
        if runs is None or self._asks is None:
            line.show_unknown()
            return
        is_narrowed = self._filter.is_narrowed_here
        here = count_statuses(self._run_rows(runs)) if is_narrowed else runs.counts()
        counted = self._asks.counted(here, runs, self._local_now())
        is_of_loaded = self.is_sorted and self._ranking is None
        news = news_cell(self.table, runs, is_sorted=is_of_loaded)
        line.count(counted.by_status, counted.lead, news, counted.window)

    @override
    def error_of(self, row: RunRow) -> str:
        return self._asks.error_of(row) if self._asks is not None else super().error_of(row)

    @override
    def default_columns(self) -> tuple[Column[Any], ...]:
        """A list of failed runs alone says what went wrong."""
        usual = super().default_columns()
        if not is_of_failures(self._filter):
            return usual
        error = replace(self.all_columns()["error"], width=34, least=28, importance=98)
        return (*usual[:2], error, *usual[2:])

    @override
    def choose_columns(self, keys: Sequence[str]) -> None:
        super().choose_columns(keys)
        self.table_changed()

    @override
    def filter_changed(self, *, same_query: bool) -> None:
        if not same_query:
            self._snapshot, self._shown = LOADING, None
            self.table.columns = self.chosen_columns()
            self.sync()
        self._ask()
        self._show_rows()

    @override
    def filter_note(self, runs: RunList) -> Cell:
        return self._asks.note(runs) if self._asks is not None else EMPTY

    def _show_state(self) -> None:
        self.query_one(StateView).show_lines(self.instead_of_rows())
        self._show_filter()

    def instead_of_rows(self) -> Sequence[Cell]:
        """The text shown instead of rows while there are none."""
        session, snapshot = self.session, self._snapshot
        if session.connection is None:
            snapshot = Snapshot(problem=session.problem)
        return state_lines(
            snapshot,
            self._filter,
            self._shown,
            session.settings.server,
            self._local_now(),
            session.reach,
        )

    @override
    def table_changed(self) -> None:
        if self._ask():
            self._show_rows()
            return
        self._show_end()
        self._show_counts()

    @override
    def load_more(self, *, wished: bool) -> None:
        connection = self.session.connection
        if connection is None or self._shown is None or self._shown.complete:
            return
        if self._asks is not None and self._asks.has_all:
            return
        # A page may change nothing at the end of what is shown, and so ask for the next one.
        is_spared = self._filter.is_narrowed_here or self.is_sorted
        if is_spared and not (wished and self._paging.allows(self.session.clock.monotonic())):
            self.table.forget_end()
            return
        connection.older(self._query)

    # One run

    @override
    def key_of(self, row: Any) -> object:
        return row_key(row)

    @override
    def open_row(self, key: object) -> None:
        row = self.table.cursor_row
        if not isinstance(row, Gap):
            super().open_row(key)
        elif self.session.connection is not None:
            self.session.connection.fill_gap(self._query, row)
