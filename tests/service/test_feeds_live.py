"""An open run over real HTTP: the simulator pushes its changes, and is polled rarely meanwhile."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from time import monotonic

import pytest

from tests.fakes.clock import FakeClock, RunningClock
from tests.ui.live_harness import NotedFaults
from trigdash.backends import open_backend
from trigdash.backends.target import Secret, Target
from trigdash.commands.environment import CommandContext
from trigdash.commands.exit_codes import ExitCode
from trigdash.commands.output import Output, OutputOptions
from trigdash.commands.watch import WatchOptions, watch_runs
from trigdash.model.run_filter import RunFilter
from trigdash.service.connection import Connection
from trigdash.service.runs.detail import RunQuery
from trigdash.simulator.http.faults import Fault
from trigdash.simulator.http.host import SimulatorHost
from trigdash.simulator.http.ratelimit import Rate

PATIENCE_S = 60.0
SLOWLY = 0.001
"""Speed of a world whose runs do not end by themselves while a test looks at one."""


@pytest.fixture
async def host() -> AsyncIterator[SimulatorHost]:
    opened = SimulatorHost(seed=7, runs=120, rate=Rate(0, 0), speed=SLOWLY, clock=RunningClock())
    opened.state.faults = NotedFaults()
    async with opened:
        yield opened


@pytest.fixture
async def connection(host: SimulatorHost) -> AsyncIterator[Connection]:
    clock = RunningClock()
    target = Target(api_url=host.url, secret_key=Secret(host.secret_key), rate_share=1.0)
    opened = Connection(open_backend(target, clock), clock)
    yield opened
    await opened.close()


async def until(condition: Callable[[], object]) -> None:
    end = monotonic() + PATIENCE_S
    while not condition():
        assert monotonic() < end
        await asyncio.sleep(0.01)


async def test_an_open_run_is_pushed_and_asked_for_as_often_as_it_changes(
    host: SimulatorHost, connection: Connection
) -> None:
    page = await connection.backend.runs(RunFilter(statuses=("EXECUTING",)))
    query = RunQuery(page.rows[0].id)
    told: list[str] = []
    connection.watch(query, lambda seen: told.append(seen.data.status_name if seen.data else ""))
    await until(lambda: connection.pushed.is_pushed(query))
    assert told[-1] == "EXECUTING"

    await connection.backend.cancel(query.run_id)
    await until(lambda: connection.snapshot(query).is_final or told[-1] == "CANCELED")

    faults = host.state.faults
    assert isinstance(faults, NotedFaults)
    feeds = [path for _, path in faults.requests if path.startswith("/realtime/")]
    polls = [path for _, path in faults.requests if path == f"/api/v3/runs/{query.run_id}"]
    assert len(feeds) >= 2
    # The first, one or two before the feed was live, one for the change, and its net.
    assert len(polls) <= 5


async def test_a_watch_looks_when_the_feed_tells_and_at_no_other_time(
    host: SimulatorHost, connection: Connection
) -> None:
    page = await connection.backend.runs(RunFilter(statuses=("EXECUTING",)))
    run_id, said, still = page.rows[0].id, io.StringIO(), FakeClock()
    target = Target(api_url=host.url, secret_key=Secret(host.secret_key), rate_share=1.0)
    output = Output(OutputOptions("jsonl"), lambda: 0.0, said)
    # A clock that stands still: no pause between two looks ever ends by itself.
    context = CommandContext(connection.backend, target, still, output)
    watching = asyncio.create_task(watch_runs(context, [run_id], WatchOptions()))
    faults = host.state.faults
    assert isinstance(faults, NotedFaults)
    await until(lambda: sum("/realtime/" in path for _, path in faults.requests) >= 2)
    await connection.backend.cancel(run_id)
    assert await asyncio.wait_for(watching, PATIENCE_S) is ExitCode.FAILED
    told = [json.loads(line)["status"] for line in said.getvalue().splitlines()]
    assert told == ["EXECUTING", "CANCELED"]
    polls = [path for _, path in faults.requests if path == f"/api/v3/runs/{run_id}"]
    assert len(polls) == 2


BAD = (
    Fault(path="/realtime/", times=None, status=503),
    Fault(
        path="/realtime/", times=None, status=429, body={"error": "Too many concurrent requests"}
    ),
    Fault(path="/realtime/", times=None, status=404, body={"error": "Not found"}),
    Fault(path="/realtime/", times=None, garbage=b"<html>a proxy</html>"),
    Fault(path="/realtime/", times=None, drop=True),
)


@pytest.mark.parametrize("fault", BAD, ids=lambda fault: str(fault.status or fault.drop))
async def test_without_feeds_a_run_is_polled_and_pushed_again_once_they_are_back(
    host: SimulatorHost, connection: Connection, fault: Fault
) -> None:
    held = host.state.faults.add(replace(fault))
    page = await connection.backend.runs(RunFilter(statuses=("EXECUTING",)))
    query = RunQuery(page.rows[0].id)
    told: list[object] = []
    connection.watch(query, told.append)
    await until(lambda: len(told) > 2)
    assert connection.pushed.is_pushed(query) is False
    assert connection.snapshot(query).problem is None
    host.state.faults.remove(held)
    await until(lambda: connection.pushed.is_pushed(query))
