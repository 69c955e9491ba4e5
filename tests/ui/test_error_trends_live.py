"""The list of errors shows what happened lately, from one statement, or says why it does not."""

from __future__ import annotations

from tests.ui.live_harness import LiveHarness, live_app
from trigdash.simulator.http.faults import Fault
from trigdash.simulator.scenarios.definitions import INCIDENT
from trigdash.ui.screens.errors import ErrorsScreen
from trigdash.ui.widgets.line import Line
from trigdash.ui.widgets.row_table import RowTable

REFUSED = Fault(
    path="/query", status=403, times=None, body={"error": "Public Access Token is not allowed"}
)


async def open_errors(harness: LiveHarness) -> RowTable[object]:
    await harness.until(lambda: harness.app.session.identity is not None)
    await harness.press("4")
    await harness.until(lambda: isinstance(harness.app.screen, ErrorsScreen))
    await harness.until(lambda: harness.table.rows, "errors")
    return harness.table


def shown(table: RowTable[object]) -> list[str]:
    return [table.render_line(y).text for y in range(table.size.height)]


async def test_each_error_has_its_last_day_as_bars_and_the_message_keeps_its_place() -> None:
    async with live_app(scenario=INCIDENT, runs=200, size=(120, 30)) as harness:
        table = await open_errors(harness)
        await harness.until(lambda: any("█" in line for line in shown(table)), "bars")
        title = shown(table)[0]
        assert all(word in title for word in ("TREND 24 H", "MESSAGE", "FIRST"))


async def test_where_the_server_does_not_count_the_list_says_so() -> None:
    async with live_app(scenario=INCIDENT, runs=200, size=(120, 30)) as harness:
        harness.faults.add(REFUSED)
        table = await open_errors(harness)
        counts = harness.app.screen.query_one("#counts", Line)
        await harness.until(lambda: "trend: this key may not read it" in counts.plain_text)
        await harness.until(lambda: "–" in shown(table)[1], "a dash")
        assert not any("█" in line for line in shown(table))
