"""Why a run does not move: the checks that hold one, in the scheduler's order, each with evidence.

A check *holds*, is *ruled out*, or is *not known*, with what is missing to know it. The first one
that holds is the verdict. Nothing is guessed: a check without evidence is not known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

from trigdash.backends.base import BackendError
from trigdash.model.capability import Capability
from trigdash.model.moment import datetime_of, duration_ms
from trigdash.model.span_event import SpanFlag, SpanKind
from trigdash.model.status import Kind
from trigdash.service.runs.placement import is_plain
from trigdash.service.spans import span_text

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.model.environment import Identity
    from trigdash.model.inputs import WaitpointToken
    from trigdash.model.queue import Limit, Queue
    from trigdash.model.run import Run
    from trigdash.model.trace import Trace

T = TypeVar("T")

SILENT_AT_LEAST = timedelta(minutes=2)
"""A run at work that says nothing for less is no news, however short its task usually is."""
NOT_STARTED = timedelta(seconds=30)
"""A worker takes a dequeued run within seconds."""
TTL_SOON = timedelta(minutes=15)
LOOK_BACK = "7d"
MAX_LIMITS = 500
"""Limits that are looked at: pages of 100."""


class Finding(Enum):
    """What a check came to."""

    HOLDS = "holds"
    RULED_OUT = "ruled out"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that may hold a run."""

    code: str
    finding: Finding
    evidence: str
    """What was seen, with its figures; for an unknown one, what is missing."""
    subject: str = ""
    """What it is about: a queue, a limit, a token, a run."""
    act: str = ""
    """What can be done about it, in words; empty where there is nothing."""


@dataclass(frozen=True, slots=True)
class Why:
    """The answer for one run."""

    run_id: str
    status: str
    checks: tuple[Check, ...]
    ahead: int | None = None
    """Runs of its queue that were queued before it; None where that is not known."""
    wait_s: float | None = None
    """How long these take at the rate of the last hour; None where that is not known."""

    @property
    def cause(self) -> Check | None:
        """The first check that holds."""
        return next((each for each in self.checks if each.finding is Finding.HOLDS), None)

    @property
    def verdict(self) -> str:
        """One line: what holds it, or that nothing is known to."""
        cause = self.cause
        if cause is not None:
            return cause.evidence
        if any(each.finding is Finding.UNKNOWN for each in self.checks):
            return "Nothing that can be looked at holds it."
        return "Nothing holds it."


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known around a run. None means that it could not be read; `refused` says why."""

    run: Run
    now: datetime
    identity: Identity | None = None
    queue_name: str = ""
    """As filters write it; empty where it is not known."""
    concurrency_key: str = ""
    queue: Queue | None = None
    running: int | None = None
    """Runs at work in the environment."""
    same_key: int | None = None
    """Runs at work with the same queue and key."""
    ahead: int | None = None
    started_per_min: float | None = None
    limits: tuple[Limit, ...] | None = None
    tokens: tuple[WaitpointToken, ...] | None = None
    trace: Trace | None = None
    worker_connected: bool | None = None
    """Whether a dev worker is; asked in development only."""
    usual_ms: float | None = None
    """The 95th percentile of how long runs of the task take."""
    refused: dict[str, str] = field(default_factory=dict)
    """Part → why it could not be read, in words."""


def checks_of(around: Surroundings) -> tuple[Check, ...]:
    """Every check that a run in this status can be held by, in the scheduler's order."""
    run = around.run
    word = run.status.word
    if run.status.is_final:
        return (Check("ended", Finding.HOLDS, f"It has ended: {word}."),)
    if word == "pending version":
        return _pending_version(around)
    if word == "delayed":
        return (_delayed(around),)
    if run.status.kind is Kind.QUEUED:
        return tuple(check for make in _QUEUED for check in make(around))
    if run.status.kind is Kind.WAITING:
        return (*_waits(around),)
    return (_silence(around),)


# Queued


