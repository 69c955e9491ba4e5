"""What servers of today tell beside their lists: the report on health, stored documents' addresses,
and the errors behind an error."""

from __future__ import annotations

from tests.ui.live_harness import live_app
from trigdash.model.health import HealthReport, HealthSummary
from trigdash.model.run_filter import RunFilter
from trigdash.presentation.cell import cell_text
from trigdash.presentation.health import health_banner
from trigdash.service.runs.document import DocumentQuery
from trigdash.simulator.scenarios.definitions import GIANT, INCIDENT
from trigdash.ui.screens.health import HealthScreen
from trigdash.ui.widgets.field_list import FieldList
from trigdash.ui.widgets.line import NavLine


def places(app: object) -> str:
    return str(app.screen.query_one("#places", NavLine).aside)  # type: ignore[attr-defined]


async def test_bad_health_is_said_beside_the_runs_and_told_in_full_on_its_screen() -> None:
    async with live_app(scenario=INCIDENT, runs=200, size=(170, 40)) as harness:
        await harness.until(lambda: "health" in places(harness.app), "the banner")
        assert ":health" in places(harness.app)
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


async def test_the_window_that_the_server_used_stands_in_the_bar() -> None:
    async with live_app(runs=10) as harness:
        await harness.until(lambda: harness.table.rows)
        page = await harness.backend.runs(RunFilter(period="3h"))
        assert page.applied == RunFilter(period="3h")
