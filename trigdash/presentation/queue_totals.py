"""All queues together: how many runs wait, which of them do not move, and when the rest has
drained. Queues drain in parallel, so the slowest one decides. Paused, blocked and stalled queues
never drain, so they are listed separately with their waiting runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from trigdash.presentation.queue_readings import Reading
from trigdash.service.queues.forecast import DrainForecast, Trend, is_significant

SMALL_SHARE: Final = 0.2
"""Of all that waits where something moves, so much may be in queues that say something else than
the others, or nothing yet: a run or two wait for a moment in many a healthy queue."""


@dataclass(frozen=True, slots=True)
class Totals:
    """The totals of several queues."""

    queued: int
    running: int
    paused: int
    """Queues that are paused individually, including empty ones."""
    stuck: tuple[Reading, ...]
    """The queues with waiting runs of which none leaves."""
    rest: DrainForecast
    """What becomes of all the others together."""
    drains_whole: bool = True
    """Whether each of the others drains, where they do: some may be steady, or not known yet."""

    @property
    def stuck_runs(self) -> int:
        """Runs that wait where nothing moves."""
        return sum(reading.queue.queued for reading in self.stuck)

    @property
    def stuck_growth(self) -> float:
        """How many more of these there are each minute; 0 where that is not known to be so."""
        net, sigma = _net(self.stuck)
        return net if net > 0 and is_significant(net, sigma) else 0.0


def totals_of(readings: Sequence[Reading]) -> Totals:
    """The totals of queues, each with its reading."""
    waiting = [reading for reading in readings if reading.queue.queued]
    moving = [reading for reading in waiting if reading.forecast.moves]
    return Totals(
        queued=sum(reading.queue.queued for reading in readings),
        running=sum(reading.queue.running for reading in readings),
        paused=sum(reading.queue.paused for reading in readings),
        stuck=tuple(reading for reading in waiting if not reading.forecast.moves),
        rest=_together(moving),
        drains_whole=all(reading.forecast.kind is Trend.DRAINING for reading in moving),
    )


def _together(moving: Sequence[Reading]) -> DrainForecast:
    """The outlook of queues that all move: the last one to be empty decides."""
    queued = _queued(moving)
    if not queued:
        return DrainForecast(Trend.EMPTY)
    if _queued(moving, Trend.UNKNOWN) > queued * SMALL_SHARE:
        return DrainForecast(Trend.UNKNOWN)
    net, sigma = _net(moving)
    if net > 0 and is_significant(net, sigma):
        return DrainForecast(Trend.GROWING, net, sigma=sigma)
    draining = [reading.forecast for reading in moving if reading.forecast.kind is Trend.DRAINING]
    if _queued(moving, Trend.DRAINING) < queued * (1 - SMALL_SHARE):
        return DrainForecast(Trend.STEADY, net, sigma=sigma)
    slowest = max(outlook.minutes or 0.0 for outlook in draining)
    return DrainForecast(Trend.DRAINING, net, slowest, sigma=sigma)


def _queued(readings: Sequence[Reading], kind: Trend | None = None) -> int:
    return sum(r.queue.queued for r in readings if kind in (None, r.forecast.kind))


def _net(readings: Sequence[Reading]) -> tuple[float, float]:
    """The net rate of queues together, and its standard deviation: many a small rate within its
    own noise must not add up to a lie."""
    outlooks = [reading.forecast for reading in readings]
    net = sum(outlook.per_minute for outlook in outlooks)
    return net, sum(outlook.sigma**2 for outlook in outlooks) ** 0.5
