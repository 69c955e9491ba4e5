"""The depths of queues: our own samples of the last hour, kept while the program runs. The API
returns how many runs wait and execute now, and only coarse buckets of the past. So each poll adds a
sample here. An unchanged queue costs nothing: of consecutive equal samples only the first and last
are kept. This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trigdash.service.queues.forecast import DrainForecast, forecast
from trigdash.service.queues.net_rate import Triple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from trigdash.model.queue import Queue

KEPT_S = 3600.0
"""Seconds of history that are kept: a chart shows an hour."""

MAX_SAMPLES = 1800
"""Samples of one queue: an hour at one every two seconds, 36 KB."""
SPARE = 100
"""Samples beyond MAX_SAMPLES before the oldest are dropped, all at once."""

MAX_QUEUES = 10_000
"""Queues with a history; those not sampled for the longest time are dropped first."""

NO_LIMIT = -1


@dataclass(frozen=True, slots=True)
class Sample:
    """A queue at one moment."""

    at_s: float
    """Epoch seconds."""
    queued: int
    running: int
    limit: int | None = None
    """Concurrency limit in force."""
    paused: bool = False
    """Whether the queue or its environment was paused."""


class DepthLine:
    """The samples of one queue, oldest first, in compact arrays."""

    __slots__ = ("_limit", "_paused", "_queued", "_running", "_times")

    def __init__(self) -> None:
        self._times = array("d")
        self._queued = array("l")
        self._running = array("l")
        self._limit = array("l")
        self._paused = array("b")

    def __len__(self) -> int:
        return len(self._times)

    def add(self, sample: Sample) -> None:
        """Add a sample; one that is not newer than the last is ignored."""
        if self._times and sample.at_s <= self._times[-1]:
            return
        values = (sample.queued, sample.running, _limit(sample.limit), int(sample.paused))
        if len(self) >= 2 and self._values(-1) == values == self._values(-2):
            self._times[-1] = sample.at_s
            return
        self._times.append(sample.at_s)
        for column, value in zip(self._columns(), values, strict=True):
            column.append(value)
        if len(self) > MAX_SAMPLES + SPARE:
            self._cut(len(self) - MAX_SAMPLES)
        elif (
            len(self) > 2 and self._times[SPARE if len(self) > SPARE else 1] < sample.at_s - KEPT_S
        ):
            self._cut(bisect_right(self._times, sample.at_s - KEPT_S) - 1)

    def samples(self, since_s: float = 0.0) -> list[Sample]:
        """The samples from a moment on, with the one before it, so that a line can be drawn."""
        first = max(0, bisect_right(self._times, since_s) - 1)
        return [self._sample(index) for index in range(first, len(self))]

    @property
    def last(self) -> Sample | None:
        return self._sample(len(self) - 1) if len(self) else None

    def under_these_conditions(self, since_s: float) -> list[Triple]:
        """The samples from a moment on, with the one before it, as far as limit and pause are the
        present ones: earlier samples say nothing about the rate."""
        first = len(self) - 1
        while first > 0 and self._times[first] > since_s and self._is_alike(first - 1):
            first -= 1
        return [
            (self._times[index], self._queued[index], self._running[index])
            for index in range(max(first, 0), len(self))
        ]

    def _is_alike(self, index: int) -> bool:
        """Whether the conditions of a sample are the present ones."""
        now = (self._limit[-1], self._paused[-1])
        return (self._limit[index], self._paused[index]) == now

    def _columns(self) -> tuple[array[int], ...]:
        return (self._queued, self._running, self._limit, self._paused)

    def _values(self, index: int) -> tuple[int, ...]:
        return tuple(column[index] for column in self._columns())

    def _sample(self, index: int) -> Sample:
        limit = self._limit[index]
        return Sample(
            self._times[index],
            self._queued[index],
            self._running[index],
            None if limit == NO_LIMIT else limit,
            bool(self._paused[index]),
        )

    def _cut(self, count: int) -> None:
        if count > 0:
            del self._times[:count]
            for column in self._columns():
                del column[:count]


class DepthHistory:
    """The lines of all queues by queue id."""

    def __init__(self) -> None:
        self._lines: OrderedDict[str, DepthLine] = OrderedDict()

    def record(
        self, queues: Iterable[Queue], now: datetime, *, environment_paused: bool = False
    ) -> None:
        """Record what a poll has just read."""
        at_s = now.timestamp()
        for queue in queues:
            line = self._lines.get(queue.id)
            if line is None:
                line = self._lines[queue.id] = DepthLine()
            self._lines.move_to_end(queue.id)
            limit = queue.concurrency_limit
            paused = queue.paused or environment_paused
            line.add(Sample(at_s, queue.queued, queue.running, limit, paused))
        while len(self._lines) > MAX_QUEUES:
            self._lines.popitem(last=False)

    def line(self, queue_id: str) -> DepthLine:
        """The samples of a queue; empty when there are none."""
        return self._lines.get(queue_id) or DepthLine()

    def points(
        self, queue_id: str, now: datetime, span_s: float, count: int
    ) -> list[Sample | None]:
        """The values at `count` moments of the last `span_s` seconds, oldest first, the last one
        now; None before the first sample. For sparklines and charts."""
        line = self.line(queue_id)
        until_s = now.timestamp()
        step_s = span_s / max(1, count - 1)
        moments = [until_s - step_s * (count - 1 - number) for number in range(count)]
        samples = line.samples(moments[0]) if count else []
        points: list[Sample | None] = []
        index = -1
        for moment in moments:
            while index + 1 < len(samples) and samples[index + 1].at_s <= moment + 1e-6:
                index += 1
            points.append(samples[index] if index >= 0 else None)
        return points

    def forecast(self, queue_id: str, now: datetime, *, blocked: bool = False) -> DrainForecast:
        """Whether and when the queue drains, and its rates; see `outlook`."""
        now_s = now.timestamp()
        samples = self.line(queue_id).under_these_conditions(now_s - KEPT_S)
        return forecast(samples, now_s, blocked=blocked)


def _limit(limit: int | None) -> int:
    return NO_LIMIT if limit is None else limit
