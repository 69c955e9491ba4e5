"""A simulator in a thread of this process, so that a test can pull its switches, and the command
that is pointed at it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

from tests.end_to_end.in_process import InProcess
from trigdash.clock import Clock
from trigdash.simulator.http.host import SimulatorHost
from trigdash.simulator.http.ratelimit import Rate


@dataclass(frozen=True)
class Served:
    """A simulator in a thread of this process, and the command that is pointed at it."""

    host: SimulatorHost
    trigdash: InProcess

    def first(self, *words: str) -> str:
        return self.trigdash(*words, "-o", "name", "--limit", "1").out.strip()

    def lose(self, path: str, *, after_acting: bool = True, method: str = "POST") -> None:
        """Lose the answers to a write, however often it is sent."""
        self.host.faults.drop(after_acting=after_acting, times=4, path=path, method=method)


@contextmanager
def served(home: Path, clock: Clock | None = None) -> Iterator[Served]:
    """A simulator and a home of its own."""
    ready, leave = Event(), Event()
    host = SimulatorHost(rate=Rate(0, 0), clock=clock)

    async def serve() -> None:
        async with host:
            ready.set()
            await asyncio.to_thread(leave.wait)

    thread = Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        assert ready.wait(60)
        places = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"), str(home))
        where = {"TRIGGER_API_URL": host.url, "TRIGGER_SECRET_KEY": host.secret_key}
        settings = {"TRIGDASH_CONFIG": str(home / "none.toml")}
        path = {"PATH": os.environ["PATH"]}
        yield Served(host, InProcess(path | places | where | settings))
    finally:
        leave.set()
        thread.join()
