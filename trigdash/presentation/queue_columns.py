"""The queues as their list on screen shows them, live."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from trigdash.model.queue import Queue
from trigdash.presentation import queues
from trigdash.presentation.cell import Cell
from trigdash.presentation.field import ResourceField
from trigdash.presentation.plot import sparkline
from trigdash.presentation.queue_readings import (
    SPARK_COLUMNS,
    Health,
    QueueReadings,
    Reading,
    forecast_label,
    forecast_order,
)
from trigdash.presentation.resource import Resource
from trigdash.presentation.resources.queues import RESOURCE

BUSIEST_FIRST = ("queued", True)

Readings = Callable[[], QueueReadings | None]
"""The readings of the connection now open; None before there is one."""


def live_queues(readings: Readings, now: Callable[[], datetime]) -> Resource[Queue]:
    """The queues as a list on screen shows them: with what was seen of them lately, which comes
    through `readings`. Their keys are the screen's own."""

    def read(queue: Queue) -> Reading | None:
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

    def per_minute_in(queue: Queue) -> float | None:
        known = readings()
        return known.flow(queue, now()).in_per_minute if known else None

    def per_minute_out(queue: Queue) -> float | None:
        known = readings()
        return known.flow(queue, now()).out_per_minute if known else None

    def in_cell(queue: Queue, now_ms: float) -> Cell:
        return queues.rate_cell(per_minute_in(queue))

    def out_cell(queue: Queue, now_ms: float) -> Cell:
        return queues.rate_cell(per_minute_out(queue))

    def forecast_cell(queue: Queue, now_ms: float) -> Cell:
        reading = read(queue)
        return (forecast_label(reading),) if reading else ()

    def by_forecast(queue: Queue) -> tuple[int, float] | None:
        reading = read(queue)
        return forecast_order(reading) if reading else None

    shown: tuple[ResourceField[Queue], ...] = (
        ResourceField(
            "name",
            "queue",
            lambda queue: queue.name,
            lambda queue, now_ms: queues.name_cell(queue, healthy(queue)),
            17,
            importance=100,
            order=lambda queue: (queue.name.lower(), queue.kind),
            is_live=_always,
            grow=32,
        ),
        ResourceField(
            "_health",
            "health",
            lambda queue: healthy(queue).value,
            lambda queue, now_ms: queues.health_cell(healthy(queue)),
            12,
            importance=90,
            order=lambda queue: healthy(queue).rank,
            is_live=_always,
        ),
        ResourceField(
            "queued",
            "queued",
            lambda queue: queue.queued,
            lambda queue, now_ms: queues.queued_cell(queue),
            8,
            "right",
            95,
            order=lambda queue: (queue.queued, queue.running),
        ),
        ResourceField(
            "running",
            "run / limit",
            lambda queue: queue.running,
            lambda queue, now_ms: queues.limit_cell(queue),
            queues.LIMIT_WIDTH,
            importance=80,
            word="running",
        ),
        ResourceField(
            "_used",
            "used",
            _share,
            lambda queue, now_ms: queues.used_cell(queue, healthy(queue)),
            queues.BAR_WIDTH,
            importance=75,
            is_live=_always,
        ),
        ResourceField(
            "_depth",
            "depth, last 10 min",
            lambda queue: None,
            spark_cell,
            SPARK_COLUMNS,
            importance=70,
            is_live=_always,
            word="depth",
        ),
        # A run that came and went between two polls was not seen: lower bounds.
        ResourceField(
            "_in", "≥in/min", per_minute_in, in_cell, 7, "right", 50, is_live=_always, word="in"
        ),
        ResourceField(
            "_out",
            "≥out/min",
            per_minute_out,
            out_cell,
            8,
            "right",
            50,
            is_live=_always,
            word="out",
        ),
        ResourceField(
            "_outlook",
            "outlook",
            lambda queue: forecast_label(reading)[0] if (reading := read(queue)) else None,
            forecast_cell,
            18,
            importance=85,
            order=by_forecast,
            is_live=_always,
            grow=8,
        ),
    )
    names = {field.name for field in shown}
    others = (replace(each, is_shown=False) for each in RESOURCE.fields if each.name not in names)
    return replace(RESOURCE, fields=(*shown, *others), actions=())


def _moment(now_ms: float) -> datetime:
    return datetime.fromtimestamp(now_ms / 1000, UTC)


def _share(queue: Queue) -> float | None:
    """The share of its places that are taken; None without a limit."""
    limit = queue.concurrency_limit
    return None if limit is None else queue.running / max(limit, 1)


def _always(queue: Queue) -> bool:
    return True
