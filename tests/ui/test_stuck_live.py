"""All runs that do not move, on screen: every planted reason, and what its lines lead to."""

from __future__ import annotations

from tests.ui.live_harness import LiveHarness, live_app
from trigdash.presentation.cell import cell_text
from trigdash.simulator.scenarios.definitions import INCIDENT
from trigdash.ui.screens.runs import RunsScreen
from trigdash.ui.screens.why import StuckScreen, WhyScreen
from trigdash.ui.widgets.field_list import FieldList


def shown(harness: LiveHarness) -> str:
    fields = harness.app.screen.query_one(FieldList).fields
    return "\n".join(cell_text(line.cell) for line in fields.lines)


async def test_what_does_not_move_is_two_keys_away_and_each_line_opens_its_runs() -> None:
    async with live_app(scenario=INCIDENT) as harness:
        await harness.press("0")
        await harness.press("s")
        await harness.until(lambda: isinstance(harness.app.screen, StuckScreen))
        await harness.until(lambda: "queue paused crm" in shown(harness))
        assert "HELD, THE LONGEST FIRST" in shown(harness)
        assert "pending version translate-catalog" in shown(harness)
        screen = harness.app.screen
        first = screen.query_one(FieldList).field
        assert first is not None
        assert first.opens is not None
        await harness.press("W")
        await harness.until(lambda: isinstance(harness.app.screen, WhyScreen))
        await harness.press("escape")
        await harness.until(lambda: harness.app.screen is screen)
        await harness.press("enter")
        wanted = RunsScreen if first.opens[0] == "runs" else WhyScreen
        await harness.until(lambda: isinstance(harness.app.screen, wanted))
