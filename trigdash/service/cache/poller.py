"""The poller: keeps the watched queries fresh, and no others.

Watching a query is what polls it. The first watcher starts one task, the last one to leave ends
it; one task for each query, so that its requests can never overlap. A BackendError becomes a
Problem beside the old data and a later retry; anything else is a bug, ends the task and reaches
`on_crash`.
This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

from trigdash.backends.base import BackendError, CannotReach, polling, retried_by_caller
from trigdash.service.cache.background import Background
from trigdash.service.cache.poll_job import (
    HELD_MESSAGE,
    PollJob,
    RateHold,
    Step,
    backoff_s,
    held_problem,
    jittered,
    report_crash,
)
from trigdash.service.cache.store import Problem, Snapshot

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.clock import Clock
    from trigdash.service.cache.query import Query
    from trigdash.service.cache.store import Store, Watcher

T = TypeVar("T")

CLOSE_S = 5.0
"""Seconds that closing waits for requests to notice that they were canceled."""

HANGING_S = 15.0
"""Seconds without an answer after which a poll that is asked for is sent anew."""


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
        """Called with a bug, to end the program; without it the loop's handler is told."""
        self.pace: Callable[[Query[Any], float], float] = lambda _, usual_s: usual_s  # seconds
        self._backend = backend
        self._store = store
        self._clock = clock
        self._random = random or Random()
        self._jobs: dict[Query[Any], PollJob] = {}
        self._ending: dict[asyncio.Task[None], Query[Any]] = {}
        self._hold = RateHold(clock)
        self._background = Background()
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
            self._store.drop_if_old(query, self._clock.now())
            self._start(query)
        return self._store.get(query)

    def unwatch(self, query: Query[Any], watcher: Watcher) -> None:
        """Stop watching; when nobody watches the query any more it is not polled any more."""
        if self._store.remove_watcher(query, watcher):
            self._end_task(query)

    def _start(self, query: Query[Any]) -> None:
        known = self._store.get(query)
        job = PollJob(query, wanted=not (known.is_final and known.data is not None))
        before = [task for task, ended in self._ending.items() if ended == query]
        # Known before its task is made: where tasks begin at once, it asks whether it is wanted.
        self._jobs[query] = job
        work = self._run(job, before)
        job.task = self._background.start(work, f"poll {query!r}", self.task_ended)

    def _end_task(self, query: Query[Any]) -> None:
        job = self._jobs.pop(query, None)
        if job is None or job.task is None or job.task.done():
            return
        self._ending[job.task] = query
        job.task.cancel()

    def task_ended(self, task: asyncio.Task[Any]) -> None:
        """Callback of a task that nobody else awaits: a bug in it is never silent."""
        self._ending.pop(task, None)
        report_crash(task, self.on_crash)

    # Asking

    def wake(self, query: Query[Any]) -> None:
        """Poll a watched query now, or right after the poll under way, or in the place of one that
        hangs; also when it is settled or polling is paused. Others are once they are watched."""
        job = self._jobs.get(query)
        if job is None:
            known = self._store.get(query)
            if known.is_final:
                self._store.put(query, replace(known, is_final=False))
            return
        job.ask()
        if job.work is not None and self.unanswered_s(query) >= HANGING_S:
            job.work.cancel()

    def hasten(self, query: Query[Any]) -> None:
        """Poll a watched query soon, as any poll: not while it is paused, held, or final."""
        if (job := self._jobs.get(query)) is not None:
            job.hasten(self._clock.monotonic())

    def unanswered_s(self, query: Query[Any]) -> float:
        """Seconds since the poll of a query that is under way began; 0 when none is."""
        job = self._jobs.get(query)
        return job.unanswered_s(self._clock.monotonic()) if job is not None else 0.0

    def wake_where(self, concerns: Callable[[Query[Any]], bool]) -> None:
        """Wake every known query that something concerns, such as all that mention a run."""
        for query in {*self._store.cached_queries(), *self._jobs}:
            if concerns(query):
                self.wake(query)

    def run_step(self, query: Query[T], step: Callable[[Backend, T], Awaitable[T]]) -> bool:
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
            known = self._store.get(job.query)
            if known.problem is not None and known.data is not None and known.problem.retry_at:
                # Only the user can start it now.
                problem = replace(known.problem, retry_at=None)
                self._store.put(job.query, replace(known, problem=problem))
            job.stirred.set()

    def resume(self) -> None:
        """Poll again, beginning now."""
        self._paused = False
        for job in self._jobs.values():
            if not self._store.get(job.query).is_final:
                job.wanted = True
            job.stirred.set()

    def stop(self) -> None:
        """End every task. Nothing is committed from here on."""
        self._closed = True
        for query in tuple(self._jobs):
            self._end_task(query)

    async def close(self) -> None:
        """End every task and wait until it has ended."""
        self.stop()
        if self._ending:
            await asyncio.wait(tuple(self._ending), timeout=CLOSE_S)

    # One query's task

    async def _run(self, job: PollJob, before: list[asyncio.Task[None]]) -> None:
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

    def _may_poll(self, job: PollJob) -> bool:
        """Whether a poll may go now. What was asked for by name always may; the first load of what
        was opened only has to respect a server that takes no request at all."""
        known = self._store.get(job.query)
        now, budget = self._clock.now(), self._backend.budget
        if job.asked:
            return True
        if budget.closed_until is not None and now < budget.closed_until:
            self._hold_back(job, budget.closed_until, budget.closed_because)
            return False
        if known.data is None:
            return True
        if self._paused:
            return False
        held_until = self._hold.until(budget)
        if held_until is None:
            return True
        self._hold_back(job, held_until, HELD_MESSAGE)
        return False

    def _hold_back(self, job: PollJob, until: datetime, because: str) -> None:
        """Poll again at a set time only, and say so."""
        known, now = self._store.get(job.query), self._clock.now()
        job.due_s = self._clock.monotonic() + (until - now).total_seconds()
        problem = held_problem(known, because, until, now)
        if problem is not known.problem:
            self._store.put(job.query, replace(known, problem=problem))

    async def _poll(self, job: PollJob) -> None:
        before = self._store.get(job.query).data
        polling.set(not job.asked and before is not None)
        retried_by_caller.set(True)
        job.wanted = job.asked = False
        began_s = self._clock.monotonic()
        if await self._commit_result(job, job.query.fetch, is_poll=True):
            usual_s = job.next_interval_s(before, self._store.get(job.query).data)
            usual_s = self.pace(job.query, usual_s)
            interval_s = jittered(usual_s * self._backend.budget.slowdown, self._random)
            job.rest(began_s, interval_s, self._clock.monotonic())

    async def _step(self, job: PollJob, step: Step) -> None:
        """Run one step; it leaves the queue only afterwards, so that asking twice is once."""
        try:
            if self._store.get(job.query).data is not None:
                polling.set(False)
                retried_by_caller.set(False)
                await self._commit_result(job, step, is_poll=False)
        finally:
            job.steps.remove(step)

    async def _commit_result(self, job: PollJob, work: Step, *, is_poll: bool) -> bool:
        """Do the work and commit data or problem; whether it succeeded."""
        known = self._store.get(job.query)
        working = asyncio.ensure_future(work(self._backend, known.data))
        if is_poll:
            job.work, job.work_began_s = working, self._clock.monotonic()
        try:
            data = await working
        except BackendError as error:
            if self._is_current(job):
                self._commit_problem(job, error, is_poll=is_poll)
            return False
        except asyncio.CancelledError:
            if job.is_canceled:
                raise
            return False  # it hung, and is sent anew
        finally:
            job.work = None
        if not self._is_current(job):
            return False
        now = self._clock.now()
        settled = job.query.is_final(data, self._store, now)
        self._store.put(job.query, Snapshot(data, now, None, settled))
        self._recovered(job)
        return True

    def _is_current(self, job: PollJob) -> bool:
        """Whether the job's answers are still wanted. A canceled task's are not, whoever canceled
        it and whatever swallowed that: the event loop cannot close before its tasks have ended."""
        return not self._closed and not job.is_canceled and self._jobs.get(job.query) is job

    def _recovered(self, job: PollJob) -> None:
        """Forget the job's failures. Who waited for the server polls now, if not refused twice."""
        was_unreachable, job.unreachable, job.failures = job.unreachable, False, 0
        job.absent = False
        was_held = self._hold.ended(self._backend.budget)
        for other in self._jobs.values() if was_unreachable or was_held else ():
            if other.unreachable or other.wanted or other.failures == 1:
                other.wanted = True
                other.stirred.set()

    def _commit_problem(self, job: PollJob, error: BackendError, *, is_poll: bool) -> None:
        now = self._clock.now()
        known = self._store.get(job.query)
        retry_at = None
        if is_poll:
            job.failures += 1
            job.unreachable = isinstance(error, CannotReach)
            delay_s = backoff_s(error, job.failures, now, self._random)
            delay_s *= self._backend.budget.slowdown
            job.due_s = self._clock.monotonic() + delay_s
            job.absent = job.is_absent_by(error, known, self._store)
            is_tried_again = not job.absent and (not self._paused or known.data is None)
            retry_at = now + timedelta(seconds=delay_s) if is_tried_again else None
        since = known.problem.since if known.problem else now
        problem = Problem(error.message(), since, retry_at, type(error).__name__)
        self._store.put(job.query, replace(known, problem=problem))

    async def _wait(self, job: PollJob) -> None:
        """Wait for the next poll's time, or until something is asked."""
        if job.stirred.is_set():
            return
        if job.is_idle(self._store.get(job.query), paused=self._paused):
            await job.stirred.wait()
        elif await job.is_due(self._clock):
            idle = job.is_idle(self._store.get(job.query), paused=self._paused)
            job.wanted = job.wanted or not idle
