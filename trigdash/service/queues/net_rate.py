"""How fast the number of queued runs changes, from samples.

The counts are exact and their changes are what is random, so the line from the averaged beginning
to the averaged end of a window is a better estimate of the net rate than a regression through all
of it, which weighs its middle as much; what must be robust is the choice of the window:

- it begins after the last sudden jump (a batch of thousands is not a rate), unless jumps are the
  queue's habit;
- it begins where it first saw the queue empty: nothing drains further than that;
- it is the longest of WINDOWS_S over which the rate has been the same within its own noise, so an
  old trend does not linger and a lasting one is known well.

This module is imported before the first frame: standard library only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

Triple = tuple[float, int, int]
"""A sample: epoch seconds, queued, running."""

WINDOWS_S = (900.0, 300.0, 120.0, 60.0)
LEAST_S = 20.0
"""With a shorter span there is no rate."""
LEAST_STEPS = 4
"""With fewer changes there is no rate: few samples fit any line."""
GRID = 90
"""Moments at which a window is sampled."""
SAME_SIGMA = 2.5
"""Rates of two windows are the same within this many standard deviations."""
LEAST_PER_MIN = 0.5
"""A slower rate is steady."""
JUMP_RUNS = 10
JUMP_SIGMA = 8.0
HABIT = 3
"""This many jumps in a window are usual for the queue, and part of its rate."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast the number of queued runs changes."""

    per_minute: float
    sigma: float
    """Standard deviation of the rate."""
    since_s: float
    """Epoch seconds since when the rate holds."""


def samples_since(samples: Sequence[Triple], rate: Rate) -> list[tuple[float, float, int]]:
    """The samples within a rate's window, and the queued runs at its start, interpolated: the start
    may lie between two samples, since of unchanged ones only both ends are kept."""
    first = sum(at_s < rate.since_s for at_s, _, _ in samples)
    began = (rate.since_s, _between(samples, max(0, first - 1), rate.since_s), samples[first][2])
    return [began, *samples[first:]]


def net_rate(samples: Sequence[Triple]) -> Rate | None:
    """The rate of the longest window that agrees with the shortest; None with too few samples."""
    if not samples:
        return None
    windows = _windows(samples, _after_jump(samples))
    if not windows:
        return None
    rate = windows[-1]
    for longer in reversed(windows[:-1]):
        if abs(longer.per_minute - rate.per_minute) > SAME_SIGMA * max(rate.sigma, LEAST_PER_MIN):
            break
        rate = longer
    return rate


def _windows(samples: Sequence[Triple], since_s: float) -> list[Rate]:
    """The rate of each window, longest first, from `since_s` on."""
    last_s = samples[-1][0]
    least_s = max(LEAST_S, LEAST_STEPS * _usual_step_s(samples))
    earliest_s = max(samples[0][0], since_s)
    starts = (_first_empty(samples, max(earliest_s, last_s - span_s)) for span_s in WINDOWS_S)
    begun = sorted(start_s for start_s in set(starts) if last_s - start_s >= least_s)
    return [_slope(samples, start_s) for start_s in begun]


def _first_empty(samples: Sequence[Triple], start_s: float) -> float:
    """When the queue was first empty after a moment; the moment itself if it never was."""
    first = next((n for n, (at_s, _, _) in enumerate(samples) if at_s >= start_s), len(samples) - 1)
    if not _between(samples, max(0, first - 1), start_s):
        return start_s
    return next((at_s for at_s, queued, _ in samples[first:] if not queued), start_s)


def _grid(
    samples: Sequence[Triple], from_s: float, least_s: float = 1.0
) -> list[tuple[float, float]]:
    """Queued at up to GRID even moments until the last sample, drawn straight between samples."""
    from_s, until_s = max(from_s, samples[0][0]), samples[-1][0]
    step_s = max(least_s, (until_s - from_s) / GRID)
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
    """The slope per minute, from averaged start to averaged end. The deviation is that of a random
    walk with the observed steps, and at least that of as many single runs: a few distant steps may
    fit a line by chance."""
    grid = _grid(samples, from_s)
    part = max(1, len(grid) // 10)
    first, last = grid[:part], grid[-part:]
    span_s = (sum(t for t, _ in last) - sum(t for t, _ in first)) / part
    rise = (sum(q for _, q in last) - sum(q for _, q in first)) / part
    per_s = rise / span_s if span_s > 0 else 0.0
    steps = [
        (q_next - q, t_next - t)
        for (t, q, _), (t_next, q_next, _) in pairwise(samples)
        if t_next > from_s
    ]
    walk = sum((change - per_s * took_s) ** 2 for change, took_s in steps)
    noise = max(walk, float(sum(abs(change) for change, _ in steps)))
    sigma = noise**0.5 / span_s * 60 if span_s > 0 else 0.0
    return Rate(per_s * 60, sigma, from_s)


def _after_jump(samples: Sequence[Triple]) -> float:
    """The moment after the last sudden jump; 0 if there is none, or if jumps are usual."""
    # A jump must not look like a rate when samples are far apart.
    grid = _grid(samples, samples[-1][0] - WINDOWS_S[1], max(1.0, _usual_step_s(samples)))
    if len(grid) < 5:
        return 0.0
    steps = [after - before for (_, before), (_, after) in pairwise(grid)]
    middle = _median(steps)
    spread = 1.4826 * _median([abs(step - middle) for step in steps])
    limit = max(JUMP_RUNS, JUMP_SIGMA * spread)
    jumps = [i for i, step in enumerate(steps) if abs(step - middle) > limit]
    # A jump between two samples spreads over up to two steps of the grid.
    separate = [i for i in jumps if i - 1 not in jumps]
    if not 0 < len(separate) < HABIT:
        return 0.0
    begun_s, ended_s = grid[jumps[-1]][0], grid[jumps[-1] + 1][0]
    return max(
        after
        for (before, was, _), (after, now, _) in pairwise(samples)
        if after > begun_s and before < ended_s and was != now
    )


def _usual_step_s(samples: Sequence[Triple]) -> float:
    """The usual time in seconds from a sample to the next different one. 0 where nothing
    changed."""
    steps_s = [
        after[0] - before[0] for before, after in pairwise(samples) if before[1:] != after[1:]
    ]
    return _median(steps_s) if steps_s else 0.0


def _median(values: list[float]) -> float:
    """The upper median. The `statistics` module would cost 15 ms at start."""
    return sorted(values)[len(values) // 2]
