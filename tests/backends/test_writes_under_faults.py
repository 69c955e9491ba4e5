"""Writes of the real client while the server misbehaves in every way that the simulator knows.

The server's log of writes is what was confirmed: nothing is sent that nobody confirmed, what does
harm is sent once, and what is said of an action is so.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.backends.faulty_world import FaultyWorld, faulty_world, planned
from trigdash.backends.http import MAX_RETRIES
from trigdash.service.actions.actions import Actions
from trigdash.service.actions.outcome import Outcome, Result, read_audit
from trigdash.simulator.http.control import Write
from trigdash.simulator.http.injectors import KINDS

KINDS_SORTED = sorted(KINDS)
LIE = "header_bomb"
"""A 200 that the client may read as a yes, although nothing was done: no client can tell."""

Act = Callable[[Actions, str], Awaitable[Outcome]]
"""Does something to a run."""


HARMFUL: dict[str, tuple[str, Act]] = {
    "replay": ("/replay", Actions.replay),
    "trigger": ("/trigger", lambda actions, _: actions.trigger("send-email", {}, {})),
}
HARMLESS: dict[str, tuple[str, Act]] = {
    "cancel": ("/cancel", Actions.cancel),
    "tag": ("/tags", lambda actions, run: actions.add_tags(run, ["a"])),
}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[FaultyWorld]:
    async with faulty_world(tmp_path) as opened:
        yield opened


async def done(world: FaultyWorld, act: Act) -> Outcome:
    """Confirm an action on a run of its own, and let time pass until it has ended."""
    runs = world.host.world.env.runs.all
    run = runs[len(world.connection.actions.outcomes)].id
    await world.until(lambda: not world.host.is_refusing, 30)
    acting = asyncio.ensure_future(act(world.connection.actions, run))
    await world.until(acting.done, 300)
    assert acting.done(), "it does not end"
    return await acting


def received(world: FaultyWorld) -> list[Write]:
    return list(world.host.journal.writes)


def is_so(outcome: Outcome, writes: list[Write]) -> bool:
    """Whether what is said of an action is what became of it."""
    acted = any(write.acted for write in writes)
    if outcome.result is Result.DONE:
        return acted or writes[-1].fault == LIE
    return outcome.result is Result.UNKNOWN or not acted


@pytest.mark.parametrize("kind", KINDS_SORTED)
async def test_what_does_harm_is_sent_once_for_each_time_it_is_confirmed(
    world: FaultyWorld, kind: str
) -> None:
    for number, (path, act) in enumerate(HARMFUL.values(), start=1):
        world.plan(planned(kind, method="POST"))
        outcome = await done(world, act)
        world.plan()
        writes = received(world)
        assert len(writes) == number
        assert writes[-1].path.endswith(path)
        assert is_so(outcome, writes[-1:])
    assert len(read_audit(world.audit)) == len(HARMFUL)
    # Nor is it sent later, when all is well again.
    await world.go(60)
    assert len(received(world)) == len(HARMFUL)


@pytest.mark.parametrize("kind", KINDS_SORTED)
async def test_what_does_no_harm_is_repeated_within_bounds_and_told_as_it_is(
    world: FaultyWorld, kind: str
) -> None:
    acts = [(path, act, times) for path, act in HARMLESS.values() for times in (1, 1_000)]
    for path, act, times in acts:
        before = len(received(world))
        world.plan(planned(kind, method="POST", times=times))
        outcome = await done(world, act)
        world.plan()
        writes = received(world)[before:]
        assert 1 <= len(writes) <= 1 + MAX_RETRIES
        assert {write.path.endswith(path) for write in writes} == {True}
        assert is_so(outcome, writes)
    assert len(read_audit(world.audit)) == len(acts)
