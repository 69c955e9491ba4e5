"""How many runs match a filter, by status: counted by the server over the filter's whole window."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from trigdash.model.run_filter import RunFilter
from trigdash.service.cache.query import Query, models_loaded
from trigdash.service.runs.statements import (
    ALL_PERIOD,
    REFUSALS,
    moment_ms,
    period_of,
    status_name,
    where_of,
)

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.clock import Clock
    from trigdash.service.cache.store import Store

EVERY_S = 20.0
REACH_EVERY = timedelta(minutes=5)
"""Time between checks of how far back the query endpoint looks."""


@dataclass(frozen=True, slots=True)
class RunCounts:
    """The counts of the server."""

    asked_at: datetime
    by_status: Mapping[str, int] = field(default_factory=dict)
    """Runs by the API's name of their status."""
    reach_ms: int | None = None
    """Creation time of the oldest run in the query endpoint, regardless of the filter: on some
    plans it looks back less far than the run list. None where it has no runs."""
    reach_asked_at: datetime | None = None
    refused: str = ""
    """Why the server does not count, in words; empty when it does."""

    @property
    def total(self) -> int:
        """How many runs match."""
        return sum(self.by_status.values())


@dataclass(frozen=True, slots=True)
class RunCountsQuery(Query[RunCounts]):
    """The counts of one filter, without its free text. Only for filters that are askable."""

    run_filter: RunFilter
    clock: Clock = field(compare=False)

    EVERY_S: ClassVar[float] = EVERY_S

    def __post_init__(self) -> None:
        object.__setattr__(self, "run_filter", replace(self.run_filter, text=""))

    @override
    async def fetch(self, backend: Backend, previous: RunCounts | None) -> RunCounts:
        await models_loaded()
        now = self.clock.now()
        try:
            by_status = await self._by_status(backend)
            reach = await _reach(backend, previous, now)
        except REFUSALS as error:
            return RunCounts(now, refused=error.message())
        return RunCounts(now, by_status, *reach)

    async def _by_status(self, backend: Backend) -> Mapping[str, int]:
        where = where_of(self.run_filter)
        statement = f"SELECT status, count() AS runs FROM runs{where} GROUP BY status"
        counts: Counter[str] = Counter()
        for row in await backend.query(statement, period_of(self.run_filter)):
            runs = row.get("runs")
            # Recorded: two statuses of the server may print as one word.
            counts[status_name(str(row.get("status")))] += runs if isinstance(runs, int) else 0
        return counts

    @override
    def is_final(self, data: RunCounts, store: Store, now: datetime) -> bool:
        return bool(data.refused)

    @override
    def concerns(self, target: str) -> bool:
        return True


async def _reach(
    backend: Backend, previous: RunCounts | None, now: datetime
) -> tuple[int | None, datetime]:
    known_at = previous.reach_asked_at if previous is not None else None
    if previous is not None and known_at is not None and now - known_at < REACH_EVERY:
        return previous.reach_ms, known_at
    rows = await backend.query("SELECT min(triggered_at) AS oldest FROM runs", ALL_PERIOD)
    oldest = moment_ms(rows[0].get("oldest")) if rows else None
    # ClickHouse returns the year 1970 as the minimum of no rows.
    return (oldest or None), now


def cut_at(counts: RunCounts, window_start: datetime | None) -> datetime | None:
    """The start of what the server counted, if later than the start of the window; otherwise None.
    `window_start` None stands for all of time."""
    if counts.reach_ms is None:
        return None
    reach = datetime.fromtimestamp(counts.reach_ms / 1000, UTC)
    return reach if window_start is None or reach > window_start else None
