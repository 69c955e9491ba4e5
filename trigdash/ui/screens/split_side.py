"""One side of a split: the runs of one environment, live, under a line that says how fresh."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.message import Message
from typing_extensions import override

from trigdash.model.moment import local
from trigdash.model.run_row import RunRow
from trigdash.presentation.cell import Cell, Piece
from trigdash.presentation.freshness import problem_message, rate_cell, session_cell, state_cell
from trigdash.presentation.list_states import end_lines, state_lines
from trigdash.presentation.match_walk import MatchNavigator
from trigdash.presentation.run_columns import NATURAL_SORT, run_columns
from trigdash.presentation.split import DIFFERS, SideCounts, words_of
from trigdash.service.cache.store import LOADING, Snapshot
from trigdash.service.environments import IdentityQuery
from trigdash.service.filters.status_words import is_of_failures
from trigdash.service.runs.query import RunsQuery
from trigdash.service.runs.row_index import key_of
from trigdash.service.runs.run_list import Gap, RunList
from trigdash.ui.lifecycle import Whole
from trigdash.ui.screens.run_asks import RunAsks
from trigdash.ui.screens.run_rows import SparePaging, banner, row_key, with_gaps
from trigdash.ui.screens.watching import WatchingScreen
from trigdash.ui.widgets.counts_line import count_statuses
from trigdash.ui.widgets.dragged import DraggedPane, Edge
from trigdash.ui.widgets.line import Line
from trigdash.ui.widgets.row_table import RowTable
from trigdash.ui.widgets.text_panes import StateView

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trigdash.model.run_filter import RunFilter
    from trigdash.presentation.columns import Column
    from trigdash.service.cache.query import Query
    from trigdash.service.connection import Connection
    from trigdash.service.session import Session

COLUMNS = ("status", "task", "run", "age", "duration", "version", "tags")
WAITING_WIDTH = len("waiting 25 m")


class SplitSide(DraggedPane, Whole, can_focus=False):
    """Watches its own connection, as long as its screen is seen."""

    DEFAULT_CSS = """
    SplitSide { layout: vertical; width: 1fr; height: 1fr; }
    SplitSide RowTable { display: none; }
    SplitSide.-rows RowTable { display: block; }
    SplitSide.-rows StateView { display: none; }
    """

    class Changed(Message):
        """Something else is known of this side."""

    def __init__(
        self, session: Session, run_filter: RunFilter, *, id: str, is_own: bool = False
    ) -> None:
        """`is_own` says that the session is this side's alone, and ends with it."""
        super().__init__(id=id)
        self.session, self._is_own = session, is_own
        self._filter = run_filter
        self._match = MatchNavigator(run_filter.text, run_filter.conditions)
        self._snapshot: Snapshot[RunList] = LOADING
        self._asks = RunAsks(session)
        self._paging = SparePaging()
        self._watched: dict[Query[Any], Callable[[Snapshot[Any]], None]] = {}
        self._watched_on: Connection | None = None
        self._is_seen = False

    @override
    def compose(self) -> ComposeResult:
        yield Line().add_class("head")
        yield RowTable(
            self._columns(), row_key, natural_sort=NATURAL_SORT, banner=banner, id="runs"
        )
        yield StateView(id="state")

    @override
    def edge(self) -> Edge | None:
        return "left" if self.screen.has_class("-beside") else None

    async def on_unmount(self) -> None:
        self.sync(is_seen=False)
        if self._is_own:
            await self.session.close(0.0)

    @property
    def snapshot(self) -> Snapshot[Any]:
        """What is known of the list that is shown."""
        return self._snapshot if self._asks.order is None else self._asks.snapshot

    @property
    def table(self) -> RowTable[Any]:
        return self.query_one(RowTable)

    def _columns(self) -> tuple[Column[RunRow], ...]:
        known = run_columns(error_of=self._asks.error_of)
        known["duration"] = replace(known["duration"], least=WAITING_WIDTH)
        columns = [known[key] for key in COLUMNS]
        if is_of_failures(self._filter):
            columns = [each for each in columns if each.key != "duration"]
            columns.insert(2, replace(known["error"], width=24, least=12, importance=99))
        return tuple(columns)

    # What is watched

    def sync(self, *, is_seen: bool) -> None:
        """Watch what is shown while the screen is seen, and nothing otherwise."""
        self._is_seen = is_seen
        connection = self.session.connection
        if connection is not self._watched_on:
            # The old connection is closed: nothing is left there to unwatch.
            self._watched.clear()
            self._watched_on = connection
        if connection is None:
            return
        wanted = [*self._queries()] if is_seen else []
        for query in [query for query in self._watched if query not in wanted]:
            connection.unwatch(query, self._watched.pop(query))
        for query in wanted:
            if query not in self._watched:
                self._watched[query] = watcher = self._watcher(query)
                self._take(query, connection.watch(query, watcher))

    def _queries(self) -> Iterator[Query[Any]]:
        yield IdentityQuery()
        if self._asks.order is None:
            yield RunsQuery(self._filter)
        yield from self._asks.queries()

    def _watcher(self, query: Query[Any]) -> Callable[[Snapshot[Any]], None]:
        def post(snapshot: Snapshot[Any]) -> None:
            self.post_message(WatchingScreen.Arrived(query, snapshot))

        return post

    @on(WatchingScreen.Arrived)
    def _arrived(self, message: WatchingScreen.Arrived) -> None:
        message.stop()
        if message.query in self._watched:
            self._take(message.query, message.snapshot)
            self.choose()

    def _take(self, query: Query[Any], snapshot: Snapshot[Any]) -> None:
        if query == RunsQuery(self._filter):
            self._snapshot = snapshot
        elif self._asks.take(query, snapshot) and self._asks.takes_errors(query):
            self.table.redraw()

    def choose(self) -> None:
        """Choose the queries that the filter and the order need in addition to the loaded rows, and
        show all."""
        with_errors = is_of_failures(self._filter)
        self._asks.choose(
            self._filter, self.table.sort, self._snapshot.data, with_errors=with_errors
        )
        self.sync(is_seen=self._is_seen)
        self.show_rows()

    def narrow(self, run_filter: RunFilter) -> None:
        """Show the runs of another filter."""
        self._filter = run_filter
        self._match.start(run_filter.text, run_filter.conditions)
        self._snapshot = LOADING
        self.table.clear_marks()
        self.table.forget_end()
        self.table.columns = self._columns()
        self.choose()
        self.table.home()

    # What is known

    @property
    def runs(self) -> RunList | None:
        """The list that is shown; None while nothing is known."""
        ranked = self._asks.ranked
        return ranked.runs if ranked and self._asks.order else self._snapshot.data

    @property
    def rows(self) -> Sequence[RunRow]:
        """The runs that are shown, the newest first."""
        runs = self.runs
        if runs is None:
            return ()
        if not self._filter.is_narrowed_here:
            return runs.rows
        rows = self._match.narrow([*runs.rows, *self._asks.beside(runs)])
        rows.sort(key=key_of)
        return rows

    @property
    def highlighted(self) -> RunRow | None:
        """The run under the cursor, with its error if known."""
        row = self.table.cursor_row
        return replace(row, error=self._asks.error_of(row)) if isinstance(row, RunRow) else None

    @property
    def has_all(self) -> bool:
        """Whether no run matches that is not shown."""
        runs = self._snapshot.data
        return runs is not None and runs.complete and not runs.gaps

    def counts(self) -> tuple[SideCounts, Mapping[str, int]]:
        """How many runs match, by displayed status, and by the server's status."""
        name, is_production = self.session.environment_name, self.session.is_production
        runs = self.runs
        if runs is None:
            return SideCounts(name, is_production), {}
        here = count_statuses(self.rows) if self._filter.is_narrowed_here else runs.counts()
        by_status = self._asks.counted(here, runs, self._now()).by_status
        counted = self._asks.counts
        is_whole = self.has_all or (counted is not None and by_status is counted.by_status)
        side = SideCounts(name, is_production, words_of(by_status), True, is_whole)
        return side, by_status

    # What is shown

    def show_rows(self) -> None:
        """Show the runs that are known now."""
        rows, runs = self.rows, self.runs
        self.set_class(bool(rows), "-rows")
        self.table.show(with_gaps(rows, runs.gaps) if runs and runs.gaps else rows)
        tail = self._asks.tail(self.table.sort, runs)
        if tail is None:
            tail = end_lines(self._snapshot.data, self._filter, self._now(), self.session.reach)
        self.table.set_tail(tail)
        self.table.set_highlight(self._filter.text)
        self.show_time(self.session.clock.now())
        self.post_message(self.Changed())

    def mark(self, run_ids: set[str]) -> None:
        """Mark the runs that went wrong on this side only."""
        self.table.set_flags(dict.fromkeys(run_ids, DIFFERS))

    def show_time(self, now: datetime) -> None:
        """Redraw ages, and how fresh everything is."""
        session, snapshot = self.session, self._snapshot
        if session.connection is None:
            snapshot = Snapshot(problem=session.problem)
        self.table.tick(now.timestamp() * 1000)
        self.query_one(".head", Line).show(self._place(), self._freshness(snapshot, now))
        lines = state_lines(
            snapshot, self._filter, self.runs, session.settings.server, self._now(), session.reach
        )
        self.query_one(StateView).show_lines(lines)

    def _place(self) -> Cell:
        role = "production" if self.session.is_production else "strong on selected"
        paused = "  environment paused" if self.session.environment_paused else ""
        return (
            (" ", "text"),
            (f" {self.session.environment_name} ", role),
            (paused, "warn-strong"),
        )

    def _freshness(self, snapshot: Snapshot[RunList], now: datetime) -> Cell:
        connection = self.session.connection
        if connection is None:
            return (*session_cell(self.session), (" ", "dim"))
        unanswered_s = connection.unanswered_s(self._watched)
        told: list[Piece] = [*state_cell(self.snapshot, now, connection.paused, unanswered_s)]
        if words := problem_message(snapshot, now):
            told.insert(0, (f"{words}  ", "warn"))
        if rate := rate_cell(connection.budget, now):
            told += [("   ", "dim"), *rate]
        return (*told, (" ", "dim"))

    def _now(self) -> datetime:
        return local(self.session.clock.now())

    # Further rows

    @on(RowTable.ReachedEnd)
    def _reached_end(self, message: RowTable.ReachedEnd) -> None:
        message.stop()
        connection, runs = self.session.connection, self._snapshot.data
        if connection is None or runs is None or runs.complete or self._asks.has_all:
            return
        is_spared = self._filter.is_narrowed_here or self.table.sort != NATURAL_SORT
        if is_spared and not (
            message.wished and self._paging.allows(self.session.clock.monotonic())
        ):
            self.table.forget_end()
            return
        connection.older(RunsQuery(self._filter))

    def fill(self, gap: Gap) -> None:
        """Load runs that may be missing."""
        if self.session.connection is not None:
            self.session.connection.fill_gap(RunsQuery(self._filter), gap)
