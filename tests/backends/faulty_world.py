"""The real client on a simulator that misbehaves, in a time that a test moves.

The client's clock stands still while a request is under way, so what takes how long does not depend
on the machine.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any

from tests.fakes.clock import BETWEEN_SCHEDULES, FakeClock, JumpingClock
from trigdash.backends import open_backend
from trigdash.backends.target import Secret, Target
from trigdash.service.actions.outcome import AuditLog
from trigdash.service.cache.query import Query
from trigdash.service.cache.store import Snapshot
from trigdash.service.connection import Connection
from trigdash.simulator.http.chaos import Chaos, PlannedFault
from trigdash.simulator.http.host import SimulatorHost
from trigdash.simulator.http.injectors import KINDS
from trigdash.simulator.http.ratelimit import Rate
from trigdash.simulator.world.scenario import Scenario

STILL = Scenario("still", "nothing starts by itself", interval_s=1e9, batch_every_s=1e9)
PATIENCE_S = 60.0
"""Real seconds after which a request that does not end is a failure."""
STEP_S = 0.25
SHORT_S = 0.02
"""How long a fault lasts that lasts for a while: a real time, so it is short."""

HARMLESS = frozenset(
    {"stall", "stall_inside", "drip", "wrong_type", "repeated_page", "shuffled_page", "skew"}
)
"""Faults whose answers are late, in another order, or said to be something else: all the rest must
be seen as trouble. A fault that is new is one of the rest."""

HOUR_S = 3_600.0


def planned(kind: str, *, times: int = 1_000, path: str = "", method: str | None = None) -> Any:
    """A fault for the next requests that fit."""
    seconds = HOUR_S if kind == "skew" else SHORT_S if KINDS[kind][1] else 0.0
    return PlannedFault(kind, method, path, times=times, seconds=seconds)


@dataclass
class FaultyWorld:
    """A simulator, a connection to it, and the time of both."""

    host: SimulatorHost
    clock: FakeClock
    wall: JumpingClock
    """The client's: its time of day can be set."""
    connection: Connection
    audit: Path
    told: dict[Query[Any], int] = field(default_factory=dict)
    """How often each watched query was told a change."""

    def plan(self, *faults: PlannedFault) -> None:
        """Let these faults happen from now on, and no others."""
        self.host.chaos.plan = list(faults)

    def met(self, kind: str) -> int:
        """How many requests have met a fault."""
        return self.host.chaos.counts[kind]

    def watch(self, query: Query[Any]) -> None:
        """Watch a query as a pane does."""
        self.told[query] = 0
        self.connection.watch(query, lambda _: self._note(query))

    def _note(self, query: Query[Any]) -> None:
        self.told[query] += 1

    def snapshot(self, query: Query[Any]) -> Snapshot[Any]:
        """What a pane shows."""
        return self.connection.snapshot(query)

    async def go(self, seconds: float) -> None:
        """Let time pass, request by request."""
        await self.until(lambda: False, seconds)

    async def until(self, holds: Callable[[], object], within_s: float) -> float:
        """Let time pass until something holds, for so many seconds at most; how many it took."""
        began_s = self.clock.monotonic()
        end_s = began_s + within_s
        await self._answered()
        while not holds() and (left_s := end_s - self.clock.monotonic()) > 0:
            await self.clock.advance(min(left_s, self._until_next_s()))
            await self._answered()
            if self.host.is_refusing:
                await asyncio.sleep(SHORT_S / 4)
        return self.clock.monotonic() - began_s

    def _until_next_s(self) -> float:
        """Seconds until somebody who waits has waited enough; a little while where connections
        are refused, which takes real time."""
        due_s = self.clock.next_due_s()
        if due_s is None or self.host.is_refusing:
            return STEP_S
        return max(0.0, due_s - self.clock.monotonic())

    async def _answered(self) -> None:
        """Wait in real time until no request is under way."""
        end = monotonic() + PATIENCE_S
        await self.clock.settle()
        while self.under_way():
            assert monotonic() < end, f"requests that do not end: {self.under_way()}"
            await asyncio.sleep(0.002)
            await self.clock.settle()

    def under_way(self) -> list[str]:
        """Requests without an answer, by the names of their tasks."""
        names = (task.get_name() for task in asyncio.all_tasks() if not task.done())
        return [name for name in names if name.startswith("exchange ")]


@asynccontextmanager
async def faulty_world(folder: Path) -> AsyncIterator[FaultyWorld]:
    """A world that stands still, and a client of it."""
    clock = FakeClock(BETWEEN_SCHEDULES)
    wall = JumpingClock(clock)
    audit = folder / "actions.jsonl"
    host = SimulatorHost(
        scenario=STILL, runs=120, clock=clock, rate=Rate(6_000, 2_000), chaos=Chaos()
    )
    async with host:
        target = Target(api_url=host.url, secret_key=Secret(host.secret_key), rate_share=1.0)
        connection = Connection(
            open_backend(target, wall), wall, audit=AuditLog(audit), random=Random(7)
        )
        try:
            yield FaultyWorld(host, clock, wall, connection, audit)
        finally:
            closing = asyncio.ensure_future(connection.close())
            while not closing.done():
                await clock.advance(STEP_S)
                await asyncio.sleep(0.001)
            await closing
