"""Checks for queued runs, in the scheduler's order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from trigdash.model.moment import duration_ms, span_text
from trigdash.model.span_event import SpanKind

if TYPE_CHECKING:
    from trigdash.model.queue import Limit, Queue
    from trigdash.model.run import Run

from trigdash.service.why.check import Check, Finding, Surroundings, is_open, unknown

NOT_STARTED = timedelta(seconds=30)
"""A dequeued run that has not started after this is stuck: a worker takes it within seconds."""
TTL_SOON = timedelta(minutes=15)


def _environment_paused(around: Surroundings) -> list[Check]:
    code = "environment_paused"
    if around.identity is None:
        return [unknown(around, code, "identity")]
    name = around.identity.environment or "environment"
    if around.identity.paused:
        evidence = f"The environment {name} is paused: nothing starts."
        return [Check(code, Finding.HOLDS, evidence, name, "resume the environment")]
    return [Check(code, Finding.RULED_OUT, "not paused", name)]


def _plan_limit(around: Surroundings) -> list[Check]:
    return [Check("plan_limit", Finding.UNKNOWN, "the API does not tell plan or billing limits")]


def _queue(around: Surroundings) -> list[Check]:
    queue = around.queue
    if queue is None:
        return [unknown(around, code, "queue") for code in ("queue_paused", "queue_full")]
    if queue.paused:
        said = f"Queue {queue.name} is paused: {queue.queued:,} wait."
        return [Check("queue_paused", Finding.HOLDS, said, queue.name, "resume the queue")]
    paused = Check("queue_paused", Finding.RULED_OUT, "not paused", queue.name)
    return [paused, _queue_places(around, queue)]


def _queue_places(around: Surroundings, queue: Queue) -> Check:
    """Whether the queue's own limit allows one more run."""
    name, limit = queue.name, queue.concurrency_limit
    if limit is None or queue.is_v2:
        said = "V2: concurrency limits hold its runs" if queue.is_v2 else "no limit of its own"
        return Check("queue_full", Finding.RULED_OUT, said, name)
    if limit == 0:
        said = f"Queue {name} has a limit of 0: nothing starts."
        return Check("limit_zero", Finding.HOLDS, said, name, "remove the override")
    if around.concurrency_key:
        return _key(around, limit)
    figures = f"{queue.running:,} of {limit:,} running"
    if queue.running >= limit:
        said = f"Queue {name} is full: {figures}."
        return Check("queue_full", Finding.HOLDS, said, name, "raise the limit")
    return Check("queue_full", Finding.RULED_OUT, figures, name)


def _key(around: Surroundings, limit: int) -> Check:
    key = around.concurrency_key
    if around.same_key is None:
        return unknown(around, "key_full", "places")
    if around.same_key >= limit:
        evidence = f"Key {key} is full: {around.same_key:,} of {limit:,} running."
        return Check("key_full", Finding.HOLDS, evidence, key, "raise the limit")
    return Check("key_full", Finding.RULED_OUT, f"{around.same_key:,} of {limit:,} running", key)


Closed = tuple["Limit", tuple[str, str, str]]
"""A limit that allows no more runs: code, evidence, act."""


def _limits(around: Surroundings) -> list[Check]:
    """Named limits and the task's inline one. The API does not say which named limits a run has: a
    limit that allows no more runs counts when it is the task's own, or when exactly the runs of the
    run's queue wait for it."""
    if around.limits is None:
        return [unknown(around, "limit_full", "limits")]
    inline = f"task/{around.run.task_identifier}"
    closed = [(limit, why) for limit in around.limits if (why := _closed(limit, around))]
    own = [each for each in closed if each[0].name == inline]
    waiting = [each for each in closed if each[0].queued]
    suspects = own or _holding_queue(around, waiting)
    for limit, (code, evidence, act) in suspects:
        return [Check(code, Finding.HOLDS, evidence, limit.name, act)]
    if waiting:
        names = ", ".join(limit.name for limit, _ in waiting)
        missing = f"{names} let nothing start; the API does not tell which of them this run holds"
        return [Check("limit_full", Finding.UNKNOWN, missing)]
    if around.same_key is None and any(each.per_key.current for each in around.limits):
        return [unknown(around, "limit_full", "places")]
    looked = f"{len(around.limits)} limits looked at, none of them closed with runs waiting"
    return [Check("limit_full", Finding.RULED_OUT, looked)]


