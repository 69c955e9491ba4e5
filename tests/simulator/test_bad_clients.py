"""The simulator answers good clients among bad ones. Long form: `python -m tests.bad_clients`."""

from __future__ import annotations

import os
from random import Random

import pytest

from tests.bad_clients import GARBAGE, Good, bother, send_garbage
from trigdash.simulator.http.host import SimulatorHost
from trigdash.simulator.http.ratelimit import Rate

CONNECTIONS = 200
"""As many as any system lets a process open; a thousand in the long form."""


@pytest.mark.slow
async def test_garbage_slow_clients_and_many_connections_stop_no_good_client() -> None:
    async with SimulatorHost(runs=60, speed=60.0, rate=Rate(0, 0)) as host:
        ready = {"url": host.url, "secret_key": host.secret_key}
        done, took_ms, _ = await bother(
            ready, os.getpid(), seconds=2.0, connections=CONNECTIONS, seed=7
        )
    assert done["held"] == CONNECTIONS
    assert done["good"] + 1 == len(took_ms) > 1


async def test_what_is_no_http_is_refused_or_dropped_and_acts_on_nothing() -> None:
    async with SimulatorHost(runs=60, rate=Rate(0, 0)) as host:
        port = int(host.url.rpartition(":")[2])
        host.world.is_held = True
        before = len(host.world.env.runs.all)
        random = Random(1)
        for _ in range(4 * len(GARBAGE)):
            answer = await send_garbage(port, random)
            assert not answer.startswith(b"HTTP/1.1 2"), answer
        assert len(host.world.env.runs.all) == before
        good = Good({"url": host.url, "secret_key": host.secret_key})
        await good.ask(random)
        await good.aclose()
