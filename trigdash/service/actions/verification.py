"""Whether a write took effect: told by what the server shows afterwards.

Only writes that leave a trace on their target can be verified. A new run cannot: nothing links it
to the run that it was made from. This module is imported before the first frame."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from trigdash.model.clean import clean
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


Verify = Callable[["Backend"], Awaitable[Observation]]
"""Reads the target of an action. Raises BackendError."""

_MISSING = object()

LATELY = timedelta(minutes=10)
"""How far back a run with an idempotency key is looked for; clocks may differ."""


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


def run_has_key(task: str, key: str, asked_at: datetime) -> Verify:
    """Whether a run of a task stands for an idempotency key, among those of the last minutes."""
    lately = RunFilter(tasks=(task,), since=asked_at - LATELY)

    async def verify(backend: Backend) -> Observation:
        page = await backend.runs(lately)
        for row in page.rows:
            if row.idempotency_key == clean(key):
                return Observation(True, f"{row.id} stands for its key", Made(row.id))
        return Observation(False, "no run stands for its idempotency key yet")

    return verify


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
