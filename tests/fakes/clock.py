"""Clocks of tests: one that stands still until it is moved, one that runs from a set moment."""

from __future__ import annotations

import asyncio
import heapq
from datetime import UTC, datetime, timedelta
from itertools import count
from time import monotonic

from typing_extensions import override

from trigdash.clock import SystemClock

START = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)

BETWEEN_SCHEDULES = START + timedelta(minutes=3)
"""When a simulated world is as its seed says, whatever the time of day of the test: no schedule is
due for two minutes."""

TURNS = 40
"""Turns of the event loop after which everything that can run has run, in these tests."""


class FakeClock:
    """Time for tests: `advance` moves it and lets whoever waited run, in the order of time."""

    def __init__(self, start: datetime = START) -> None:
        self._start = start
        self._elapsed_s = 0.0
        self._waiters: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = count()
        self.waits = 0
        """How often somebody began to wait."""

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed_s)

    def monotonic(self) -> float:
        return self._elapsed_s

    async def wait(self, seconds: float) -> None:
        self.waits += 1
        due_s = self._elapsed_s + max(0.0, seconds)
        waiter = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiters, (due_s, next(self._numbers), waiter))
        if due_s <= self._elapsed_s:
            waiter.set_result(None)
        await waiter

    async def advance(self, seconds: float) -> None:
        """Move time on. Each waiter on the way runs at its own time, and so do its followers."""
        await self.settle()
        until_s = self._elapsed_s + seconds
        while self._waiters and self._waiters[0][0] <= until_s:
            due_s, _, waiter = heapq.heappop(self._waiters)
            if waiter.done():
                continue
            self._elapsed_s = max(self._elapsed_s, due_s)
            waiter.set_result(None)
            await self.settle()
        self._elapsed_s = until_s
        await self.settle()

    def next_due_s(self) -> float | None:
        """When, on the monotonic scale, the first of those who wait has waited enough."""
        while self._waiters and self._waiters[0][2].done():
            heapq.heappop(self._waiters)
        return self._waiters[0][0] if self._waiters else None

    async def settle(self) -> None:
        """Let every task run that can run without time passing."""
        for _ in range(TURNS):
            await asyncio.sleep(0)


class JumpingClock:
    """A clock whose time of day is set while it runs: by a user, by a server, or since the machine
    slept. What counts seconds knows nothing of it."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.off_s = 0.0
        """Seconds by which the time of day was set."""
        self.monotonic = clock.monotonic
        self.wait = clock.wait

    def now(self) -> datetime:
        return self._clock.now() + timedelta(seconds=self.off_s)


class RunningClock(SystemClock):
    """The machine's clock, set: real HTTP takes real time, and the world is the same each time."""

    def __init__(self, start: datetime = BETWEEN_SCHEDULES) -> None:
        self._start = start
        self._began_s = monotonic()

    @override
    def now(self) -> datetime:
        return self._start + timedelta(seconds=monotonic() - self._began_s)
