"""A plot over time in lines of text: areas one above the other, with scales and a time axis."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from trigdash.model.local_time import LOCAL
from trigdash.ui.cells.bars import BLOCKS, joined
from trigdash.ui.cells.cell import Cell, Piece
from trigdash.ui.cells.series import Sample, resample, scale_numbers, time_ticks
from trigdash.ui.cells.units import short_count

SCALE_WIDTH = 8
"""Columns left of a plot for its numbers and its axis."""

HOLD_MS = 15_000
"""A sample holds this long; then a plot has a hole rather than a guess."""


@dataclass(frozen=True, slots=True)
class Area:
    """One quantity over time."""

    name: str
    samples: Sequence[Sample]
    """In order of time."""
    role: str = "fill"
    limit: float | None = None
    """Drawn as a line across. The scale ends with it where the area does not go beyond, so that an
    area at its limit fills its part of the plot."""


def plot(
    areas: Sequence[Area],
    start_ms: float,
    end_ms: float,
    size: tuple[int, int],
    zone: tzinfo = LOCAL,
) -> list[Cell]:
    """Lines of a plot of `size` (columns, lines), the first area largest.

    Where there is too little room, the areas after the first go, then the axis.
    """
    width, height = size
    columns = width - SCALE_WIDTH
    if columns < 8 or height < 2:
        return []
    others = areas[1:] if height >= 4 + 3 * len(areas[1:]) + 2 else ()
    axis_lines = 2 if height >= 5 else 0
    heights = [height - axis_lines - 3 * len(others), *(2 for _ in others)]
    lines: list[Cell] = []
    for area, area_height in zip((areas[0], *others), heights, strict=True):
        if lines:
            lines.append(_caption(area, columns))
        size = (columns, area_height)
        lines += _area(area, start_ms, end_ms, size, has_floor=bool(axis_lines))
    if axis_lines:
        lines += _time_axis(start_ms, end_ms, columns, zone)
    return lines


def _caption(area: Area, columns: int) -> Cell:
    """What an area is: `── running 3, limit 3 ───`."""
    words = area.name
    if area.samples:
        words += f" {short_count(area.samples[-1][1])}"
    if area.limit is not None:
        words += f", limit {short_count(area.limit)}"
    words = f" {words} "[: columns - 2]
    rule = "─" * (columns - len(words) - 2)
    return (
        _number_piece(0),
        ("├──", "hairline"),
        (words, "dim"),
        (rule, "hairline"),
    )


def _area(
    area: Area, start_ms: float, end_ms: float, size: tuple[int, int], *, has_floor: bool
) -> list[Cell]:
    """The lines of an area. Its zero stands on its floor, the line below, where there is one."""
    columns, height = size
    values = resample(area.samples, start_ms, end_ms, columns, HOLD_MS)
    largest = max((value for value in values if value is not None), default=0)
    if area.limit and largest <= area.limit:
        numbers: list[float] = [0, area.limit]
    else:
        numbers = scale_numbers(largest, max(height // 2, 1))
    top = numbers[-1]
    # A number stands on the line that ends at it.
    labels = {min(round(height * (1 - number / top)), height - 1): number for number in numbers[1:]}
    if not has_floor:
        labels.setdefault(height - 1, 0)
    return [
        (*_scale_piece(labels.get(line)), *_area_line(area, values, top, (line, height)))
        for line in range(height)
    ]


def _scale_piece(number: float | None) -> tuple[Piece, Piece]:
    if number is None:
        return (" " * (SCALE_WIDTH - 1), "text"), ("│", "hairline")
    return _number_piece(number), ("┤", "hairline")


def _number_piece(number: float) -> Piece:
    text = short_count(number) if number == int(number) else f"{number:.1f}"
    return f"{text:>{SCALE_WIDTH - 2}} ", "faint"


def _area_line(
    area: Area, values: Sequence[float | None], top: float, place: tuple[int, int]
) -> Cell:
    """One line of an area: its blocks, and the limit where no block is."""
    line, height = place
    base = height - 1 - line
    limit_line = None
    if area.limit is not None and top > 0:
        limit_line = min(max(height - round(area.limit / top * height), 0), height - 1)

    def column(value: float | None) -> Piece:
        # Eighths of a line; what is more than nothing shows at least one.
        eighths = 0 if not value or value < 0 else max(round(value / top * height * 8), 1)
        level = min(max(eighths - base * 8, 0), 8)
        if level:
            return BLOCKS[level], area.role
        return ("╌", "warn") if line == limit_line else (" ", "text")

    return joined(map(column, values))


def _time_axis(start_ms: float, end_ms: float, columns: int, zone: tzinfo) -> list[Cell]:
    axis, labels = ["─"] * columns, [" "] * (columns + SCALE_WIDTH)
    for tick in time_ticks(start_ms, end_ms, columns, zone):
        axis[tick.column] = "┴"
        first = SCALE_WIDTH + tick.column - len(tick.text) // 2
        first = min(max(first, SCALE_WIDTH), len(labels) - len(tick.text))
        labels[first : first + len(tick.text)] = tick.text
    line: Cell = (_number_piece(0), ("└" + "".join(axis), "hairline"))
    return [line, (("".join(labels).rstrip(), "faint"),)]
