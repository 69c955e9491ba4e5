"""What our own samples say of each queue: health, forecast, rates, depth over time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Final

from trigdash.model.queue import Queue
from trigdash.presentation.units import short_count
from trigdash.service.queues.depth import DepthHistory, Sample
from trigdash.service.queues.forecast import DrainForecast, Flow, Trend
from trigdash.service.queues.net_rate import JUMP_RUNS
from trigdash.service.queues.query import Block, block_of

if TYPE_CHECKING:
    from trigdash.service.connection import Connection


class Health(Enum):
    """What to make of a queue. The order is that of urgency."""

    STALLED = "stalled"
    """Runs wait, none executes and none has started for a while, and it is not paused."""
    BLOCKED = "blocked"
    """Its limit is 0: nothing can start."""
    BACKLOGGED = "backlogged"
    """Runs come in faster than they leave, or many more wait than run."""
    AT_LIMIT = "at limit"
    """Every place is taken and runs wait, but they do leave."""
    PAUSED = "paused"
    """The queue is paused, or its environment with something in it."""
    ACTIVE = "active"
    IDLE = "idle"

    @property
    def role(self) -> str:
        """The role of the word."""
        return _ROLES[self]

    @property
    def rank(self) -> int:
        """For sorting: 0 is the most urgent."""
        return _ORDER[self]


_ROLES = {
    Health.STALLED: "bad-strong",
    Health.BLOCKED: "bad-strong",
    Health.BACKLOGGED: "warn-strong",
    Health.AT_LIMIT: "warn",
    Health.PAUSED: "dim",
    Health.ACTIVE: "good",
    Health.IDLE: "faint",
}
_ORDER = {health: rank for rank, health in enumerate(Health)}

DEEP = 20
"""A queue in which this many times more runs wait than may run at once is backlogged unless it
drains: at one a minute per place the last would start in twenty minutes."""


def health(queue: Queue, trend: Trend = Trend.UNKNOWN, block: Block | None = None) -> Health:
    """The health of a queue; the trend comes from watching it over minutes."""
    if block is Block.LIMIT:
        return Health.BLOCKED
    if block in (Block.QUEUE, Block.PAUSED_LIMIT) or (block is Block.ENVIRONMENT and queue.queued):
        return Health.PAUSED
    if not queue.queued:
        return Health.ACTIVE if queue.running else Health.IDLE
    if trend is Trend.STALLED and not queue.running:
        return Health.STALLED
    limit = queue.concurrency_limit
    places = max(limit if limit is not None else queue.running, 1)
    is_deep = queue.queued > DEEP * places
    if trend is Trend.GROWING or (is_deep and trend is not Trend.DRAINING):
        return Health.BACKLOGGED
    if limit is not None and queue.running >= limit:
        return Health.AT_LIMIT
    return Health.ACTIVE


SPARK_S: Final = 600.0
"""What a sparkline shows: ten minutes."""
SPARK_COLUMNS: Final = 20
"""Half a minute each."""

KEPT_S: Final = 8.0
"""A forecast is not computed more often than this, in seconds: its text changes in minutes, and
with hundreds of busy queues a forecast at each poll took a twentieth of a core."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A queue, read together with its past."""

    queue: Queue
    forecast: DrainForecast
    block: Block | None = None
    """Why nothing of it starts."""

    @property
    def health(self) -> Health:
        """How the queue is doing."""
        return health(self.queue, self.forecast.kind, self.block)

    def is_like(self, queue: Queue, block: Block | None) -> bool:
        """Whether what was read of the queue holds for it as it is now: the same conditions, and
        no jump."""
        was = self.queue
        return (
            (self.block, was.concurrency_limit) == (block, queue.concurrency_limit)
            and bool(was.queued) == bool(queue.queued)
            and abs(was.queued - queue.queued) <= JUMP_RUNS
        )


