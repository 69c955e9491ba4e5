"""An error from the list of errors and from Now, and two runs beside each other, over real HTTP."""

from __future__ import annotations

from textual.widgets import Static

from tests.ui.live_harness import LiveHarness, live_app
from trigdash.presentation.cell import cell_text
from trigdash.simulator.scenarios.definitions import INCIDENT
from trigdash.simulator.scenarios.plants import plants_of
from trigdash.ui.dialogs.bulk_preview import BulkPreviewDialog
from trigdash.ui.dialogs.bulk_progress import BulkProgressDialog
from trigdash.ui.screens.comparisons import DiffScreen
from trigdash.ui.screens.now import NowScreen
from trigdash.ui.screens.run import RunScreen
from trigdash.ui.screens.runs import RunsScreen
from trigdash.ui.screens.triage import TriageScreen
from trigdash.ui.widgets.field_list import FieldList
from trigdash.ui.widgets.filter_line import FilterLine


def text_of(harness: LiveHarness) -> str:
    lines = harness.app.screen.query_one(FieldList).cells()
    return "\n".join(cell_text(line.cell) for line in lines)


def planted(harness: LiveHarness, code: str) -> tuple[str, dict[str, object]]:
    plant = next(each for each in plants_of(harness.host.world) if each.code == code)
    return plant.subject, dict(plant.facts)


def said(harness: LiveHarness, selector: str) -> str:
    return str(harness.app.screen.query_one(selector, Static).render())


async def triage_of_the_new_error(harness: LiveHarness) -> dict[str, object]:
    await harness.until(lambda: harness.app.session.identity is not None)
    error_id, facts = planted(harness, "error_new_in_deployment")
    harness.app.open_detail("error", error_id)
    await harness.until(lambda: isinstance(harness.app.screen, TriageScreen))
    await harness.until(lambda: "TELLS APART" in text_of(harness), "the answer")
    return facts


async def go_to(harness: LiveHarness, label: str) -> None:
    """Move to the first line whose field has this label."""
    lines = harness.app.screen.query_one(FieldList)
    for _ in range(80):
        if lines.field is not None and lines.field.label == label:
            return
        await harness.press("j")
    raise AssertionError(f"no line is called {label}")


async def test_an_error_says_since_when_where_and_what_tells_it_apart() -> None:
    async with live_app(scenario=INCIDENT, runs=800) as harness:
        facts = await triage_of_the_new_error(harness)
        text, separates = text_of(harness), facts["separates"]
        assert isinstance(separates, dict)
        assert f"new in {facts['version']}" in text
        assert f"payload.{separates['field']} = " in text
        assert "0 of " in text
        assert "only here" in text
        assert f"{'version':<15}{facts['version']}" in text


async def test_a_value_of_the_spread_opens_its_runs() -> None:
    async with live_app(scenario=INCIDENT, runs=400) as harness:
        facts = await triage_of_the_new_error(harness)
        await go_to(harness, f"version {facts['version']}")
        await harness.press("enter")
        await harness.until(lambda: isinstance(harness.app.screen, RunsScreen))
        line = harness.app.screen.query_one(FilterLine).line
        assert f"version:{facts['version']}" in line
        assert "error:error_" in line


async def test_replaying_these_asks_about_exactly_the_runs_of_the_error() -> None:
    async with live_app(scenario=INCIDENT, runs=400) as harness:
        await triage_of_the_new_error(harness)
        await harness.press("R")
        await harness.until(lambda: isinstance(harness.app.screen, BulkPreviewDialog))
        error_id, _ = planted(harness, "error_new_in_deployment")
        assert f"error:{error_id}" in said(harness, ".said")
        await harness.press("escape")
        assert not harness.writes


async def test_now_opens_the_error_that_a_deployment_brought() -> None:
    async with live_app(scenario=INCIDENT, runs=400) as harness:
        await harness.until(lambda: harness.app.session.identity is not None)
        await harness.press("0")
        await harness.until(lambda: isinstance(harness.app.screen, NowScreen))
        lines = harness.app.screen.query_one(FieldList)
        await harness.until(lambda: lines.field is not None)
        await harness.press("enter")
        await harness.until(lambda: isinstance(harness.app.screen, TriageScreen))


async def test_a_run_is_compared_with_a_good_one_and_the_divergence_opens_the_trace() -> None:
    async with live_app(scenario=INCIDENT, runs=800) as harness:
        await harness.until(lambda: harness.app.session.identity is not None)
        task, facts = planted(harness, "failing_more_than_usual")
        screen = harness.app.screen
        assert isinstance(screen, RunsScreen)
        screen.apply_line(f"task:{task} error:{facts['error']}")
        await harness.until(lambda: screen.table.rows and screen.table.cursor_row is not None)
        await harness.until(lambda: {row.task for row in screen.table.rows} == {task})
        await harness.press("equals_sign")
        await harness.until(lambda: isinstance(harness.app.screen, DiffScreen))
        await harness.until(lambda: "FIRST DIVERGENCE" in text_of(harness), "the answer")
        assert "fails in A" in harness.words()
        await go_to(harness, "first divergence")
        await harness.press("enter")
        await harness.until(lambda: isinstance(harness.app.screen, RunScreen))
        assert harness.app.screen.query_one("TracePane").display


async def test_two_marked_runs_are_compared_and_three_are_not() -> None:
    async with live_app(runs=40) as harness:
        await harness.until(lambda: len(harness.table.rows) > 3)
        first, second = (row.id for row in harness.table.rows[:2])
        await harness.press("space", "space", "space", "equals_sign")
        await harness.until(lambda: any("two runs" in said for said in harness.toasts))
        await harness.press("k", "space", "equals_sign")
        await harness.until(lambda: isinstance(harness.app.screen, DiffScreen))
        await harness.until(lambda: first in text_of(harness), "both runs")
        assert second in text_of(harness)


async def test_replaying_in_waves_stops_when_the_same_error_is_back() -> None:
    async with live_app(scenario=INCIDENT, runs=800, speed=60.0) as harness:
        await triage_of_the_new_error(harness)
        await harness.press("R")
        await harness.until(lambda: isinstance(harness.app.screen, BulkPreviewDialog))
        dialog = harness.app.screen
        assert "in waves: 3, then 10, then 60 a minute" in said(harness, "#in-waves")
        number = str(dialog.query_one(".type-it", Static).render()).split("Type ")[1].split()[0]
        await harness.press(*number)
        harness.forget_requests()
        await harness.press("w")
        await harness.until(lambda: isinstance(harness.app.screen, BulkProgressDialog))
        await harness.until(lambda: "the same error is back" in said(harness, "#progress"))
        assert "wave 1      3 sent    3 failed" in said(harness, "#progress")
        assert [path.rsplit("/", 1)[1] for path in harness.writes] == ["replay"] * 3
