"""One opened run: the run, its trace, its events, and one span. Polled until the run is final. This
module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, TypeVar

from typing_extensions import override

from trigdash.service.cache.query import Query
from trigdash.service.runs.trace_reading import next_trace

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.model.event import EventLog
    from trigdash.model.inputs import WaitpointToken
    from trigdash.model.run import Run
    from trigdash.model.span import SpanDetail
    from trigdash.model.status import Status
    from trigdash.model.trace import Trace
    from trigdash.service.cache.store import Store

T = TypeVar("T")

CANCEL_GRACE = timedelta(minutes=10)
"""Recorded: a run canceled while executing gets its `finishedAt` only when its worker stops. One
without it after this long will never get it."""

WRITE_GRACE = timedelta(seconds=6)
"""Spans may be written after the run has ended; its trace is read for this long to get the last
ones."""

SURELY_OVER = timedelta(minutes=1)
"""Time after the run's end, by the server's clock, that suffices for any write and for differing
clocks."""

TRACE_ROWS_PER_S = 400
"""A trace is read whole each time, so its interval grows by a second for this many spans."""
NEXT_PAGE_S = 0.1
"""Seconds between the pages of a paged trace."""
EVENT_BYTES_PER_S = 250_000
"""Events have neither paging nor "since" (recorded: 3.3 MB for 11,000 lines), so their interval
grows by a second for this many bytes."""
SLOWEST_S = 60.0
REST_S = 5.0
"""Seconds between polls of a run, its trace or its events after some without news."""


@dataclass(frozen=True, slots=True)
class RunQuery(Query["Run"]):
    """One run in full, with its relatives."""

    run_id: str

    @override
    def interval_s(self, data: Run | None) -> float:
        """Two seconds; five when only relatives of the run are unfinished."""
        return 2.0 if data is None or not data.status.is_final else 5.0

    @override
    def rest_s(self, data: Run | None) -> float:
        return REST_S

    @override
    async def read(self, backend: Backend) -> Run:
        return await backend.run(self.run_id)

    @override
    def is_final(self, data: Run, store: Store, now: datetime) -> bool:
        """Final when its status is, and those of all its relatives."""
        related = data.related_runs
        above = (each for each in (related.root, related.parent) if each is not None)
        return _is_over_below(data, now) and all(each.status.is_final for each in above)

    @override
    def is_absent_for_good(self, store: Store) -> bool:
        return True

    @override
    def concerns(self, target: str) -> bool:
        return target == self.run_id

    @override
    def status_of(self, run_id: str, data: Run) -> Status | None:
        return data.status if run_id == self.run_id else None


@dataclass(frozen=True, slots=True)
class _OfRun(Query[T]):
    """A query for something of a run other than the run itself."""

    run_id: str

    @override
    def is_absent_for_good(self, store: Store) -> bool:
        return _is_unknown(self.run_id, store)

    @override
    def concerns(self, target: str) -> bool:
        return target == self.run_id


@dataclass(frozen=True, slots=True)
class TraceQuery(_OfRun["Trace"]):
    """The spans of a run and of the runs below it."""

    @override
    def interval_s(self, data: Trace | None) -> float:
        if _has_more_pages(data):
            return NEXT_PAGE_S
        return min(SLOWEST_S, 2.0 + (len(data) if data is not None else 0) / TRACE_ROWS_PER_S)

    @override
    def rest_s(self, data: Trace | None) -> float:
        return NEXT_PAGE_S if _has_more_pages(data) else REST_S

    @override
    async def fetch(self, backend: Backend, previous: Trace | None) -> Trace:
        return await next_trace(backend, self.run_id, previous)

    @override
    def is_final(self, data: Trace, store: Store, now: datetime) -> bool:
        """Final when the run and its child runs are, and the last spans have had time to be
        written. Spans cannot show it: those of a killed worker stay partial forever."""
        if _has_more_pages(data):
            return False
        run = store.get(RunQuery(self.run_id)).data
        return run is not None and _is_over_below(run, now) and is_written(self.run_id, store, now)


@dataclass(frozen=True, slots=True)
class EventsQuery(_OfRun["EventLog"]):
    """The logs and spans of a run alone."""

    @override
    def interval_s(self, data: EventLog | None) -> float:
        size_bytes = data.size_bytes if data is not None else 0
        return min(SLOWEST_S, 2.0 + size_bytes / EVENT_BYTES_PER_S)

    @override
    def rest_s(self, data: EventLog | None) -> float:
        return REST_S

    @override
    async def read(self, backend: Backend) -> EventLog:
        return await backend.events(self.run_id)

    @override
    def is_final(self, data: EventLog, store: Store, now: datetime) -> bool:
        return is_written(self.run_id, store, now)


@dataclass(frozen=True, slots=True)
class SpanQuery(Query["SpanDetail"]):
    """Properties and events of one span."""

    run_id: str
    span_id: str

    EVERY_S: ClassVar[float] = 3.0

    @override
    async def read(self, backend: Backend) -> SpanDetail:
        return await backend.span(self.run_id, self.span_id)

    @override
    def is_final(self, data: SpanDetail, store: Store, now: datetime) -> bool:
        """Final when it is closed, or its run is over (recorded: spans of a canceled run stay
        partial in this view)."""
        return not data.is_partial or is_written(self.run_id, store, now)


def _has_more_pages(trace: Trace | None) -> bool:
    return trace is not None and trace.pages is not None and trace.pages.is_under_way


def _is_unknown(run_id: str, store: Store) -> bool:
    """Whether the run does not exist. An existing one may get its trace and log later."""
    problem = store.get(RunQuery(run_id)).problem
    return problem is not None and problem.kind == "NotFound"


def _is_over(run: Run, now: datetime) -> bool:
    """Whether the fields of the run itself are final."""
    if not run.status.is_final:
        return False
    return run.finished_at is not None or now - run.updated_at > CANCEL_GRACE


def _is_over_below(run: Run, now: datetime) -> bool:
    """Whether a run and its child runs are over, regardless of its ancestors."""
    children = run.related_runs.children
    return _is_over(run, now) and all(child.status.is_final for child in children)


def is_written(run_id: str, store: Store, now: datetime) -> bool:
    """Whether a run that is over ended long enough ago for its last span to be written."""
    known = store.get(RunQuery(run_id))
    run = known.data
    if run is None or known.fetched_at is None or not _is_over(run, now):
        return False
    if now - (run.finished_at or run.updated_at) > SURELY_OVER:
        return True
    return known.is_final and now - known.fetched_at >= WRITE_GRACE


@dataclass(frozen=True, slots=True)
class TokensOfQuery(Query[tuple["WaitpointToken", ...]]):
    """The waiting tokens that name a run."""

    run_id: str

    EVERY_S: ClassVar[float] = 15.0

    @override
    async def read(self, backend: Backend) -> tuple[WaitpointToken, ...]:
        from trigdash.backends.operations.inputs import tokens_tagged

        return (await backend.call(tokens_tagged(self.run_id))).rows

    @override
    def is_refused_for_good(self) -> bool:
        return True

    @override
    def concerns(self, target: str) -> bool:
        return target == self.run_id or target.startswith("waitpoint_")
