"""Meters, sparklines and plots: what the blocks say must be true."""

import itertools
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from trigdash.presentation.cell import Cell, cell_text, cell_width, cut_cell
from trigdash.presentation.plot import (
    Area,
    meter,
    plot,
    resample,
    scale_numbers,
    sparkline,
    time_ticks,
)

START = 1_795_000_020_000
"""11:07:00 UTC."""
MINUTE = 60_000
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("value", "top", "filled"),
    [(0, 10, ""), (0.01, 10, "╸"), (5, 10, "━━━━"), (9.99, 10, "━━━━━━━╸"), (10, 10, "━━━━━━━━")],
)
def test_a_meter_never_looks_full_or_empty_when_it_is_not(
    value: float, top: float, filled: str
) -> None:
    cell = meter(value, top, 8)
    assert cell_width(cell) == 8
    assert "".join(text for text, role in cell if role == "good") == filled


def test_a_meter_over_its_top_is_full_and_one_without_a_top_is_empty() -> None:
    assert cell_text(meter(25, 10, 4)) == "━━━━"
    assert meter(25, 10, 4)[0][1] == "good"
    assert meter(3, 0, 4) == (("━━━━", "hairline"),)


def test_a_sparkline_tells_nothing_known_from_nothing_there() -> None:
    cell = sparkline([None, 0, 1, 4, 8])
    assert cell_text(cell) == " ▁▁▄█"
    assert cell[1] == ("▁", "hairline")


def test_a_sparkline_of_small_numbers_is_not_blown_up_past_its_top() -> None:
    assert cell_text(sparkline([1, 1], top=8)) == "▁▁"


def test_resampling_holds_a_value_for_a_while_and_then_admits_a_hole() -> None:
    samples = [(1000.0, 5.0), (2000.0, 6.0), (9000.0, 1.0)]
    values = resample(samples, 0, 10_000, 10, hold_ms=3000)
    assert values == [5, 6, 6, 6, 6, None, None, None, 1, 1]


def test_without_samples_nothing_is_known() -> None:
    assert resample([], 0, 1000, 3, hold_ms=100) == [None, None, None]


@pytest.mark.parametrize(
    ("largest", "most", "numbers"),
    [
        (0, 3, [0, 1]),
        (1, 3, [0, 1]),
        (7, 3, [0, 5, 10]),
        (1380, 3, [0, 500, 1000, 1500]),
        (1380, 1, [0, 2000]),
        (1380, 6, [0, 250, 500, 750, 1000, 1250, 1500]),
        (12, 5, [0, 5, 10, 15]),
        (450, 2, [0, 250, 500]),
        (40, 4, [0, 10, 20, 30, 40]),
    ],
)
def test_scales_end_with_a_round_number(largest: float, most: int, numbers: list[float]) -> None:
    assert scale_numbers(largest, most) == numbers


def test_time_is_labeled_at_round_times_that_never_touch() -> None:
    ticks = time_ticks(START, START + 10 * MINUTE, 100, UTC)
    assert [tick.text for tick in ticks][:3] == ["11:07", "11:08", "11:09"]
    gaps = [b.column - a.column for a, b in itertools.pairwise(ticks)]
    assert min(gaps) >= 8
    narrow = time_ticks(START, START + 10 * MINUTE, 20, UTC)
    assert [tick.text for tick in narrow] == ["11:10", "11:15"]


def test_long_spans_of_time_are_labeled_by_day() -> None:
    week = time_ticks(START, START + 7 * 24 * 60 * MINUTE, 80, UTC)
    assert week[0].text == "19 Nov"


