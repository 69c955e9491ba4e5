"""What our own samples say of each queue: outlook, rates, health, and the line of its depth.

An outlook looks at up to an hour of samples, so it is kept for some seconds, and an empty queue
needs none: with thousands of queues only what matters is worked out anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from trigdash.service.depth import DepthHistory, Sample
from trigdash.service.outlook import Flow, Outlook, Trend
from trigdash.ui.cells.units import short_count
from trigdash.ui.queue_health import Health, health

if TYPE_CHECKING:
    from trigdash.model.queue import Queue

SPARK_S: Final = 600.0
"""What a sparkline shows: ten minutes."""
SPARK_COLUMNS: Final = 20
"""Half a minute each."""

KEPT_S: Final = 8.0
"""An outlook is not worked out more often than this: its words change in minutes, and with hundreds
of busy queues working it out at each poll was measured at a twentieth of a core."""


UNKNOWN_SHARE: Final = 0.2
"""Of all that waits, so much may be in queues without an outlook for one of the whole."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A queue, read together with its past."""

    queue: Queue
    outlook: Outlook
    health: Health


@dataclass(slots=True)
class _Kept:
    """What was worked out of a queue, and when (epoch seconds)."""

    reading: Reading
    outlook_at_s: float
    flow: Flow | None = None
    flow_at_s: float = 0.0


class QueueReadings:
    """The readings of all queues of one connection."""

    def __init__(self, depths: DepthHistory) -> None:
        self._depths = depths
        self._kept: dict[str, _Kept] = {}

    def of(self, queue: Queue, now: datetime) -> Reading:
        """The reading of a queue: its health is of now, its outlook of the last KEPT_S."""
        kept = self._kept.get(queue.id)
        now_s = now.timestamp()
        is_fresh = kept is not None and now_s - kept.outlook_at_s < KEPT_S
        if kept is not None and kept.reading.queue is queue and is_fresh:
            return kept.reading
        if not queue.queued:
            outlook = _EMPTY
        elif kept is not None and is_fresh and kept.reading.outlook is not _EMPTY:
            outlook, now_s = kept.reading.outlook, kept.outlook_at_s
        else:
            outlook = self._depths.outlook(queue.id, now)
        reading = Reading(queue, outlook, health(queue, outlook.kind))
        if kept is None:
            self._kept[queue.id] = _Kept(reading, now_s)
        else:
            kept.reading, kept.outlook_at_s = reading, now_s
        return reading

    def flow(self, queue: Queue, now: datetime) -> Flow:
        """Runs in and out a minute, of the last KEPT_S."""
        self.of(queue, now)
        kept = self._kept[queue.id]
        now_s = now.timestamp()
        if kept.flow is None or now_s - kept.flow_at_s >= KEPT_S:
            kept.flow, kept.flow_at_s = self._depths.flow(queue.id, now), now_s
        return kept.flow

    def spark(self, queue_id: str, now: datetime, columns: int) -> list[float | None]:
        """Runs waiting over the last ten minutes, oldest first. The columns begin at round times,
        so that they stand still between two of them."""
        step_s = SPARK_S / columns
        until = datetime.fromtimestamp((now.timestamp() // step_s + 1) * step_s, UTC)
        points = self._depths.points(queue_id, until, SPARK_S, columns)
        return [None if point is None else float(point.queued) for point in points]

    def points(
        self, queue_id: str, now: datetime, span_s: float, count: int
    ) -> list[tuple[float, Sample]]:
        """Moments (epoch milliseconds) of the last `span_s` seconds and what was known then."""
        known = self._depths.points(queue_id, now, span_s, count)
        step_s = span_s / max(1, count - 1)
        start_s = now.timestamp() - span_s
        return [
            ((start_s + step_s * number) * 1000, point)
            for number, point in enumerate(known)
            if point is not None
        ]

    def first_s(self, queue_id: str) -> float | None:
        """When the first sample of a queue was taken, in epoch seconds."""
        samples = self._depths.line(queue_id).samples()
        return samples[0].at_s if samples else None


_EMPTY: Final = Outlook(Trend.EMPTY)


def outlook_words(reading: Reading) -> tuple[str, str]:
    """The outlook in words, and their role."""
    outlook, queue = reading.outlook, reading.queue
    if queue.paused and queue.running:
        # Pausing stops nothing: what runs goes on to its end.
        return f"paused, {short_count(queue.running)} running", "dim"
    if queue.paused:
        return ("paused", "dim") if queue.queued else ("paused, empty", "faint")
    if outlook.kind is Trend.STALLED and queue.running:
        return ("no change", "dim")
    if outlook.kind is Trend.EMPTY:
        return ("", "faint")
    words = outlook.sentence() or "watching …"
    return words, _TREND_ROLES[outlook.kind]


_TREND_ROLES: Final = {
    Trend.UNKNOWN: "faint",
    Trend.EMPTY: "faint",
    Trend.DRAINING: "text",
    Trend.GROWING: "warn",
    Trend.STEADY: "dim",
    Trend.STALLED: "bad-strong",
}

_TREND_ORDER: Final = {
    Trend.STALLED: 0,
    Trend.GROWING: 1,
    Trend.STEADY: 2,
    Trend.DRAINING: 3,
    Trend.UNKNOWN: 4,
    Trend.EMPTY: 5,
}


def outlook_order(reading: Reading) -> tuple[int, float]:
    """Trouble first; the later a queue drains, the earlier it stands."""
    outlook = reading.outlook
    weight = outlook.minutes if outlook.minutes is not None else outlook.per_minute
    return _TREND_ORDER[outlook.kind], -weight


def total_outlook(readings: Iterable[Reading]) -> Outlook:
    """The outlook of all queues together, without the paused ones: nothing drains there. Unknown
    until most of what waits has been watched for long enough."""
    queued, unknown, net = 0, 0, 0.0
    for reading in readings:
        if reading.queue.paused:
            continue
        queued += reading.queue.queued
        if reading.outlook.kind in (Trend.DRAINING, Trend.GROWING):
            # What is steady has a rate too, within its noise: many of these would add up to a lie.
            net += reading.outlook.per_minute
        if reading.outlook.kind is Trend.UNKNOWN:
            unknown += reading.queue.queued
    if not queued:
        return Outlook(Trend.EMPTY)
    if unknown > queued * UNKNOWN_SHARE:
        return Outlook(Trend.UNKNOWN)
    if net > 0.5:
        return Outlook(Trend.GROWING, net)
    if net < -0.5:
        return Outlook(Trend.DRAINING, net, queued / -net)
    return Outlook(Trend.STEADY, net)
