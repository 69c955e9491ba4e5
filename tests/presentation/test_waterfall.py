"""Bars on the time axis, and the axis itself."""

import pytest

from trigdash.presentation.cell import cell_text, cell_width
from trigdash.presentation.run.waterfall import Axis, Extent, axis_line, bar, tick_label

MS = 1_000_000
AXIS = Axis(0, 1_000 * MS)


def drawn(
    start_ms: float, end_ms: float, width: int = 10, axis: Axis = AXIS, **more: object
) -> str:
    extent = Extent(int(start_ms * MS), int(end_ms * MS), "good", **more)  # type: ignore[arg-type]
    cell = bar(extent, axis, width)
    assert cell_width(cell) == width
    return cell_text(cell)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, 1000, "━━━━━━━━━━"),
        (0, 500, "━━━━━     "),
        (250, 500, "  ╺━━     "),
        (0, 450, "━━━━╸     "),
        (400, 401, "    ╸     "),
        (460, 461, "    ╺     "),
        (999, 1000, "         ╺"),
    ],
)
def test_a_bar_ends_to_half_a_column_and_is_never_nothing(
    start: int, end: int, expected: str
) -> None:
    assert drawn(start, end) == expected


def test_waits_are_dashed_queues_come_first_and_open_ends_are_arrows() -> None:
    assert drawn(0, 500, waits=True) == "╌╌╌╌╌     "
    assert drawn(0, 500, queued_until_ns=200 * MS) == "╌╌━━━     "
    assert drawn(0, 500, is_open=True) == "━━━━▸     "
    assert drawn(1000, 1000, is_open=True) == "         ▸"
    roles = [role for _, role in bar(Extent(0, 500 * MS, "bad", 200 * MS), AXIS, 10)]
    assert roles == ["queued", "bad", "text"]


def test_moments_are_points_and_alarms_are_diamonds() -> None:
    assert drawn(500, 500) == "     ·    "
    assert drawn(1000, 1000) == "         ·"
    assert drawn(500, 500, alarm=True) == "     ◆    "


def test_what_lies_outside_a_zoomed_axis_is_pointed_at() -> None:
    close = Axis(400 * MS, 600 * MS)
    assert drawn(0, 100, axis=close) == "‹         "
    assert drawn(800, 900, axis=close) == "         ›"
    assert drawn(0, 1000, axis=close) == "━━━━━━━━━━"
    assert drawn(700, 700, axis=close) == "         ›"


def test_no_room_draws_nothing() -> None:
    assert bar(Extent(0, 1, "good"), AXIS, 0) == ()


def test_zooming_keeps_the_place_that_it_is_about() -> None:
    closer = AXIS.zoomed(0.5, 250 * MS)
    assert (closer.start_ns, closer.end_ns) == (125 * MS, 625 * MS)
    wider = closer.zoomed(4, 250 * MS).within(AXIS)
    assert (wider.start_ns, wider.end_ns) == (0, 1_000 * MS)
    edge = Axis(900 * MS, 1_200 * MS).within(AXIS)
    assert (edge.start_ns, edge.end_ns) == (700 * MS, 1_000 * MS)
    assert AXIS.zoomed(1e-12, 0).length_ns == 1_000


def test_the_axis_counts_from_its_zero_in_round_steps() -> None:
    line = cell_text(axis_line(Axis(0, 6_410 * MS), 60))
    assert line.split("  ")[0] == "0 s"
    assert "2 s" in line
    assert "6 s" in line
    assert len(line) == 60
    shifted = [label for _, _, label in Axis(5_000 * MS, 7_000 * MS, 5_000 * MS).ticks(40)]
    assert shifted == ["0 s", "0.5 s", "1 s", "1.5 s", "2 s"]


@pytest.mark.parametrize("length_s", [1e-6, 1e-3, 0.25, 3, 59, 900, 7_200, 86_400, 864_000, 1e8])
@pytest.mark.parametrize("width", [1, 7, 40, 200])
def test_ticks_are_few_distinct_and_within_the_axis(length_s: float, width: int) -> None:
    axis = Axis(0, int(length_s * 1e9))
    labels = [label for _, _, label in axis.ticks(width)]
    assert len(labels) <= max(width / 10, 1) + 1
    assert len(set(labels)) == len(labels)
    assert cell_width(axis_line(axis, width)) == width


@pytest.mark.parametrize(
    ("ns", "step", "last", "label"),
    [
        (0, MS, 20 * MS, "0 ms"),
        (500 * MS, 500 * MS, 2_000 * MS, "0.5 s"),
        (1_500 * MS, 500 * MS, 2_000 * MS, "1.5 s"),
        (250 * MS, 50 * MS, 900 * MS, "250 ms"),
        (720_000 * MS, 60_000 * MS, 900_000 * MS, "12 m"),
        (5_000, 1_000, 9_000, "5 µs"),
        (10_800_000 * MS, 3_600_000 * MS, 20_000_000 * MS, "3 h"),
    ],
)
def test_labels_are_in_one_unit_that_fits(ns: int, step: int, last: int, label: str) -> None:
    assert tick_label(ns, step, last) == label
