"""What is told outside the screen: a bell on a rule, and the terminal's title."""

from __future__ import annotations

from tests.fakes.backend import FakeBackend
from tests.ui.harness import Harness, open_app, run_row
from trigdash.config.options import UiSettings
from trigdash.presentation.outside import MAX_TITLE, title, told
from trigdash.ui.app import TrigdashApp

RULE = UiSettings(server="127.0.0.1", notify="status:bad task:charge-*")


def backend() -> FakeBackend:
    made = FakeBackend()
    made.add([run_row(9, "FAILED", task="charge-invoice"), run_row(8)])
    return made


def alarms(harness: Harness) -> list[str]:
    return [toast for toast in harness.toasts() if "charge" in toast]


async def test_a_run_that_comes_to_match_rings_once() -> None:
    async with open_app(backend(), RULE) as harness:
        await harness.until(lambda: len(harness.ids) == 2)
        await harness.poll(16)
        assert alarms(harness) == []
        harness.backend.add(
            [run_row(3, "FAILED", task="send-email"), run_row(2, "CRASHED", task="charge-card")]
        )
        await harness.poll(16)
        await harness.until(lambda: alarms(harness) == ["charge-card crashed: run_0002"])
        await harness.poll(16)
        assert len(alarms(harness)) == 1


async def test_the_rule_costs_four_requests_a_minute() -> None:
    async with open_app(backend(), RULE) as harness:
        await harness.until(lambda: len(harness.ids) == 2)
        harness.backend.log.clear()
        for _ in range(12):
            await harness.poll(5)
        asked = [call for call in harness.backend.asked("runs") if "24h" in repr(call)]
        assert 3 <= len(asked) <= 5


async def test_a_rule_that_means_nothing_is_named() -> None:
    async with open_app(backend(), UiSettings(server="x", notify="status:nonsense")) as harness:
        await harness.until(lambda: any("notify" in toast for toast in harness.toasts()))


async def test_the_title_counts_the_failures_that_the_list_shows() -> None:
    async with open_app(backend()) as harness:
        await harness.until(lambda: len(harness.ids) == 2)
        app = harness.app
        assert isinstance(app, TrigdashApp)
        assert title(app.session.environment_name, app._failures()) == "trigdash prod · 1 failed"


def test_a_title_is_clean_and_short() -> None:
    assert title("", None) == "trigdash"
    hostile = title("prod\x1b]2;rm\x07\n" + "x" * 200, 3)
    assert hostile.isprintable()
    assert len(hostile) == MAX_TITLE
    rows = [run_row(1, "FAILED", task="a\x1b[31m"), run_row(2, "FAILED"), run_row(3, "FAILED")]
    assert told(rows) == "a failed: run_0001, and 2 more runs"
