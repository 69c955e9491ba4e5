"""What servers of today tell beside their lists: the report on health, stored documents' addresses,
and the errors behind an error."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.ui.live_harness import STILL, LiveHarness, live_app
from trigdash.model.health import HealthReport, HealthSummary
from trigdash.model.run_filter import RunFilter
from trigdash.presentation.cell import cell_text
from trigdash.presentation.health import health_banner
from trigdash.service.runs.document import DocumentQuery
from trigdash.simulator.scenarios.definitions import GIANT, INCIDENT
from trigdash.ui.dialogs.picker import Picker
from trigdash.ui.screens.health import HealthScreen
from trigdash.ui.widgets.field_list import FieldList
from trigdash.ui.widgets.line import MenuItem, NavLine, StatusBar
from trigdash.ui.widgets.text_panes import StateView

WORDS = ("Now", "Runs", "Queues", "Batches", "More")


def bar_at(harness: LiveHarness, width: int) -> str:
    """What the bar shows at a width."""
    left, right = harness.app.screen.query_one(StatusBar).cells(width)
    shown = cell_text((*left, *right))
    assert len(shown) < width
    return shown


async def test_bad_health_is_said_in_the_bar_of_the_runs_and_told_in_full_on_its_screen() -> None:
    async with live_app(scenario=INCIDENT, runs=200, size=(170, 40)) as harness:
        await harness.until(lambda: "health" in bar_at(harness, 170), "the banner")
        assert ":health" in bar_at(harness, 170)
        for width in (60, 80, 100, 120):
            assert "health" in bar_at(harness, width), "the mark stays"
            assert "prod" in bar_at(harness, width)
        await harness.press("colon", *"health", "enter")
        await harness.until(lambda: isinstance(harness.app.screen, HealthScreen))
        lines = harness.app.screen.query_one(FieldList)
        await harness.until(lambda: lines.count)
        text = "\n".join(lines.render_line(y).text for y in range(lines.size.height))
        assert "FINDINGS" in text
        assert "start latency p95" in text


def test_good_health_and_none_that_is_known_say_nothing() -> None:
    assert health_banner(None) == ()
    assert health_banner(HealthReport()) == ()
    assert "health" in cell_text(
        health_banner(HealthReport(summary=HealthSummary(severity="crit")))
    )


async def test_a_stored_output_comes_by_an_address_of_its_own() -> None:
    async with live_app(scenario=GIANT, runs=20) as harness:
        page = await harness.backend.runs(RunFilter(tasks=("export-archive",)))
        run_id = next(row.id for row in page.rows if row.status_name == "COMPLETED")
        harness.faults.requests.clear()
        document = await DocumentQuery(run_id, "output").fetch(harness.backend, None)
        assert document.size_bytes > 1_000_000
        paths = [path for _, path in harness.faults.requests]
        assert f"/api/v1/runs/{run_id}/packets/output" in paths
        assert f"/api/v3/runs/{run_id}" not in paths, "the run is not read for it"


async def test_an_older_server_tells_the_address_with_the_run() -> None:
    async with live_app(scenario=GIANT, runs=20, version="4.5") as harness:
        page = await harness.backend.runs(RunFilter(tasks=("export-archive",)))
        run_id = next(row.id for row in page.rows if row.status_name == "COMPLETED")
        document = await DocumentQuery(run_id, "output").fetch(harness.backend, None)
        assert document.size_bytes > 1_000_000


@pytest.mark.parametrize(
    ("width", "tabs"), [(80, 7), (100, 9), (120, 10), (140, 10)], ids=lambda each: str(each)
)
async def test_bad_health_takes_no_tab_away(width: int, tabs: int) -> None:
    async with live_app(scenario=INCIDENT, runs=200, size=(width, 30)) as harness:
        places = harness.app.screen.query_one("#places", NavLine)
        await harness.until(lambda: "health" in bar_at(harness, width), "the banner")
        left, right = places.cells(width)
        assert right == ()
        shown = [each for each in places.choices if f" {each.words} " in cell_text(left)]
        assert len(shown) == tabs
        assert shown[-1].words == "More"


async def test_a_problem_beside_the_tabs_leaves_whole_tabs_and_the_way_to_the_others() -> None:
    menu = [MenuItem(str(n), word, "", selected=n == 3) for n, word in enumerate(WORDS)]
    line = NavLine()
    line.choose_from(menu, (("cannot reach the server ", "warn"),))
    left, right = line.cells(60)
    assert cell_text(left) == " 0 Now   3 Batches   4 More "
    assert len(cell_text(left)) + len(cell_text(right)) <= 60


async def test_a_window_that_is_too_wide_is_narrowed_by_one_key() -> None:
    async with live_app(scenario=replace(STILL, most_unbounded=10), runs=30) as harness:
        await harness.until(lambda: harness.table.rows)
        await harness.press("slash", *"to:2100-01-01", "enter")
        state = harness.app.screen.query_one(StateView)
        await harness.until(lambda: "z narrows the time window" in state.plain_text, "the refusal")
        assert "too much to look through" in state.plain_text
        await harness.press("z")
        await harness.until(lambda: isinstance(harness.app.screen, Picker))
        await harness.press("up")
        await harness.press("enter")
        await harness.until(lambda: not isinstance(harness.app.screen, Picker))
        await harness.until(lambda: harness.table.rows, "the runs of the narrower window")


async def test_the_window_that_the_server_used_stands_in_the_bar() -> None:
    async with live_app(runs=10) as harness:
        await harness.until(lambda: harness.table.rows)
        page = await harness.backend.runs(RunFilter(period="3h"))
        assert page.applied == RunFilter(period="3h")
