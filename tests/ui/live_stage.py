"""The real app over real HTTP: a simulator in this process, and the client that talks to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any

from textual.pilot import Pilot

from trigdash.backends import open_backend
from trigdash.backends.target import Target
from trigdash.clock import SystemClock
from trigdash.config import UiSettings
from trigdash.secret import Secret
from trigdash.service.connection import Connection
from trigdash.simulator.host import SimulatorHost
from trigdash.simulator.ratelimit import Rate
from trigdash.simulator.scenario import CALM, Scenario
from trigdash.ui.app import TrigdashApp
from trigdash.ui.widgets.line import Line
from trigdash.ui.widgets.row_table import RowTable

PATIENCE_S = 20.0
"""How long a condition may take on a busy machine before a test gives up."""


@dataclass
class LiveStage:
    """The app, and the world that it looks at."""

    app: TrigdashApp
    pilot: Pilot[Any]
    host: SimulatorHost

    async def until(self, condition: Callable[[], object], why: str = "") -> None:
        """Wait until something is so; fail with what is on screen when it does not come about."""
        end = monotonic() + PATIENCE_S
        while not condition():
            assert monotonic() < end, f"{why or 'it'} did not come about: {self.words()}"
            await asyncio.sleep(0.01)
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    @property
    def table(self) -> RowTable[Any]:
        return self.app.screen.query_one(RowTable)

    def words(self) -> str:
        screen = type(self.app.screen).__name__
        return f"[{screen}] " + " | ".join(line.words for line in self.app.screen.query(Line))

    @property
    def toasts(self) -> list[str]:
        return [note.message for note in self.app._notifications]


@asynccontextmanager
async def live_stage(
    *,
    scenario: Scenario = CALM,
    runs: int = 200,
    speed: float = 1.0,
    env: str = "prod",
    size: tuple[int, int] = (140, 40),
    settings: UiSettings | None = None,
    rate: Rate | None = None,
    prepare: Callable[[SimulatorHost], None] | None = None,
) -> AsyncIterator[LiveStage]:
    """Serve a world, and open the app on it."""
    clock = SystemClock()
    unlimited = rate or Rate(0, 0)
    async with SimulatorHost(
        scenario=scenario, runs=runs, speed=speed, env=env, rate=unlimited
    ) as host:
        if prepare is not None:
            prepare(host)
        target = Target(api_url=host.url, secret_key=Secret(host.secret_key))

        async def open_connection(profile: str | None, environment: str | None) -> Connection:
            return Connection(open_backend(target, clock), clock)

        app = TrigdashApp(open_connection, settings or UiSettings(server="127.0.0.1"))
        async with app.run_test(size=size, notifications=True) as pilot:
            yield LiveStage(app, pilot, host)
