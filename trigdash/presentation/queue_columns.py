"""The columns of the queue list, and what is saved of a queue."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from trigdash.model.queue import Queue
from trigdash.presentation import queues
from trigdash.presentation.cell import Cell
from trigdash.presentation.columns import Column
from trigdash.presentation.plot import sparkline
from trigdash.presentation.queue_readings import (
    SPARK_COLUMNS,
    Health,
    QueueReadings,
    Reading,
    forecast_label,
    forecast_order,
)

BUSIEST_FIRST = ("queued", True)

Readings = Callable[[], QueueReadings | None]
"""The readings of the connection now open; None before there is one."""


def saved_queue_fields(
    readings: Readings, now: Callable[[], datetime]
) -> Mapping[str, Callable[[Queue], object]]:
    """What is saved of a queue, by name."""

    def read(queue: Queue) -> Reading | None:
        known = readings()
        return None if known is None else known.reading_of(queue, now())

    return {
        "name": lambda queue: queue.name,
        "kind": lambda queue: queue.kind,
        "health": lambda queue: reading.health.value if (reading := read(queue)) else None,
        "queued": lambda queue: queue.queued,
        "running": lambda queue: queue.running,
        "limit": lambda queue: queue.concurrency_limit,
        "paused": lambda queue: queue.paused,
        "outlook": lambda queue: forecast_label(reading)[0] if (reading := read(queue)) else None,
    }


def queue_columns(readings: Readings, now: Callable[[], datetime]) -> tuple[Column[Queue], ...]:
    """All columns in their order. What they read of the past comes through `readings`."""

    def read(queue: Queue, now_ms: float | None = None) -> Reading | None:
        known = readings()
        return None if known is None else known.reading_of(queue, now())

    def healthy(queue: Queue) -> Health:
        reading = read(queue)
        return reading.health if reading is not None else Health.IDLE

    def spark_cell(queue: Queue, now_ms: float) -> Cell:
        known = readings()
        if known is None:
            return ()
        role = "bad" if healthy(queue) is Health.STALLED else "fill"
        return sparkline(known.spark(queue.id, _moment(now_ms), SPARK_COLUMNS), role, top=4)

    def in_cell(queue: Queue, now_ms: float) -> Cell:
        known = readings()
        return queues.rate_cell(known.flow(queue, now()).in_per_minute if known else None)

    def out_cell(queue: Queue, now_ms: float) -> Cell:
        known = readings()
        return queues.rate_cell(known.flow(queue, now()).out_per_minute if known else None)

    def forecast_cell(queue: Queue, now_ms: float) -> Cell:
        reading = read(queue)
        return (forecast_label(reading),) if reading else ()

    def by_forecast(queue: Queue) -> tuple[int, float] | None:
        reading = read(queue)
        return forecast_order(reading) if reading else None

    return (
        Column(
            "queue",
            "queue",
            lambda queue, now_ms: queues.name_cell(queue, healthy(queue)),
            17,
            importance=100,
            sort_key=lambda queue: (queue.name.lower(), queue.kind),
            live=_always,
            grow=32,
        ),
        Column(
            "health",
            "health",
            lambda queue, now_ms: queues.health_cell(healthy(queue)),
            12,
            importance=90,
            sort_key=lambda queue: healthy(queue).rank,
            live=_always,
        ),
        Column(
            "queued",
            "queued",
            lambda queue, now_ms: queues.queued_cell(queue),
            8,
            "right",
            95,
            lambda queue: (queue.queued, queue.running),
        ),
        Column(
            "running",
            "run / limit",
            lambda queue, now_ms: queues.limit_cell(queue),
            queues.LIMIT_WIDTH,
            importance=80,
            sort_key=lambda queue: queue.running,
        ),
        Column(
            "used",
            "used",
            lambda queue, now_ms: queues.used_cell(queue, healthy(queue)),
            queues.BAR_WIDTH,
            importance=75,
            sort_key=_share,
            live=_always,
        ),
        Column(
            "depth", "depth, last 10 min", spark_cell, SPARK_COLUMNS, importance=70, live=_always
        ),
        # A run that came and went between two polls was not seen: lower bounds.
        Column("in", "≥in/min", in_cell, 7, "right", 50, live=_always),
        Column("out", "≥out/min", out_cell, 8, "right", 50, live=_always),
        Column(
            "outlook",
            "outlook",
            forecast_cell,
            18,
            importance=85,
            sort_key=by_forecast,
            live=_always,
            grow=8,
        ),
    )


def _moment(now_ms: float) -> datetime:
    return datetime.fromtimestamp(now_ms / 1000, UTC)


def _share(queue: Queue) -> float | None:
    """The share of its places that are taken; None without a limit."""
    limit = queue.concurrency_limit
    return None if limit is None else queue.running / max(limit, 1)


def _always(queue: Queue) -> bool:
    return True
