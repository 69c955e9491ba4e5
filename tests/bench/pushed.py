"""What feeds gain: `python -m tests.bench.pushed [--rounds N]`.

- How long a change takes from the server into the cache, pushed and polled: real HTTP over
  loopback, the machine's own clock, both connections on the same runs at the same time.
- What an open run asks for in some minutes of rest, pushed and polled: real HTTP, on a clock that
  runs faster, so that the figures do not depend on the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from random import Random
from statistics import median, quantiles
from time import monotonic
from typing import Any, cast

from typing_extensions import override

from tests.fakes.clock import RunningClock
from tests.fakes.without_feeds import WithoutFeeds
from tests.ui.live_harness import NotedFaults
from trigdash.backends import open_backend
from trigdash.backends.base import Backend
from trigdash.backends.target import Secret, Target
from trigdash.clock import Clock
from trigdash.model.feed import MOST_FEEDS
from trigdash.model.run_filter import RunFilter
from trigdash.service.cache.query import Query
from trigdash.service.connection import Connection
from trigdash.service.runs.detail import EventsQuery, RunQuery, TraceQuery
from trigdash.simulator.http.host import SimulatorHost
from trigdash.simulator.http.ratelimit import Rate
from trigdash.simulator.scenarios.definitions import BUSY

SPEED = 20.0
REST_S = 600.0
"""Simulated seconds of rest in which the requests of an open run are counted."""
SETTLE_S = 60.0
"""Simulated seconds after which the first requests have passed."""
REST_BEFORE_S = (4.0, 9.0)
"""Between opening a run and its change: polls have grown as rare as they get."""
PATIENCE_S = 60.0


class FastClock(RunningClock):
    """The machine's clock, some times as fast."""

    @override
    def now(self) -> Any:
        return self._start + (super().now() - self._start) * SPEED

    @override
    def monotonic(self) -> float:
        return super().monotonic() * SPEED

    @override
    async def wait(self, seconds: float) -> None:
        await super().wait(seconds / SPEED)


@asynccontextmanager
async def _connected(
    host: SimulatorHost, clock: Clock, has_feeds: bool
) -> AsyncIterator[Connection]:
    target = Target(api_url=host.url, secret_key=Secret(host.secret_key), rate_share=1.0)
    backend = open_backend(target, clock)
    opened = Connection(
        backend if has_feeds else cast(Backend, WithoutFeeds(backend)), clock, random=Random(7)
    )
    try:
        yield opened
    finally:
        await opened.close()


@asynccontextmanager
async def _world(clock: Clock) -> AsyncIterator[SimulatorHost]:
    """A world whose runs last, for as long as something is measured."""
    async with SimulatorHost(
        seed=7, runs=2_000, scenario=BUSY, rate=Rate(0, 0), speed=0.001, clock=clock
    ) as host:
        host.state.faults = NotedFaults()
        yield host


async def _unfinished(connection: Connection) -> list[str]:
    page = await connection.backend.runs(RunFilter(statuses=("EXECUTING", "WAITING", "QUEUED")))
    return [row.id for row in page.rows]


# From a change to the cache


async def change_to_cache(rounds: int) -> tuple[list[float], list[float]]:
    """Seconds from the request that changes a run to the cache, pushed and polled."""
    random, clock = Random(7), RunningClock()
    pushed_s: list[float] = []
    polled_s: list[float] = []
    async with (
        _world(clock) as host,
        _connected(host, clock, True) as pushed,
        _connected(host, clock, False) as polled,
    ):
        wanted = await _unfinished(pushed)
        for start in range(0, min(rounds, len(wanted)), MOST_FEEDS):
            ids = wanted[start : min(start + MOST_FEEDS, rounds)]
            changes = [_change(host, run_id, pushed, polled, random) for run_id in ids]
            for one_pushed_s, one_polled_s in await asyncio.gather(*changes):
                pushed_s.append(one_pushed_s)
                polled_s.append(one_polled_s)
    return pushed_s, polled_s


async def _change(
    host: SimulatorHost, run_id: str, pushed: Connection, polled: Connection, random: Random
) -> tuple[float, float]:
    query = RunQuery(run_id)
    times = [asyncio.get_running_loop().create_future() for _ in (pushed, polled)]

    def note(seen: Any, time: asyncio.Future[float]) -> None:
        if seen.data and seen.data.status_name == "CANCELED" and not time.done():
            time.set_result(monotonic())

    watchers = [lambda seen, time=time: note(seen, time) for time in times]
    for connection, watcher in zip((pushed, polled), watchers, strict=True):
        connection.watch(query, watcher)
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not pushed.pushed.is_pushed(query):  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.01)
            await asyncio.sleep(random.uniform(*REST_BEFORE_S))
            began_s = monotonic()
            await polled.backend.cancel(run_id)
            first, second = await asyncio.gather(*times)
    finally:
        for connection, watcher in zip((pushed, polled), watchers, strict=True):
            connection.unwatch(query, watcher)
    return first - began_s, second - began_s


# Requests at rest


async def requests_at_rest(has_feeds: bool) -> Counter[str]:
    """What an open run asks for while nothing changes, by the last part of the path."""
    clock = FastClock()
    async with _world(clock) as host, _connected(host, clock, has_feeds) as connection:
        run_id = (await _unfinished(connection))[0]
        queries: Sequence[Query[Any]] = (RunQuery(run_id), TraceQuery(run_id), EventsQuery(run_id))
        for query in queries:
            connection.watch(query, lambda seen: None)
        await clock.wait(SETTLE_S)
        assert connection.pushed.is_pushed(queries[0]) is (True if has_feeds else None)
        faults = host.state.faults
        assert isinstance(faults, NotedFaults)
        before = len(faults.requests)
        await clock.wait(REST_S)
        return Counter(_kind(path, run_id) for _, path in faults.requests[before:])


def _kind(path: str, run_id: str) -> str:
    if path.startswith("/realtime/"):
        return "feed"
    return path.rpartition("/")[2].replace(run_id, "run")


# What is printed


def lines(rounds: int) -> Iterator[str]:
    """The lines of the table."""
    load = os.getloadavg()[0]
    pushed_s, polled_s = asyncio.run(change_to_cache(rounds))
    yield f"load average {load:.1f}, {len(pushed_s)} changes"
    for name, times in (("pushed", pushed_s), ("polled", polled_s)):
        middle_ms, late_ms = (
            median(times) * 1000,
            quantiles(times, n=20, method="inclusive")[-1] * 1000,
        )
        yield f"change to cache, {name}: median {middle_ms:.0f} ms, p95 {late_ms:.0f} ms"
    for name, has_feeds in (("pushed", True), ("polled", False)):
        asked = asyncio.run(requests_at_rest(has_feeds))
        of_the_limit = asked.total() - asked["feed"]
        yield f"{REST_S / 60:.0f} minutes at rest, {name}: {of_the_limit} requests, {dict(asked)}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.pushed", description=__doc__)
    parser.add_argument("--rounds", type=int, default=40, help="changes that are timed")
    for line in lines(parser.parse_args().rounds):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
