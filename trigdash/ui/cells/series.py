"""Samples over time, brought to one value per column, and the scales that they are read by."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from trigdash.model.local_time import LOCAL, local_at

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
    """One value per column of the time from `start_ms` to `end_ms`: the last sample in its time.

    Samples come in order of time. Between two samples the earlier value holds, for `hold_ms` at
    most: longer than that nobody looked, and the column is None rather than invented.
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
        # Half a run is none: a scale of whole things has whole steps.
        step = max(step, 1)
    steps = max(math.ceil(largest / step - 1e-9), 1)
    return [step * number for number in range(steps + 1)]


@dataclass(frozen=True, slots=True)
class Tick:
    """A label on a time axis, centred on its column where there is room."""

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
