"""The poller: keeps the watched queries fresh, and no others.

Watching a query is what polls it. The first watcher starts one task, the last one to leave ends
it; one task for each query, so that its requests can never overlap. A BackendError becomes a
Problem beside the old data and a later retry; anything else is a bug, ends the task and reaches
`on_crash`.
This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

from trigdash.backends.base import BackendError, CannotReach, NotFound, polling
from trigdash.service.backoff import POLL_JITTER, backoff_s
from trigdash.service.rate_hold import RateHold, held_problem
from trigdash.service.store import Problem, Snapshot

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.clock import Clock
    from trigdash.service.queries import Query
    from trigdash.service.store import Store, Watcher

T = TypeVar("T")

Step = Callable[["Backend", Any], Awaitable[Any]]
"""An extra piece of work on a query's data, such as loading an older page: (backend, data) →
data."""

KEEP_S = 600.0
"""Seconds for which an unwatched snapshot is worth showing again while it is being refreshed."""

ABSENT_TRIES = 4
"""Answers "not found" after which what is absent for good is not asked for any more, but by name:
a quarter of a minute, since a run that was just made may not be there yet."""

CLOSE_S = 5.0
"""Seconds that closing waits for requests to notice that they were cancelled."""


@dataclass(eq=False)
class _Job:
    """One watched query's task and what it has to do."""

    query: Query[Any]
    task: asyncio.Task[None] | None = None
    wanted: bool = True
    """A poll is due now, whatever the interval says."""
    asked: bool = False
    """That poll was asked for by name and happens although polling is paused."""
    steps: deque[Step] = field(default_factory=deque)
    stirred: asyncio.Event = field(default_factory=asyncio.Event)
    failures: int = 0
    unreachable: bool = False
    absent: bool = False
    """There is no such thing, and there will be none."""
    due_s: float = 0.0
    """When the next poll is due, on the clock's monotonic scale."""


