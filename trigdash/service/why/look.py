"""Reads what the checks of a run need."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from trigdash.backends.base import BackendError, Forbidden
from trigdash.model.capability import Capability
from trigdash.model.status import Kind
from trigdash.service.runs.placement import is_plain

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.model.inputs import WaitpointToken
    from trigdash.model.queue import Limit
    from trigdash.model.run import Run

from trigdash.service.why.check import Surroundings

T = TypeVar("T")
LOOK_BACK = "7d"
_RIGHTS = {
    "place": "read:query",
    "places": "read:query",
    "usual_ms": "read:query",
    "queue": "read:queues",
    "tokens": "read:waitpoints",
    "trace": "read:runs",
}
"""The permission that a key needs for a part, in the platform's name."""
MAX_LIMITS = 500
"""The most limits that are read, in pages of 100."""


async def look_around(backend: Backend, run: Run, now: datetime) -> Surroundings:
    """Read what the checks of a run need; a refused part is left out, with the reason. Costs up to
    nine requests for a queued run, fewer for others."""
    seen: dict[str, Any] = {"run": run, "now": now, "refused": {}}
    if run.status.is_final or run.status.word in ("delayed", "pending version"):
        return Surroundings(**seen)
    if run.status.kind is Kind.QUEUED:
        await _look_at_queue(backend, run, seen)
    if run.status.kind is not Kind.QUEUED or run.started_at is not None:
        await _try(seen, "trace", lambda: backend.trace(run.id))
    if run.status.kind is Kind.WAITING:
        await _try(seen, "tokens", lambda: open_tokens(backend))
    if run.status.kind is Kind.RUNNING:
        await _try(seen, "usual_ms", lambda: _usual_ms(backend, run.task_identifier))
    return Surroundings(**seen)


async def _look_at_queue(backend: Backend, run: Run, seen: dict[str, Any]) -> None:
    await _try(seen, "identity", backend.identity)
    identity = seen.get("identity")
    if identity is not None and identity.environment_type == "DEVELOPMENT":
        await _try(seen, "worker_connected", lambda: worker_connected(backend))
    await _try(seen, "place", lambda: _place(backend, run.id))
    if place := seen.pop("place", None):
        await _look_at_places(backend, run, place, seen)
    else:
        # The task's own queue may be a different one, so it is not read instead.
        why_not = seen["refused"].get("place", "the query endpoint does not tell its queue")
        seen["refused"] |= {"queue": why_not, "places": why_not}
    if Capability.LIMITS in backend.capabilities:
        await _try(seen, "limits", lambda: all_limits(backend))


async def _look_at_places(
    backend: Backend, run: Run, place: tuple[str, str], seen: dict[str, Any]
) -> None:
    queue, key = place
    seen |= {"queue_name": queue, "concurrency_key": key}
    kind = "task" if queue.startswith("task/") else "custom"
    await _try(seen, "queue", lambda: backend.queue(queue.removeprefix("task/"), kind))
    await _try(seen, "places", lambda: _places(backend, queue, key, run))
    seen["running"], seen["same_key"], seen["ahead"], seen["started_per_min"] = seen.pop(
        "places", None
    ) or (None, None, None, None)


async def _try(seen: dict[str, Any], part: str, read: Callable[[], Any]) -> None:
    try:
        seen[part] = await read()
    except BackendError as error:
        seen["refused"][part] = refusal_of(part, error)


def refusal_of(part: str, error: BackendError) -> str:
    """Why a part could not be read, with the missing permission if known."""
    right = _RIGHTS.get(part)
    said = error.message()
    return f"needs the right {right}: {said}" if right and isinstance(error, Forbidden) else said


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
    """Executing runs in total and with the same key, runs ahead, and starts per minute."""
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


async def all_limits(backend: Backend) -> tuple[Limit, ...]:
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


async def worker_connected(backend: Backend) -> bool:
    from trigdash.backends.operations.environments import dev_status  # loads models

    return (await backend.call(dev_status())).is_connected


async def open_tokens(backend: Backend) -> tuple[WaitpointToken, ...]:
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
