"""What was closed is forgotten: a program that stays open for days holds what it shows."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import Sequence
from random import Random
from time import monotonic
from typing import Any
from weakref import ReferenceType, ref

import pytest

from tests.drift.screens import DriftingHttp, Looking, Visit, looking_at, openings_of
from tests.simulator.callers import Served
from tests.ui.harness import PATIENCE_S
from trigdash.config.options import Destination
from trigdash.ui.app_base import forget_drawn

DIALOGS = ("?", ":", "ctrl+p", "ctrl+e", "o", "f", "/")
"""Keys that open something over the run list."""


@pytest.mark.slow
async def test_no_screen_that_was_closed_is_kept() -> None:
    http = DriftingHttp(Served(runs=80, version="4.8"), Random(7))
    async with looking_at(http) as looking:
        visits = await openings_of(http.served, ["COMPLETED_WITH_ERRORS"])
        visits += [_dialog(key) for key in DIALOGS]
        closed: list[tuple[str, ReferenceType[Any]]] = []
        for visit in visits:
            closed += await _opened_and_closed(looking, visit)
        assert len({name for name, _ in closed}) > 20
        await looking.app.go("now")
        await looking.rest()
        assert await _kept_of(closed) == Counter()


async def test_nothing_of_an_environment_that_was_left_is_kept() -> None:
    http = DriftingHttp(Served(runs=80, version="4.8"), Random(7))
    async with looking_at(http) as looking:
        app = looking.app
        left: list[tuple[str, ReferenceType[Any]]] = []
        for place, environment in (("runs", "stg"), ("queues", "prod")):
            await app.go(place)
            await looking.rest()
            connection = app.session.connection
            assert connection is not None
            left += [("connection", ref(connection)), ("store", ref(connection.store))]
            del connection
            await app.switch(Destination(environment=environment))
            while app.session.connection is None:
                await looking.pilot.pause()
            await looking.rest()
        assert await _kept_of(left) == Counter()


def _dialog(key: str) -> Visit:
    async def visit(looking: Looking) -> None:
        await looking.app.go("runs")
        await looking.rest()
        await looking.press(key)

    return visit


async def _opened_and_closed(
    looking: Looking, visit: Visit
) -> list[tuple[str, ReferenceType[Any]]]:
    """All parts of the screens that a visit opens over a place, which are closed again."""
    await visit(looking)
    await looking.rest()
    parts = [
        (f"{what} {type(part).__name__} of {type(screen).__name__}", held)
        for screen in looking.app.screen_stack[1:]
        for part in screen.walk_children(with_self=True)
        for what, held in (("a", ref(part)), ("drawn", ref(part._styles_cache)))
    ]
    while len(looking.app.screen_stack) > 1:
        await looking.app.pop_screen()
    return parts


async def _kept_of(parts: Sequence[tuple[str, ReferenceType[Any]]]) -> Counter[str]:
    """What is still in memory of closed screens, once their last waits are over."""
    end = monotonic() + PATIENCE_S
    while True:
        forget_drawn()
        gc.collect()
        kept = Counter(name for name, part in parts if part() is not None)
        if not kept or monotonic() > end:
            return kept
        await asyncio.sleep(0.05)
