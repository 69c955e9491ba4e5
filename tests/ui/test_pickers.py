"""Short menus over a list: its order, its time window."""

from __future__ import annotations

import pytest

from tests.fakes.backend import FakeBackend
from tests.ui.harness import Harness, open_app, run_row
from trigdash.service.filters.language import PRESETS, window_of, with_window
from trigdash.ui.dialogs.picker import Picker
from trigdash.ui.widgets.line_list import LineList


def backend() -> FakeBackend:
    made = FakeBackend()
    made.add([run_row(n, cost_cents=float(n % 7)) for n in range(1, 20)])
    return made


async def opened(harness: Harness, key: str) -> LineList:
    await harness.until(lambda: harness.ids)
    await harness.press(key)
    await harness.until(lambda: isinstance(harness.app.screen, Picker))
    return harness.app.screen.query_one(LineList)


def options(lines: LineList) -> list[str]:
    shown = ["".join(text for text, _ in lines.source.line(n, 60)) for n in range(lines.count)]
    return [line.strip() for line in shown]


async def test_s_opens_the_orders_and_enter_takes_one() -> None:
    async with open_app(backend()) as harness:
        lines = await opened(harness, "s")
        offered = options(lines)
        assert any(line.startswith("✓") for line in offered)
        lines.move_to(next(n for n, line in enumerate(offered) if "cost" in line))
        await harness.press("enter")
        await harness.until(lambda: harness.app.screen is harness.runs)
        assert harness.table.sort == ("cost", True)
        assert harness.table.cursor_index == 0


async def test_s_twice_sorts_by_the_next_column_and_capital_s_turns_round() -> None:
    async with open_app(backend()) as harness:
        await harness.until(lambda: harness.ids)
        first = harness.table.sort
        await harness.press("s", "s")
        await harness.until(lambda: harness.table.sort != first)
        second = harness.table.sort
        assert second is not None
        await harness.press("s", "S")
        await harness.until(lambda: harness.table.sort == (second[0], not second[1]))


async def test_escape_leaves_the_order() -> None:
    async with open_app(backend()) as harness:
        await opened(harness, "s")
        first = harness.runs.table.sort
        await harness.press("j", "j", "escape")
        await harness.until(lambda: harness.app.screen is harness.runs)
        assert harness.table.sort == first


async def test_z_narrows_the_window_and_keeps_the_rest_of_the_filter() -> None:
    async with open_app(backend()) as harness:
        await harness.until(lambda: harness.ids)
        harness.runs.apply_line("status:completed since:7d")
        lines = await opened(harness, "z")
        assert options(lines)[lines.cursor].startswith("✓ last 7 days")
        lines.move_to(1 + PRESETS.index("1h"))
        await harness.press("enter")
        await harness.until(lambda: harness.filter.line == "status:completed since:1h")


async def test_two_moments_are_typed_into_the_filter() -> None:
    async with open_app(backend()) as harness:
        lines = await opened(harness, "z")
        lines.move_to(lines.count - 1)
        await harness.press("enter")
        await harness.until(lambda: harness.filter.is_editing)
        await harness.press("enter")
        await harness.until(lambda: "to:" in harness.filter.line)
        assert window_of(harness.filter.line) == harness.filter.line
        assert "from:" in harness.filter.line


@pytest.mark.parametrize(
    ("line", "window", "expected"),
    [
        ("", "since:1h", "since:1h"),
        ("since:7d", "", ""),
        (
            'task:"a since:1h b" from:9:00 to:10:00 boom',
            "since:6h",
            'task:"a since:1h b" boom since:6h',
        ),
    ],
)
def test_a_line_gets_another_window(line: str, window: str, expected: str) -> None:
    assert with_window(line, window) == expected
