"""What the poller knows of one query: what is due, and how long it pauses."""

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
"""A server that comes back is noticed within half a minute."""

POLL_JITTER = 0.1
"""Part of an interval by which it varies, so that queries do not march in step."""
RETRY_JITTER = 0.25

SOONEST_S = 2.0
"""Between polls that are hastened: what changes all the time costs as much as being polled."""

_HOPELESS = (BadKey, Forbidden, InvalidRequest, Misconfigured, Unsupported)


def backoff_s(error: BackendError, failures: int, now: datetime, random: Random) -> float:
    """Seconds until the next try after `failures` (at least 1) in a row.

    Twice as long each time, up to SLOWEST_RETRY_S; at once the longest when the server understood
    and refused or nothing can be sent, since asking again soon cannot help; never before the moment
    that the server names.
    """
    hopeless = isinstance(error, _HOPELESS)
    doubled_s = FIRST_RETRY_S * 2 ** min(failures - 1, 10)
    seconds = SLOWEST_RETRY_S if hopeless else min(doubled_s, SLOWEST_RETRY_S)
    seconds *= random.uniform(1 - RETRY_JITTER, 1)
    if error.retry_at is not None:
        seconds = max(seconds, (error.retry_at - now).total_seconds())
    return seconds


ABSENT_TRIES = 4
"""Answers "not found" after which what is absent for good is not asked for any more, but by name:
a quarter of a minute, since a run that was just made may not be there yet."""


CALMER = 1.25
"""What an interval grows by with each poll that brings nothing new, up to the query's `rest_s`."""


def jittered(interval_s: float, random: Random) -> float:
    """An interval, a little longer or shorter each time."""
    return interval_s * random.uniform(1 - POLL_JITTER, 1 + POLL_JITTER)


HELD = "RateHeld"
"""The `kind` of the problem that polling is held: to spare the rate limit, or since the server
takes no request for now."""

HELD_MESSAGE = "polling is held: less than a tenth of the rate limit is left"

PROBE_S = 15.0
"""Seconds between looks at the rate limit when the server does not say when it refills."""


def _until_reset_s(budget: RateBudget, now: datetime) -> float:
    """Seconds until the bucket has refilled, by what was told; a while where a reset was in the
    past as soon as it was told: a clock is wrong."""
    resets_at, told_at = budget.resets_at, budget.told_at
    if resets_at is None or (told_at is not None and resets_at <= told_at):
        return PROBE_S
    return max(0.0, (resets_at - now).total_seconds())


class RateHold:
    """Whether polls may go, by the rate budget of the last answer.

    Past the reset the bucket has refilled, but only an answer can tell by how much: then one poll
    may probe, and the others wait for its answer.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._probe_s: float | None = None
        """On the monotonic scale: the time of day may be set meanwhile."""

    def until(self, budget: RateBudget) -> datetime | None:
        """When polling goes on; None when it does now. Ask once for each poll."""
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
        """Whether polls have been held and need not be any more."""
        return self._probe_s is not None and not budget.stopped


def held_problem(known: Snapshot[object], because: str, until: datetime, now: datetime) -> Problem:
    """The problem to show while polling is held; the known one where it says so already."""
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
    """That poll was asked for by name and happens although polling is paused."""
    steps: deque[Step] = field(default_factory=deque)
    stirred: asyncio.Event = field(default_factory=asyncio.Event)
    failures: int = 0
    unreachable: bool = False
    quiet: int = 0
    """Polls in a row that brought nothing new."""
    is_overtaken: bool = False
    """Something changed while the poll was under way: its answer may be of the time before."""
    absent: bool = False
    """There is no such thing, and there will be none."""
    due_s: float = 0.0
    """When the next poll is due, on the clock's monotonic scale."""
    work: asyncio.Future[Any] | None = None
    """The poll under way; None while there is none, and during a step."""
    work_began_s: float = 0.0
    """When that poll began, on the same scale."""

    def ask(self) -> None:
        """Poll now, by name. What was done or wished for brings news: it is looked for soon."""
        self.wanted = self.asked = True
        self.quiet = 0
        self.stirred.set()

    def next_interval_s(self, before: object, data: object) -> float:
        """Seconds until the poll after one that told `data` in the place of `before`."""
        self.quiet = self.quiet + 1 if data is before else 0
        usual_s = self.query.interval_s(data)
        return max(usual_s, min(self.query.rest_s(data), usual_s * CALMER**self.quiet))

    def hasten(self, now_s: float) -> None:
        """Poll soon, and no sooner after the last poll than SOONEST_S; one that fails keeps its
        pauses."""
        if self.work is not None:
            self.is_overtaken = True
        elif not self.failures:
            self.quiet = 0
            self.due_s = min(self.due_s, max(now_s, self.work_began_s + SOONEST_S))
            self.stirred.set()

    def rest(self, began_s: float, interval_s: float, now_s: float) -> None:
        """Set the time of the next poll: soon where something changed during the one that has just
        ended, and a slow server gets a rest at least half as long as the interval."""
        self.due_s = max(began_s + interval_s, now_s + interval_s / 2)
        if self.is_overtaken:
            self.is_overtaken = False
            self.hasten(now_s)

    @property
    def is_canceled(self) -> bool:
        """Whether somebody canceled its task, whatever swallowed that."""
        return self.task is not None and self.task.cancelling() > 0

    def unanswered_s(self, now_s: float) -> float:
        """Seconds since the poll under way began; 0 when there is none."""
        return now_s - self.work_began_s if self.work is not None else 0.0

    def is_absent_by(self, error: BackendError, known: Snapshot[Any], store: Store) -> bool:
        """Whether asking again would not find it either, as far as its query knows. What was there
        once may be back: a refusal in the middle may be that of a proxy, or hold for a while."""
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
        """Whether the job waits to be asked: settled without a problem, absent, or paused."""
        is_over = self.absent or (known.is_final and known.problem is None)
        if is_over and not self.wanted:
            return True
        return paused and known.data is not None and not self.asked

    async def is_due(self, clock: Clock) -> bool:
        """Wait for the time of the next poll, or until something is asked; whether it was the
        time."""
        wait_s = max(0.0, self.due_s - clock.monotonic())
        timer = asyncio.create_task(clock.wait(wait_s))
        timer.add_done_callback(self._stir)
        try:
            await self.stirred.wait()
            return timer.done()
        finally:
            timer.cancel()

    def _stir(self, timer: asyncio.Task[None]) -> None:
        """Wake the job when its time has come, and not when the timer was given up."""
        if not timer.cancelled():
            self.stirred.set()


def report_crash(task: asyncio.Task[Any], on_crash: Callable[[BaseException], None] | None) -> None:
    """Tell of the bug that ended a task, if one did; without a hook, the event loop's handler."""
    crash = None if task.cancelled() else task.exception()
    if crash is None:
        return
    if on_crash is not None:
        on_crash(crash)
        return
    task.get_loop().call_exception_handler(
        {"message": "polling stopped", "exception": crash, "task": task}
    )
