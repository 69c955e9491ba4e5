"""Schedules over real HTTP: a list from its declaration, and what is done to a row."""

from __future__ import annotations

from tests.ui.live_stage import STILL, LiveStage, live_stage
from trigdash.ui.screens.resource import ResourceScreen
from trigdash.ui.screens.runs import RunsScreen
from trigdash.ui.widgets.filter_line import FilterLine


async def opened(stage: LiveStage) -> ResourceScreen:
    await stage.until(lambda: stage.app.session.identity is not None)
    await stage.press("7")
    await stage.until(lambda: isinstance(stage.app.screen, ResourceScreen))
    await stage.until(lambda: len(stage.table.rows) == 3, "three schedules")
    screen = stage.app.screen
    assert isinstance(screen, ResourceScreen)
    return screen


async def test_a_schedule_is_deactivated_and_the_list_shows_it() -> None:
    async with live_stage(scenario=STILL) as stage:
        await opened(stage)
        row = stage.table.cursor_row
        assert row.active
        stage.forget_requests()
        await stage.press("X", "y")
        await stage.until(lambda: not stage.table.cursor_row.active, "it is paused")
        assert stage.writes == [f"/api/v1/schedules/{row.id}/deactivate"]
        await stage.press("X")
        assert len(stage.app.screen_stack) == 1, "what is deactivated is not asked about again"


async def test_enter_opens_the_runs_of_a_schedule() -> None:
    async with live_stage(scenario=STILL) as stage:
        await opened(stage)
        schedule = stage.table.cursor_row
        await stage.press("enter")
        await stage.until(lambda: isinstance(stage.app.screen, RunsScreen))
        line = stage.app.screen.query_one(FilterLine).line
        assert line == f"schedule:{schedule.id}"


async def test_a_filter_names_a_column_and_a_minus_excludes() -> None:
    async with live_stage(scenario=STILL) as stage:
        screen = await opened(stage)
        tasks = sorted(row.task for row in stage.table.rows)
        screen.apply_line(f"task:{tasks[0]}")
        assert [row.task for row in stage.table.rows] == tasks[:1]
        screen.apply_line(f"-task:{tasks[0]}")
        assert sorted(row.task for row in stage.table.rows) == tasks[1:]
