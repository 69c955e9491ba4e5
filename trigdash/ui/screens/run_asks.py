"""The run list's requests to the query endpoint: how many runs match, and the first of an order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from trigdash.model.capability import Capability
from trigdash.model.run_filter import RunFilter
from trigdash.presentation.cell import EMPTY, Cell
from trigdash.presentation.run_columns import NATURAL_SORT
from trigdash.presentation.run_totals import (
    counted_lead,
    counted_window,
    loaded_lead,
    ranked_lead,
    ranked_tail,
    unranked_tail,
)
from trigdash.presentation.units import plural
from trigdash.service.cache.store import LOADING, Snapshot
from trigdash.service.filters.conditions import needs_query
from trigdash.service.runs.counts import RunCounts, RunCountsQuery
from trigdash.service.runs.ranked import NEWEST, ORDERS, Order, RankedRuns, RankedRunsQuery
from trigdash.service.runs.run_errors import RunErrorsQuery
from trigdash.service.runs.statements import is_askable

if TYPE_CHECKING:
    from trigdash.model.run_row import RunRow
    from trigdash.service.cache.query import Query
    from trigdash.service.runs.run_list import RunList
    from trigdash.service.session import Session

_SAME_ORDER = {"created": "age"}
"""Columns that order alike."""


@dataclass(frozen=True, slots=True)
class RunTotals:
    """What the line of counts says."""

    by_status: Mapping[str, int]
    lead: Cell
    """Which runs were counted."""
    window: str = ""


class RunAsks:
    """Asks while a list is not loaded to its end. All of it is a gain: what is refused is left out,
    and the list is of what is loaded."""

    OVERDUE_S = 75.0
    """An order is read once a minute."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._filter, self._loaded = RunFilter(), 0
        self._counted: Snapshot[RunCounts] = LOADING
        self._ranked: Snapshot[RankedRuns] = LOADING
        self._counts_query: RunCountsQuery | None = None
        self._ranked_query: RankedRunsQuery | None = None
        self._errors_query: RunErrorsQuery | None = None
        self._errors: Mapping[str, str] = {}
        self._matches: tuple[object, object, list[RunRow]] = (None, None, [])
        """The rows of the last answer that are not loaded, by the answer and the loaded list."""

    def choose(
        self,
        run_filter: RunFilter,
        sort: tuple[str, bool] | None,
        loaded: RunList | None,
        *,
        with_errors: bool,
    ) -> bool:
        """Choose the queries that this filter and order need in addition to the loaded rows; none
        if the list is loaded completely, or if they are not supported. Returns whether they
        changed."""
        counts = ranked = errors = None
        self._filter, self._loaded = run_filter, len(loaded or ())
        can_ask = loaded is not None and self._can_ask(run_filter)
        if can_ask and with_errors:
            errors = RunErrorsQuery(run_filter)
        if can_ask and loaded is not None and not loaded.complete:
            counts = RunCountsQuery(run_filter, self._session.clock)
            order = self._order(run_filter, sort)
            if order is not None:
                ranked = RankedRunsQuery(run_filter, order, self._session.clock)
        before = (self._counts_query, self._ranked_query, self._errors_query)
        self._errors_query = errors
        if counts != self._counts_query:
            self._counts_query, self._counted = counts, LOADING
        if ranked != self._ranked_query:
            self._ranked_query, self._ranked = ranked, LOADING
        return before != (counts, ranked, errors)

    def _can_ask(self, run_filter: RunFilter) -> bool:
        connection = self._session.connection
        if connection is None or Capability.QUERY not in connection.capabilities:
            return False
        return is_askable(run_filter)

    def _order(self, run_filter: RunFilter, sort: tuple[str, bool] | None) -> Order | None:
        if sort is None or sort == NATURAL_SORT:
            return NEWEST if run_filter.conditions else None
        column = _SAME_ORDER.get(sort[0], sort[0])
        return Order(column, sort[1]) if column in ORDERS else None

    def queries(self) -> Iterator[Query[Any]]:
        """What is to be watched."""
        asked = (self._counts_query, self._ranked_query, self._errors_query)
        yield from filter(None, asked)

    def take(self, query: Query[Any], snapshot: Snapshot[Any]) -> bool:
        """Take an answer; False if the query is not one of these."""
        if query == self._counts_query:
            self._counted = snapshot
        elif query == self._ranked_query:
            self._ranked = snapshot
        elif query == self._errors_query:
            self._errors = snapshot.data.lines if snapshot.data is not None else {}
        else:
            return False
        return True

    # What was answered

    @property
    def counts(self) -> RunCounts | None:
        """What the server counted; None where it did not, or not yet."""
        data = self._counted.data
        return data if data is not None and not data.refused else None

    def takes_errors(self, query: Query[Any]) -> bool:
        """Whether an answer is about errors, which cells show."""
        return query == self._errors_query

    def error_of(self, row: RunRow) -> str:
        """What went wrong with a run, in a line; empty where that is not known."""
        return self._errors.get(row.id) or row.error or ""

    @property
    def ranked(self) -> RankedRuns | None:
        """The first runs of the chosen order; None without an answer, and if the tables have less
        than is loaded."""
        data = self._ranked.data
        if data is None or data.refused:
            return None
        least = min(1, self._loaded) if self._filter.conditions else self._loaded
        return None if data.is_whole and len(data.runs) < least and not self.is_beside else data

    @property
    def order(self) -> Order | None:
        """The order whose runs replace the loaded ones, once it is answered. The newest runs that
        meet conditions are only added to them."""
        query = self._ranked_query
        if query is None or self.ranked is None or self.is_beside:
            return None
        return query.order

    @property
    def is_beside(self) -> bool:
        """Whether the answer is of the newest runs, and completes what is loaded."""
        return self._ranked_query is not None and self._ranked_query.order == NEWEST

    @property
    def snapshot(self) -> Snapshot[Any]:
        """The answer in the place of what is loaded."""
        return self._ranked

    @property
    def has_all(self) -> bool:
        """Whether loading on shows nothing more: an order is shown, or all that meets the
        conditions."""
        ranked = self.ranked
        if ranked is None or not self.is_beside:
            return self.order is not None
        return ranked.is_whole and bool(len(ranked.runs))

    def beside(self, loaded: RunList) -> list[RunRow]:
        """The rows that match and are not loaded."""
        if self.ranked is None or not self.is_beside:
            return []
        answer = self.ranked.runs
        if self._matches[0] is not answer or self._matches[1] is not loaded:
            rows = [row for row in answer.rows if loaded.find(row.id) is None]
            self._matches = (answer, loaded, rows)
        return self._matches[2]

    # What is said of it

    def counted(self, here: Counter[str], runs: RunList, now: datetime) -> RunTotals:
        """The counts of what matches, by the server where it counted; `here` are those of the
        rows that are shown. `now` is on the user's clock."""
        counts = self.counts if not self._filter.text else None
        if self.order is not None and self.ranked is not None:
            lead = ranked_lead(self.order, self.ranked, counts, now)
            return RunTotals(here if counts is None else counts.by_status, lead)
        # The tables lag by a second or so: more may be loaded than they know of.
        if counts is None or counts.total < here.total():
            return RunTotals(here, loaded_lead(here.total(), is_complete=runs.complete))
        window, is_less = counted_window(counts, self._filter, now, self._session.reach)
        lead = counted_lead(counts, now)
        return RunTotals(
            counts.by_status, (*lead, (f" {window}", "warn")) if is_less else lead, window
        )

    def tail(self, sort: tuple[str, bool] | None, runs: RunList | None) -> list[Cell] | None:
        """The lines below the last run; None to use those of the list itself."""
        ranked, order = self.ranked, self.order or (NEWEST if self.is_beside else None)
        if ranked is not None and order is not None:
            return ranked_tail(order, ranked, self.counts)
        if sort is None or sort == NATURAL_SORT:
            return None
        if runs is None or runs.complete:
            return []
        data = self._ranked.data
        return unranked_tail(len(runs), sort[0], data.refused if data is not None else "")

    def note(self, runs: RunList) -> Cell:
        """The note next to the filter: that only loaded runs are searched."""
        if not self._filter.is_narrowed_here or (self.ranked is not None and not self._filter.text):
            return EMPTY
        told = f"filtering {plural(len(runs), 'loaded run')} "
        if self.ranked is None and needs_query(self._filter.conditions):
            told = "run lists do not tell attempts: the query endpoint does "
        return ((told, "warn"),)
