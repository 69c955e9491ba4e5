"""Trigger.dev: runs, traces, queues, batches, errors, bulk actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar
from uuid import uuid4

from trigdash.backends.base import (
    BackendError,
    InvalidRequest,
    Json,
    TooWide,
    Unsupported,
)
from trigdash.backends.calls import Calls, path
from trigdash.backends.expected_api import expected_api, expected_operation
from trigdash.backends.http import Access, HttpClient
from trigdash.backends.operation import Effect, Operation
from trigdash.backends.target import Target
from trigdash.backends.trigger import REACH
from trigdash.backends.trigger.account import Account
from trigdash.backends.trigger.capabilities import disabled_reason, offered
from trigdash.backends.trigger.parsers import (
    parse_batch,
    parse_bulk,
    parse_bulks,
    parse_done,
    parse_error_groups,
    parse_events,
    parse_id,
    parse_message,
    parse_queue,
    parse_queue_metrics,
    parse_queues,
    parse_rows,
    parse_run,
    parse_runs,
    parse_span,
    parse_trace,
    parse_triggered_run,
)
from trigdash.backends.trigger.requests import (
    bulk_filter,
    list_params,
    metadata_operations,
    queue_step,
)
from trigdash.clock import Clock
from trigdash.model.capability import Capability, RateBudget, Reach

if TYPE_CHECKING:
    from trigdash.model.batch import Batch
    from trigdash.model.bulk import BulkAction
    from trigdash.model.environment import Environment, Identity, Project
    from trigdash.model.error_group import ErrorGroup
    from trigdash.model.event import EventLog
    from trigdash.model.feed import Feed, FeedAnswer, FeedPosition
    from trigdash.model.queue import Queue, QueueMetrics, QueuesPage
    from trigdash.model.run import Run, TriggeredRun
    from trigdash.model.run_filter import RunFilter
    from trigdash.model.run_row import RunsPage
    from trigdash.model.span import SpanDetail
    from trigdash.model.trace import Trace

T = TypeVar("T")


def open_backend(target: Target, clock: Clock) -> TriggerBackend:
    """A backend for a target. Sends nothing yet. Raises Misconfigured for an address that keys must
    not be sent to, and for an unusable proxy or certificate file."""
    http = HttpClient(target.api_url, clock, allow_http=target.allow_http)
    return TriggerBackend(target, http, clock)


TOO_WIDE = 422
"""The status of a list that is too expensive for the server (from 4.7 on)."""


class TriggerBackend:
    """One environment of Trigger.dev. Satisfies `Backend`; see there for what methods guarantee."""

    name = "trigger"

    def __init__(self, target: Target, http: HttpClient, clock: Clock) -> None:
        self._target = target
        self._http = http
        self._calls = Calls(http)
        self._account = Account(target, self._calls, clock)

    @property
    def capabilities(self) -> frozenset[Capability]:
        return offered(self._target, has_token=self._account.has_token)

    def disabled_reason(self, capability: Capability) -> str:
        return disabled_reason(capability, self._target)

    @property
    def reach(self) -> Reach:
        return REACH

    @property
    def budget(self) -> RateBudget:
        return self._account.governor.budget

    async def call(self, operation: Operation[T]) -> T:
        if operation.needs not in self.capabilities:
            raise Unsupported(self.disabled_reason(operation.needs))
        via = await self._account.access_for(operation.credential)
        where = path(*await self._account.filled(operation.path))
        values = await self._account.filled(value for _, value in operation.params)
        names = (name for name, _ in operation.params)
        params = tuple(zip(names, values, strict=True))
        with expected_operation(operation):
            return await self._calls.send(via, where, replace(operation, params=params))

    @property
    def clock_ahead_s(self) -> float:
        return self._http.clock_ahead_s

    async def identity(self) -> Identity:
        return await self._account.identity()

    async def projects(self) -> tuple[Project, ...]:
        return await self._account.projects()

    async def environments(self, project: str | None = None) -> tuple[Environment, ...]:
        return await self._account.environments(project)

    async def runs(
        self, run_filter: RunFilter, *, after: str | None = None, size: int = 100
    ) -> RunsPage:
        params = list_params(run_filter, after=after, size=size)
        here = await self._here()
        with expected_api(self._target):
            try:
                return await self._calls.read(here, path("v1", "runs"), parse_runs, params)
            except InvalidRequest as error:
                if error.status != TOO_WIDE:
                    raise
                raise TooWide(error.text, status=error.status) from None

    async def run(self, run_id: str) -> Run:
        return await self._calls.read(await self._here(), path("v3", "runs", run_id), parse_run)

    async def listen(self, feed: Feed, after: FeedPosition | None) -> FeedAnswer:
        from trigdash.backends.trigger.feeds import listen

        return await listen(self._http, await self._here(), feed, after)

    async def trace(self, run_id: str) -> Trace:
        where = path("v1", "runs", run_id, "trace")
        return await self._calls.read(await self._here(), where, parse_trace)

    async def events(self, run_id: str) -> EventLog:
        where = path("v1", "runs", run_id, "events")
        return await self._calls.read(await self._here(), where, parse_events)

    async def span(self, run_id: str, span_id: str) -> SpanDetail:
        where = path("v1", "runs", run_id, "spans", span_id)
        return await self._calls.read(await self._here(), where, parse_span)

    async def download(self, url: str, limit_bytes: int) -> bytes:
        return await self._http.download(url, limit_bytes)

    async def queues(self, page: int = 1, size: int = 100) -> QueuesPage:
        params = (("page", str(page)), ("perPage", str(size)))
        where = path("v1", "queues")
        return await self._calls.read(await self._here(), where, parse_queues, params)

    async def queue(self, name: str, kind: str) -> Queue:
        where = path("v1", "queues", queue_step(name))
        params = (("type", kind),)
        return await self._calls.read(await self._here(), where, parse_queue, params)

    async def queue_metrics(self, name: str, kind: str, period: str) -> QueueMetrics:
        where = path("v1", "queues", queue_step(name), "metrics")
        params = (("type", kind), ("period", period))
        return await self._calls.read(await self._here(), where, parse_queue_metrics, params)

    async def batch(self, batch_id: str) -> Batch:
        where = path("v2", "batches", batch_id)
        return await self._calls.read(await self._here(), where, parse_batch)

    async def error_groups(self) -> tuple[ErrorGroup, ...]:
        params = (("page[size]", "100"),)
        where = path("v1", "errors")
        page = await self._calls.read(await self._here(), where, parse_error_groups, params)
        return page.data

    async def query(self, statement: str, period: str | None = None) -> list[dict[str, Json]]:
        body = {"query": statement} | ({"period": period} if period else {})
        return await self._calls.post_query(
            await self._here(), path("v1", "query"), parse_rows, body
        )

    async def cancel(self, run_id: str) -> None:
        via = await self._write(Capability.CANCEL)
        where = path("v2", "runs", run_id, "cancel")
        await self._calls.write(via, where, parse_done, effect=Effect.REPEATABLE)

    async def replay(self, run_id: str) -> str:
        via = await self._write(Capability.REPLAY)
        where = path("v1", "runs", run_id, "replay")
        return await self._calls.write(via, where, parse_id, effect=Effect.ONCE)

    async def retry(self, run_id: str) -> str:
        raise Unsupported(self.disabled_reason(Capability.RETRY))

    async def restart(self, run_id: str, step: str, overrides: Mapping[str, Json] | None) -> str:
        raise Unsupported(self.disabled_reason(Capability.RESTART))

    async def add_tags(self, run_id: str, tags: Sequence[str]) -> str:
        via = await self._write(Capability.TAG)
        where = path("v1", "runs", run_id, "tags")
        body = {"tags": list(tags)}
        return await self._calls.write(
            via, where, parse_message, effect=Effect.REPEATABLE, body=body
        )

    async def reschedule(self, run_id: str, delay: str) -> None:
        via = await self._write(Capability.RESCHEDULE)
        where = path("v1", "runs", run_id, "reschedule")
        await self._calls.write(via, where, parse_run, effect=Effect.ONCE, body={"delay": delay})

    async def edit_metadata(
        self, run_id: str, changed: Mapping[str, Json], removed: Sequence[str]
    ) -> None:
        via = await self._write(Capability.METADATA)
        where = path("v1", "runs", run_id, "metadata")
        body = {"operations": metadata_operations(changed, removed)}
        await self._calls.write(
            via, where, parse_done, effect=Effect.REPEATABLE, body=body, method="PUT"
        )

    async def trigger(self, task: str, payload: Json, options: Mapping[str, Json]) -> TriggeredRun:
        via = await self._write(Capability.TRIGGER)
        # Even if a proxy repeats the request, it starts only one run.
        headers = (("x-trigger-request-idempotency-key", str(uuid4())),)
        return await self._calls.write(
            via,
            path("v1", "tasks", task, "trigger"),
            parse_triggered_run,
            effect=Effect.ONCE,
            body={"payload": payload, "options": dict(options)},
            headers=headers,
        )

    async def pause_queue(self, queue_id: str, paused: bool) -> Queue:
        body = {"type": "id", "action": "pause" if paused else "resume"}
        return await self._set_queue(queue_id, "pause", body=body)

    async def override_limit(self, queue_id: str, limit: int) -> Queue:
        body = {"type": "id", "concurrencyLimit": limit}
        return await self._set_queue(queue_id, "concurrency", "override", body=body)

    async def reset_limit(self, queue_id: str) -> Queue:
        return await self._set_queue(queue_id, "concurrency", "reset", body={"type": "id"})

    async def start_bulk(
        self, action: str, run_ids: Sequence[str] | None, run_filter: RunFilter | None
    ) -> str:
        via = await self._write(Capability.BULK)
        name = f"trigdash {uuid4().hex[:12]}"
        body: dict[str, object] = {"action": action, "name": name}
        if run_ids is not None:
            body["runIds"] = list(run_ids)
        if run_filter is not None:
            try:
                body["filter"] = bulk_filter(run_filter)
            except ValueError as problem:
                raise Unsupported(str(problem)) from None
        where = path("v1", "bulk-actions")
        try:
            return await self._calls.write(via, where, parse_id, effect=Effect.ONCE, body=body)
        except BackendError as lost:
            started = await self._bulk_named(name) if lost.outcome_unknown else None
            if started is None:
                raise
            return started

    async def _bulk_named(self, name: str) -> str | None:
        """The id of a bulk action whose answer was lost, found by its name. None if it is not
        listed or the server does not answer; then it is unknown whether it exists."""
        try:
            where = path("v1", "bulk-actions")
            newest = await self._calls.read(await self._here(), where, parse_bulks)
        except BackendError:
            return None
        return next((bulk.id for bulk in newest if bulk.name == name), None)

    async def bulk(self, bulk_id: str) -> BulkAction:
        where = path("v1", "bulk-actions", bulk_id)
        return await self._calls.read(await self._here(), where, parse_bulk)

    async def abort_bulk(self, bulk_id: str) -> None:
        via = await self._write(Capability.BULK)
        where = path("v1", "bulk-actions", bulk_id, "abort")
        await self._calls.write(via, where, parse_done, effect=Effect.REPEATABLE)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _set_queue(self, queue_id: str, *steps: str, body: Mapping[str, object]) -> Queue:
        via = await self._write(Capability.QUEUE_WRITES)
        where = path("v1", "queues", queue_step(queue_id), *steps)
        return await self._calls.write(via, where, parse_queue, effect=Effect.REPEATABLE, body=body)

    async def _here(self) -> Access:
        return await self._account.environment()

    async def _write(self, capability: Capability) -> Access:
        """The access for a write. Raises Unsupported when the profile is read-only."""
        if capability not in self.capabilities:
            raise Unsupported(self.disabled_reason(capability))
        return await self._here()
