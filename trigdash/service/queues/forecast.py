"""The forecast from a queue's samples: draining, growing, steady, stalled or blocked.

The caller passes only samples under the present conditions: a pause, a resume and a new limit each
start a new history. Rates and forecast come from one window (`net_rate`): inflow minus outflow is
the net rate of the forecast, so they never disagree.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise

from trigdash.service.queues.net_rate import LEAST_PER_MIN, Rate, Triple, net_rate, samples_since

FRESH_S = 300.0
"""If the last sample is older, the samples say nothing about the present."""
STALLED_S = 120.0
"""Without any change of queued and running for this long, a queue that has work is stalled."""
STALLED_GAPS = 3.0
"""A busy queue that changes rarely is stalled after this many of its usual gaps."""
STEADY_SIGMA = 1.5
"""A rate within this many standard deviations of zero is steady."""
LONGEST_MIN = 7 * 24 * 60.0
"""A queue that drains later than this is steady."""
SEVERAL = 3
"""This many changes, all in one direction, are a trend: chance would have mixed the directions."""


class Trend(Enum):
    """What the queue is doing."""

    UNKNOWN = "unknown"
    """Too few samples yet."""
    EMPTY = "empty"
    DRAINING = "draining"
    GROWING = "growing"
    STEADY = "steady"
    STALLED = "stalled"
    """Runs wait or execute, and nothing has changed for a while."""
    BLOCKED = "blocked"
    """Runs wait and may not start: paused, or a limit of 0."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Runs that enter and leave a queue in a minute (leaving is starting); None while unknown.

    Both are lower bounds: a run that entered and left between two samples was not seen. Their
    difference, the net rate, is exact.
    """

    in_per_minute: float | None = None
    out_per_minute: float | None = None


@dataclass(frozen=True, slots=True)
class DrainForecast:
    """A queue's trend, how long it takes, and the rates behind it."""

    kind: Trend
    per_minute: float = 0.0
    """Net change of queued runs per minute: negative when it drains."""
    minutes: float | None = None
    """Draining: minutes until it is empty. Stalled: minutes without change."""
    since_s: float | None = None
    """Stalled: epoch seconds of the last change that was seen."""
    sigma: float = 0.0
    """Standard deviation of `per_minute`."""
    flow: Flow = field(default_factory=Flow)

    @property
    def moves(self) -> bool:
        """Whether runs were seen to leave the queue."""
        return self.kind not in (Trend.STALLED, Trend.BLOCKED)

    def label(self) -> str:
        """In words: "drains in 14 m", "growing +32/min", "stalled 6 m"."""
        if self.kind is Trend.DRAINING and self.minutes is not None:
            return f"drains in {_duration(self.minutes)}"
        if self.kind is Trend.GROWING:
            return f"growing {growth(self.per_minute)}"
        if self.kind is Trend.STALLED and self.minutes is not None:
            return f"stalled {_duration(self.minutes)}"
        return "" if self.kind is Trend.UNKNOWN else self.kind.value


def growth(per_minute: float) -> str:
    """A rate of growth: "+32/min", "+1.4/min"."""
    return f"+{per_minute:.{0 if per_minute >= 10 else 1}f}/min"


def is_significant(per_minute: float, sigma: float) -> bool:
    """Whether a net rate is more than noise, and fast enough to report."""
    return abs(per_minute) >= max(LEAST_PER_MIN, STEADY_SIGMA * sigma)


def forecast(samples: Sequence[Triple], now_s: float, *, blocked: bool = False) -> DrainForecast:
    """Whether and when the queue drains, and how many runs per minute enter and leave it. `blocked`
    says that nothing may start now.
    """
    if not samples or now_s - samples[-1][0] > FRESH_S:
        return DrainForecast(Trend.BLOCKED if blocked else Trend.UNKNOWN)
    queued = samples[-1][1]
    since_s = _unchanged_since(samples)
    rate = net_rate(samples)
    if blocked:
        return _of_blocked(rate, queued)
    if queued and now_s - since_s >= _stalled_after_s(samples):
        minutes = (now_s - since_s) / 60
        return DrainForecast(Trend.STALLED, 0.0, minutes, since_s, flow=Flow(0.0, 0.0))
    if rate is None:
        return DrainForecast(Trend.UNKNOWN if queued else Trend.EMPTY)
    moved = _moved(samples, rate)
    kind, minutes_left = _trend(rate, moved, queued)
    return DrainForecast(
        kind, rate.per_minute, minutes_left, sigma=rate.sigma, flow=moved.flow(rate)
    )


