"""The waterfall: where a span lies on the run's time axis, as pieces of text. Pure.

Bars are thin lines with ends to half a column; a span shorter than that is still a mark. What is
said by color is said by shape as well: solid is work, dashed is waiting, an arrow has not ended.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from trigdash.presentation.cell import Cell

MIN_AXIS_NS = 1_000
"""The closest zoom: a microsecond across, the resolution of the server."""

_STEPS = (1, 2, 5)
_TICK_ROOM = 10
"""Columns for each tick, its label included."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A stretch of time that is drawn across some columns."""

    start_ns: int
    end_ns: int
    zero_ns: int = 0
    """What the tick labels count from."""

    @property
    def length_ns(self) -> int:
        """Never 0."""
        return max(self.end_ns - self.start_ns, 1)

    def halves(self, ns: int, width: int) -> int:
        """A moment as half columns from the left edge, out of range included."""
        return round((ns - self.start_ns) * 2 * width / self.length_ns)

    def zoomed(self, factor: float, around_ns: int) -> "Axis":
        """A closer (factor below 1) or wider look; `around_ns` keeps its place."""
        length = max(round(self.length_ns * factor), MIN_AXIS_NS)
        share = min(max((around_ns - self.start_ns) / self.length_ns, 0.0), 1.0)
        start = around_ns - round(length * share)
        return replace(self, start_ns=start, end_ns=start + length)

    def within(self, whole: "Axis") -> "Axis":
        """This look moved and cut so that it stays within another."""
        length = min(self.length_ns, whole.length_ns)
        start = min(max(self.start_ns, whole.start_ns), whole.start_ns + whole.length_ns - length)
        return replace(self, start_ns=start, end_ns=start + length)

    def ticks(self, width: int) -> Iterator[tuple[int, int, str]]:
        """Column, time and label of round moments, far enough apart to be read."""
        step = _round_step(self.length_ns * _TICK_ROOM / max(width, 1))
        first = -(-(self.start_ns - self.zero_ns) // step)
        at = self.zero_ns + first * step
        last = self.end_ns - self.zero_ns
        while at <= self.end_ns:
            yield self.halves(at, width) // 2, at, tick_label(at - self.zero_ns, step, last)
            at += step


@dataclass(frozen=True, slots=True)
class Extent:
    """What a bar shows of a span."""

    start_ns: int
    end_ns: int
    role: str
    queued_until_ns: int | None = None
    """The first part, up to here, was waiting in a queue."""
    waits: bool = False
    is_open: bool = False
    """Has not ended: drawn with an arrow at `end_ns`."""
    alarm: bool = False
    """A moment that deserves a look."""


def bar(extent: Extent, axis: Axis, width: int) -> Cell:
    """The bar of a span, exactly `width` columns wide."""
    if width <= 0:
        return ()
    left = axis.halves(extent.start_ns, width)
    right = axis.halves(extent.end_ns, width)
    if right < 0 or (right == 0 and extent.end_ns < axis.start_ns):
        return (("‹", "faint"), (" " * (width - 1), "text"))
    if left > 2 * width or (left == 2 * width and extent.start_ns > axis.end_ns):
        return ((" " * (width - 1), "text"), ("›", "faint"))
    if extent.end_ns <= extent.start_ns and not extent.is_open:
        return _moment(extent, left, width)
    # What begins at the very end of the axis is still to be seen.
    left = min(left, 2 * width - 1)
    right = max(right, left + 1)
    middle = left
    if extent.queued_until_ns is not None:
        middle = min(max(axis.halves(extent.queued_until_ns, width), left), right)
    glyphs = [_glyph(column, left, middle, right, extent) for column in range(width)]
    if extent.is_open:
        glyphs[min((right - 1) // 2, width - 1)] = ("▸", extent.role)
    return _joined(glyphs)


def _glyph(column: int, left: int, middle: int, right: int, extent: Extent) -> tuple[str, str]:
    """One column of a bar: which of its two halves are covered, and by what."""
    first, second = 2 * column, 2 * column + 1
    if middle > left and left <= second < middle:
        return "╌", "queued"
    has_first, has_second = left <= first < right, left <= second < right
    if not has_first and not has_second:
        return " ", "text"
    if extent.waits:
        return "╌", extent.role
    return ("━" if has_first and has_second else "╸" if has_first else "╺"), extent.role


def _moment(extent: Extent, at: int, width: int) -> Cell:
    column = min(at // 2, width - 1)
    mark = ("◆", extent.role) if extent.alarm else ("·", extent.role)
    return _joined([mark if at == column else (" ", "text") for at in range(width)])


def _joined(glyphs: list[tuple[str, str]]) -> Cell:
    runs = groupby(glyphs, key=lambda glyph: glyph[1])
    return tuple(("".join(text for text, _ in run), role) for role, run in runs)


def axis_line(axis: Axis, width: int) -> Cell:
    """The labels of the axis, exactly `width` columns wide."""
    line = [" "] * width
    taken = 0
    for column, _, label in axis.ticks(width):
        at = min(max(column, 0), max(width - len(label), 0))
        if at >= taken and at + len(label) <= width:
            line[at : at + len(label)] = label
            taken = at + len(label) + 1
    return (("".join(line), "faint"),)


def _round_step(ns: float) -> int:
    """The next round step at or above some nanoseconds: 1, 2, 5 × 10ⁿ, then minutes and hours."""
    if ns > 30e9:
        for seconds in (60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400):
            if seconds * 1e9 >= ns:
                return int(seconds * 1e9)
        return -(-int(ns) // int(86_400e9)) * int(86_400e9)
    power = 1
    while power * 5 < ns:
        power *= 10
    return next((power * step for step in _STEPS if power * step >= ns), power * 10)


def tick_label(ns: int, step_ns: int, last_ns: int) -> str:
    """A moment on the axis, in one unit for the whole axis: `250 ms`, `1.5 s`, `12 m`, `3 h`.

    `last_ns` is where the axis ends: with `step_ns` it decides the unit.
    """
    if step_ns >= 3_600_000_000_000:
        return f"{ns / 3.6e12:g} h"
    if step_ns >= 60_000_000_000:
        return f"{ns / 6e10:g} m"
    if last_ns >= 1_000_000_000 and step_ns >= 1_000_000:
        return f"{ns / 1e9:g} s"
    if last_ns >= 1_000_000:
        return f"{ns / 1e6:g} ms"
    return f"{ns / 1e3:g} µs"
