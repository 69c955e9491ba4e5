"""The workflow Runs API as a backend; the docstring of the package lists the decisions and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from typing_extensions import override

from trigdash.backends.base import Json, NotFound
from trigdash.backends.calls import path
from trigdash.backends.expected_api import expected_api
from trigdash.backends.operation import Effect
from trigdash.backends.partial import PartialBackend
from trigdash.backends.target import Target
from trigdash.backends.workflow import REACH, SUPPORTED_FILTERS
from trigdash.backends.workflow.answers import (
    DetailAnswer,
    parse_detail,
    parse_logs,
    parse_page,
    parse_requested,
    parse_restarted,
)
from trigdash.backends.workflow.steps import step_detail, steps_log, steps_trace
from trigdash.clock import Clock
from trigdash.model.capability import Capability
from trigdash.model.event import EventLog
from trigdash.model.run import Run
from trigdash.model.run_filter import RunFilter
from trigdash.model.run_row import RunRow, RunsPage
from trigdash.model.span import SpanDetail
from trigdash.model.status import Kind, status
from trigdash.model.trace import Trace

_WORDS = {
    Kind.QUEUED: "pending",
    Kind.RUNNING: "running",
    Kind.WAITING: "suspended",
    Kind.SUCCEEDED: "completed",
    Kind.FAILED: "failed",
    Kind.LAPSED: "timeout",
    Kind.CANCELED: "cancelled",
}
_FILTERABLE = frozenset({"pending", "running", "completed", "failed", "cancelled"})
"""Statuses that the list can filter by; `suspended` and `timeout` are filtered here."""


def open_backend(target: Target, clock: Clock) -> WorkflowBackend:
    """A backend for a target. Sends nothing yet. Raises Misconfigured for an address that keys must
    not be sent to, and for an unusable proxy or certificate file."""
    return WorkflowBackend(
        target, clock, target.auth_header or "x-api-key", target.auth_scheme or ""
    )


class WorkflowBackend(PartialBackend):
    """Workflow runs of one key's owner. Satisfies `Backend`."""

    name = "workflow"
    supported_filters = SUPPORTED_FILTERS
    reach = REACH
    offered = frozenset(
        {
            Capability.CANCEL,
            Capability.RETRY,
            Capability.RESTART,
            Capability.TRACE,
            Capability.EVENTS,
            Capability.STEPS,
            Capability.PAGING,
        }
    )
    reasons: ClassVar[Mapping[Capability, str]] = {
        Capability.REPLAY: "the workflow API has no replay: retry and restart start a run again",
        Capability.RELATED: "workflow runs have no family: a run's facts tell its restarts",
    }

    @override
    async def runs(
        self, run_filter: RunFilter, *, after: str | None = None, size: int = 100
    ) -> RunsPage:
        self._check(run_filter)
        words = frozenset(_WORDS.get(status(name).kind, name) for name in run_filter.statuses)
        params = [("limit", str(max(1, min(size, 100))))]
        if len(run_filter.tasks) == 1:
            params.append(("workflowId", run_filter.tasks[0]))
        if len(words) == 1 and words <= _FILTERABLE:
            params.append(("status", next(iter(words))))
        if after is not None:
            params.append(("cursor", after))
        where = path("v1", "runs")
        with expected_api(self._target):
            page = await self._calls.read(self._access(), where, parse_page, tuple(params))
        return self._narrow(page, run_filter, words)

    def _narrow(self, page: RunsPage, run_filter: RunFilter, words: frozenset[str]) -> RunsPage:
        since_ms, until_ms = self._window_ms(run_filter)

        def fits(row: RunRow) -> bool:
            return (
                (not words or row.status_name in words)
                and (not run_filter.tasks or row.task in run_filter.tasks)
                and since_ms <= row.created_ms <= until_ms
            )

        over = bool(page.rows) and page.rows[-1].created_ms < since_ms
        rows = tuple(filter(fits, page.rows))
        if len(rows) == len(page.rows) and not over:
            return page
        return replace(page, rows=rows, next=None if over else page.next)

    @override
    async def run(self, run_id: str) -> Run:
        return (await self._detail(run_id)).run()

    @override
    async def trace(self, run_id: str) -> Trace:
        detail = await self._detail(run_id)
        trace = steps_trace(detail)
        return replace(trace, unreadable=trace.unreadable + detail.odd_steps)

    @override
    async def events(self, run_id: str) -> EventLog:
        where = path("v1", "runs", run_id, "logs")
        logs = await self._calls.read(self._access(), where, parse_logs)
        starts = [step.started_at for step in logs.logs if step.started_at]
        log = steps_log(run_id, logs.logs, min(starts, default=self._clock.now()))
        return replace(log, unreadable=log.unreadable + logs.odd_steps)

    @override
    async def span(self, run_id: str, span_id: str) -> SpanDetail:
        found = step_detail(await self._detail(run_id), span_id)
        if found is None:
            raise NotFound("no such step", status=404)
        return found

    @override
    async def cancel(self, run_id: str) -> None:
        via = self._write(Capability.CANCEL)
        where = path("v1", "runs", run_id, "cancel")
        await self._calls.write(via, where, parse_requested, effect=Effect.REPEATABLE)

    @override
    async def retry(self, run_id: str) -> str:
        via = self._write(Capability.RETRY)
        where = path("v1", "runs", run_id, "retry")
        return await self._calls.write(via, where, parse_restarted, effect=Effect.ONCE)

    @override
    async def restart(self, run_id: str, step: str, overrides: Mapping[str, Json] | None) -> str:
        via = self._write(Capability.RESTART)
        where = path("v1", "runs", run_id, "restart")
        body: dict[str, Json] = {"fromStepId": step}
        if overrides is not None:
            body["overrideInput"] = dict(overrides)
        return await self._calls.write(via, where, parse_restarted, effect=Effect.ONCE, body=body)

    async def _detail(self, run_id: str) -> DetailAnswer:
        return await self._calls.read(self._access(), path("v1", "runs", run_id), parse_detail)
