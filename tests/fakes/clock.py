"""A clock that stands still until a test moves it."""

from __future__ import annotations

import asyncio
import heapq
from datetime import UTC, datetime, timedelta
from itertools import count

START = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)

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

    async def settle(self) -> None:
        """Let every task run that can run without time passing."""
        for _ in range(TURNS):
            await asyncio.sleep(0)