class QueueReadings:
    """The readings of all queues of one connection."""

    def __init__(
        self, depths: DepthHistory, is_environment_paused: Callable[[], bool] = lambda: False
    ) -> None:
        self._depths = depths
        self._is_environment_paused = is_environment_paused
        self._kept: dict[str, tuple[Reading, float]] = {}
        """Queue id → what was read, and when its outlook was worked out (epoch seconds)."""

    def reading_of(self, queue: Queue, now: datetime) -> Reading:
        """The reading of a queue: its counts are of now, its outlook of the last KEPT_S."""
        block = block_of(queue, environment_paused=self._is_environment_paused())
        kept, at_s = self._kept.get(queue.id, (None, 0.0))
        now_s = now.timestamp()
        if kept is not None and now_s - at_s < KEPT_S and kept.is_like(queue, block):
            if kept.queue is queue:
                return kept
            reading = Reading(queue, kept.forecast, block)
        else:
            at_s = now_s
            reading = Reading(queue, self._outlook(queue, now, block), block)
        self._kept[queue.id] = (reading, at_s)
        return reading

    def flow(self, queue: Queue, now: datetime) -> Flow:
        """Runs in and out a minute, of the last KEPT_S."""
        reading = self.reading_of(queue, now)
        if reading.forecast is not _EMPTY:
            return reading.forecast.flow
        watched = self._depths.forecast(queue.id, now, blocked=reading.block is not None)
        self._kept[queue.id] = (replace(reading, forecast=watched), now.timestamp())
        return watched.flow

    def _outlook(self, queue: Queue, now: datetime, block: Block | None) -> DrainForecast:
        """The forecast of a queue. For an empty queue it is computed only when its rates are
        needed."""
        if not queue.queued:
            return _EMPTY
        return self._depths.forecast(queue.id, now, blocked=block is not None)

    def spark(self, queue_id: str, now: datetime, columns: int) -> list[float | None]:
        """Runs waiting over the last ten minutes, oldest first. The columns start at round times,
        so that they do not move between two of them."""
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

    def waits_since_s(self, queue_id: str) -> float | None:
        """When a run was first seen to wait within the samples kept, in epoch seconds."""
        samples = self._depths.line(queue_id).samples()
        return next((sample.at_s for sample in samples if sample.queued), None)

    def first_s(self, queue_id: str) -> float | None:
        """When the first sample of a queue was taken, in epoch seconds."""
        samples = self._depths.line(queue_id).samples()
        return samples[0].at_s if samples else None


def readings_of(connection: Connection | None) -> QueueReadings | None:
    """The readings of a connection's queues; None without a connection."""
    if connection is None:
        return None
    return QueueReadings(connection.depths, lambda: connection.environment_paused)


_EMPTY: Final = DrainForecast(Trend.EMPTY)


def forecast_label(reading: Reading) -> tuple[str, str]:
    """The forecast in words, and its role."""
    outlook, queue = reading.forecast, reading.queue
    if reading.block is not None:
        return _blocked_words(reading.block, queue)
    if outlook.kind is Trend.STALLED and queue.running:
        return ("no change", "dim")
    if outlook.kind is Trend.EMPTY:
        return ("", "faint")
    words = outlook.label() or "watching …"
    return words, _TREND_ROLES[outlook.kind]


def _blocked_words(block: Block, queue: Queue) -> tuple[str, str]:
    """Why nothing starts. Pausing stops nothing: what runs continues to its end."""
    role = "bad-strong" if block is Block.LIMIT and queue.queued else "dim"
    if block is Block.LIMIT:
        return f"blocked: {block.value}", role
    if block is Block.ENVIRONMENT:
        return (block.value, role) if queue.queued else ("", role)
    if queue.running:
        return f"paused, {short_count(queue.running)} running", role
    return ("paused", role) if queue.queued else ("paused, empty", "faint")


_TREND_ROLES: Final = {
    Trend.UNKNOWN: "faint",
    Trend.EMPTY: "faint",
    Trend.DRAINING: "text",
    Trend.GROWING: "warn",
    Trend.STEADY: "dim",
    Trend.STALLED: "bad-strong",
    Trend.BLOCKED: "dim",
}

_TREND_ORDER: Final = {
    Trend.STALLED: 0,
    Trend.BLOCKED: 1,
    Trend.GROWING: 2,
    Trend.STEADY: 3,
    Trend.DRAINING: 4,
    Trend.UNKNOWN: 5,
    Trend.EMPTY: 6,
}


def forecast_order(reading: Reading) -> tuple[int, float]:
    """Sort key of forecasts: trouble first, then the queues that drain last."""
    outlook = reading.forecast
    weight = outlook.minutes if outlook.minutes is not None else outlook.per_minute
    return _TREND_ORDER[outlook.kind], -weight
