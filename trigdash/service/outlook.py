"""What a queue's samples say of its future: draining, growing, steady or stalled.

Pure functions of samples `(epoch seconds, queued, running)`, oldest first. The counts are exact
and their changes are what is random, so the line from the averaged beginning to the averaged end
of a window is a better estimate of the net rate than a regression through all of it, which weighs
its middle as much; what must be robust is the choice of the window:

- it begins after the last sudden jump (a batch of thousands is not a rate), unless jumps are the
  queue's habit;
- it is the longest of WINDOWS_S over which the rate has been the same within its own noise, so an
  old trend does not linger and a lasting one is known well.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

Triple = tuple[float, int, int]

WINDOWS_S = (900.0, 300.0, 120.0, 60.0)
LEAST_S = 20.0
"""Below this span nothing is said."""
GRID = 90
"""Moments at which a window is looked at."""
FRESH_S = 300.0
"""Samples whose last one is older say nothing of now."""
STALLED_S = 120.0
"""Without any change of queued and running for this long, a queue that has work is stalled."""
SAME_SIGMA = 2.5
"""Rates of two windows are the same within this many standard deviations."""
STEADY_SIGMA = 1.5
"""A rate within so many standard deviations of nothing is steady."""
LEAST_PER_MIN = 0.5
"""Slower is steady."""
LONGEST_MIN = 7 * 24 * 60.0
"""Later is steady."""
JUMP_RUNS = 10
JUMP_SIGMA = 8.0
HABIT = 3
"""So many jumps in a window are a habit, and part of its rate."""


class Trend(Enum):
    """What the queue is doing."""

    UNKNOWN = "unknown"
    """Too few samples yet."""
    EMPTY = "empty"
    DRAINING = "draining"
    GROWING = "growing"
    STEADY = "steady"
    STALLED = "stalled"


@dataclass(frozen=True, slots=True)
class Outlook:
    """A queue's trend, and how long it takes."""

    kind: Trend
    per_minute: float = 0.0
    """Net change of queued runs a minute: below zero when it drains."""
    minutes: float | None = None
    """Draining: until it is empty. Stalled: for how long."""
    since_s: float | None = None
    """Stalled: epoch seconds of the last change that was seen."""

    def sentence(self) -> str:
        """In words: "drains in 14 m", "growing +32/min", "stalled 6 m"."""
        if self.kind is Trend.DRAINING and self.minutes is not None:
            return f"drains in {_duration(self.minutes)}"
        if self.kind is Trend.GROWING:
            return f"growing +{self.per_minute:.{0 if self.per_minute >= 10 else 1}f}/min"
        if self.kind is Trend.STALLED and self.minutes is not None:
            return f"stalled {_duration(self.minutes)}"
        return "" if self.kind is Trend.UNKNOWN else self.kind.value


@dataclass(frozen=True, slots=True)
class Flow:
    """Runs that enter and leave a queue in a minute (leaving is starting)."""

    in_per_minute: float | None = None
    out_per_minute: float | None = None
    at_least: bool = True
    """True when these are lower bounds from samples: a run that came and went between two samples
    was not seen. False when the server told the starts."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast the number of queued runs changes."""

    per_minute: float
    sigma: float
    """Standard deviation of that."""
    since_s: float
    """Epoch seconds from which on it has been so."""


def outlook(
    samples: Sequence[Triple],
    now_s: float,
    unchanged_since_s: float | None = None,
    started_per_min: float | None = None,
) -> Outlook:
    """Whether and when the queue drains.

    `started_per_min` is the server's own figure where it is known: a queue with starts is not
    stalled, however still its counts stand.
    """
    if not samples or now_s - samples[-1][0] > FRESH_S:
        return Outlook(Trend.UNKNOWN)
    queued = samples[-1][1]
    if queued == 0:
        return Outlook(Trend.EMPTY)
    still_s = now_s - (unchanged_since_s if unchanged_since_s is not None else now_s)
    if still_s >= STALLED_S and not started_per_min:
        return Outlook(Trend.STALLED, 0.0, still_s / 60, unchanged_since_s)
    rate = net_rate(samples)
    if rate is None:
        return Outlook(Trend.UNKNOWN)
    per_minute = rate.per_minute
    if abs(per_minute) < max(LEAST_PER_MIN, STEADY_SIGMA * rate.sigma):
        return Outlook(Trend.STEADY, per_minute)
    if per_minute > 0:
        return Outlook(Trend.GROWING, per_minute)
    minutes = queued / -per_minute
    if minutes > LONGEST_MIN:
        return Outlook(Trend.STEADY, per_minute)
    return Outlook(Trend.DRAINING, per_minute, minutes)


def flow(samples: Sequence[Triple], now_s: float, started_per_min: float | None = None) -> Flow:
    """Runs in and out a minute.

    With the server's figure for starts, out is that and in is out plus the net rate. From samples
    alone: between two of them at least so many were started as queued fell or running rose, and
    what queued did beyond that came in. They are those of the outlook: what came in a batch before
    them is not said beside an estimate that leaves it out.
    """
    if not samples or now_s - samples[-1][0] > FRESH_S:
        return Flow()
    rate = net_rate(samples)
    if rate is None:
        return Flow()
    if started_per_min is not None:
        return Flow(max(0.0, started_per_min + rate.per_minute), started_per_min, at_least=False)
    span_min = (samples[-1][0] - rate.since_s) / 60
    came = started = 0.0
    for (_, queued, running), (_, queued_next, running_next) in pairwise(_since(samples, rate)):
        starts = max(0.0, queued - queued_next, running_next - running)
        started += starts
        came += queued_next - queued + starts
    return Flow(came / span_min, started / span_min)


