"""A simulator inside this process, on a free loopback port: for tests and for the command."""

import asyncio
import socket
from datetime import datetime
from email.utils import format_datetime
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trigdash.clock import Clock, SystemClock
from trigdash.simulator.http.faults import Faults
from trigdash.simulator.http.ratelimit import Rate
from trigdash.simulator.http.recoup import Recoup
from trigdash.simulator.http.server import Server
from trigdash.simulator.http.state import ServerState
from trigdash.simulator.http.workflow import Workflow
from trigdash.simulator.scenarios.definitions import CALM
from trigdash.simulator.scenarios.play import open_world
from trigdash.simulator.world.scenario import Scenario

# How often the world moves between requests.
TICK_S = 0.25


class SimulatorHost:
    """Serves a world over real HTTP while its `async with` block lasts.

    The world follows `clock`; with a clock of the test's own it moves only when that does. `rate`
    replaces the API's rate limit, `Rate(0, 0)` takes it away. `faults` makes the server misbehave.
    The two related APIs are served over the same world, each at its own address.
    """

    def __init__(  # noqa: PLR0913 - each is a keyword
        self,
        *,
        seed: int = 7,
        scenario: Scenario = CALM,
        runs: int = 200,
        speed: float = 1.0,
        env: str = "prod",
        trace_store: str = "clickhouse",
        version: str = "4.8",
        clock: Clock | None = None,
        rate: Rate | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ):
        self.clock = SystemClock() if clock is None else clock
        self.world = open_world(self._now_ms(), seed, scenario, runs, speed, env, version=version)
        self.state = ServerState(self.world, self._now_ms, trace_store, rate)
        self.host = host
        self.port = port
        self.workflow = Workflow(self.state)
        self.recoup = Recoup(self.state)
        self.url = ""
        self.workflow_url = ""
        self.recoup_url = ""
        self._servers: list[uvicorn.Server] = []
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def faults(self) -> Faults:
        return self.state.faults

    @property
    def secret_key(self) -> str:
        return self.world.env.secret_key

    @property
    def access_token(self) -> str:
        return self.world.project.access_token

    @property
    def project(self) -> str:
        return self.world.project.ref

    @property
    def env(self) -> str:
        return self.world.main_env

    def _now_ms(self) -> int:
        moment: datetime = self.clock.now()
        return int(moment.timestamp() * 1000)

    async def __aenter__(self) -> Self:
        self.url = await self._listen(Server(self.state), self.port)
        self.port = int(self.url.rpartition(":")[2])
        self.workflow_url = await self._listen(self.workflow.app(), 0)
        self.recoup_url = await self._listen(self.recoup.app(), 0)
        self._tasks.append(asyncio.create_task(self._tick()))
        return self

    async def _listen(self, app: ASGIApp, port: int) -> str:
        """Serve an application; its address."""
        listener = _listen(self.host, port)
        config = uvicorn.Config(
            _Dated(app, self.clock), date_header=False, server_header=False,
            log_config=None, log_level="critical", access_log=False,
            lifespan="off", proxy_headers=False, timeout_graceful_shutdown=1,
        )  # fmt: skip
        server = uvicorn.Server(config)
        # Not `serve()`: that would take over the signals of the whole process.
        serving = asyncio.create_task(server._serve([listener]))
        self._servers.append(server)
        self._tasks.append(serving)
        while not server.started:
            if serving.done():
                await serving
            await asyncio.sleep(0.005)
        return f"http://{self.host}:{listener.getsockname()[1]}"

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._tasks[-1].cancel()
        for server in self._servers:
            server.should_exit = True
            server.force_exit = True
        # Not awaited one by one: that would take a cancellation of our own for the ticker's.
        ended = await asyncio.gather(*self._tasks, return_exceptions=True)
        for failed in (each for each in ended if isinstance(each, Exception)):
            raise failed

    async def _tick(self) -> None:
        """Keep the world near its clock, so that no request pays for a long silence."""
        while True:
            self.state.catch_up()
            await asyncio.sleep(TICK_S)


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket with an explicit protocol.

    Only then does asyncio turn off Nagle's algorithm on what it accepts; with it, every answer
    would wait 40 ms for the client's delayed acknowledgement.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(512)
    return listener


class _Dated:
    """An application whose answers carry the date of the simulated world."""

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, _DatedSend(send, self._clock))


class _DatedSend:
    """Sends messages, the first one with a date."""

    def __init__(self, send: Send, clock: Clock) -> None:
        self._send = send
        self._clock = clock
        # As of the method that it stands for: a fault cuts the connection that it belongs to.
        self.__self__ = getattr(send, "__self__", None)

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            date = format_datetime(self._clock.now(), usegmt=True).encode()
            message["headers"] = [*message.get("headers", ()), (b"date", date)]
        await self._send(message)
