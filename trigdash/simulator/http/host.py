"""A simulator inside this process, on a free loopback port: for tests and for the command."""

import asyncio
import socket
from datetime import datetime
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp

from trigdash.clock import Clock, SystemClock
from trigdash.simulator.http.chaos import Chaos
from trigdash.simulator.http.control import Control, Journal
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
    `chaos` injects faults at random or by a plan; `journal` holds the writes that were received.
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
        chaos: Chaos | None = None,
    ):
        self.chaos = Chaos() if chaos is None else chaos
        self.journal = Journal()
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
        self._reopening: list[asyncio.Task[None]] = []

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

    @property
    def is_refusing(self) -> bool:
        """Whether one of its servers takes no connection for a while."""
        return not all(task.done() for task in self._reopening)

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
        where = listener.getsockname()[1]
        around = Control(
            app, self.world, self.clock.now, self.journal, self.chaos,
            lambda seconds: self._refuse(server, where, seconds),
        )  # fmt: skip
        config = uvicorn.Config(
            around, date_header=False, server_header=False,
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
        return f"http://{self.host}:{where}"

    def _refuse(self, server: uvicorn.Server, port: int, seconds: float) -> None:
        """Refuse new connections for a while; open ones stay. A second call while it refuses
        changes nothing."""
        if not server.servers:
            return
        for each in server.servers:
            each.close()
        server.servers.clear()
        self._reopening.append(asyncio.create_task(self._reopen(server, port, seconds)))

    async def _reopen(self, server: uvicorn.Server, port: int, seconds: float) -> None:
        await asyncio.sleep(seconds)
        if server.should_exit or server.servers:
            return
        config = server.config

        def protocol() -> asyncio.Protocol:
            return config.http_protocol_class(
                config=config, server_state=server.server_state, app_state=server.lifespan.state
            )  # type: ignore[call-arg]

        loop = asyncio.get_running_loop()
        # Where the end comes while it begins to serve, whoever ends it finds it and closes it.
        opened = await loop.create_server(
            protocol, sock=_listen(self.host, port), start_serving=False
        )
        server.servers.append(opened)
        await opened.start_serving()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._tasks[-1].cancel()
        for reopening in self._reopening:
            reopening.cancel()
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
