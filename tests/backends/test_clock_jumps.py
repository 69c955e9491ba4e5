"""The time of day is set while the client runs, either way, or the machine sleeps for a day.

Nothing is waited for longer than before, and no age is nonsense.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.backends.faulty_world import FaultyWorld, faulty_world, planned
from tests.fakes.clock import FakeClock, JumpingClock
from trigdash.backends.rate import PROBE_S, Governor, Urgency
from trigdash.model.capability import RateBudget
from trigdash.presentation.cell import cell_text
from trigdash.presentation.freshness import problem_message, state_cell
from trigdash.service.cache.poll_job import SLOWEST_RETRY_S, RateHold
from trigdash.service.cache.store import State
from trigdash.service.runs.query import INTERVAL_S, RunsQuery

RUNS = RunsQuery()
HOUR_S, DAY_S = 3_600.0, 86_400.0
JUMPS = pytest.mark.parametrize("jump_s", [-DAY_S, -HOUR_S, HOUR_S, DAY_S])


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[FaultyWorld]:
    async with faulty_world(tmp_path) as opened:
        opened.watch(RUNS)
        await opened.until(lambda: is_ready(opened), 10)
        yield opened


def is_ready(world: FaultyWorld) -> bool:
    return world.snapshot(RUNS).state is State.READY


def said(world: FaultyWorld) -> str:
    now, known = world.wall.now(), world.snapshot(RUNS)
    return cell_text(state_cell(known, now, paused=False)) + problem_message(known, now)


@JUMPS
async def test_polling_goes_on_as_before(world: FaultyWorld, jump_s: float) -> None:
    before = world.told[RUNS]
    world.wall.off_s = jump_s
    assert "-" not in said(world)
    await world.until(lambda: world.told[RUNS] > before, 60)
    assert world.clock.monotonic() < 10
    assert "● live · 0 s" in said(world)


@JUMPS
async def test_a_retry_comes_when_it_was_due(world: FaultyWorld, jump_s: float) -> None:
    world.plan(planned("down"))
    await world.until(lambda: not is_ready(world), 10)
    world.wall.off_s = jump_s
    assert "-" not in said(world)
    world.plan()
    assert await world.until(lambda: is_ready(world), 10_000) <= SLOWEST_RETRY_S


@JUMPS
async def test_a_wait_that_the_server_asked_for_is_as_long_as_it_said(
    world: FaultyWorld, jump_s: float
) -> None:
    world.host.faults.answer(429, times=1, headers={"retry-after": "20"})
    await world.until(lambda: not is_ready(world), 10)
    world.wall.off_s = jump_s
    took_s = await world.until(lambda: is_ready(world), 10_000)
    assert took_s <= 20 + 2 * INTERVAL_S
    if jump_s < 0:
        assert took_s >= 18


async def test_after_a_day_asleep_the_broken_connection_is_made_anew(world: FaultyWorld) -> None:
    world.wall.off_s = DAY_S
    world.host.faults.drop(times=1)
    assert "◌ overdue · 1 d" in said(world)
    before = world.told[RUNS]
    assert await world.until(lambda: world.told[RUNS] > before, 60) <= 2 * INTERVAL_S
    assert is_ready(world)


@JUMPS
async def test_a_nearly_empty_bucket_is_looked_at_again_in_time(jump_s: float) -> None:
    clock = FakeClock()
    wall = JumpingClock(clock)
    governor, hold = Governor(wall), RateHold(wall)
    governor.observe(750, 10, wall.now() + timedelta(seconds=5))
    stopped = RateBudget(limit=750, remaining=10, stopped=True)
    assert hold.until(stopped)
    wall.off_s = jump_s
    until = hold.until(stopped)
    assert until is None or until - wall.now() <= timedelta(seconds=PROBE_S)
    admitted = asyncio.ensure_future(governor.admit(Urgency.POLL))
    await clock.advance(PROBE_S)
    assert admitted.done()
    await admitted


@pytest.mark.parametrize(("since_told_s", "wait_s"), [(0.25, 0.75), (1.0, 0.0), (9.0, 0.0)])
def test_a_poll_may_probe_from_the_moment_of_the_reset_on(
    since_told_s: float, wait_s: float
) -> None:
    clock = FakeClock()
    told_at = clock.now() - timedelta(seconds=since_told_s)
    budget = RateBudget(
        limit=750, remaining=0, stopped=True, told_at=told_at,
        resets_at=told_at + timedelta(seconds=1),
    )  # fmt: skip
    until = RateHold(clock).until(budget)
    assert until == (clock.now() + timedelta(seconds=wait_s) if wait_s else None)


def test_a_reset_before_it_was_told_is_no_reset() -> None:
    clock = FakeClock()
    past = clock.now() - timedelta(seconds=1)
    budget = RateBudget(limit=750, remaining=0, stopped=True, told_at=clock.now(), resets_at=past)
    until = RateHold(clock).until(budget)
    assert until == clock.now() + timedelta(seconds=PROBE_S)
