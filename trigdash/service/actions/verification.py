"""Whether a write took effect, judged by what the server shows afterwards.

Most writes leave a trace on their target. A new run has an idempotency key or names the run that it
was made from. One with neither cannot be identified; then only the newest run of its task is
reported. This module is imported before the first frame."""

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
    """The state of an action's target after the answer was lost."""

    happened: bool
    """Whether the target is as the action intended."""
    sentence: str
    """The state of the target, as a clause: "the run is canceled"."""
    made: Made | None = None
    """The run that was found."""
    may_retry: bool = True
    """Whether the action is safe to repeat when the target is not as intended."""


Verify = Callable[["Backend"], Awaitable[Observation]]
"""Reads the target of an action. Raises BackendError."""

_MISSING = object()

LATELY = "10m"
"""How far back to search for a run with an idempotency key, by the server's clock."""

SAME_MOMENT = timedelta(minutes=1)
"""How far a delayed run's start may be from the requested time; clocks may differ."""


def run_is_canceled(run_id: str) -> Verify:
    """A canceled run has its status at once, although its worker may take a while to stop
    (recorded)."""

    async def verify(backend: Backend) -> Observation:
        status = (await backend.run(run_id)).status
        ended = "ended as" if status.is_final and status.word != "canceled" else "is"
        return Observation(status.word == "canceled", f"the run {ended} {status.word}")

    return verify


def run_has_tags(run_id: str, tags: Sequence[str]) -> Verify:
    """Tags are never removed, so those that were sent are present or never arrived."""

    async def verify(backend: Backend) -> Observation:
        shown = (await backend.run(run_id)).tags
        missing = [tag for tag in tags if clean(tag) not in shown]
        if not missing:
            return Observation(True, "the run has the tags")
        return Observation(False, f"the run lacks {', '.join(map(clean, missing))}")

    return verify


def run_has_metadata(run_id: str, changed: Mapping[str, Json], removed: Sequence[str]) -> Verify:
    """Whether the keys that were set have their values, and the removed ones are gone."""

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
    """Whether one of a task's runs of the last minutes has an idempotency key."""
    lately = RunFilter(tasks=(task,), period=LATELY)

    async def verify(backend: Backend) -> Observation:
        page = await backend.runs(lately)
        for row in page.rows:
            if row.idempotency_key == clean(key):
                return Observation(True, f"{row.id} stands for its key", Made(row.id))
        return Observation(False, "no run stands for its idempotency key yet")

    return verify


def replay_has_key(run_id: str, key: str) -> Verify:
    """Whether a run of the same task as the given run has an idempotency key."""

    async def verify(backend: Backend) -> Observation:
        task = (await backend.run(run_id)).row().task
        return await run_has_key(task, key)(backend)

    return verify


def run_was_made_from(run_id: str) -> Verify:
    """Whether a run names another as its origin. Where runs do not name one, the newest run of the
    task is reported, which may be another run."""

    async def verify(backend: Backend) -> Observation:
        return await _newest((await backend.run(run_id)).row().task, run_id, backend)

    return verify


def newest_run_of(task: str) -> Verify:
    """The newest run of a task, for actions whose new run cannot be identified."""
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
    """Whether a delayed run starts about when requested: a duration after `asked_at`, or a time."""
    until = _moment_of(delay, asked_at)

    async def verify(backend: Backend) -> Observation:
        shown = (await backend.run(run_id)).delayed_until
        if shown is None:
            return Observation(False, "the run is not delayed")
        happened = until is not None and abs(shown - until) < SAME_MOMENT
        return Observation(happened, f"the run starts at {in_utc(shown):%Y-%m-%d %H:%M:%S} UTC")

    return verify


def _moment_of(delay: str, asked_at: datetime) -> datetime | None:
    """The time that a delay stands for; None where only the server knows."""
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
    """Whether a queue's limit is overridden with the given number; None means not overridden."""

    async def verify(backend: Backend) -> Observation:
        override = (await backend.queue(queue_id, "id")).concurrency.override
        shown = "the limit is not overridden" if override is None else f"the limit is {override:,}"
        return Observation(override == limit, shown)

    return verify


def bulk_is_aborted(bulk_id: str) -> Verify:
    """Whether a bulk action of the server is stopped, or has already ended."""

    async def verify(backend: Backend) -> Observation:
        bulk = await backend.bulk(bulk_id)
        if bulk.is_aborted:
            return Observation(True, "the bulk action is aborted")
        if bulk.is_final:
            return Observation(True, "the bulk action had already completed")
        return Observation(False, "the bulk action is still running")

    return verify