class Poller:
    """Polls what is watched. All methods are called on the event loop."""

    def __init__(
        self,
        backend: Backend,
        store: Store,
        clock: Clock,
        random: Random | None = None,
        on_crash: Callable[[BaseException], None] | None = None,
    ) -> None:
        self.on_crash = on_crash
        """Called with a bug, so that the application ends with its traceback; without it the
        event loop's exception handler is told."""
        self._backend = backend
        self._store = store
        self._clock = clock
        self._random = random or Random()
        self._jobs: dict[Query[Any], _Job] = {}
        self._ending: dict[asyncio.Task[None], Query[Any]] = {}
        self._hold = RateHold()
        self._paused = False
        self._closed = False

    # Watching

    def watch(self, query: Query[T], watcher: Watcher) -> Snapshot[T]:
        """Watch a query, and poll it from now on; what is known of it already.

        What is known is a snapshot of up to KEEP_S seconds ago, or any age once settled.
        """
        if self._closed:
            return self._store.get(query)
        if self._store.add_watcher(query, watcher):
            self._forget_if_old(query)
            self._start(query)
        return self._store.get(query)

    def unwatch(self, query: Query[Any], watcher: Watcher) -> None:
        """Stop watching; when nobody watches the query any more it is not polled any more."""
        if self._store.remove_watcher(query, watcher):
            self._end(query)

    def _forget_if_old(self, query: Query[Any]) -> None:
        known = self._store.get(query)
        if known.settled or known.fetched_at is None:
            return
        if self._clock.now() - known.fetched_at > timedelta(seconds=KEEP_S):
            self._store.drop(query)

    def _start(self, query: Query[Any]) -> None:
        known = self._store.get(query)
        job = _Job(query, wanted=not (known.settled and known.data is not None))
        before = [task for task, ended in self._ending.items() if ended == query]
        # Known before its task is made: where tasks begin at once, it asks whether it is wanted.
        self._jobs[query] = job
        job.task = asyncio.create_task(self._run(job, before), name=f"poll {query!r}"[:120])
        job.task.add_done_callback(self.task_ended)

    def _end(self, query: Query[Any]) -> None:
        job = self._jobs.pop(query, None)
        if job is None or job.task is None or job.task.done():
            return
        self._ending[job.task] = query
        job.task.cancel()

    def task_ended(self, task: asyncio.Task[Any]) -> None:
        """Callback of a task that nobody else awaits: a bug in it is never silent."""
        self._ending.pop(task, None)
        if task.cancelled():
            return
        crash = task.exception()
        if crash is None:
            return
        if self.on_crash is not None:
            self.on_crash(crash)
            return
        task.get_loop().call_exception_handler(
            {"message": "polling stopped", "exception": crash, "task": task}
        )

    # Asking

    def wake(self, query: Query[Any]) -> None:
        """Poll a watched query now, or right after the poll under way; also when it is settled
        or polling is paused. What is not watched is refreshed when it is watched again."""
        job = self._jobs.get(query)
        if job is None:
            known = self._store.get(query)
            if known.settled:
                self._store.put(query, replace(known, settled=False))
            return
        job.wanted = job.asked = True
        job.stirred.set()

    def wake_where(self, concerns: Callable[[Query[Any]], bool]) -> None:
        """Wake every known query that something concerns, such as all that mention a run."""
        for query in {*self._store.known(), *self._jobs}:
            if concerns(query):
                self.wake(query)

    def ask(self, query: Query[T], step: Callable[[Backend, T], Awaitable[T]]) -> bool:
        """Run an extra step on a watched query's data, in its task and so never beside a poll,
        and commit what it returns. False when it waits already or the query is not watched."""
        job = self._jobs.get(query)
        if job is None or step in job.steps:
            return False
        job.steps.append(step)
        job.stirred.set()
        return True

    @property
    def paused(self) -> bool:
        """Whether polling stands still by the user's wish."""
        return self._paused

    def pause(self) -> None:
        """Poll no more by itself. What is watched for the first time is still loaded once."""
        self._paused = True
        for job in self._jobs.values():
            job.stirred.set()

    def resume(self) -> None:
        """Poll again, beginning now."""
        self._paused = False
        for job in self._jobs.values():
            if not self._store.get(job.query).settled:
                job.wanted = True
            job.stirred.set()

    def stop(self) -> None:
        """End every task. Nothing is committed from here on."""
        self._closed = True
        for query in tuple(self._jobs):
            self._end(query)

    async def close(self) -> None:
        """End every task and wait until it has ended."""
        self.stop()
        if self._ending:
            await asyncio.wait(tuple(self._ending), timeout=CLOSE_S)

    # One query's task

    async def _run(self, job: _Job, before: list[asyncio.Task[None]]) -> None:
        if before:
            await asyncio.wait(before)
        while self._is_current(job):  # a backend may answer although it was cancelled
            job.stirred.clear()
            if job.wanted and self._may_poll(job):
                await self._poll(job)
            while job.steps and self._is_current(job):
                await self._step(job, job.steps[0])
            if self._is_current(job):
                await self._wait(job)

    def _may_poll(self, job: _Job) -> bool:
        """Whether a poll may go now. What somebody waits for always may: the first load of what
        was opened, and what was asked for by name."""
        known = self._store.get(job.query)
        if job.asked or known.data is None:
            return True
        if self._paused:
            return False
        now = self._clock.now()
        held_until = self._hold.until(self._backend.budget, now)
        if held_until is None:
            return True
        job.due_s = self._clock.monotonic() + (held_until - now).total_seconds()
        problem = held_problem(known, held_until, now)
        if problem is not known.problem:
            self._store.put(job.query, replace(known, problem=problem))
        return False

    async def _poll(self, job: _Job) -> None:
        polling.set(not job.asked and self._store.get(job.query).data is not None)
        job.wanted = job.asked = False
        began_s = self._clock.monotonic()
        if await self._commit_result(job, job.query.fetch, is_poll=True):
            interval_s = job.query.interval_s(self._store.get(job.query).data)
            interval_s *= self._backend.budget.slowdown
            interval_s *= self._random.uniform(1 - POLL_JITTER, 1 + POLL_JITTER)
            # A slow server gets a rest at least half as long as the interval.
            job.due_s = max(began_s + interval_s, self._clock.monotonic() + interval_s / 2)

    async def _step(self, job: _Job, step: Step) -> None:
        """Run one step; it leaves the queue only afterwards, so that asking twice is once."""
        try:
            if self._store.get(job.query).data is not None:
                polling.set(False)
                await self._commit_result(job, step, is_poll=False)
        finally:
            job.steps.remove(step)

    async def _commit_result(self, job: _Job, work: Step, *, is_poll: bool) -> bool:
        """Do the work and commit data or problem; whether it succeeded."""
        known = self._store.get(job.query)
        try:
            data = await work(self._backend, known.data)
        except BackendError as error:
            if self._is_current(job):
                self._commit_problem(job, error, is_poll=is_poll)
            return False
        if not self._is_current(job):
            return False
        now = self._clock.now()
        settled = job.query.settled(data, self._store, now)
        self._store.put(job.query, Snapshot(data, now, None, settled))
        self._recovered(job)
        return True

    def _is_current(self, job: _Job) -> bool:
        """Whether the job's answers are still wanted. A cancelled task's are not, whoever cancelled
        it and whatever swallowed that: the event loop cannot close before its tasks have ended."""
        cancelled = job.task is not None and job.task.cancelling() > 0
        return not self._closed and not cancelled and self._jobs.get(job.query) is job

    def _recovered(self, job: _Job) -> None:
        """Forget the job's failures; when the server was away or polling held, tell the others."""
        was_unreachable, job.unreachable, job.failures = job.unreachable, False, 0
        job.absent = False
        was_held = self._hold.ended(self._backend.budget)
        for other in self._jobs.values() if was_unreachable or was_held else ():
            if other.unreachable or other.wanted:
                other.wanted = True
                other.stirred.set()

    def _commit_problem(self, job: _Job, error: BackendError, *, is_poll: bool) -> None:
        now = self._clock.now()
        known = self._store.get(job.query)
        retry_at = None
        if is_poll:
            job.failures += 1
            job.unreachable = isinstance(error, CannotReach)
            delay_s = backoff_s(error, job.failures, now, self._random)
            delay_s *= self._backend.budget.slowdown
            job.due_s = self._clock.monotonic() + delay_s
            job.absent = self._is_absent(job, error)
            retry_at = None if job.absent else now + timedelta(seconds=delay_s)
        since = known.problem.since if known.problem else now
        problem = Problem(error.sentence(), since, retry_at, type(error).__name__)
        self._store.put(job.query, replace(known, problem=problem))

    def _is_absent(self, job: _Job, error: BackendError) -> bool:
        """Whether asking again would not find it either, as far as its query knows."""
        is_for_good = getattr(job.query, "is_absent_for_good", None)
        return (
            isinstance(error, NotFound)
            and job.failures >= ABSENT_TRIES
            and is_for_good is not None
            and is_for_good(self._store)
        )

    async def _wait(self, job: _Job) -> None:
        """Wait for the next poll's time, or until something is asked."""
        if job.stirred.is_set():
            return
        if self._rests(job):
            await job.stirred.wait()
            return
        wait_s = max(0.0, job.due_s - self._clock.monotonic())
        timer = asyncio.create_task(self._clock.wait(wait_s))
        timer.add_done_callback(partial(_stir, job))
        try:
            await job.stirred.wait()
            job.wanted = job.wanted or (timer.done() and not self._rests(job))
        finally:
            timer.cancel()

    def _rests(self, job: _Job) -> bool:
        """Whether the job waits to be asked: settled without a problem, absent, or paused."""
        known = self._store.get(job.query)
        is_over = job.absent or (known.settled and known.problem is None)
        if is_over and not job.wanted:
            return True
        return self._paused and known.data is not None and not job.asked


def _stir(job: _Job, timer: asyncio.Task[None]) -> None:
    """Wake the job when its time has come, and not when the timer was given up."""
    if not timer.cancelled():
        job.stirred.set()
