"""The palette is left behind, however early."""

from __future__ import annotations

from tests.ui.harness import open_app
from tests.ui.modals import backend_of_three
from trigdash.ui.screens.runs import RunsScreen


async def test_a_palette_that_another_place_overtakes_ends_nothing() -> None:
    async with open_app(backend_of_three()) as harness:
        await harness.until(lambda: harness.ids)
        harness.app.action_command_palette()
        await harness.app.go("queues")
        await harness.rest()
        await harness.app.go("runs")
        await harness.until(lambda: isinstance(harness.app.screen, RunsScreen))
