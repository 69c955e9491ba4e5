"""Panes whose size is dragged with the mouse, within bounds, and kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.fakes.backend import FakeBackend
from tests.ui.harness import Harness, open_app, run_row
from tests.ui.run_harness import RecordedRun, open_run
from tests.ui.world_harness import command, open_world, rows_of
from trigdash.config.options import UiSettings
from trigdash.ui.screens.run.inspector import InspectedPane
from trigdash.ui.screens.split import SplitScreen
from trigdash.ui.widgets.run_pane import PANE_WIDTH, RunPane

if TYPE_CHECKING:
    from textual.pilot import Pilot

WIDTH = 200


async def drag(pilot: Pilot[int], start: tuple[int, int], *way: tuple[int, int]) -> None:
    """Press at one place of the screen, go over others, and let go at the last."""
    await pilot.mouse_down(offset=start)
    for place in way:
        await pilot.hover(offset=place)
    await pilot.mouse_up(offset=way[-1])


async def beside(harness: Harness) -> RunPane:
    await harness.until(lambda: harness.ids and harness.app.screen.query(RunPane))
    pane = harness.app.screen.query_one(RunPane)
    await harness.until(lambda: pane.size.width)
    return pane


async def test_the_line_beside_the_list_is_dragged_within_bounds_and_kept(tmp_path: Path) -> None:
    backend, settings = FakeBackend(), UiSettings(state_file=tmp_path / "state.json")
    backend.add([run_row(1)])
    async with open_app(backend, settings, size=(WIDTH, 45)) as harness:
        pane = await beside(harness)
        assert pane.size.width == PANE_WIDTH
        y = pane.region.y + 3
        for column, width in ((140, 60), (4, 130), (199, 24), (150, 50)):
            await drag(harness.pilot, (pane.region.x, y), (120, y + 2), (column, y))
            await harness.until(lambda width=width: pane.size.width == width)
            assert harness.table.size.width == WIDTH - width
        await drag(harness.pilot, (pane.region.x + 5, y), (100, y))
        assert pane.size.width == 50, "what is not the line is not dragged"
    async with open_app(backend, settings, size=(WIDTH, 45)) as harness:
        pane = await beside(harness)
        await harness.until(lambda: pane.size.width == 50)
        await harness.pilot.resize_terminal(180, 45)
        await harness.until(lambda: harness.table.size.width == 130)


async def test_what_stands_beside_a_trace_or_below_it_has_a_size_for_each() -> None:
    told = RecordedRun("runs_get_v3__parent__api_version", "run_trace_pgstore__parent")
    async with open_run(told, tab="trace", size=(180, 45)) as harness:
        pane = harness.app.screen.query_one(InspectedPane)
        await harness.until(lambda: pane.size.width)
        x, y = pane.region.offset
        await drag(harness.pilot, (x, y + 2), (x - 20, y + 2))
        await harness.until(lambda: pane.region.x == x - 20)
        await harness.pilot.resize_terminal(100, 45)
        await harness.until(lambda: pane.region.x == 0 and pane.region.width == 100)
        y, height = pane.region.y, pane.region.height
        await drag(harness.pilot, (30, y), (30, y - 4))
        await harness.until(lambda: pane.region.height == height + 4)
        await harness.pilot.resize_terminal(180, 45)
        await harness.until(lambda: pane.region.x == x - 20)


async def test_the_line_between_two_environments_is_dragged() -> None:
    async with open_world(size=(180, 40)) as stage:
        await rows_of(stage, "prod")
        await command(stage, "split stg")
        await stage.until(lambda: isinstance(stage.app.screen, SplitScreen), "the split")
        await stage.until(lambda: stage.app.screen.query_one("#there").region.x, "both sides")
        here, there = (stage.app.screen.query_one(side) for side in ("#here", "#there"))
        x, y = there.region.offset
        await drag(stage.pilot, (x, y + 5), (x + 30, y + 5))
        await stage.until(lambda: there.region.x == x + 30, "a wider side")
        assert (here.region.right + 1, there.region.right) == (x + 30, 180)
        await stage.pilot.resize_terminal(90, 40)
        await stage.until(lambda: there.region.width == 90, "one below the other")