def _since(samples: Sequence[Triple], rate: Rate) -> list[tuple[float, float, int]]:
    """The samples of a rate's time, and what was queued as it began: that may be between two of
    them, and of a time without change only both ends are kept."""
    first = sum(at_s < rate.since_s for at_s, _, _ in samples)
    began = (rate.since_s, _between(samples, max(0, first - 1), rate.since_s), samples[first][2])
    return [began, *samples[first:]]


def net_rate(samples: Sequence[Triple]) -> Rate | None:
    """The rate of the longest window that fits the youngest; None with too few samples."""
    last_s = samples[-1][0] if samples else 0.0
    since_s = _after_jump(_grid(samples, last_s - WINDOWS_S[1], last_s))
    windows = _windows(samples, since_s)
    if not windows:
        return None
    rate = windows[-1]
    for longer in reversed(windows[:-1]):
        if abs(longer.per_minute - rate.per_minute) > SAME_SIGMA * max(rate.sigma, LEAST_PER_MIN):
            break
        rate = longer
    return rate


def _windows(samples: Sequence[Triple], since_s: float) -> list[Rate]:
    """The rate of each window, the longest first, from `since_s` on."""
    first_s = max(samples[0][0], since_s) if samples else 0.0
    last_s = samples[-1][0] if samples else 0.0
    spans = sorted({min(window_s, last_s - first_s) for window_s in WINDOWS_S}, reverse=True)
    return [_slope(samples, last_s - span_s) for span_s in spans if span_s >= LEAST_S]


def _grid(samples: Sequence[Triple], from_s: float, until_s: float) -> list[tuple[float, float]]:
    """Queued at up to GRID even moments, drawn straight between samples."""
    if not samples:
        return []
    from_s = max(from_s, samples[0][0])
    step_s = max(1.0, (until_s - from_s) / GRID)
    grid: list[tuple[float, float]] = []
    index = 0
    moment = from_s
    while moment <= until_s + 1e-6:
        while index + 1 < len(samples) and samples[index + 1][0] < moment:
            index += 1
        grid.append((moment, _between(samples, index, moment)))
        moment += step_s
    return grid


def _between(samples: Sequence[Triple], index: int, moment: float) -> float:
    before_s, before, _ = samples[index]
    if index + 1 == len(samples) or moment <= before_s:
        return before
    after_s, after, _ = samples[index + 1]
    return before + (after - before) * (moment - before_s) / (after_s - before_s)


def _slope(samples: Sequence[Triple], from_s: float) -> Rate:
    """From averaged end to averaged end, a minute; the deviation is that of a random walk with
    the steps that were seen."""
    grid = _grid(samples, from_s, samples[-1][0])
    part = max(1, len(grid) // 10)
    first, last = grid[:part], grid[-part:]
    span_s = (sum(t for t, _ in last) - sum(t for t, _ in first)) / part
    rise = (sum(q for _, q in last) - sum(q for _, q in first)) / part
    per_s = rise / span_s if span_s > 0 else 0.0
    noise = sum(
        (q_next - q - per_s * (t_next - t)) ** 2
        for (t, q, _), (t_next, q_next, _) in pairwise(samples)
        if t >= from_s
    )
    sigma = noise**0.5 / span_s * 60 if span_s > 0 else 0.0
    return Rate(per_s * 60, sigma, from_s)


def _after_jump(grid: list[tuple[float, float]]) -> float:
    """The moment after the last sudden jump; the grid's beginning when there is none, or when
    jumps are a habit or too recent to say anything of the time after them."""
    if len(grid) < 5:
        return grid[0][0] if grid else 0.0
    steps = [after - before for (_, before), (_, after) in pairwise(grid)]
    middle = _median(steps)
    spread = 1.4826 * _median([abs(step - middle) for step in steps])
    limit = max(JUMP_RUNS, JUMP_SIGMA * spread)
    jumps = [i for i, step in enumerate(steps) if abs(step - middle) > limit]
    # A jump between two samples is drawn over up to two steps of the grid.
    separate = [i for i in jumps if i - 1 not in jumps]
    if not jumps or len(separate) >= HABIT or grid[-1][0] - grid[jumps[-1] + 1][0] < LEAST_S:
        return 0.0
    return grid[jumps[-1] + 1][0]


def _median(values: list[float]) -> float:
    """The upper one of two: `statistics` costs 15 ms at start."""
    return sorted(values)[len(values) // 2]


def _duration(minutes: float) -> str:
    if minutes < 1:
        return f"{max(1, round(minutes * 60))} s"
    if minutes < 90:
        return f"{round(minutes)} m"
    if minutes < 48 * 60:
        return f"{minutes / 60:.1f} h"
    return f"{minutes / 1440:.1f} d"
