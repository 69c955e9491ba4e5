"""An action under way is told on every screen, with how long it has waited for its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from tests.ui.modals import backend_of_three
from tests.ui.run_stage import RecordedRun, run_on_stage
from tests.ui.stage import Stage, on_stage
from trigdash.ui.details import DETAILS
from trigdash.ui.places import PLACES
from trigdash.ui.screens.actions_log import ActionsScreen
from trigdash.ui.screens.base import LiveScreen

SCREENS: dict[str, Callable[[], LiveScreen]] = {
    **{place.id: place.make for place in PLACES.values()},
    **{kind: (lambda kind=kind: DETAILS[kind].make("thing")) for kind in DETAILS if kind != "run"},
    "actions": ActionsScreen,
}


async def cancel(stage: Stage) -> None:
    """Cancel the run on stage, by keys; the server hangs."""
    stage.backend.gate = asyncio.Event()
    await stage.press("C", "y")
    connection = stage.app.session.connection
    assert connection is not None
    await stage.until(lambda: connection.actions.waiting)


def running() -> RecordedRun:
    return RecordedRun("runs_get_v3__executing")


async def test_the_screen_of_a_run_tells_what_is_being_done_to_it() -> None:
    async with run_on_stage(running()) as stage:
        await stage.until(lambda: "executing" in stage.heading)
        await cancel(stage)
        assert "cancelling 0 s" in stage.heading
        await stage.clock.advance(9)
        stage.screen.show_time(stage.clock.now())
        assert "cancelling 9 s" in stage.heading
        assert stage.backend.gate is not None
        stage.backend.gate.set()
        await stage.until(lambda: " s" not in stage.heading.rpartition("cancelling")[2])
        assert stage.heading.endswith("◌ cancelling "), "answered, and still to be seen"


@pytest.mark.parametrize("name", SCREENS)
async def test_the_bar_tells_it_on_every_screen(name: str) -> None:
    async with on_stage(backend_of_three()) as stage:
        await stage.until(lambda: stage.ids)
        await cancel(stage)
        await stage.clock.advance(4)
        stage.app.push_screen(SCREENS[name]())
        await stage.rest()
        await stage.until(lambda: f"◌ cancelling {stage.ids[0]}, 4 s" in stage.bar)
        assert stage.backend.gate is not None
        stage.backend.gate.set()
        await stage.until(lambda: "cancelling" not in stage.bar)
