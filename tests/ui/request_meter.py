"""Counts the requests of each screen in simulated minutes: the real app over real HTTP, on a
clock that jumps from one appointment to the next as soon as every answer is there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import Any, cast

from textual.pilot import Pilot
from typing_extensions import override

from tests.fakes.clock import BETWEEN_SCHEDULES, FakeClock
from tests.fakes.without_feeds import WithoutFeeds
from tests.ui.harness import at_rest
from tests.ui.live_harness import STILL, NotedFaults
from trigdash.backends import open_backend
from trigdash.backends.base import Backend
from trigdash.backends.target import Secret, Target
from trigdash.config.options import Destination, UiSettings
from trigdash.service.connection import Connection
from trigdash.simulator.http.host import SimulatorHost
from trigdash.simulator.http.ratelimit import Rate
from trigdash.simulator.world.scenario import Scenario
from trigdash.ui.app import TrigdashApp
from trigdash.ui.screens.base import LiveScreen

SETTLE_S = 30
"""Simulated seconds in which what a screen asks when it is opened has passed."""


class AnsweredClock(FakeClock):
    """Time stands still while a request is under way: none is late, however slow the machine."""

    @override
    async def settle(self) -> None:
        await super().settle()
        while any(task.get_name().startswith("exchange ") for task in asyncio.all_tasks()):
            await asyncio.sleep(0)
            if not any(task.get_name().startswith("exchange ") for task in asyncio.all_tasks()):
                await super().settle()


@dataclass
class RequestMeter:
    """The app on stage, with a log of what it asks."""

    app: TrigdashApp
    pilot: Pilot[Any]
    host: SimulatorHost
    clock: AnsweredClock
    asked: list[tuple[str, str]]

    async def pass_time(self, seconds: int, *, key: str = "") -> None:
        """Let simulated seconds pass, with a key every other second if there is one."""
        for second in range(seconds):
            await self.clock.advance(1.0)
            await at_rest(self.app)
            if isinstance(self.app.screen, LiveScreen):
                # Its own timer follows the machine's clock.
                self.app.screen._tick()
            if key and second % 2:
                await self.pilot.press(key)
            await at_rest(self.app)

    async def a_minute(self, *, key: str = "") -> list[str]:
        """What is asked in a minute, as methods and paths."""
        before = len(self.asked)
        await self.pass_time(60, key=key)
        return [f"{method} {path}" for method, path in self.asked[before:]]

    async def open(self, place: str) -> None:
        """Go to a place, and let what it asks at first pass."""
        await self.app.go(place)
        await self.pass_time(SETTLE_S)

    async def open_detail(self, kind: str, thing_id: str) -> None:
        """Open one thing, and let what it asks at first pass."""
        self.app.open_detail(kind, thing_id)
        await self.pass_time(SETTLE_S)


@asynccontextmanager
async def metered_app(
    scenario: Scenario = STILL, *, runs: int = 300, size: tuple[int, int] = (140, 40)
) -> AsyncIterator[RequestMeter]:
    """Serve a world and open the app on it, both on one clock that the test moves."""
    clock = AnsweredClock(BETWEEN_SCHEDULES)
    host = SimulatorHost(scenario=scenario, runs=runs, clock=clock, rate=Rate(0, 0))
    faults = host.state.faults = NotedFaults()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(host)
        target = Target(api_url=host.url, secret_key=Secret(host.secret_key))

        async def open_connection(_: Destination) -> Connection:
            # A feed is held until time passes, and here time waits for every answer.
            polled = cast(Backend, WithoutFeeds(open_backend(target, clock)))
            return Connection(polled, clock, random=Random(7))

        app = TrigdashApp(open_connection, UiSettings(server="127.0.0.1"), clock)
        pilot = await stack.enter_async_context(app.run_test(size=size, notifications=True))
        meter = RequestMeter(app, pilot, host, clock, faults.requests)
        await at_rest(app)
        await meter.pass_time(SETTLE_S)
        yield meter
