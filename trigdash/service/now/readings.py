"""The readings for what needs attention now. At most twelve requests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from trigdash.backends.base import BackendError, Forbidden, NotFound

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.model.capability import RateBudget
    from trigdash.model.deployment import Deployment
    from trigdash.model.environment import Identity
    from trigdash.model.error_group import ErrorGroup
    from trigdash.model.health import HealthReport
    from trigdash.model.inputs import Schedule
    from trigdash.model.project import Alert
    from trigdash.model.queue import Limit, Queue

T = TypeVar("T")

RECENT = timedelta(hours=1)
"""The window that is compared with the usual figures."""
LATEST = timedelta(minutes=30)
"""A second, shorter window, for tasks that have just begun to fail."""
USUAL = "7d"
"""The window before, from which the usual figures are taken."""
NOT_MOVING = timedelta(minutes=2)
"""A run that was queued for less than this still counts as moving."""
ENOUGH = 20
"""The least number of waits from which a usual wait is computed."""
MAX_PAGES = 3
"""Pages of queues that are read: 300 queues."""
FAILED = "'Failed', 'Crashed', 'System failure', 'Timed out', 'Expired'"


@dataclass(frozen=True, slots=True)
class TaskFailures:
    """How the finished runs of a task went recently, and in the week before."""

    task: str
    recent: int = 0
    recent_failed: int = 0
    before: int = 0
    before_failed: int = 0
    latest: int = 0
    latest_failed: int = 0
    works: timedelta | None = None
    """How long a recent run executed, on average; None where nothing ran."""
    usual_wait: timedelta | None = None
    """The 95th percentile of earlier waits; None where few are known."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Runs of a queue and task that share a status and have not moved for NOT_MOVING."""

    status: str
    queue: str
    task: str
    runs: int
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Readings:
    """The readings. None stands for one that could not be read; `refused` says why."""

    at: datetime
    identity: Identity | None = None
    health: HealthReport | None = None
    errors: tuple[ErrorGroup, ...] | None = None
    tasks: tuple[TaskFailures, ...] | None = None
    waiting: tuple[Waiting, ...] | None = None
    running: int | None = None
    queues: tuple[Queue, ...] | None = None
    limits: tuple[Limit, ...] | None = None
    deployments: tuple[Deployment, ...] | None = None
    schedules: tuple[Schedule, ...] | None = None
    alerts: tuple[Alert, ...] | None = None
    rate: RateBudget | None = None
    refused: Mapping[str, str] = field(default_factory=dict)
    """Part → why it could not be read, in words."""
    cut: frozenset[str] = frozenset()
    """The parts of which only the first pages were read, although there are more."""


async def read_now(backend: Backend, at: datetime) -> Readings:
    """Read every part that this key may read. Raises BackendError when none can be read."""
    from trigdash.backends.operations import groups, inputs, project, queues, reports

    wanted: dict[str, Awaitable[Any]] = {
        "identity": backend.identity(),
        "health": backend.call(reports.health_report("1h")),
        "errors": read_pages(backend, groups.list_errors),
        "tasks": _task_failures(backend, at),
        "waiting": _waiting(backend, at),
        "queues": read_pages(backend, queues.list_queues, MAX_PAGES),
        "limits": read_pages(backend, queues.list_limits),
        "deployments": read_pages(backend, project.list_deployments),
        "schedules": read_pages(backend, inputs.list_schedules),
        "alerts": read_pages(backend, project.list_alerts),
    }
    answers = await asyncio.gather(*wanted.values(), return_exceptions=True)
    seen: dict[str, Any] = {}
    refused: dict[str, BackendError] = {}
    cut: set[str] = set()
    for part, answer in zip(wanted, answers, strict=True):
        if isinstance(answer, BackendError):
            refused[part] = answer
        elif isinstance(answer, BaseException):
            raise answer
        elif isinstance(answer, ReadPages):
            seen[part] = answer.rows
            if answer.has_more:
                cut.add(part)
        else:
            seen[part] = answer
    if not seen:
        raise next(iter(refused.values()))
    seen["running"], seen["waiting"] = seen.pop("waiting", None) or (None, None)
    reasons = {part: reason_of(error) for part, error in refused.items()}
    return Readings(at, rate=backend.budget, refused=reasons, cut=frozenset(cut), **seen)


def reason_of(error: BackendError) -> str:
    """Why a part could not be read, in words."""
    if isinstance(error, Forbidden):
        return "this key may not read it"
    return "this server does not have it" if isinstance(error, NotFound) else error.message()


@dataclass(frozen=True, slots=True)
class ReadPages:
    """The rows of the first pages of a list, and whether the server has more."""

    rows: tuple[Any, ...]
    has_more: bool