def _holding_queue(around: Surroundings, closed: list[Closed]) -> list[Closed]:
    """The one closed limit with as many waiting and executing runs as the run's queue."""
    queue = around.queue
    if queue is None or not queue.queued:
        return []
    figures = (queue.queued, queue.running)
    alike = [each for each in closed if (each[0].queued, each[0].running) == figures]
    return alike if len(alike) == 1 else []


def _closed(limit: Limit, around: Surroundings) -> tuple[str, str, str] | None:
    """Why a limit allows no more runs: code, evidence, act. None when it does allow them."""
    per_key, key = limit.per_key.current, around.concurrency_key
    if limit.paused:
        return "limit_paused", f"Limit {limit.name} is paused.", "resume the limit"
    if 0 in (limit.total.current, limit.per_key.current):
        return "limit_zero", f"Limit {limit.name} has a bound of 0.", "reset the override"
    if limit.is_full:
        evidence = (
            f"Held by limit {limit.name}: {limit.running:,} of {limit.total.current:,} in use."
        )
        return "limit_full", evidence, "raise the limit"
    if per_key is not None and key and around.same_key is not None and around.same_key >= per_key:
        evidence = f"Key {key} is full in limit {limit.name}: {around.same_key:,} of {per_key:,}."
        return "limit_full", evidence, "raise the limit"
    return None


def _environment_full(around: Surroundings) -> list[Check]:
    code = "environment_full"
    limit = around.identity.concurrency_limit if around.identity is not None else None
    if limit is None or around.running is None:
        return [unknown(around, code, "places" if limit is not None else "identity")]
    evidence = f"{around.running:,} of {limit:,} running"
    if around.running >= limit:
        return [
            Check(
                code, Finding.HOLDS, f"The environment is full: {evidence}.", act="wait or cancel"
            )
        ]
    return [Check(code, Finding.RULED_OUT, evidence)]


def _ttl(around: Surroundings) -> list[Check]:
    ends = ttl_end(around.run)
    if ends is None:
        return []
    left = ends - around.now
    evidence = f"It expires in {span_text(left)} unless it starts."
    finding = Finding.HOLDS if timedelta() < left <= TTL_SOON else Finding.RULED_OUT
    return [Check("ttl_soon", finding, evidence)]


def ttl_end(run: Run) -> datetime | None:
    """When a run expires if it has not started; None without a time to live."""
    if not run.ttl:
        return None
    try:
        return run.created_at + timedelta(milliseconds=duration_ms(run.ttl))
    except (ValueError, OverflowError):
        return None


def _retry(around: Surroundings) -> list[Check]:
    trace = around.trace
    if trace is None:
        return [] if "trace" not in around.refused else [unknown(around, "retry_delay", "trace")]
    open_retry = [row for row in trace.rows_of_kind(SpanKind.RETRY) if is_open(trace, row)]
    if open_retry:
        return [
            Check(
                "retry_delay",
                Finding.HOLDS,
                f"It waits to try again: {trace.messages[open_retry[-1]]}.",
            )
        ]
    return []


def _worker(around: Surroundings) -> list[Check]:
    identity = around.identity
    if identity is None or identity.environment_type != "DEVELOPMENT":
        return []
    code = "worker_not_connected"
    if around.worker_connected is not None:
        if around.worker_connected:
            return [Check(code, Finding.RULED_OUT, "a dev worker is connected")]
        said = "No dev worker is connected: nothing starts in dev."
        return [Check(code, Finding.HOLDS, said, act="start trigger.dev dev")]
    if around.running:
        return [Check(code, Finding.RULED_OUT, "other runs of dev are at work")]
    missing = around.refused.get("worker_connected", "not told")
    return [Check(code, Finding.UNKNOWN, f"no run of dev is at work; {missing}")]


def _dequeued(around: Surroundings) -> list[Check]:
    if around.run.status.word != "dequeued":
        return []
    since = around.now - around.run.updated_at
    evidence = f"A worker took it {span_text(since)} ago and has not started it."
    holds = since > NOT_STARTED
    return [Check("not_started", Finding.HOLDS if holds else Finding.RULED_OUT, evidence)]


QUEUED_CHECKS: tuple[Callable[[Surroundings], list[Check]], ...] = (
    _dequeued,
    _environment_paused,
    _plan_limit,
    _queue,
    _limits,
    _environment_full,
    _retry,
    _worker,
    _ttl,
)