def _of_blocked(rate: Rate | None, queued: int) -> DrainForecast:
    """The rates of a queue that starts nothing: growth is inflow, and what leaves was removed."""
    kind = Trend.BLOCKED if queued else Trend.EMPTY
    if rate is None:
        return DrainForecast(kind, flow=Flow(None, 0.0))
    net, sigma = rate.per_minute, rate.sigma
    return DrainForecast(kind, net, sigma=sigma, flow=Flow(max(0.0, net), 0.0))


@dataclass(frozen=True, slots=True)
class _Moved:
    """The runs seen to move within the window of a rate, per minute."""

    came: float
    started: float
    steps: int
    """Pairs of samples that differ."""

    @property
    def is_one_sided(self) -> bool:
        """Whether runs only entered, or only left."""
        return not self.came or not self.started

    def is_trend(self, rate: Rate) -> bool:
        """Whether runs moved in one direction, often enough and consistent with the rate."""
        direction = rate.per_minute > 0 if self.came else rate.per_minute < 0
        return direction and self.steps >= SEVERAL

    def flow(self, rate: Rate) -> Flow:
        """Inflow and outflow. Their difference is always the net rate."""
        net = rate.per_minute
        if net < 0:
            return Flow(self.came, self.came - net)
        return Flow(self.started + net, self.started)


def _moved(samples: Sequence[Triple], rate: Rate) -> _Moved:
    """Counts the runs that moved between samples. At least as many started as queued fell or
    running rose; the rest of the change of queued came in."""
    span_min = (samples[-1][0] - rate.since_s) / 60
    came = started = 0.0
    steps = 0
    for (_, was, ran), (_, now, runs) in pairwise(samples_since(samples, rate)):
        starts = max(0.0, was - now, runs - ran)
        started += starts
        came += now - was + starts
        steps += now != was
    return _Moved(came / span_min, started / span_min, steps)


def _trend(rate: Rate, moved: _Moved, queued: int) -> tuple[Trend, float | None]:
    """The trend at this rate; for a draining queue, with the minutes until it is empty."""
    if not queued:
        return Trend.EMPTY, None
    net = rate.per_minute
    if moved.is_one_sided and net and not moved.is_trend(rate):
        # One or two runs in the same direction mean nothing.
        return Trend.UNKNOWN, None
    if not net or not (moved.is_one_sided or is_significant(net, rate.sigma)):
        return Trend.STEADY, None
    if net > 0:
        return Trend.GROWING, None
    minutes = queued / -net
    return (Trend.DRAINING, minutes) if minutes <= LONGEST_MIN else (Trend.STEADY, None)


def _unchanged_since(samples: Sequence[Triple]) -> float:
    """Since when queued and running have their present values."""
    since_s, queued, running = samples[-1]
    for at_s, was_queued, was_running in reversed(samples):
        if (was_queued, was_running) != (queued, running):
            break
        since_s = at_s
    return since_s


def _stalled_after_s(samples: Sequence[Triple]) -> float:
    """Seconds without change after which a queue is stalled. While runs execute, the next change
    takes as long as they do."""
    if not samples[-1][2]:
        return STALLED_S
    changes = [after[0] for before, after in pairwise(samples) if before[1:] != after[1:]]
    if len(changes) < SEVERAL:
        return STALLED_S
    usual_s = (changes[-1] - changes[0]) / (len(changes) - 1)
    return max(STALLED_S, STALLED_GAPS * usual_s)


def _duration(minutes: float) -> str:
    if minutes < 1:
        return f"{max(1, round(minutes * 60))} s"
    if minutes < 90:
        return f"{round(minutes)} m"
    if minutes < 48 * 60:
        return f"{minutes / 60:.1f} h"
    return f"{minutes / 1440:.1f} d"
