"""What watching costs of the customer's rate limit, in requests of a simulated minute."""

from __future__ import annotations

from collections import Counter

from tests.ui.request_meter import metered_app
from trigdash.presentation.freshness import age_label
from trigdash.ui.screens.runs import RunsScreen
from trigdash.ui.widgets.line import StatusBar

MINUTES = 4
"""Pauses vary, so that one minute may have a request more and the next one less."""


async def test_a_still_run_list_asks_twenty_times_a_minute_at_most_and_tells_its_true_age() -> None:
    async with metered_app() as meter:
        minutes = [await meter.a_minute() for _ in range(MINUTES)]
        assert sum(map(len, minutes)) <= 20 * MINUTES
        for asked in minutes:
            assert Counter(asked)["GET /api/v1/runs"] >= 10, "no row is older than it may be"
        screen = meter.app.screen
        assert isinstance(screen, RunsScreen)
        fetched_at = screen.main_snapshot().fetched_at
        assert fetched_at is not None
        age_s = (meter.clock.now() - fetched_at).total_seconds()
        assert f"live · {age_label(age_s)}" in screen.query_one(StatusBar).plain_text


async def test_queues_that_stand_still_ask_twelve_times_a_minute_at_most() -> None:
    async with metered_app() as meter:
        await meter.open("queues")
        minutes = [await meter.a_minute() for _ in range(MINUTES)]
        assert all(Counter(asked)["GET /api/v1/queues"] >= 6 for asked in minutes)
        assert sum(map(len, minutes)) <= 12 * MINUTES


async def test_an_open_final_run_asks_nothing_and_neither_does_the_list_below_it() -> None:
    async with metered_app() as meter:
        run = next(run for run in meter.host.world.env.runs.all if run.is_final)
        await meter.open_detail("run", run.id)
        assert await meter.a_minute() == []
        meter.app.pop_screen()
        assert "GET /api/v1/runs" in await meter.a_minute()
