"""The base of backends for systems with only a part of the features: everything else raises
Unsupported.

A system's backend derives from this and overrides what its API has. Its capabilities list that, so
that screens show the rest as disabled with the reason, and never call it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import ClassVar, NoReturn, TypeVar

from trigdash.backends.base import Json, Unsupported
from trigdash.backends.calls import Calls
from trigdash.backends.http import Access, HttpClient
from trigdash.backends.operation import Operation
from trigdash.backends.rate import Governor
from trigdash.backends.target import Target
from trigdash.clock import Clock
from trigdash.model.batch import Batch
from trigdash.model.bulk import BulkAction
from trigdash.model.capability import WRITES, Capability, RateBudget, Reach
from trigdash.model.environment import Environment, Identity, Project
from trigdash.model.error_group import ErrorGroup
from trigdash.model.event import EventLog
from trigdash.model.feed import Feed, FeedAnswer, FeedPosition
from trigdash.model.queue import Queue, QueueMetrics, QueuesPage
from trigdash.model.run import Run, TriggeredRun
from trigdash.model.run_filter import ANY, RunFilter
from trigdash.model.run_row import RunsPage, timestamp_ms
from trigdash.model.span import SpanDetail
from trigdash.model.trace import Trace

T = TypeVar("T")


class PartialBackend:
    """Satisfies `Backend` by refusing everything."""

    name = ""
    supported_filters = ANY
    offered: frozenset[Capability] = frozenset()
    reasons: ClassVar[Mapping[Capability, str]] = {}
    """Reasons why capabilities are missing, beyond the default message."""
    reach = Reach()

    def __init__(self, target: Target, clock: Clock, header: str, scheme: str) -> None:
        self._target = target
        self._clock = clock
        self._http = HttpClient(target.api_url, clock, allow_http=target.allow_http)
        self._calls = Calls(self._http)
        self._governor = Governor(clock, target.rate_share)
        self._header = header
        self._scheme = scheme

    @property
    def capabilities(self) -> frozenset[Capability]:
        return self.offered - WRITES if self._target.read_only else self.offered

    def disabled_reason(self, capability: Capability) -> str:
        if capability in self.offered and self._target.read_only:
            return "this profile is read-only"
        return self.reasons.get(
            capability, f"{self.supported_filters.system} has no {capability.value}"
        )

    @property
    def budget(self) -> RateBudget:
        return self._governor.budget

    @property
    def clock_ahead_s(self) -> float:
        return self._http.clock_ahead_s

    def _access(self) -> Access:
        if self._target.secret_key is None:
            raise Unsupported("no key: set one in the profile or the environment")
        return Access(self._target.secret_key, self._governor, self._header, self._scheme)

    def _write(self, capability: Capability) -> Access:
        """The access for a write. Raises Unsupported when the profile is read-only."""
        if capability not in self.capabilities:
            raise self._unsupported(capability)
        return self._access()

    def _unsupported(self, capability: Capability) -> Unsupported:
        return Unsupported(self.disabled_reason(capability))

    def _check(self, run_filter: RunFilter) -> None:
        """Refuse an unsupported filter, before anything is sent."""
        if words := self.supported_filters.disabled_reason(run_filter):
            raise Unsupported(words)

    def _refuse(self, capability: Capability) -> NoReturn:
        raise self._unsupported(capability)

    async def call(self, operation: Operation[T]) -> T:
        self._refuse(operation.needs)

    async def identity(self) -> Identity:
        """The identity from the profile, since these systems have no request for it."""
        return Identity(
            project_name=self._target.project or self.supported_filters.system,
            environment=self._target.environment or "",
        )

    async def projects(self) -> tuple[Project, ...]:
        return ()

    async def environments(self, project: str | None = None) -> tuple[Environment, ...]:
        return ()

    def _window_ms(self, run_filter: RunFilter) -> tuple[float, float]:
        """The time window of a filter, for systems that cannot filter by time."""
        if run_filter.period:
            return timestamp_ms(self._clock.now() - _duration(run_filter.period)), float("inf")
        since_ms = timestamp_ms(run_filter.since) if run_filter.since else float("-inf")
        return since_ms, timestamp_ms(run_filter.until) if run_filter.until else float("inf")

    async def runs(
        self, run_filter: RunFilter, *, after: str | None = None, size: int = 100
    ) -> RunsPage:
        raise NotImplementedError

    async def run(self, run_id: str) -> Run:
        raise NotImplementedError

    async def listen(self, feed: Feed, after: FeedPosition | None) -> FeedAnswer:
        self._refuse(Capability.FEEDS)

    async def trace(self, run_id: str) -> Trace:
        self._refuse(Capability.TRACE)

    async def events(self, run_id: str) -> EventLog:
        self._refuse(Capability.EVENTS)

    async def span(self, run_id: str, span_id: str) -> SpanDetail:
        self._refuse(Capability.TRACE)

    async def download(self, url: str, limit_bytes: int) -> bytes:
        return await self._http.download(url, limit_bytes)

    async def queues(self, page: int = 1, size: int = 100) -> QueuesPage:
        self._refuse(Capability.QUEUES)

    async def queue(self, name: str, kind: str) -> Queue:
        self._refuse(Capability.QUEUES)

    async def queue_metrics(self, name: str, kind: str, period: str) -> QueueMetrics:
        self._refuse(Capability.QUEUES)

    async def batch(self, batch_id: str) -> Batch:
        self._refuse(Capability.BATCHES)

    async def error_groups(self) -> tuple[ErrorGroup, ...]:
        self._refuse(Capability.ERRORS)

    async def query(self, statement: str, period: str | None = None) -> list[dict[str, Json]]:
        self._refuse(Capability.QUERY)

    async def cancel(self, run_id: str) -> None:
        self._refuse(Capability.CANCEL)

    async def replay(self, run_id: str) -> str:
        self._refuse(Capability.REPLAY)

    async def retry(self, run_id: str) -> str:
        self._refuse(Capability.RETRY)

    async def restart(self, run_id: str, step: str, overrides: Mapping[str, Json] | None) -> str:
        self._refuse(Capability.RESTART)

    async def add_tags(self, run_id: str, tags: Sequence[str]) -> str:
        self._refuse(Capability.TAG)

    async def reschedule(self, run_id: str, delay: str) -> None:
        self._refuse(Capability.RESCHEDULE)

    async def edit_metadata(
        self, run_id: str, changed: Mapping[str, Json], removed: Sequence[str]
    ) -> None:
        self._refuse(Capability.METADATA)

    async def trigger(self, task: str, payload: Json, options: Mapping[str, Json]) -> TriggeredRun:
        self._refuse(Capability.TRIGGER)

    async def pause_queue(self, queue_id: str, paused: bool) -> Queue:
        self._refuse(Capability.QUEUE_WRITES)

    async def override_limit(self, queue_id: str, limit: int) -> Queue:
        self._refuse(Capability.QUEUE_WRITES)

    async def reset_limit(self, queue_id: str) -> Queue:
        self._refuse(Capability.QUEUE_WRITES)

    async def start_bulk(
        self, action: str, run_ids: Sequence[str] | None, run_filter: RunFilter | None
    ) -> str:
        self._refuse(Capability.BULK)

    async def bulk(self, bulk_id: str) -> BulkAction:
        self._refuse(Capability.BULK)

    async def abort_bulk(self, bulk_id: str) -> None:
        self._refuse(Capability.BULK)

    async def aclose(self) -> None:
        await self._http.aclose()


_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


def _duration(period: str) -> timedelta:
    return timedelta(seconds=int(period[:-1]) * _UNITS[period[-1]])
