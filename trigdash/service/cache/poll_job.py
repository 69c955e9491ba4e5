"""What the poller knows of one query: what is due, and how long to wait."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from trigdash.backends.base import (
    BackendError,
    BadKey,
    Forbidden,
    InvalidRequest,
    Misconfigured,
    NotFound,
    Unsupported,
)
from trigdash.service.cache.store import Problem, Snapshot

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.clock import Clock
    from trigdash.model.capability import RateBudget
    from trigdash.service.cache.query import Query
    from trigdash.service.cache.store import Store

FIRST_RETRY_S = 2.0
SLOWEST_RETRY_S = 30.0
"""The longest wait before a retry: a server that is back is noticed within half a minute."""

POLL_JITTER = 0.1
"""The fraction by which an interval varies, so that queries do not run in step."""
RETRY_JITTER = 0.25

SOONEST_S = 2.0
"""Seconds between hastened polls: data that changes all the time costs no more than with plain
polling."""

_HOPELESS = (BadKey, Forbidden, InvalidRequest, Misconfigured, Unsupported)


def backoff_s(error: BackendError, failures: int, now: datetime, random: Random) -> float:
    """Seconds until the next try after `failures` (at least 1) in a row.

    Doubles each time, up to SLOWEST_RETRY_S. It is the longest at once when the server understood
    and refused or when nothing can be sent, since an early retry cannot help. It is never before
    the time that the server names.
    """
    hopeless = isinstance(error, _HOPELESS)
    doubled_s = FIRST_RETRY_S * 2 ** min(failures - 1, 10)
    seconds = SLOWEST_RETRY_S if hopeless else min(doubled_s, SLOWEST_RETRY_S)
    seconds *= random.uniform(1 - RETRY_JITTER, 1)
    if error.retry_at is not None:
        seconds = max(seconds, (error.retry_at - now).total_seconds())
    return seconds


ABSENT_TRIES = 4
"""Answers "not found" after which something absent for good is polled only on request. They take a
quarter of a minute, since a new run may not be readable yet."""


CALMER = 1.25
"""The factor by which an interval grows with each poll without news, up to the query's `rest_s`."""


def jittered(interval_s: float, random: Random) -> float:
    """An interval, a little longer or shorter each time."""
    return interval_s * random.uniform(1 - POLL_JITTER, 1 + POLL_JITTER)


HELD = "RateHeld"
"""The `kind` of the problem that polling is held, either to save the rate limit or because the
server takes no requests for now."""

HELD_MESSAGE = "polling is held: less than a tenth of the rate limit is left"

PROBE_S = 15.0
"""Seconds between probes of the rate limit when the server does not say when it refills."""


def _until_reset_s(budget: RateBudget, now: datetime) -> float:
    """Seconds until the bucket has refilled, as the server said. PROBE_S where the reset was
    already in the past when it arrived, since then a clock is wrong."""
    resets_at, told_at = budget.resets_at, budget.told_at
    if resets_at is None or (told_at is not None and resets_at <= told_at):
        return PROBE_S
    return max(0.0, (resets_at - now).total_seconds())


class RateHold:
    """Whether polls may be sent, by the rate budget of the last answer. After the reset the bucket
    has refilled, but only an answer shows by how much, so one poll probes and the others wait for
    its answer.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._probe_s: float | None = None
        """Monotonic time, since the time of day may be changed meanwhile."""

    def until(self, budget: RateBudget) -> datetime | None:
        """When polling continues; None for now. Call it once for each poll."""
        if not budget.stopped:
            self._probe_s = None
            return None
        now, now_s = self._clock.now(), self._clock.monotonic()
        if self._probe_s is None:
            self._probe_s = now_s + _until_reset_s(budget, now)
        if now_s < self._probe_s:
            return now + timedelta(seconds=self._probe_s - now_s)
        self._probe_s = now_s + PROBE_S
        return None

    def ended(self, budget: RateBudget) -> bool:
        """Whether polls were held and no longer need to be."""
        return self._probe_s is not None and not budget.stopped


def held_problem(known: Snapshot[object], because: str, until: datetime, now: datetime) -> Problem:
    """The problem to show while polling is held; the known one if it already says so."""
    problem = known.problem
    since = problem.since if problem else now
    held = Problem(because, since, until, HELD)
    return problem if problem == held else held


Step = Callable[["Backend", Any], Awaitable[Any]]
"""A piece of work on a query's data, such as loading an older page: (backend, data) → data."""