@pytest.mark.parametrize("day", ["2026-03-28", "2026-10-24"])
@pytest.mark.parametrize("columns", [20, 40, 80, 120, 300])
@pytest.mark.parametrize("hours", [3, 12, 48, 200])
def test_time_is_labeled_at_round_times_on_both_sides_of_a_clock_change(
    day: str, columns: int, hours: int
) -> None:
    start = datetime.fromisoformat(f"{day}T13:07").replace(tzinfo=BERLIN)
    start_ms = start.timestamp() * 1000
    ticks = time_ticks(start_ms, start_ms + hours * 60 * MINUTE, columns, BERLIN)
    assert ticks
    gaps = [b.column - a.column for a, b in itertools.pairwise(ticks)]
    assert all(gap > len(tick.text) for gap, tick in zip(gaps, ticks, strict=False))
    clocks = [tick.text for tick in ticks if ":" in tick.text]
    if hours == 48 and columns == 120:
        assert clocks[:3] == ["18:00", "00:00", "06:00"]
        assert {int(clock[:2]) % 6 for clock in clocks} == {0}
        assert {clock[3:] for clock in clocks} == {"00"}


def lines(cells: list[Cell]) -> list[str]:
    return [cell_text(cell).rstrip() for cell in cells]


def test_a_plot_has_its_scale_its_areas_and_a_time_axis() -> None:
    depth = Area("depth", [(START + second * 1000, second) for second in range(0, 600, 2)])
    running = Area("running", [(START, 4), (START + 590_000, 4)], "running", limit=10)
    shown = lines(plot([depth, running], START, START + 10 * MINUTE, (68, 16), UTC))
    assert len(shown) == 16
    assert shown[0].startswith("   600 ┤")
    # Zero stands on the floor of an area, so that the numbers are about evenly apart.
    floor = next(line for line in shown if "── running 4, limit 10 ──" in line)
    assert floor.startswith("     0 ├── running")
    numbered = [number for number, line in enumerate(shown) if line[:6].strip()]
    assert numbered == [0, 4, 7, 11, 12, 14]
    # The scale of an area with a limit ends with the limit.
    assert [line[:8] for line in shown[-5:-1]] == [floor[:8], "    10 ┤", "       │", "     0 └"]
    assert "11:08" in shown[-1]
    assert shown[0].endswith(("▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"))
    # The second area has two samples ten minutes apart: between them nobody looked.
    assert " " * 20 in shown[-3][9:]


def test_the_limit_is_a_line_where_the_area_does_not_reach_it() -> None:
    area = Area("running", [(START, 1)], "running", limit=4)
    shown = plot([area], START, START + 15_000, (30, 4), UTC)
    assert ("╌" * 22, "warn") in shown[0]
    assert cell_text(shown[0]).startswith("     4 ┤")


def test_an_area_at_its_limit_fills_its_place_and_one_beyond_it_still_fits() -> None:
    full = Area("running", [(START, 3)], "running", limit=3)
    assert cell_text(plot([full], START, START + 15_000, (30, 2), UTC)[0]).endswith("┤" + "█" * 22)
    beyond = Area("running", [(START, 4)], "running", limit=3)
    assert cell_text(plot([beyond], START, START + 15_000, (30, 2), UTC)[1]).endswith("█" * 22)


def test_a_plot_without_room_draws_nothing_rather_than_nonsense() -> None:
    area = Area("depth", [(START, 1)])
    assert plot([area], START, START + MINUTE, (12, 5), UTC) == []
    assert len(plot([area], START, START + MINUTE, (40, 3), UTC)) == 3


@pytest.mark.parametrize(
    ("width", "text"),
    [(20, "one two"), (7, "one two"), (5, "one …"), (3, "on…"), (1, "…"), (0, "")],
)
def test_a_cell_that_is_cut_says_so(width: int, text: str) -> None:
    cut = cut_cell((("one ", "text"), ("two", "dim")), width)
    assert cell_text(cut) == text


def test_wide_characters_are_cut_by_their_columns() -> None:
    cut = cut_cell((("日本語です", "text"),), 6)
    assert cell_width(cut) <= 6
    assert cell_text(cut).endswith("…")
