"""An action under way is told on every screen, with how long it has waited for its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from tests.ui.harness import Harness, open_app
from tests.ui.modals import backend_of_three
from tests.ui.run_harness import RecordedRun, open_run
from trigdash.ui.routes import DETAIL_ROUTES, ROUTES
from trigdash.ui.screens.actions_log import ActionsScreen
from trigdash.ui.screens.base import LiveScreen

SCREENS: dict[str, Callable[[], LiveScreen]] = {
    **{place.id: place.make for place in ROUTES.values()},
    **{
        kind: (lambda kind=kind: DETAIL_ROUTES[kind].make("thing"))
        for kind in DETAIL_ROUTES
        if kind != "run"
    },
    "actions": ActionsScreen,
}


async def cancel(stage: Harness) -> None:
    """Cancel the run on stage, by keys; the server hangs."""
    stage.backend.gate = asyncio.Event()
    await stage.press("C", "y")
    connection = stage.app.session.connection
    assert connection is not None
    await stage.until(lambda: connection.actions.waiting)


def running() -> RecordedRun:
    return RecordedRun("runs_get_v3__executing")


async def test_the_screen_of_a_run_tells_what_is_being_done_to_it() -> None:
    async with open_run(running()) as harness:
        await harness.until(lambda: "executing" in harness.heading)
        await cancel(harness)
        assert "canceling 0 s" in harness.heading
        await harness.clock.advance(9)
        harness.screen.show_time(harness.clock.now())
        assert "canceling 9 s" in harness.heading
        assert harness.backend.gate is not None
        harness.backend.gate.set()
        await harness.until(lambda: " s" not in harness.heading.rpartition("canceling")[2])
        assert harness.heading.endswith("◌ canceling "), "answered, and still to be seen"


@pytest.mark.parametrize("name", SCREENS)
async def test_the_bar_tells_it_on_every_screen(name: str) -> None:
    async with open_app(backend_of_three()) as harness:
        await harness.until(lambda: harness.ids)
        await cancel(harness)
        await harness.clock.advance(4)
        harness.app.push_screen(SCREENS[name]())
        await harness.rest()
        await harness.until(lambda: f"◌ canceling {harness.ids[0]}, 4 s" in harness.bar)
        assert harness.backend.gate is not None
        harness.backend.gate.set()
        await harness.until(lambda: "canceling" not in harness.bar)
