"""Watches: how one ends, and those that run in the background of the dashboard.

`trigdash runs watch` and the key `b` work alike: `RunWatch` or `QueueWatch` poll, with retries
after failures, until a condition holds or cannot hold any more. This module is imported before the
first frame: standard library and light modules only.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from trigdash.backends.base import BackendError, polling
from trigdash.service.cache.background import Background

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.clock import Clock
    from trigdash.model.run_row import RunRow
    from trigdash.service.cache.feed_pool import FeedPool
    from trigdash.service.runs.watch import Condition, Look

L = TypeVar("L")

CONDITION_NAMES = ("done", "failed", "executing", "stalled", "drained")
"""Conditions that completion offers; figures can be compared as well."""

MAX_FAILURES = 5
"""Consecutive failed polls before the watch gives up; until then the server may be back."""
PAUSE_S = 2.0
"""Seconds between a failed poll and the next one."""


async def patient_looks(
    clock: Clock,
    begin: Callable[[], AsyncIterator[L]],
    on_failure: Callable[[BackendError], object] = lambda error: None,
) -> AsyncIterator[L]:
    """The polls of a watch; a few consecutive failures are retried. Raises BackendError."""
    failures = 0
    looks = begin()
    while True:
        try:
            look = await anext(looks)
        except BackendError as error:
            failures += 1
            if not error.may_pass or failures > MAX_FAILURES:
                raise
            on_failure(error)
            await clock.wait(PAUSE_S)
            looks = begin()
            continue
        failures = 0
        yield look


def ends_well(
    look: Look, condition: Condition, *, fail_fast: bool = False, follows_new: bool = False
) -> bool | None:
    """Whether a watch of runs has ended well; None while it continues."""
    seen = look.seen
    if fail_fast and seen.failed:
        return False
    if condition.holds(seen):
        return seen.ended_well if condition.name == "done" else condition.name != "failed"
    if not seen.rows and not follows_new:
        return condition.name == "done"
    if condition.is_impossible(seen) and not follows_new:
        return condition.name == "failed"
    return None


def queue_ends_well(condition_name: str) -> bool:
    """Whether a condition of a queue is a good end; a stalled queue is not."""
    return condition_name != "stalled"


@dataclass(frozen=True, slots=True)
class Watched:
    """What is watched, and until when. One of the three is given."""

    label: str
    """For people: "send-email run_…", "queue task/send-email", "3 runs"."""
    until: str
    run_ids: tuple[str, ...] = ()
    batch: str = ""
    queue: str = ""
    """As filters write it: task/send-email."""

    @property
    def words(self) -> str:
        """What is watched, and until when."""
        return f"{self.label} until {self.until}"


def watched_runs(rows: Sequence[RunRow], until: str) -> Watched | None:
    """Runs, until a condition (empty: all are over); None without runs."""
    if not rows:
        return None
    label = f"{rows[0].task} {rows[0].id}" if len(rows) == 1 else f"{len(rows):,} runs"
    return Watched(label, until or "done", run_ids=tuple(row.id for row in rows))


def watched_batch(batch_id: str, until: str) -> Watched:
    """The runs of a batch, until a condition (empty: all are over)."""
    return Watched(f"batch {batch_id}", until or "done", batch=batch_id)


def watched_queue(name: str, until: str) -> Watched:
    """A queue, until a condition (empty: nothing waits in it)."""
    return Watched(f"queue {name}", until or "drained", queue=name)


@dataclass(frozen=True, slots=True)
class WatchEnd:
    """How a watch ended."""

    watched: Watched
    is_good: bool
    words: str


def check_condition(watched: Watched) -> None:
    """Raises ValueError with a message if the condition does not apply to the target."""
    if watched.queue:
        from trigdash.service.queues.watch import parse_queue_condition

        parse_queue_condition(watched.until)
    else:
        from trigdash.service.runs.watch import parse_condition

        parse_condition(watched.until)


def _how(rows: Sequence[RunRow]) -> str:
    """The statuses of runs: of one by name, of many as counts."""
    from trigdash.service.runs.watch import summary

    if len(rows) != 1:
        return summary(rows) or "no runs"
    word, error = rows[0].status.word, rows[0].error
    return f"{word}: {error}" if error else word


class Watches:
    """The watches of one environment. Each is reported once, when it ends without being stopped."""

    def __init__(
        self,
        backend: Backend,
        clock: Clock,
        on_done: Callable[[asyncio.Task[None]], object],
        feeds: FeedPool,
    ) -> None:
        """`on_done` gets each task that has ended, with what it raised."""
        self._feeds = feeds
        self._backend = backend
        self._clock = clock
        self._on_done = on_done
        self._tasks: dict[Watched, asyncio.Task[None]] = {}
        self._background = Background()
        self.on_end: Callable[[WatchEnd], None] = lambda end: None

    @property
    def running(self) -> tuple[Watched, ...]:
        """The running watches, oldest first."""
        return tuple(self._tasks)

    def begin(self, watched: Watched) -> None:
        """Start a watch until its condition, which `check_condition` must have accepted."""
        if watched in self._tasks:
            return
        self._tasks[watched] = self._background.start(
            self._watch(watched), f"watch {watched.label}", partial(self._ended, watched)
        )

    def stop(self, watched: Watched) -> None:
        """End a watch without a report."""
        task = self._tasks.pop(watched, None)
        if task is not None:
            task.cancel()

    async def close(self) -> None:
        """End all of them without a report."""
        tasks = tuple(self._tasks.values())
        for watched in self.running:
            self.stop(watched)
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, watched: Watched, task: asyncio.Task[None]) -> None:
        if self._tasks.get(watched) is task:
            del self._tasks[watched]
        self._on_done(task)

    async def _watch(self, watched: Watched) -> None:
        polling.set(True)
        try:
            end = await (self._queue_end(watched) if watched.queue else self._runs_end(watched))
        except BackendError as error:
            end = WatchEnd(watched, False, f"cannot be watched any more: {error.message()}")
        if watched in self._tasks:
            self._tasks.pop(watched)
            self.on_end(end)

    async def _runs_end(self, watched: Watched) -> WatchEnd:
        from trigdash.model.run_filter import RunFilter
        from trigdash.service.runs.watch import RunWatch, WatchTarget, parse_condition

        condition = parse_condition(watched.until)
        run_filter = RunFilter(batch=watched.batch, period="30d") if watched.batch else None
        target = WatchTarget(watched.run_ids, run_filter)
        with RunWatch(self._backend, self._clock, target, self._feeds) as watch:
            async for look in patient_looks(self._clock, watch.looks):
                is_good = ends_well(look, condition)
                if is_good is not None:
                    return WatchEnd(watched, is_good, _how(look.seen.rows))
        raise AssertionError("a watch looks until it is left")

    async def _queue_end(self, watched: Watched) -> WatchEnd:
        from trigdash.service.queues.watch import QueueWatch, parse_queue_condition

        condition = parse_queue_condition(watched.until)
        watch = QueueWatch(self._backend, self._clock, watched.queue, condition)
        async for seen in patient_looks(self._clock, watch.looks):
            if condition.holds(seen):
                queue = seen.queue
                words = f"{condition.name}: {queue.queued:,} queued, {queue.running:,} running"
                return WatchEnd(watched, queue_ends_well(condition.name), words)
        raise AssertionError("a watch looks until it is left")
