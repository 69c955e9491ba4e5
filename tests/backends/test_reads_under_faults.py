"""The real client while the server misbehaves in every way that the simulator knows.

What is known stays and is marked, one pane suffers, nothing is hammered, all recover by themselves.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from tests.backends.faulty_world import (
    HARMLESS,
    PATIENCE_S,
    FaultyWorld,
    faulty_world,
    planned,
)
from trigdash.presentation.cell import cell_text
from trigdash.presentation.freshness import problem_message, state_cell
from trigdash.presentation.registry import load_resource
from trigdash.service.cache.poll_job import SLOWEST_RETRY_S
from trigdash.service.cache.query import Query
from trigdash.service.cache.store import State
from trigdash.service.queues.query import QueueList, QueuesQuery
from trigdash.service.runs.query import INTERVAL_S, RunsQuery
from trigdash.simulator.http.injectors import KINDS

ASKED_FOR_S = 3.0
"""The longest wait that the simulator's faults ask for."""
OUTAGE_S = 45.0
MOST_TRIES = 12
"""Requests of one pane in an outage: 2, 4, 8 … seconds apart, each tried a second time."""
MOST_TRIES_REFUSED = 3
"""The same where the server understood and refused."""
KINDS_SORTED = sorted(KINDS)

OF_ALL = frozenset({"refuse", "limited"})
"""What concerns the server as a whole: where it takes no connection, or says that it takes no
request for a while, it is spared by all panes."""
REFUSALS = frozenset({"unauthorized", "forbidden"})
"""What the server understood and refused: asking again soon cannot help."""

RUNS = RunsQuery()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[FaultyWorld]:
    async with faulty_world(tmp_path) as opened:
        yield opened


def panes() -> list[Query[Any]]:
    return [RUNS, QueuesQuery(), load_resource("schedules").query()]


async def opened(world: FaultyWorld, *queries: Query[Any]) -> None:
    for query in queries:
        world.watch(query)
    await world.until(lambda: all_ready(world, *queries), 10)
    assert all_ready(world, *queries)


def all_ready(world: FaultyWorld, *queries: Query[Any]) -> bool:
    return all(world.snapshot(query).state is State.READY for query in queries)


def rows_of(world: FaultyWorld, query: Query[Any]) -> list[str]:
    data = world.snapshot(query).data
    rows = data.queues if isinstance(data, QueueList) else data.rows
    return sorted(map(repr, rows))


@pytest.mark.parametrize("kind", KINDS_SORTED)
async def test_what_is_known_stays_marked_and_all_recover(world: FaultyWorld, kind: str) -> None:
    queries = panes()
    await opened(world, *queries)
    known = [rows_of(world, query) for query in queries]
    tasks = len(asyncio.all_tasks())
    world.plan(planned(kind))
    await world.go(OUTAGE_S)
    assert [rows_of(world, query) for query in queries] == known
    if kind in HARMLESS:
        assert all_ready(world, *queries)
    else:
        most = MOST_TRIES_REFUSED if kind in REFUSALS else MOST_TRIES
        assert world.met(kind) <= most * len(queries)
        for query in queries:
            is_told_in_words(world, query)
    world.plan()
    took_s = await world.until(lambda: all_ready(world, *queries), 120)
    assert took_s <= SLOWEST_RETRY_S + ASKED_FOR_S
    await world.go(15)
    assert all_ready(world, *queries)
    assert [rows_of(world, query) for query in queries] == known
    # A server may go on for a moment with an answer that nobody reads any more.
    await comes_about(lambda: len(asyncio.all_tasks()) <= tasks)
    await recovers_within_one_interval(world, kind)


async def comes_about(holds: Callable[[], bool]) -> None:
    """Wait in real time until something is so."""
    end = monotonic() + PATIENCE_S
    while not holds():
        assert monotonic() < end
        await asyncio.sleep(0.01)


async def recovers_within_one_interval(world: FaultyWorld, kind: str) -> None:
    """A fault that is over as soon as it is seen; what the server refused is asked again later."""
    world.plan(planned(kind))
    await world.until(lambda: world.snapshot(RUNS).state is State.STALE, 10)
    world.plan()
    took_s = await world.until(lambda: all_ready(world, RUNS), 120)
    assert took_s <= (SLOWEST_RETRY_S if kind in REFUSALS else INTERVAL_S + ASKED_FOR_S)


def is_told_in_words(world: FaultyWorld, query: Query[Any]) -> None:
    """The mark with its age, the cause, and when it is tried again."""
    held, now = world.snapshot(query), world.clock.now()
    assert held.state is State.STALE
    assert held.problem is not None
    assert re.search(r" · (4\d s|5\d s|1 m)$", cell_text(state_cell(held, now, paused=False)))
    words = problem_message(held, now)
    assert words.startswith(f"{held.problem.message}, showing data of ")
    assert "try" in words.rpartition(", ")[2]
    assert held.problem.message[0].islower()


@pytest.mark.parametrize("kind", KINDS_SORTED)
async def test_one_pane_suffers_and_the_others_go_on(world: FaultyWorld, kind: str) -> None:
    healthy = panes()[1:]
    await opened(world, RUNS, *healthy)
    before = {query: world.snapshot(query).fetched_at for query in healthy}
    world.plan(planned(kind, path="/api/v1/runs"))
    await world.go(25)
    for query in healthy:
        after = world.snapshot(query)
        assert after.fetched_at != before[query]
        assert after.state is State.READY or kind in OF_ALL
