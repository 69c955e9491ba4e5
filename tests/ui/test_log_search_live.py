"""`:grep`: runs whose logs have a pattern, as they are found, over real HTTP."""

from __future__ import annotations

from tests.ui.live_harness import LiveHarness, live_app
from tests.ui.world_harness import command
from trigdash.presentation.cell import cell_text
from trigdash.simulator.scenarios.definitions import INCIDENT
from trigdash.ui.screens.log_search import LogSearchScreen
from trigdash.ui.screens.run import RunScreen
from trigdash.ui.screens.runs import RunsScreen
from trigdash.ui.widgets.field_list import FieldList


def found(harness: LiveHarness) -> list[str]:
    return [cell_text(line.cell) for line in harness.app.screen.query_one(FieldList).cells()]


async def searching(harness: LiveHarness, line: str) -> None:
    await harness.until(lambda: harness.app.session.identity is not None)
    await command(harness, line)
    await harness.until(lambda: isinstance(harness.app.screen, LogSearchScreen))
    await harness.until(lambda: "all that match the filter" in harness.words(), "the end of it")


async def test_runs_are_found_in_the_filter_and_one_opens_at_its_log() -> None:
    async with live_app(scenario=INCIDENT, runs=300) as harness:
        await searching(harness, "grep -i taxrate task:charge-invoice status:failed")
        lines = found(harness)
        assert lines
        assert all("taxRate" in line for line in lines)
        assert f"{len(lines)} of " in harness.words()
        await harness.press("enter")
        await harness.until(lambda: isinstance(harness.app.screen, RunScreen))
        assert harness.app.screen.query_one("EventsPane").display


async def test_without_a_filter_the_list_in_front_is_searched() -> None:
    async with live_app(scenario=INCIDENT, runs=300) as harness:
        await harness.until(lambda: harness.app.session.identity is not None)
        screen = harness.app.screen
        assert isinstance(screen, RunsScreen)
        screen.apply_line("task:charge-invoice")
        await harness.until(lambda: {row.task for row in harness.table.rows} == {"charge-invoice"})
        await searching(harness, "grep taxRate")
        assert "in task:charge-invoice" in harness.words()
        assert found(harness)


async def test_a_pattern_or_filter_that_is_wrong_is_said_before_anything_is_searched() -> None:
    async with live_app(runs=5) as harness:
        await harness.until(lambda: harness.app.session.identity is not None)
        asked = harness.app.commands.check
        assert "pattern: " in (asked("grep (") or "")
        assert asked("grep boom status:nonsense")
        assert asked("grep boom status:failed") is None
