"""Whether a write took effect: told by what the server shows afterwards.

Most writes leave a trace on their target. A new run has an idempotency key or names the run that it
was made from; one that has neither is nobody's in particular, and only the newest run of its task
is told then. This module is imported before the first frame."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from trigdash.model.clean import clean
from trigdash.model.moment import datetime_of, duration_ms, in_utc
from trigdash.model.run_filter import RunFilter
from trigdash.service.actions.outcome import Made

if TYPE_CHECKING:
    from trigdash.backends.base import Backend, Json


@dataclass(frozen=True, slots=True)
class Observation:
    """What the server shows of an action's target after the answer was lost."""

    happened: bool
    """Whether it is as the action wanted it."""
    sentence: str
    """What it is like now: "the run is canceled"."""
    made: Made | None = None
    """The run that was found."""
    may_retry: bool = True
    """Whether sending it again does no harm where it is not as the action wanted it."""


Verify = Callable[["Backend"], Awaitable[Observation]]
"""Reads the target of an action. Raises BackendError."""

_MISSING = object()

LATELY = "10m"
"""How far back a run with an idempotency key is looked for, by the server's clock."""

SAME_MOMENT = timedelta(minutes=1)
"""How far a delayed run may start from the time that was asked for; clocks may differ."""


def run_is_canceled(run_id: str) -> Verify:
    """A canceled run says so at once, although its worker may take a while to stop (recorded)."""

    async def verify(backend: Backend) -> Observation:
        status = (await backend.run(run_id)).status
        ended = "ended as" if status.is_final and status.word != "canceled" else "is"
        return Observation(status.word == "canceled", f"the run {ended} {status.word}")

    return verify


def run_has_tags(run_id: str, tags: Sequence[str]) -> Verify:
    """Tags are never taken away, so those that were sent are there or never came."""

    async def verify(backend: Backend) -> Observation:
        shown = (await backend.run(run_id)).tags
        missing = [tag for tag in tags if clean(tag) not in shown]
        if not missing:
            return Observation(True, "the run has the tags")
        return Observation(False, f"the run lacks {', '.join(map(clean, missing))}")

    return verify


def run_has_metadata(run_id: str, changed: Mapping[str, Json], removed: Sequence[str]) -> Verify:
    """Keys that were set show their value, and those that were removed are gone."""

    async def verify(backend: Backend) -> Observation:
        shown = (await backend.run(run_id)).metadata
        held = shown if isinstance(shown, dict) else {}
        other = [key for key, value in changed.items() if held.get(key, _MISSING) != value]
        other += [key for key in removed if key in held]
        if not other:
            return Observation(True, "the metadata hold the changes")
        return Observation(False, f"the metadata differ in {', '.join(map(clean, other))}")

    return verify


def run_has_key(task: str, key: str) -> Verify:
    """Whether a run of a task stands for an idempotency key, among those of the last minutes."""
    lately = RunFilter(tasks=(task,), period=LATELY)

    async def verify(backend: Backend) -> Observation:
        page = await backend.runs(lately)
        for row in page.rows:
            if row.idempotency_key == clean(key):
                return Observation(True, f"{row.id} stands for its key", Made(row.id))
        return Observation(False, "no run stands for its idempotency key yet")

    return verify


def replay_has_key(run_id: str, key: str) -> Verify:
    """Whether a run of the same task as a run stands for an idempotency key."""

    async def verify(backend: Backend) -> Observation:
        task = (await backend.run(run_id)).row().task
        return await run_has_key(task, key)(backend)

    return verify


def run_was_made_from(run_id: str) -> Verify:
    """Whether a run names another as the one that it was made from. Where runs do not, the newest
    run of the task is told: whether it is the one, nobody knows."""

    async def verify(backend: Backend) -> Observation:
        return await _newest((await backend.run(run_id)).row().task, run_id, backend)

    return verify


def newest_run_of(task: str) -> Verify:
    """What the newest run of a task is: the one that was asked for has no mark of its own."""
    return lambda backend: _newest(task, "", backend)


async def _newest(task: str, made_from: str, backend: Backend) -> Observation:
    rows = (await backend.runs(RunFilter(tasks=(task,)))).rows
    for row in rows:
        if made_from and row.restarted_from == made_from:
            return Observation(True, f"{row.id} was made from it", Made(row.id))
    newest = max(rows, key=lambda row: row.created_ms, default=None)
    if newest is None:
        return Observation(False, f"there is no run of {task} yet", may_retry=False)
    at = datetime_of(newest.created_ms * 1_000_000)
    words = f"the newest run of {task} is {newest.id}, created at {at:%H:%M:%S} UTC"
    return Observation(False, words, may_retry=False)


def run_is_delayed(run_id: str, delay: str, asked_at: datetime) -> Verify:
    """Whether a delayed run starts about when it shall: a duration from `asked_at`, or a time."""
    until = _moment_of(delay, asked_at)

    async def verify(backend: Backend) -> Observation:
        shown = (await backend.run(run_id)).delayed_until
        if shown is None:
            return Observation(False, "the run is not delayed")
        happened = until is not None and abs(shown - until) < SAME_MOMENT
        return Observation(happened, f"the run starts at {in_utc(shown):%Y-%m-%d %H:%M:%S} UTC")

    return verify


def _moment_of(delay: str, asked_at: datetime) -> datetime | None:
    """The time that a delay means; None where only the server knows."""
    try:
        return asked_at + timedelta(milliseconds=duration_ms(delay))
    except ValueError:
        pass
    try:
        return in_utc(datetime.fromisoformat(delay))
    except ValueError:
        return None


def queue_is_paused(queue_id: str, paused: bool) -> Verify:
    """Whether a queue is paused, or not paused."""

    async def verify(backend: Backend) -> Observation:
        queue = await backend.queue(queue_id, "id")
        shown = "the queue is paused" if queue.paused else "the queue is not paused"
        return Observation(queue.paused == paused, shown)

    return verify


def queue_has_limit(queue_id: str, limit: int | None) -> Verify:
    """Whether a queue's limit is overridden with a number; None: not overridden."""

    async def verify(backend: Backend) -> Observation:
        override = (await backend.queue(queue_id, "id")).concurrency.override
        shown = "the limit is not overridden" if override is None else f"the limit is {override:,}"
        return Observation(override == limit, shown)

    return verify


def bulk_is_aborted(bulk_id: str) -> Verify:
    """Whether a bulk action of the server was stopped, or has nothing left to stop."""

    async def verify(backend: Backend) -> Observation:
        bulk = await backend.bulk(bulk_id)
        if bulk.is_aborted:
            return Observation(True, "the bulk action is aborted")
        if bulk.is_final:
            return Observation(True, "the bulk action had already completed")
        return Observation(False, "the bulk action is still running")

    return verify