@dataclass(eq=False)
class PollJob:
    """One watched query's task and what it has to do."""

    query: Query[Any]
    task: asyncio.Task[None] | None = None
    wanted: bool = True
    """A poll is due now, whatever the interval says."""
    asked: bool = False
    """That poll was requested explicitly and happens even while polling is paused."""
    steps: deque[Step] = field(default_factory=deque)
    stirred: asyncio.Event = field(default_factory=asyncio.Event)
    failures: int = 0
    unreachable: bool = False
    quiet: int = 0
    """Polls in a row without news."""
    is_overtaken: bool = False
    """Something changed during the poll, so its answer may be older than the change."""
    absent: bool = False
    """The object does not exist and never will."""
    due_s: float = 0.0
    """When the next poll is due, on the clock's monotonic scale."""
    work: asyncio.Future[Any] | None = None
    """The poll in progress; None without one, and during a step."""
    work_began_s: float = 0.0
    """When that poll began, on the same scale."""

    def ask(self) -> None:
        """Request a poll now, and shorten the interval: actions and requests of the user bring
        news."""
        self.wanted = self.asked = True
        self.quiet = 0
        self.stirred.set()

    def next_interval_s(self, before: object, data: object) -> float:
        """Seconds until the poll after one that replaced `before` by `data`."""
        self.quiet = self.quiet + 1 if data is before else 0
        usual_s = self.query.interval_s(data)
        return max(usual_s, min(self.query.rest_s(data), usual_s * CALMER**self.quiet))

    def hasten(self, now_s: float) -> None:
        """Poll soon, but no sooner than SOONEST_S after the last poll. A failing poll keeps its
        backoff."""
        if self.work is not None:
            self.is_overtaken = True
        elif not self.failures:
            self.quiet = 0
            self.due_s = min(self.due_s, max(now_s, self.work_began_s + SOONEST_S))
            self.stirred.set()

    def rest(self, began_s: float, interval_s: float, now_s: float) -> None:
        """Set the time of the next poll: soon if something changed during the last one. A slow
        server gets a pause of at least half the interval."""
        self.due_s = max(began_s + interval_s, now_s + interval_s / 2)
        if self.is_overtaken:
            self.is_overtaken = False
            self.hasten(now_s)

    @property
    def is_canceled(self) -> bool:
        """Whether its task was canceled, even if something swallowed the cancellation."""
        return self.task is not None and self.task.cancelling() > 0

    def unanswered_s(self, now_s: float) -> float:
        """Seconds since the poll in progress began; 0 without one."""
        return now_s - self.work_began_s if self.work is not None else 0.0

    def is_absent_by(self, error: BackendError, known: Snapshot[Any], store: Store) -> bool:
        """Whether another poll would not find it either, as far as its query knows. An object that
        was there before may be back: a refusal may come from a proxy, or be temporary."""
        if isinstance(error, Misconfigured):
            return True
        if known.data is not None:
            return False
        if isinstance(error, Forbidden | Unsupported) and self.query.is_refused_for_good():
            return True
        return (
            isinstance(error, NotFound)
            and self.failures >= ABSENT_TRIES
            and self.query.is_absent_for_good(store)
        )

    def is_idle(self, known: Snapshot[Any], *, paused: bool) -> bool:
        """Whether the job only waits for requests: final without a problem, absent, or paused."""
        is_over = self.absent or (known.is_final and known.problem is None)
        if is_over and not self.wanted:
            return True
        return paused and known.data is not None and not self.asked

    async def is_due(self, clock: Clock) -> bool:
        """Wait for the time of the next poll or for a request; returns whether it was the time."""
        wait_s = max(0.0, self.due_s - clock.monotonic())
        timer = asyncio.create_task(clock.wait(wait_s))
        timer.add_done_callback(self._stir)
        try:
            await self.stirred.wait()
            return timer.done()
        finally:
            timer.cancel()

    def _stir(self, timer: asyncio.Task[None]) -> None:
        """Wake the job when its time has come, but not when the timer was canceled."""
        if not timer.cancelled():
            self.stirred.set()


def report_crash(task: asyncio.Task[Any], on_crash: Callable[[BaseException], None] | None) -> None:
    """Report the bug that ended a task, if any, to the hook or else to the event loop's handler."""
    crash = None if task.cancelled() else task.exception()
    if crash is None:
        return
    if on_crash is not None:
        on_crash(crash)
        return
    task.get_loop().call_exception_handler(
        {"message": "polling stopped", "exception": crash, "task": task}
    )
