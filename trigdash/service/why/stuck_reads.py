"""Reads what does not move: counted by the query endpoint, else from the newest pages of lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from trigdash.backends.base import BackendError
from trigdash.model.capability import Capability
from trigdash.model.run import Run
from trigdash.model.run_filter import RunFilter
from trigdash.service.now.readings import read_pages, whole
from trigdash.service.runs.statements import (
    REFUSALS,
    moment_ms,
    moment_text,
    row_of,
    status_name,
)
from trigdash.service.why.check import Check, Finding, Surroundings
from trigdash.service.why.look import all_limits, open_tokens, worker_connected
from trigdash.service.why.stuck import NO_REASON, NOT_MOVING, HeldRuns, Stuck, merged, moment_of
from trigdash.service.why.verdict import checks_of, why

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.model.run_row import RunRow

T = TypeVar("T")
PERIOD = "30d"
DEEP = 8
"""Runs whose own trace is read, at up to three requests each."""
MOST = 500
"""Groups and rows of one answer."""
PAGES = 3
FULL = frozenset({"queue_full", "key_full", "limit_full", "environment_full"})
"""Reasons that let one run start as another ends."""
QUEUED = ("QUEUED", "DEQUEUED", "PENDING_VERSION")
AT_WORK = ("EXECUTING", "WAITING")


@dataclass(frozen=True, slots=True)
class QueuedRuns:
    """Runs of one status, queue, task and key that have not been started for a while."""

    status: str
    queue: str
    task: str
    key: str
    runs: int
    oldest: RunRow
    has_started: bool = False
    """Whether they were started before, and wait to be tried again."""


@dataclass
class StuckLook:
    """What is read once for all groups."""

    backend: Backend
    at: datetime
    queued: list[QueuedRuns] = field(default_factory=list)
    rows: list[RunRow] = field(default_factory=list)
    """Runs that have started and are not over."""
    children: Mapping[str, str] = field(default_factory=dict)
    """Run → its oldest child that is not over."""
    usual_ms: Mapping[str, float] = field(default_factory=dict)
    """Task → the 95th percentile of how long its runs take."""
    started_per_min: Mapping[str, float] = field(default_factory=dict)
    """Queue → starts a minute in the last hour."""
    places: Mapping[tuple[str, str], int] | None = None
    """Queue and key → runs at work; None where that is not known."""
    around: dict[str, Any] = field(default_factory=lambda: {"refused": {}})
    """Parts of `Surroundings` that are the same for every run."""
    unseen: list[str] = field(default_factory=list)
    deep: int = DEEP
    """Runs that may still be looked at by themselves."""

    async def attempt(self, part: str, read: Callable[[], Any]) -> Any:
        """A part of what is known; None, and why, where it cannot be read."""
        try:
            return await read()
        except BackendError as error:
            self.around["refused"][part] = error.message()
            self.unseen.append(f"{part}: {error.message()}")
            return None


async def find_stuck(backend: Backend, at: datetime) -> Stuck:
    """Everything that has not moved for NOT_MOVING. Raises BackendError where neither the query
    endpoint nor the run list answers."""
    look = StuckLook(backend, at)
    try:
        if Capability.QUERY not in backend.capabilities:
            raise_away(backend)
        await _count(look)
    except REFUSALS as error:
        look.unseen.append(f"query endpoint: {error.message()}")
        await _list(look)
    await _read_around(look)
    found = [await _queued_group(look, each) for each in look.queued]
    found += [await _started_group(look, row) for row in _not_moving(look)]
    return Stuck(at, merged(filter(None, found)), tuple(look.unseen))


def raise_away(backend: Backend) -> None:
    """Raise that the query endpoint is not there."""
    from trigdash.backends.base import Unsupported

    raise Unsupported(backend.disabled_reason(Capability.QUERY))


# By the query endpoint


async def _count(look: StuckLook) -> None:
    backend, still = look.backend, moment_text(look.at - NOT_MOVING)
    groups = await backend.query(
        "SELECT status, queue, task_identifier, concurrency_key, isNotNull(dequeued_at) AS begun, "
        "count() AS runs, min(triggered_at) AS since, argMin(run_id, triggered_at) AS run_id, "
        "argMin(ttl, triggered_at) AS ttl, min(dequeued_at) AS dequeued FROM runs "
        "WHERE status IN ('Queued', 'Dequeued', 'Pending version') "
        f"AND coalesce(queued_at, triggered_at) < '{still}' "
        f"GROUP BY status, queue, task_identifier, concurrency_key, begun LIMIT {MOST}",
        PERIOD,
    )
    look.queued = [group for told in groups if (group := _group(told)) is not None]
    if len(groups) == MOST:
        look.unseen.append(f"more than {MOST} groups wait")
    rows = await backend.query(
        "SELECT run_id, status, task_identifier, triggered_at, dequeued_at FROM runs "
        "WHERE status IN ('Executing', 'Reattempting', 'Waiting', 'Paused') "
        f"AND triggered_at < '{still}' ORDER BY triggered_at LIMIT {MOST}",
        PERIOD,
    )
    look.rows = [row for told in rows if (row := row_of(told)) is not None]
    children = await backend.query(
        "SELECT parent_run_id, argMin(run_id, triggered_at) AS child FROM runs "
        f"WHERE NOT is_finished AND parent_run_id != '' GROUP BY parent_run_id LIMIT {MOST}",
        PERIOD,
    )
    look.children = {str(told.get("parent_run_id")): str(told.get("child")) for told in children}
    usual = await backend.query(
        "SELECT task_identifier, quantile(0.95)(execution_duration) AS p95 FROM runs "
        f"WHERE is_finished GROUP BY task_identifier LIMIT {MOST}",
        "7d",
    )
    look.usual_ms = {str(told["task_identifier"]): _float(told.get("p95")) for told in usual}
    await _count_places(look)


async def _count_places(look: StuckLook) -> None:
    at_work = await look.backend.query(
        "SELECT queue, concurrency_key, count() AS runs FROM runs "
        f"WHERE status IN ('Dequeued', 'Executing') GROUP BY queue, concurrency_key LIMIT {MOST}",
        PERIOD,
    )
    look.places = {
        (str(told.get("queue")), str(told.get("concurrency_key") or "")): whole(told.get("runs"))
        for told in at_work
    }
    started = await look.backend.query(
        "SELECT queue, count() AS runs FROM runs WHERE dequeued_at IS NOT NULL "
        f"GROUP BY queue LIMIT {MOST}",
        "1h",
    )
    look.started_per_min = {str(told["queue"]): whole(told.get("runs")) / 60 for told in started}


def _group(told: Mapping[str, object]) -> QueuedRuns | None:
    oldest = row_of({**told, "triggered_at": told.get("since"), "dequeued_at": None})
    if oldest is None:
        return None
    name = status_name(str(told.get("status")))
    dequeued = moment_ms(told.get("dequeued"))
    if name == "DEQUEUED" and dequeued is not None:
        oldest = replace(oldest, updated_ms=dequeued)
    queue, task, key = (
        str(told.get(part) or "") for part in ("queue", "task_identifier", "concurrency_key")
    )
    begun = bool(told.get("begun")) and name == "QUEUED"
    return QueuedRuns(name, queue, task, key, whole(told.get("runs")), oldest, begun)


def _float(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


# By the run list


async def _list(look: StuckLook) -> None:
    """The newest pages of what waits: less, and said."""
    grouped: dict[tuple[str, str], list[RunRow]] = defaultdict(list)
    for row in await _pages(look, QUEUED):
        grouped[row.status_name, row.task].append(row)
    look.queued = [
        QueuedRuns(status, f"task/{task}", task, "", len(rows), rows[-1])
        for (status, task), rows in grouped.items()
    ]
    look.rows = await _pages(look, AT_WORK)


async def _pages(look: StuckLook, statuses: tuple[str, ...]) -> list[RunRow]:
    found: list[RunRow] = []
    after: str | None = None
    for _ in range(PAGES):
        page = await look.backend.runs(RunFilter(statuses=statuses), after=after, size=100)
        found += page.rows
        after = page.next
        if after is None:
            break
    else:
        words = ", ".join(statuses).lower().replace("_", " ")
        look.unseen.append(f"{words}: the newest {len(found)} only")
    still_ms = (look.at - NOT_MOVING).timestamp() * 1000
    return [row for row in found if row.created_ms < still_ms]


# What is around


async def _read_around(look: StuckLook) -> None:
    from trigdash.backends.operations.queues import list_queues

    backend, around = look.backend, look.around
    around["identity"] = identity = await look.attempt("environment", backend.identity)
    if look.places is not None:
        around["running"] = sum(look.places.values())
    pages = await look.attempt("queue", lambda: read_pages(backend, list_queues, PAGES))
    around["queues"] = {queue.filter_name: queue for queue in pages.rows} if pages else {}
    if Capability.LIMITS in backend.capabilities and look.queued:
        around["limits"] = await look.attempt("limits", lambda: all_limits(backend))
    if identity is not None and identity.environment_type == "DEVELOPMENT":
        around["worker_connected"] = await look.attempt(
            "worker_connected", lambda: worker_connected(backend)
        )
    if any(row.status_name == "WAITING" for row in look.rows):
        around["tokens"] = await look.attempt("tokens", lambda: open_tokens(backend))


async def _queued_group(look: StuckLook, group: QueuedRuns) -> HeldRuns | None:
    if group.has_started and look.deep:
        return await _by_itself(look, group.oldest, group.runs, (group.queue,))
    known = {name: value for name, value in look.around.items() if name != "queues"}
    places = look.places
    around = Surroundings(
        **known,
        run=_run_of(group.oldest),
        now=look.at,
        queue_name=group.queue,
        concurrency_key=group.key,
        queue=look.around["queues"].get(group.queue),
        same_key=places.get((group.queue, group.key), 0) if places is not None else None,
    )
    held = _held(look, group.oldest, checks_of(around), group.runs, (group.queue,))
    rate = look.started_per_min.get(group.queue)
    if held is None or not rate or held.code not in FULL:
        return held
    return replace(held, wait_s=group.runs / rate * 60)


def _run_of(row: RunRow) -> Run:
    """A run as far as the checks of a queued one look at it."""
    moments = {"createdAt": row.created_ms, "updatedAt": row.updated_ms}
    told = {name: moment_of(ms).isoformat() for name, ms in moments.items()}
    facts = {"id": row.id, "taskIdentifier": row.task, "status": row.status_name, "ttl": row.ttl}
    return Run.model_validate({**facts, **told, "version": row.version})


def _held(
    look: StuckLook, row: RunRow, checks: Iterable[Check], runs: int, queues: tuple[str, ...] = ()
) -> HeldRuns | None:
    """The group that a verdict makes; None where the run turned out to be on its way."""
    listed = tuple(checks)
    cause = next((each for each in listed if each.finding is Finding.HOLDS), None)
    if cause is not None and cause.code == "ended":
        return None
    evidence = cause.evidence if cause else "Nothing that can be looked at holds it."
    return HeldRuns(
        cause.code if cause else NO_REASON,
        cause.subject if cause else "",
        evidence,
        cause.act if cause else "",
        runs,
        moment_of(row.created_ms),
        row.id,
        (row.task,),
        tuple(filter(None, queues)),
        (row.status_name,),
    )


# Runs that have started


def _not_moving(look: StuckLook) -> list[RunRow]:
    """Waiting runs, and those that are at work for longer than their task usually is."""
    return [row for row in look.rows if row.status_name != "EXECUTING" or _is_long(look, row)]


def _is_long(look: StuckLook, row: RunRow) -> bool:
    at_work = look.at - moment_of(row.started_ms or row.created_ms)
    usual = timedelta(milliseconds=look.usual_ms.get(row.task, 0))
    return at_work > max(NOT_MOVING, usual)


async def _started_group(look: StuckLook, row: RunRow) -> HeldRuns | None:
    if row.status_name == "WAITING" and (known := _told_wait(look, row)) is not None:
        return _held(look, row, (known,), 1)
    if look.deep:
        return await _by_itself(look, row, 1)
    if row.status_name == "EXECUTING":
        # Long, and nothing more is known: it may be at work.
        return None
    evidence = "They wait; what for stands in their traces, which were not read."
    return _held(look, row, (Check("waits", Finding.HOLDS, evidence, row.task),), 1)


def _told_wait(look: StuckLook, row: RunRow) -> Check | None:
    """What a waiting run waits for, as far as it is told without its trace."""
    if (child := look.children.get(row.id)) is not None:
        evidence = f"Runs of {row.task} wait for child runs, the oldest for {child}."
        return Check("waits_for_child", Finding.HOLDS, evidence, row.task, "open the child run")
    tokens = look.around.get("tokens") or ()
    if any(row.id in token.tags for token in tokens if token.status == "WAITING"):
        evidence = f"Runs of {row.task} wait for tokens to be completed."
        return Check("waits_for_token", Finding.HOLDS, evidence, row.task, "complete the token")
    return None


async def _by_itself(
    look: StuckLook, row: RunRow, runs: int, queues: tuple[str, ...] = ()
) -> HeldRuns | None:
    """The verdict of one run from its own trace; None where it moves after all."""
    look.deep -= 1
    answer = await look.attempt(row.id, lambda: why(look.backend, row.id, look.at))
    if answer is None or (answer.cause is None and row.status_name == "EXECUTING"):
        return None
    return _held(look, row, answer.checks, runs, queues)
