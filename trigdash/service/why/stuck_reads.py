"""Finds why runs do not move: runs the checks of `why` for the oldest run of each group."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from trigdash.model.capability import Capability
from trigdash.model.run import Run
from trigdash.service.now.readings import read_pages
from trigdash.service.runs.statements import (
    REFUSALS,
)
from trigdash.service.why.check import Check, Finding, Surroundings
from trigdash.service.why.look import all_limits, open_tokens, refusal_of, worker_connected
from trigdash.service.why.stuck import NO_REASON, NOT_MOVING, HeldRuns, Stuck, merged, moment_of
from trigdash.service.why.stuck_counts import (
    PAGES,
    QueuedRuns,
    StuckLook,
    count_waiting,
    list_waiting,
)
from trigdash.service.why.verdict import checks_of, verdict_of

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.model.run_row import RunRow

FULL = frozenset({"queue_full", "key_full", "limit_full", "environment_full"})
"""Reasons under which a run starts when another ends."""


async def find_stuck(backend: Backend, at: datetime) -> Stuck:
    """All runs that have not moved for NOT_MOVING. Raises BackendError if neither the query
    endpoint nor the run list answers."""
    look = StuckLook(backend, at)
    if refused := await _refusal(look):
        look.unseen.append(f"query endpoint: {refused}")
        look.around["refused"]["places"] = refused
        await list_waiting(look)
    await _read_around(look)
    found = [await _queued_group(look, each) for each in look.queued]
    found += [await _started_group(look, row) for row in _not_moving(look)]
    if look.unread:
        said = f"{look.unread} runs at work for longer than usual: traces not read"
        look.unseen.append(said)
    return Stuck(at, merged(filter(None, found)), tuple(look.unseen))


async def _refusal(look: StuckLook) -> str:
    """Ask the query endpoint; returns why it does not answer, in words, or an empty text when it
    does."""
    if Capability.QUERY not in look.backend.capabilities:
        return look.backend.disabled_reason(Capability.QUERY)
    try:
        await count_waiting(look)
    except REFUSALS as error:
        return refusal_of("places", error)
    return ""


# Surroundings


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
    trace = None
    if group.has_started:
        oldest = group.oldest.id
        trace = await look.attempt(f"trace of {oldest}", lambda: look.backend.trace(oldest))
    known = {name: value for name, value in look.around.items() if name != "queues"}
    places = look.places
    around = Surroundings(
        **known,
        run=_run_of(group.oldest),
        now=look.at,
        trace=trace,
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
    """A run with the fields that the checks of queued runs use."""
    moments = {"createdAt": row.created_ms, "updatedAt": row.updated_ms}
    told = {name: moment_of(ms).isoformat() for name, ms in moments.items()}
    facts = {"id": row.id, "taskIdentifier": row.task, "status": row.status_name, "ttl": row.ttl}
    return Run.model_validate({**facts, **told, "version": row.version})


def _held(
    look: StuckLook, row: RunRow, checks: Iterable[Check], runs: int, queues: tuple[str, ...] = ()
) -> HeldRuns | None:
    """The group for a verdict; None if the run turned out to be moving."""
    listed = tuple(checks)
    cause = next((each for each in listed if each.finding is Finding.HOLDS), None)
    if cause is not None and cause.code == "ended":
        return None
    return HeldRuns(
        cause.code if cause else NO_REASON,
        cause.subject if cause else "",
        verdict_of(listed),
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
    """Waiting runs, and those that execute for longer than their task usually does."""
    return [row for row in look.rows if row.status_name != "EXECUTING" or _is_long(look, row)]


def _is_long(look: StuckLook, row: RunRow) -> bool:
    at_work = look.at - moment_of(row.started_ms or row.created_ms)
    usual = timedelta(milliseconds=look.usual_ms.get(row.task, 0))
    return at_work > max(NOT_MOVING, usual)


async def _started_group(look: StuckLook, row: RunRow) -> HeldRuns | None:
    if row.status_name == "WAITING" and (known := _told_wait(look, row)) is not None:
        return _held(look, row, (known,), 1)
    if look.deep:
        return await _by_itself(look, row)
    if row.status_name == "EXECUTING":
        look.unread += 1
        return None
    evidence = "They wait; what for stands in their traces, which were not read."
    return _held(look, row, (Check("waits", Finding.HOLDS, evidence, row.task),), 1)


def _told_wait(look: StuckLook, row: RunRow) -> Check | None:
    """What a waiting run waits for, as far as it is known without its trace."""
    if (child := look.children.get(row.id)) is not None:
        evidence = f"Runs of {row.task} wait for child runs, the oldest for {child}."
        return Check("waits_for_child", Finding.HOLDS, evidence, row.task, "open the child run")
    tokens = look.around.get("tokens") or ()
    if any(row.id in token.tags for token in tokens if token.status == "WAITING"):
        evidence = f"Runs of {row.task} wait for tokens to be completed."
        return Check("waits_for_token", Finding.HOLDS, evidence, row.task, "complete the token")
    return None


async def _by_itself(look: StuckLook, row: RunRow) -> HeldRuns | None:
    """The verdict of one run from its own trace; None if it moves after all."""
    look.deep -= 1
    run = await look.attempt(row.id, lambda: look.backend.run(row.id))
    if run is None:
        return None
    trace = await look.attempt(f"trace of {row.id}", lambda: look.backend.trace(row.id))
    usual, tokens = look.usual_ms.get(row.task), look.around.get("tokens")
    checks = checks_of(Surroundings(run, look.at, trace=trace, tokens=tokens, usual_ms=usual))
    is_held = any(check.finding is Finding.HOLDS for check in checks)
    return _held(look, row, checks, 1) if is_held or row.status_name != "EXECUTING" else None
