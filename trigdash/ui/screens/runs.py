"""The run list: live, filterable, paged, with the highlighted run explained below."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from textual.containers import Vertical
from textual.widget import Widget
from typing_extensions import override

from trigdash.model.moment import local
from trigdash.model.run_filter import RunFilter
from trigdash.model.run_row import RunRow
from trigdash.presentation.cell import Cell
from trigdash.presentation.list_states import aside_cell, end_lines, state_lines
from trigdash.presentation.match_walk import MatchNavigator
from trigdash.presentation.runs import NATURAL_SORT
from trigdash.presentation.units import plural
from trigdash.service.cache.store import LOADING, Snapshot
from trigdash.service.filters.completion import SeenValues
from trigdash.service.filters.description import format_filter, window_text, without_text
from trigdash.service.runs.run_list import Gap, RunList
from trigdash.ui.filter_help import FilterHelp
from trigdash.ui.screens.health_banner import HealthBanner
from trigdash.ui.screens.run_list import WIDE, RunListScreen
from trigdash.ui.screens.run_rows import (
    Shown,
    SparePaging,
    banner,
    news_cell,
    row_key,
    unloaded_run,
    with_gaps,
)
from trigdash.ui.subject import MatchingRuns
from trigdash.ui.widgets.counts_line import CountsLine, count_statuses
from trigdash.ui.widgets.filter_line import FilterLine
from trigdash.ui.widgets.row_table import RowTable
from trigdash.ui.widgets.text_panes import Explanation, StateView

if TYPE_CHECKING:
    from trigdash.service.cache.query import Query
    from trigdash.service.runs.query import RunsQuery

_NEWS = 100
"""Rows at either end that may be new: a page."""


class RunsScreen(RunListScreen):
    """The runs of one filter. What a list begins with stays when its filter is cleared."""

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
        super().__init__()
        self._base = self._filter = run_filter or RunFilter()
        self._walk = MatchNavigator(self._filter.text, self._filter.conditions)
        self._help = FilterHelp(lambda: self.session.settings.supported_filters, self._local_now)
        self._snapshot: Snapshot[RunList] = LOADING
        self._shown: RunList | None = None
        """The list whose rows the table shows."""
        self._paging = SparePaging()
        self._health = HealthBanner()

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

    @property
    def seen(self) -> SeenValues:
        """Values met in rows, for completion."""
        return self._help.seen

    # What is watched

    @override
    def queries(self) -> Iterable[Query[Any]]:
        health = () if self._base.is_set() else self._health.queries(self.session)
        return (self._query, *health, *super().queries())

    @property
    def _query(self) -> RunsQuery:
        from trigdash.service.runs.query import RunsQuery

        return RunsQuery(self._filter)

    @override
    def show_snapshot(self, query: Query[Any], snapshot: Snapshot[Any]) -> None:
        if query != self._query:
            self._health.show_snapshot(query, snapshot)
            super().show_snapshot(query, snapshot)
            return
        if self._snapshot.problem is not None and snapshot.problem is None:
            self.table.forget_end()
        self._snapshot = snapshot
        if snapshot.data is not self._shown:
            self._shown = snapshot.data
            self._observe(snapshot.data)
            self._show_rows()
        else:
            self._show_state()

    @override
    def main_snapshot(self) -> Snapshot[Any]:
        return self._snapshot

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
        told = aside_cell(self._shown, session.clock.now(), session.clock_ahead_s)
        return told or self._health.cell

    def _local_now(self) -> datetime:
        return local(self.session.clock.now())

    def _observe(self, runs: RunList | None) -> None:
        """Remember values for completion: new rows come at the ends."""
        if runs is not None:
            for rows in (runs.rows[:_NEWS], runs.rows[-_NEWS:]):
                self.seen.observe(rows)
                self.observe_rows(rows)

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
        runs = self._shown
        if runs is None:
            return ()
        rows: Sequence[RunRow] = runs.rows
        if self._filter.is_narrowed_here:
            rows = self._walk.narrow(rows)
        return with_gaps(rows, runs.gaps) if runs.gaps else rows

    def _show_end(self) -> None:
        """Say below the last run why it is the last, where the newest come first."""
        lines = end_lines(self._shown, self._filter, self._local_now(), self.session.reach)
        self.table.set_tail([] if self._is_sorted else lines)

    def _show_counts(self) -> None:
        runs = self._shown
        if runs is None:
            self.query_one(CountsLine).show(((" all ", "strong on selected"), (" –", "faint")))
            return
        is_narrowed = self._filter.is_narrowed_here
        counts = count_statuses(self._walk.narrow(runs.rows)) if is_narrowed else runs.counts()
        self.query_one(CountsLine).count(
            counts, runs.complete, news_cell(self.table, runs, is_sorted=self._is_sorted)
        )

    def _show_state(self) -> None:
        self.query_one(StateView).show_lines(self.instead_of_rows())
        self._show_filter()

    def instead_of_rows(self) -> Sequence[Cell]:
        """What stands in the place of rows while there are none."""
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

    def _filter_note(self) -> Cell:
        note = self._walk.match_label(self.table.cursor_key)
        if not self._filter.is_narrowed_here or self._shown is None:
            return note
        return (*note, (f"filtering {plural(len(self._shown), 'loaded run')} ", "warn"))

    @override
    def show_cursor(self) -> None:
        super().show_cursor()
        self._show_filter()

    def _show_filter(self) -> None:
        line = format_filter(self._filter, self._local_now().tzinfo)
        self.query_one(FilterLine).show(line, self._filter_note(), self._help.example())

    @override
    def table_changed(self) -> None:
        self._show_end()
        self._show_counts()

    @override
    def load_more(self, *, wished: bool) -> None:
        connection = self.session.connection
        if connection is None or self._shown is None or self._shown.complete:
            return
        # A page may change nothing at the end of what is shown, and so ask for the next one.
        is_spared = self._filter.is_narrowed_here or self._is_sorted
        if is_spared and not (wished and self._paging.allows(self.session.clock.monotonic())):
            self.table.forget_end()
            return
        connection.older(self._query)

    @property
    def _is_sorted(self) -> bool:
        """Whether the runs are shown in any other order than the newest first."""
        return self.table.sort != NATURAL_SORT

    # The filter

    def narrow(self, run_filter: RunFilter) -> None:
        """Show the runs of another filter."""
        same_query = without_text(run_filter) == without_text(self._filter)
        self._filter = run_filter
        self._walk.start(run_filter.text, run_filter.conditions)
        if not same_query:
            self._snapshot, self._shown = LOADING, None
            self.table.clear_marks()
            self.table.forget_end()
            self.sync()
        self._show_rows()
        self.table.home()

    @override
    def apply_line(self, line: str) -> None:
        run_filter = self._help.parse(line)
        if (run_id := unloaded_run(run_filter.text, self._shown)) is not None:
            self.trigdash.open_detail("run", run_id)
        else:
            self.narrow(run_filter)

    @override
    def clear_filter(self) -> bool:
        if self._walk.is_seeking:
            self._walk.stop()
            self._show_rows()
            return True
        if self._filter == self._base:
            return False
        self.narrow(self._base)
        return True

    @override
    def step_match(self, step: int) -> None:
        """Go from match to match, round the end; without a filter, that of the text before."""
        walk, table = self._walk, self.table
        if not walk.text:
            self.trigdash.toast("no text to look for: press / and type a word")
            return
        at = walk.next(table.rows, table.cursor_index, step)
        if at is None:
            self.trigdash.toast(f"no loaded run matches {walk.text}")
            return
        walk.is_seeking = not self._filter.text
        table.move_to(at)
        walk.gone_to(table.cursor_key)
        table.set_highlight(walk.text)
        self._show_filter()

    def action_write_everything(self) -> None:
        """Begin an action on everything that the filter matches, loaded or not."""
        if self._filter.is_narrowed_here:
            self.trigdash.toast(
                "this filter is matched here, not by the server: mark the runs instead"
            )
        else:
            self.trigdash.start_action("bulk", MatchingRuns(self._filter))

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