async def read_pages(
    backend: Backend, page_of: Callable[[str | None], Any], most_pages: int = 1
) -> ReadPages:
    """Read a limited number of pages of a list. Raises BackendError."""
    found: list[Any] = []
    page: str | None = None
    for _ in range(most_pages):
        listing = await backend.call(page_of(page))
        found += listing.rows
        page = listing.next
        if page is None:
            break
    return ReadPages(tuple(found), page is not None or listing.is_cut)


async def _task_failures(backend: Backend, at: datetime) -> tuple[TaskFailures, ...]:
    latest = f"triggered_at > '{at - LATEST:%Y-%m-%d %H:%M:%S}'"
    lately = f"triggered_at > '{at - RECENT:%Y-%m-%d %H:%M:%S}'"
    statement = (
        f"SELECT task_identifier, countIf({lately}) AS recent, "
        f"countIf({lately} AND status IN ({FAILED})) AS recent_failed, count() AS runs, "
        f"countIf(status IN ({FAILED})) AS failed, countIf({latest}) AS latest, "
        f"countIf({latest} AND status IN ({FAILED})) AS latest_failed, "
        # Runs that expired or were canceled in the queue never executed.
        f"coalesce(avgIf(usage_duration, {lately} AND usage_duration > 0), "
        "avgIf(usage_duration, usage_duration > 0)) AS works_ms, "
        f"quantileIf(0.95)(queued_duration, NOT ({lately})) AS usual_wait_ms "
        "FROM runs WHERE is_finished "
        "GROUP BY task_identifier ORDER BY recent DESC LIMIT 1000"
    )
    return tuple(map(_failures, await backend.query(statement, USUAL)))


def _failures(row: Mapping[str, object]) -> TaskFailures:
    """The figures of a task; no more failures than runs, whatever a server counts."""
    count = {name: whole(row.get(name)) for name in _COUNTS}
    recent, latest = _part(count["recent"], count["runs"]), _part(count["latest"], count["recent"])
    before = _part(count["runs"] - recent, count["runs"])
    return TaskFailures(
        str(row.get("task_identifier") or ""),
        recent,
        _part(count["recent_failed"], recent),
        before,
        _part(count["failed"] - count["recent_failed"], before),
        latest,
        _part(count["latest_failed"], latest),
        _length(row.get("works_ms")),
        _length(row.get("usual_wait_ms")) if before >= ENOUGH else None,
    )


def _length(value: object) -> timedelta | None:
    """Milliseconds of a row; None where they are missing or impossible."""
    try:
        return max(timedelta(), timedelta(milliseconds=float(str(value))))
    except (ValueError, OverflowError):
        return None


_COUNTS = ("recent", "recent_failed", "runs", "failed", "latest", "latest_failed")


def _part(count: int, whole: int) -> int:
    """A count that is at most the whole."""
    return max(0, min(count, whole))


_SINCE = "coalesce(dequeued_at, queued_at, triggered_at)"
"""Since when a run has its status. A delayed run was triggered long before."""


async def _waiting(backend: Backend, at: datetime) -> tuple[int, tuple[Waiting, ...]]:
    """Executing runs, and those that have not moved for a while. Only runs before their first
    attempt: for a later wait, the server returns the start of the first one."""
    still = f"{at - NOT_MOVING:%Y-%m-%d %H:%M:%S}"
    statement = (
        "SELECT status, queue, task_identifier, attempt_count, count() AS runs, "
        f"countIf({_SINCE} < '{still}') AS still, min({_SINCE}) AS since FROM runs "
        "WHERE status IN ('Queued', 'Dequeued', 'Executing', 'Pending version') "
        "GROUP BY status, queue, task_identifier, attempt_count ORDER BY runs DESC LIMIT 1000"
    )
    rows = await backend.query(statement, USUAL)
    at_work = sum(
        whole(row.get("runs")) for row in rows if row.get("status") in ("Dequeued", "Executing")
    )
    first = (row for row in rows if not whole(row.get("attempt_count")))
    groups = (_waiting_group(row) for row in first if row.get("status") != "Executing")
    return at_work, tuple(group for group in groups if group.runs)


def _waiting_group(row: Mapping[str, object]) -> Waiting:
    status, queue, task = (
        str(row.get(name) or "") for name in ("status", "queue", "task_identifier")
    )
    return Waiting(status, queue, task, whole(row.get("still")), _moment(row.get("since")))


def _moment(value: object) -> datetime | None:
    from datetime import UTC

    try:
        read = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def whole(value: object) -> int:
    """A number of a row; 0 for anything else."""
    try:
        return int(str(value or 0))
    except ValueError:
        return 0
