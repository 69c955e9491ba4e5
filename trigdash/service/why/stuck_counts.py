"""Waiting runs, read once for all groups: from the query endpoint, or else from the newest
pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from trigdash.backends.base import BackendError
from trigdash.model.run_filter import RunFilter
from trigdash.service.now.readings import whole
from trigdash.service.runs.statements import moment_ms, moment_text, row_of, status_name
from trigdash.service.why.stuck import NOT_MOVING

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.model.run_row import RunRow

PERIOD = "30d"
DEEP = 6
"""Runs that are read individually with their traces, at two requests each."""
MOST = 500
"""The most groups or rows of one answer."""
PAGES = 3
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
    """Whether they were started before, and wait for a retry."""


@dataclass
class StuckLook:
    """Data that is read once for all groups."""

    backend: Backend
    at: datetime
    queued: list[QueuedRuns] = field(default_factory=list)
    rows: list[RunRow] = field(default_factory=list)
    """Runs that have started and not ended."""
    children: Mapping[str, str] = field(default_factory=dict)
    """Run → its oldest unfinished child."""
    usual_ms: Mapping[str, float] = field(default_factory=dict)
    """Task → the 95th percentile of its runs' durations."""
    started_per_min: Mapping[str, float] = field(default_factory=dict)
    """Queue → starts per minute in the last hour."""
    places: Mapping[tuple[str, str], int] | None = None
    """Queue and key → executing runs; None if unknown."""
    around: dict[str, Any] = field(default_factory=lambda: {"refused": {}})
    """Parts of `Surroundings` that are the same for every run."""
    unseen: list[str] = field(default_factory=list)
    deep: int = DEEP
    """Runs that may still be read individually."""
    unread: int = 0
    """Runs that may be silent and were not checked."""

    async def attempt(self, part: str, read: Callable[[], Any]) -> Any:
        """A part of the data, or None and the reason why it cannot be read."""
        try:
            return await read()
        except BackendError as error:
            self.around["refused"][part] = error.message()
            self.unseen.append(f"{part}: {error.message()}")
            return None


# By the query endpoint


async def count_waiting(look: StuckLook) -> None:
    """Read the waiting runs from the tables. Raises BackendError."""
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


async def list_waiting(look: StuckLook) -> None:
    """Read the newest pages of waiting runs: fewer, and the answer says so."""
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
