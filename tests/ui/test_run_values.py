"""`f` and `F`: a value of the highlighted run into the filter, or out of the list."""

from __future__ import annotations

from tests.fakes.backend import FakeBackend
from tests.ui.harness import Harness, open_app, run_row
from trigdash.ui.dialogs.picker import Picker
from trigdash.ui.widgets.filter_line import FilterLine


def line(harness: Harness) -> str:
    return harness.runs.query_one(FilterLine).line


async def picking(harness: Harness, key: str) -> None:
    await harness.press(key)
    await harness.until(lambda: isinstance(harness.app.screen, Picker))


async def test_a_value_of_the_row_narrows_the_list_and_another_leaves_runs_out() -> None:
    backend = FakeBackend()
    backend.add(
        run_row(n, task="crm" if n % 2 else "mail", tags=(f"org_{n}",)) for n in range(1, 9)
    )
    async with open_app(backend) as harness:
        await harness.until(lambda: len(harness.ids) == 8)
        await picking(harness, "f")
        await harness.press("enter")
        await harness.until(lambda: line(harness) == "task:crm")
        asked = backend.asked("runs")
        await harness.until(lambda: backend.asked("runs") != asked or len(asked) > 1)
        assert backend.asked("runs")[-1][0].tasks == ("crm",)
        await harness.press("escape")
        await harness.until(lambda: line(harness) == "")
        await picking(harness, "F")
        await harness.press("enter")
        await harness.until(lambda: line(harness) == "-task:crm")
        assert harness.ids == ["run_0002", "run_0004", "run_0006", "run_0008"]


async def test_the_menu_is_left_with_everything_as_it_was() -> None:
    backend = FakeBackend()
    backend.add(run_row(n) for n in range(1, 4))
    async with open_app(backend) as harness:
        await harness.until(lambda: len(harness.ids) == 3)
        await picking(harness, "f")
        await harness.press("escape")
        await harness.until(lambda: not isinstance(harness.app.screen, Picker))
        assert line(harness) == ""


async def test_the_menu_begins_with_the_column_that_runs_are_ordered_by() -> None:
    backend = FakeBackend()
    backend.add(run_row(n, region=f"r{n}") for n in range(1, 4))
    async with open_app(backend) as harness:
        await harness.until(lambda: len(harness.ids) == 3)
        harness.runs.sort_by("region", descending=True)
        await picking(harness, "f")
        await harness.press("enter")
        await harness.until(lambda: line(harness) == "region:r3")
