"""Schedules over real HTTP: a list from its declaration, and what is done to a row."""

from __future__ import annotations

from tests.ui.live_harness import STILL, LiveHarness, live_app
from trigdash.ui.screens.resource import ResourceScreen
from trigdash.ui.screens.runs import RunsScreen
from trigdash.ui.widgets.filter_line import FilterLine


async def opened(stage: LiveHarness) -> ResourceScreen:
    await stage.until(lambda: stage.app.session.identity is not None)
    await stage.press("7")
    await stage.until(lambda: isinstance(stage.app.screen, ResourceScreen))
    await stage.until(lambda: len(stage.table.rows) == 3, "three schedules")
    screen = stage.app.screen
    assert isinstance(screen, ResourceScreen)
    return screen


async def test_a_schedule_is_deactivated_and_the_list_shows_it() -> None:
    async with live_app(scenario=STILL) as harness:
        await opened(harness)
        row = harness.table.cursor_row
        assert row.active
        harness.forget_requests()
        await harness.press("X", "y")
        await harness.until(lambda: not harness.table.cursor_row.active, "it is paused")
        assert harness.writes == [f"/api/v1/schedules/{row.id}/deactivate"]
        await harness.press("X")
        assert len(harness.app.screen_stack) == 1, "what is deactivated is not asked about again"


async def test_enter_opens_the_runs_of_a_schedule() -> None:
    async with live_app(scenario=STILL) as harness:
        await opened(harness)
        schedule = harness.table.cursor_row
        await harness.press("enter")
        await harness.until(lambda: isinstance(harness.app.screen, RunsScreen))
        line = harness.app.screen.query_one(FilterLine).line
        assert line == f"schedule:{schedule.id}"


async def test_a_filter_names_a_column_and_a_minus_excludes() -> None:
    async with live_app(scenario=STILL) as harness:
        screen = await opened(harness)
        tasks = sorted(row.task for row in harness.table.rows)
        screen.apply_line(f"task:{tasks[0]}")
        assert [row.task for row in harness.table.rows] == tasks[:1]
        screen.apply_line(f"-task:{tasks[0]}")
        assert sorted(row.task for row in harness.table.rows) == tasks[1:]