def _environment_paused(around: Surroundings) -> list[Check]:
    code = "environment_paused"
    if around.identity is None:
        return [_unknown(around, code, "identity")]
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
        return [_unknown(around, code, "queue") for code in ("queue_paused", "queue_full")]
    if queue.paused:
        said = f"Queue {queue.name} is paused: {queue.queued:,} wait."
        return [Check("queue_paused", Finding.HOLDS, said, queue.name, "resume the queue")]
    paused = Check("queue_paused", Finding.RULED_OUT, "not paused", queue.name)
    return [paused, _queue_places(around, queue)]


def _queue_places(around: Surroundings, queue: Queue) -> Check:
    """Whether the queue's own limit lets one more start."""
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
        return _unknown(around, "key_full", "places")
    if around.same_key >= limit:
        evidence = f"Key {key} is full: {around.same_key:,} of {limit:,} running."
        return Check("key_full", Finding.HOLDS, evidence, key, "raise the limit")
    return Check("key_full", Finding.RULED_OUT, f"{around.same_key:,} of {limit:,} running", key)


Closed = tuple["Limit", tuple[str, str, str]]
"""A limit that lets nothing start: code, evidence, act."""


def _limits(around: Surroundings) -> list[Check]:
    """Named limits and the task's inline one. The API does not tell which named limits a run
    holds: one that lets nothing start counts when it is the task's own, or when exactly the runs
    of the run's queue wait for it."""
    if around.limits is None:
        return [_unknown(around, "limit_full", "limits")]
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
    looked = f"{len(around.limits)} limits looked at, none of them closed with runs waiting"
    return [Check("limit_full", Finding.RULED_OUT, looked)]


def _holding_queue(around: Surroundings, closed: list[Closed]) -> list[Closed]:
    """The one closed limit for which as many runs wait and are at work as in the run's queue."""
    queue = around.queue
    if queue is None or not queue.queued:
        return []
    figures = (queue.queued, queue.running)
    alike = [each for each in closed if (each[0].queued, each[0].running) == figures]
    return alike if len(alike) == 1 else []


def _closed(limit: Limit, around: Surroundings) -> tuple[str, str, str] | None:
    """Why a limit lets nothing start: code, evidence, act. None when it does."""
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
        return [_unknown(around, code, "places" if limit is not None else "identity")]
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
    """When a run expires unless it starts before; None without a time to live."""
    if not run.ttl:
        return None
    try:
        return run.created_at + timedelta(milliseconds=duration_ms(run.ttl))
    except (ValueError, OverflowError):
        return None


def _retry(around: Surroundings) -> list[Check]:
    trace = around.trace
    if trace is None:
        return [] if "trace" not in around.refused else [_unknown(around, "retry_delay", "trace")]
    open_retry = [row for row in trace.rows_of_kind(SpanKind.RETRY) if _is_open(trace, row)]
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


