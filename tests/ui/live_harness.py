"""The real app over real HTTP: a simulator in this process, and the client that talks to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any

from textual.pilot import Pilot
from typing_extensions import override

from tests.fakes.clock import RunningClock
from trigdash.backends import open_backend
from trigdash.backends.base import Backend
from trigdash.backends.target import Secret, Target
from trigdash.config.options import Destination, UiSettings
from trigdash.service.connection import Connection
from trigdash.simulator.http.faults import Fault, Faults
from trigdash.simulator.http.host import SimulatorHost
from trigdash.simulator.http.ratelimit import Rate
from trigdash.simulator.world.scenario import Scenario
from trigdash.ui.app import TrigdashApp
from trigdash.ui.widgets.line import Line
from trigdash.ui.widgets.row_table import RowTable

STILL = Scenario(
    "still", "nothing happens but what is asked for", interval_s=1e9, batch_every_s=1e9
)
"""A world that stands still."""

PATIENCE_S = 60.0
"""How long a condition may take on a busy machine before a test gives up."""


class NotedFaults(Faults):
    """The switches of a server that also notes which requests came."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[tuple[str, str]] = []

    @override
    def next_for(self, method: str, path: str) -> Fault | None:
        self.requests.append((method, path))
        return super().next_for(method, path)


@dataclass
class LiveHarness:
    """The app, and the world that it looks at."""

    app: TrigdashApp
    pilot: Pilot[Any]
    host: SimulatorHost
    backend: Backend
    """A client of the test's own, to set the world up and to look at it."""
    faults: NotedFaults

    @property
    def writes(self) -> list[str]:
        """Paths of the requests that change something, without those of `backend`."""
        return [
            path
            for method, path in self.faults.requests[self._own :]
            if method != "GET" and not path.endswith("/query")
        ]

    _own: int = 0

    def forget_requests(self) -> None:
        """Leave what was asked so far out of `writes`."""
        self._own = len(self.faults.requests)

    async def until(self, condition: Callable[[], object], why: str = "") -> None:
        """Wait until something is so; fail with what is on screen when it does not come about."""
        end = monotonic() + PATIENCE_S
        while not condition():
            assert monotonic() < end, (
                f"{why or 'it'} did not come about: {self.words()} {self.toasts}"
            )
            await asyncio.sleep(0.01)
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    @property
    def table(self) -> RowTable[Any]:
        return self.app.screen.query_one(RowTable)

    def words(self) -> str:
        screen = type(self.app.screen).__name__
        return f"[{screen}] " + " | ".join(line.plain_text for line in self.app.screen.query(Line))

    @property
    def toasts(self) -> list[str]:
        return [note.message for note in self.app._notifications]


@asynccontextmanager
async def live_app(
    *,
    scenario: Scenario = STILL,
    runs: int = 40,
    speed: float = 1.0,
    env: str = "prod",
    size: tuple[int, int] = (140, 40),
    settings: UiSettings | None = None,
    rate: Rate | None = None,
    prepare: Callable[[Backend], Awaitable[object]] | None = None,
    connected_with: dict[str, Any] | None = None,
    version: str = "4.8",
) -> AsyncIterator[LiveHarness]:
    """Serve a world, and open the app on it."""
    clock = RunningClock()
    host = SimulatorHost(
        scenario=scenario, runs=runs, speed=speed, env=env, clock=clock, rate=rate or Rate(0, 0),
        version=version,
    )  # fmt: skip
    faults = host.state.faults = NotedFaults()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(host)
        target = Target(api_url=host.url, secret_key=Secret(host.secret_key))
        backend = open_backend(target, clock)
        stack.push_async_callback(backend.aclose)
        if prepare is not None:
            await prepare(backend)

        async def open_connection(where: Destination) -> Connection:
            return Connection(open_backend(target, clock), clock, **(connected_with or {}))

        app = TrigdashApp(open_connection, settings or UiSettings(server="127.0.0.1"), clock)
        pilot = await stack.enter_async_context(app.run_test(size=size, notifications=True))
        harness = LiveHarness(app, pilot, host, backend, faults)
        harness.forget_requests()
        yield harness
