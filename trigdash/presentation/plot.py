"""Bars and plots in lines of text: how full something is, and how it changed over time."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import groupby

from trigdash.model.moment import LOCAL, local_at
from trigdash.presentation.cell import Cell, Piece
from trigdash.presentation.units import short_count

BLOCKS = " ▁▂▃▄▅▆▇█"
"""A column filled by none to eight eighths."""


def meter(value: float, top: float, width: int, role: str = "good") -> Cell:
    """A bar of `width` columns, filled as `value` is of `top`, in halves of a column.

    What is neither empty nor full never looks it.
    """
    halves = round(max(min(value / top, 1), 0) * width * 2) if top > 0 else 0
    if 0 < value < top:
        halves = min(max(halves, 1), width * 2 - 1)
    filled = "━" * (halves // 2) + "╸" * (halves % 2)
    rest = "━" * (width - len(filled))
    return tuple(piece for piece in ((filled, role), (rest, "hairline")) if piece[0])


def sparkline(values: Sequence[float | None], role: str = "fill", top: float = 0) -> Cell:
    """One column per value, as high as it is of the largest (or of `top`, if that is more).

    Nothing known is blank, zero is a faint base line: the two are not the same.
    """
    largest = max((value for value in values if value is not None), default=0)
    scale = max(largest, top)

    def column(value: float | None) -> Piece:
        if value is None:
            return " ", role
        if value <= 0 or scale <= 0:
            return BLOCKS[1], "hairline"
        return BLOCKS[min(max(round(value / scale * 8), 1), 8)], role

    return joined(map(column, values))


def joined(pieces: Iterable[Piece]) -> Cell:
    """Neighbors of one role as one piece."""
    groups = groupby(pieces, key=lambda piece: piece[1])
    return tuple(("".join(text for text, _ in group), role) for role, group in groups)


Sample = tuple[float, float]
"""When (epoch milliseconds) and how much."""

SECOND_MS = 1000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

_TIME_STEPS_MS = (
    *(seconds * SECOND_MS for seconds in (5, 10, 15, 30)),
    *(minutes * MINUTE_MS for minutes in (1, 2, 5, 10, 15, 30)),
    *(hours * HOUR_MS for hours in (1, 2, 3, 6, 12)),
    *(days * DAY_MS for days in (1, 2, 7)),
)


def resample(
    samples: Sequence[Sample], start_ms: float, end_ms: float, columns: int, hold_ms: float
) -> list[float | None]:
    """One value per column of the time from `start_ms` to `end_ms`: the last sample within the
    column. Samples are in order of time. Between two samples the earlier value holds, for at most
    `hold_ms`: in a longer gap nothing was sampled, and the column is None rather than invented.
    """
    values: list[float | None] = []
    step = (end_ms - start_ms) / columns
    index, seen = 0, None
    for column in range(columns):
        until_ms = start_ms + step * (column + 1)
        while index < len(samples) and samples[index][0] <= until_ms:
            seen = samples[index]
            index += 1
        fresh = seen is not None and until_ms - seen[0] <= max(hold_ms, step)
        values.append(seen[1] if seen is not None and fresh else None)
    return values


def scale_numbers(largest: float, most: int) -> list[float]:
    """Round numbers from zero to the first at or above `largest`, at most `most` steps between."""
    wanted = max(largest, 1) / max(most, 1)
    size = 10.0 ** math.floor(math.log10(wanted))
    # A quarter of a hundred or more is a whole number of runs.
    factors = (1, 2, 2.5, 5, 10) if size >= 10 else (1, 2, 5, 10)
    step = next(factor * size for factor in factors if wanted <= factor * size * (1 + 1e-9))
    if most > 1:
        # There are no half runs: a scale of counts has whole steps.
        step = max(step, 1)
    steps = max(math.ceil(largest / step - 1e-9), 1)
    return [step * number for number in range(steps + 1)]


@dataclass(frozen=True, slots=True)
class Tick:
    """A label on a time axis, centered on its column where there is room."""

    column: int
    text: str


def time_ticks(start_ms: float, end_ms: float, columns: int, zone: tzinfo = LOCAL) -> list[Tick]:
    """Labels at round times of the clock (local unless a zone is given), never touching."""
    length_ms = end_ms - start_ms
    if columns <= 0 or length_ms <= 0:
        return []
    for step_ms in _TIME_STEPS_MS:
        width = _label_width(step_ms) + 3
        if length_ms / step_ms * width <= columns:
            break
    ticks: list[Tick] = []
    at_ms = _round_time(start_ms - 1, step_ms, zone)
    while at_ms <= end_ms:
        column = min(round((at_ms - start_ms) / length_ms * columns), columns - 1)
        label = _label(at_ms, step_ms, zone)
        # Where the clock goes forward, two round times are closer to each other than elsewhere.
        if not ticks or column - ticks[-1].column > len(label):
            ticks.append(Tick(column, label))
        at_ms = _round_time(at_ms, step_ms, zone)
    return ticks


def _round_time(after_ms: float, step_ms: int, zone: tzinfo) -> float:
    """The first moment after another at which the clock shows a multiple of a step."""
    at_ms = after_ms + step_ms - _wall_ms(after_ms, zone) % step_ms
    # A clock change on the way: the clock now shows that much less or more than a round time.
    odd_ms = _wall_ms(at_ms, zone) % step_ms
    return at_ms - odd_ms if odd_ms * 2 < step_ms else at_ms + step_ms - odd_ms


def _wall_ms(at_ms: float, zone: tzinfo) -> float:
    """What the clock shows, as milliseconds since the epoch's midnight on it."""
    offset = local_at(at_ms / 1000, zone).utcoffset()
    return at_ms + (offset.total_seconds() * 1000 if offset else 0)


def _label_width(step_ms: float) -> int:
    return 8 if step_ms < MINUTE_MS else 6 if step_ms >= DAY_MS else 5


def _label(at_ms: float, step_ms: float, zone: tzinfo) -> str:
    moment = local_at(at_ms / 1000, zone)
    if step_ms < MINUTE_MS:
        return f"{moment:%H:%M:%S}"
    if step_ms >= DAY_MS:
        return f"{moment.day} {moment:%b}"
    return f"{moment:%H:%M}"


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
    """The lines of an area. Its zero is on the line below, if there is one."""
    columns, height = size
    values = resample(area.samples, start_ms, end_ms, columns, HOLD_MS)
    largest = max((value for value in values if value is not None), default=0)
    if area.limit and largest <= area.limit:
        numbers: list[float] = [0, area.limit]
    else:
        numbers = scale_numbers(largest, max(height // 2, 1))
    top = numbers[-1]
    # A number is on the line that ends at it.
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