_QUEUED: tuple[Callable[[Surroundings], list[Check]], ...] = (
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


# Other states


def _pending_version(around: Surroundings) -> tuple[Check, ...]:
    task = around.run.task_identifier
    evidence = f"No deployed version has the task {task}."
    if around.run.version:
        evidence = f"Version {around.run.version} is not deployed, or lacks the task {task}."
    return (Check("pending_version", Finding.HOLDS, evidence, task, "deploy the task"),)


def _delayed(around: Surroundings) -> Check:
    until = around.run.delayed_until
    if until is None:
        return Check("delayed", Finding.HOLDS, "It is delayed; the server does not say until when.")
    evidence = (
        f"It is delayed until {until:%Y-%m-%d %H:%M:%S} UTC (in {span_text(until - around.now)})."
    )
    return Check("delayed", Finding.HOLDS, evidence, act="reschedule it")


def _waits(around: Surroundings) -> list[Check]:
    """What a waiting run waits for: children first, since they are certain."""
    run, trace = around.run, around.trace
    going = [child for child in run.related_runs.children if not child.status.is_final]
    wait = _open_wait(trace)
    if going and "token" not in wait.casefold():
        child = going[0]
        more = f" and {len(going) - 1} more" if len(going) > 1 else ""
        evidence = f"It waits for {child.task_identifier} {child.id} ({child.status.word}){more}."
        return [Check("waits_for_child", Finding.HOLDS, evidence, child.id, "open the child run")]
    if token := _token_of(around):
        ends = (
            f", expires in {span_text(token.timeout_at - around.now)}" if token.timeout_at else ""
        )
        evidence = f"It waits for token {token.id}{ends}."
        return [Check("waits_for_token", Finding.HOLDS, evidence, token.id, "complete the token")]
    if "token" in wait.casefold():
        return [Check("waits_for_token", Finding.HOLDS, f"It waits in {wait}.", act="complete it")]
    if wait:
        since = span_text(around.now - run.updated_at)
        return [Check("waits_until", Finding.HOLDS, f"It waits in {wait}, for {since} so far.")]
    return [_unknown(around, "waits", "trace")]


def _open_wait(trace: Trace | None) -> str:
    """The message of the innermost wait that is open; empty where none is known."""
    if trace is None:
        return ""
    rows = [*trace.rows_of_kind(SpanKind.WAIT), *trace.rows_of_kind(SpanKind.TRIGGER)]
    still_open = [row for row in sorted(rows) if _is_open(trace, row)]
    return trace.messages[still_open[-1]] if still_open else ""


def _token_of(around: Surroundings) -> WaitpointToken | None:
    """The token that names the run in its tags; the API links them in no other way."""
    waiting = [each for each in around.tokens or () if each.status == "WAITING"]
    return next((each for each in waiting if around.run.id in each.tags), None)


def _silence(around: Surroundings) -> Check:
    last = _last_sign(around)
    if last is None:
        return _unknown(around, "silent", "trace")
    quiet = around.now - last
    allowed = SILENT_AT_LEAST
    if around.usual_ms is not None:
        allowed = max(allowed, timedelta(milliseconds=around.usual_ms))
    usual = (
        f" (its task usually takes {span_text(timedelta(milliseconds=around.usual_ms))} at most)"
        if around.usual_ms
        else ""
    )
    evidence = f"It is at work and has said nothing for {span_text(quiet)}{usual}."
    if quiet > allowed:
        return Check("silent", Finding.HOLDS, evidence, act="read its log, or cancel it")
    return Check("silent", Finding.RULED_OUT, f"at work, last sign {span_text(quiet)} ago")


def _last_sign(around: Surroundings) -> datetime | None:
    trace = around.trace
    if trace is None or not len(trace):
        return None
    ends = (trace.start_ns[row] + trace.duration_ns[row] for row in range(len(trace)))
    return datetime_of(max(ends))


def _is_open(trace: Trace, row: int) -> bool:
    return trace.has(row, SpanFlag.PARTIAL)


def _unknown(around: Surroundings, code: str, part: str) -> Check:
    return Check(code, Finding.UNKNOWN, around.refused.get(part, "not told by this server"))


# Looking


async def look_around(backend: Backend, run: Run, now: datetime) -> Surroundings:
    """Read what the checks of a run need; a part that is refused is left out, with the reason.
    Costs up to nine requests for a queued run, fewer for others. Raises nothing but what reading
    the run itself raised before."""
    seen: dict[str, Any] = {"run": run, "now": now, "refused": {}}
    if run.status.is_final or run.status.word in ("delayed", "pending version"):
        return Surroundings(**seen)
    if run.status.kind is Kind.QUEUED:
        await _look_at_queue(backend, run, seen)
    if run.status.kind is not Kind.QUEUED or run.started_at is not None:
        await _try(seen, "trace", lambda: backend.trace(run.id))
    if run.status.kind is Kind.WAITING:
        await _try(seen, "tokens", lambda: _tokens(backend))
    if run.status.kind is Kind.RUNNING:
        await _try(seen, "usual_ms", lambda: _usual_ms(backend, run.task_identifier))
    return Surroundings(**seen)


async def _look_at_queue(backend: Backend, run: Run, seen: dict[str, Any]) -> None:
    await _try(seen, "identity", backend.identity)
    identity = seen.get("identity")
    if identity is not None and identity.environment_type == "DEVELOPMENT":
        await _try(seen, "worker_connected", lambda: _worker_connected(backend))
    await _try(seen, "place", lambda: _place(backend, run.id))
    queue, key = seen.pop("place", None) or (f"task/{run.task_identifier}", "")
    seen |= {"queue_name": queue, "concurrency_key": key}
    kind = "task" if queue.startswith("task/") else "custom"
    await _try(seen, "queue", lambda: backend.queue(queue.removeprefix("task/"), kind))
    await _try(seen, "places", lambda: _places(backend, queue, key, run))
    seen["running"], seen["same_key"], seen["ahead"], seen["started_per_min"] = seen.pop(
        "places", None
    ) or (None, None, None, None)
    if Capability.LIMITS in backend.capabilities:
        await _try(seen, "limits", lambda: _all_limits(backend))


async def _try(seen: dict[str, Any], part: str, read: Callable[[], Any]) -> None:
    try:
        seen[part] = await read()
    except BackendError as error:
        seen["refused"][part] = error.message()


async def _place(backend: Backend, run_id: str) -> tuple[str, str] | None:
    if not is_plain(run_id):
        return None
    rows = await backend.query(
        f"SELECT queue, concurrency_key FROM runs WHERE run_id = '{run_id}' LIMIT 1", "30d"
    )
    if not rows or not rows[0].get("queue"):
        return None
    return str(rows[0]["queue"]), str(rows[0].get("concurrency_key") or "")


async def _places(
    backend: Backend, queue: str, key: str, run: Run
) -> tuple[int, int, int, float] | None:
    """Runs at work in all and with the same key, runs ahead, and starts a minute."""
    if not (is_plain(queue) and (not key or is_plain(key))):
        return None
    at_work = "status IN ('Dequeued', 'Executing')"
    same = f"queue = '{queue}' AND concurrency_key = '{key}'" if key else f"queue = '{queue}'"
    before = f"{run.created_at:%Y-%m-%d %H:%M:%S}"
    statement = (
        f"SELECT countIf({at_work}) AS running, countIf({at_work} AND {same}) AS same, "
        f"countIf(status = 'Queued' AND queue = '{queue}' AND triggered_at < '{before}') AS ahead "
        "FROM runs"
    )
    rows = await backend.query(statement, LOOK_BACK)
    started = await backend.query(
        f"SELECT count() AS started FROM runs WHERE queue = '{queue}' AND dequeued_at IS NOT NULL",
        "1h",
    )
    row = rows[0] if rows else {}
    rate = float(str(started[0].get("started") or 0)) / 60 if started else 0.0
    numbers = (int(str(row.get(name) or 0)) for name in ("running", "same", "ahead"))
    running, same_key, ahead = numbers
    return running, same_key, ahead, rate


async def _all_limits(backend: Backend) -> tuple[Limit, ...]:
    from trigdash.backends.operations.queues import list_limits  # loads models

    found: list[Limit] = []
    page: str | None = None
    while len(found) < MAX_LIMITS:
        listing = await backend.call(list_limits(page))
        found += listing.rows
        page = listing.next
        if page is None:
            break
    return tuple(found)


async def _worker_connected(backend: Backend) -> bool:
    from trigdash.backends.operations.environments import dev_status  # loads models

    return (await backend.call(dev_status())).is_connected


async def _tokens(backend: Backend) -> tuple[WaitpointToken, ...]:
    from trigdash.backends.operations.inputs import list_tokens  # loads models

    return (await backend.call(list_tokens(None))).rows


async def _usual_ms(backend: Backend, task: str) -> float | None:
    if not is_plain(task):
        return None
    rows = await backend.query(
        "SELECT quantile(0.95)(execution_duration) AS p95 FROM runs "
        f"WHERE task_identifier = '{task}' AND is_finished",
        LOOK_BACK,
    )
    value = rows[0].get("p95") if rows else None
    return float(value) if isinstance(value, int | float) and value > 0 else None


async def why(backend: Backend, run_id: str, now: datetime) -> Why:
    """Why a run does not move. Raises BackendError when the run itself cannot be read."""
    run = await backend.run(run_id)
    around = await look_around(backend, run, now)
    rate = around.started_per_min
    wait_s = around.ahead / rate * 60 if around.ahead is not None and rate else None
    checks = checks_of(around)
    return Why(run.id, run.status_name, checks, around.ahead, wait_s)
