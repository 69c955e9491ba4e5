"""What Now costs at rest, with all that the dashboard watches beside it."""

from __future__ import annotations

from tests.ui.harness import open_app
from tests.ui.test_runs_screen import backend_with
from trigdash.backends.base import NotFound
from trigdash.service.now.readings import MAX_PAGES
from trigdash.ui.screens.now import NowScreen

MINUTES = 10
MOST_A_MINUTE = 10


async def test_now_at_rest_costs_at_most_ten_requests_a_minute() -> None:
    backend = backend_with()
    # A refusal costs as much as an answer; the longest list has more pages, which are added below.
    backend.answers["call"] = NotFound("Not found", status=404)
    async with open_app(backend) as harness:
        await harness.press("0")
        await harness.until(lambda: isinstance(harness.app.screen, NowScreen))
        await harness.until(lambda: "check" in harness.words() or "All well" in harness.words())
        await harness.poll(60)
        before, looks = len(backend.log), len(looked(backend.asked("query")))
        for _ in range(MINUTES):
            await harness.poll(60)
        looks = len(looked(backend.asked("query"))) - looks
        asked = len(backend.log) - before + looks * (MAX_PAGES - 1)
        assert looks >= MINUTES // 3
        assert asked <= MINUTES * MOST_A_MINUTE, f"{asked} requests in {MINUTES} minutes"


def looked(queries: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    return [each for each in queries if "SELECT status, queue" in str(each[0])]
