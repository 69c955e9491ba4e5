"""The first runs in an order among all that match, found by the server.

A list is loaded from its newest end, so sorting the loaded rows says nothing about the rest. The
query endpoint returns the first thousand; unfinished ones are read again one by one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from trigdash.backends.base import BackendError, NotFound
from trigdash.model.run_filter import RunFilter
from trigdash.service.cache.query import Query
from trigdash.service.filters.matching import window_of
from trigdash.service.runs.run_list import RunList
from trigdash.service.runs.statements import (
    ENDED,
    REFUSALS,
    ROW_COLUMNS,
    STARTED,
    period_of,
    row_of,
    where_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trigdash.backends.base import Backend
    from trigdash.clock import Clock
    from trigdash.model.run_row import RunRow
    from trigdash.model.status import Status
    from trigdash.service.cache.store import Store

MOST = 1_000
"""The most runs shown of an order."""
ASK_EVERY = timedelta(seconds=60)
REFRESH_S = 3.0
"""Seconds between two runs that are read again."""

ORDERS = {
    "cost": "total_cost",
    "duration": (
        "dateDiff('millisecond', coalesce(dequeued_at, queued_at), "
        "coalesce(completed_at, expired_at, now()))"
    ),
    "queued": (
        "dateDiff('millisecond', queued_at, coalesce(dequeued_at, completed_at, expired_at, now()))"
    ),
    "took": f"dateDiff('millisecond', {STARTED}, {ENDED})",
    "waited": "queued_duration",
    "tries": "attempt_count",
    "age": "triggered_at",
}
"""What the server can order by, by the key of the column that shows it; `took` and `waited` are
duration and queued of ended runs. A delayed run has no `queued_at` yet and comes last, as it does
on screen."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order of runs."""

    column: str
    """A key of ORDERS."""
    descending: bool = True


NEWEST = Order("age")


@dataclass(frozen=True, slots=True)
class RankedRuns:
    """The first runs of an order."""

    runs: RunList
    asked_at: datetime
    is_whole: bool = False
    """Whether these are all runs that match."""
    refused: str = ""
    """Why the server does not order, in words; empty when it does."""
    refreshed: frozenset[str] = frozenset()
    """Runs that were read again since the order was read."""

    @property
    def next_live(self) -> str | None:
        """The run to read again next; None when all are over."""
        live = [row.id for row in self.runs.rows if not row.status.is_final]
        return next((each for each in live if each not in self.refreshed), None) or next(
            iter(live), None
        )


@dataclass(frozen=True, slots=True)
class RankedRunsQuery(Query[RankedRuns]):
    """The first MOST runs of an order. Only for filters that are askable."""

    run_filter: RunFilter
    order: Order
    clock: Clock = field(compare=False)

    EVERY_S: ClassVar[float] = REFRESH_S

    def __post_init__(self) -> None:
        object.__setattr__(self, "run_filter", replace(self.run_filter, text=""))

    @override
    def interval_s(self, data: RankedRuns | None) -> float:
        return ASK_EVERY.total_seconds() if data and data.next_live is None else REFRESH_S

    @override
    async def fetch(self, backend: Backend, previous: RankedRuns | None) -> RankedRuns:
        now = self.clock.now()
        if previous is not None and previous.next_live and now - previous.asked_at < ASK_EVERY:
            return await self._refreshed(backend, previous, previous.next_live)
        held = (
            previous.runs if previous else RunList(window=window_of(self.run_filter, backend.reach))
        )
        try:
            rows, is_whole = await first_runs(backend, self.run_filter, self.order, MOST)
        except REFUSALS as error:
            return RankedRuns(held, now, refused=error.message())
        shown = {row.id for row in rows}
        gone = [row.id for row in held.rows if row.id not in shown]
        return RankedRuns(replace(held.merge(rows, gone), complete=is_whole), now, is_whole)

    async def _refreshed(self, backend: Backend, known: RankedRuns, run_id: str) -> RankedRuns:
        """The same runs, with one read again. If that fails, it is tried again in its next turn."""
        again = known.refreshed | {run_id} if run_id not in known.refreshed else {run_id}
        runs, wanted = known.runs, self.run_filter.statuses
        try:
            row = (await backend.run(run_id)).row()
            is_out = bool(wanted) and row.status_name not in wanted
            runs = runs.merge((), [run_id]) if is_out else runs.merge([row])
        except NotFound:
            runs = runs.merge((), [run_id])
        except BackendError:
            pass
        return replace(known, runs=runs, refreshed=frozenset(again))

    @override
    def is_final(self, data: RankedRuns, store: Store, now: datetime) -> bool:
        return bool(data.refused)

    @override
    def concerns(self, target: str) -> bool:
        return True

    @override
    def invalidate(self, targets: Iterable[str], data: RankedRuns) -> None:
        data.runs.invalidate(targets)

    @override
    def status_of(self, run_id: str, data: RankedRuns) -> Status | None:
        row = data.runs.find(run_id)
        return row.status if row is not None else None


async def first_runs(
    backend: Backend, run_filter: RunFilter, order: Order, most: int
) -> tuple[list[RunRow], bool]:
    """The first runs of an order, and whether there are no others. Raises BackendError, and
    NotAskable if the query endpoint does not support the filter."""
    direction = "DESC" if order.descending else "ASC"
    statement = (
        f"SELECT {ROW_COLUMNS} FROM runs{where_of(run_filter)} "
        f"ORDER BY {ORDERS[order.column]} {direction}, triggered_at DESC LIMIT {most}"
    )
    told = await backend.query(statement, period_of(run_filter))
    return [row for each in told if (row := row_of(each)) is not None], len(told) < most
