"""The line above the queues: everything that waits and runs, and when it will have drained."""

from collections.abc import Sequence

from trigdash.service.outlook import Trend
from trigdash.ui.cells.cell import Cell, Piece
from trigdash.ui.cells.units import count
from trigdash.ui.queue_health import Health
from trigdash.ui.queue_readings import Reading, total_outlook


def totals_cell(busy: Sequence[Reading], queues: int) -> Cell:
    """Totals of `queues` queues; `busy` are the readings of those in which anything is going on."""
    queued = sum(reading.queue.queued for reading in busy)
    running = sum(reading.queue.running for reading in busy)
    paused = sum(reading.queue.paused for reading in busy)
    pieces: list[Piece] = [
        (" queued ", "dim"),
        (count(queued), "strong"),
        ("   running ", "dim"),
        (count(running), "strong"),
        ("   queues ", "dim"),
        (count(queues), "text"),
    ]
    if paused:
        pieces += [("   paused ", "dim"), (count(paused), "warn")]
    stalled = sum(reading.health is Health.STALLED for reading in busy)
    if stalled:
        pieces += [("   stalled ", "dim"), (count(stalled), "bad-strong")]
    outlook = total_outlook(busy)
    if outlook.kind not in (Trend.UNKNOWN, Trend.EMPTY):
        role = "warn" if outlook.kind is Trend.GROWING else "strong"
        words = outlook.sentence().replace("drains in ", "drains in ≈ ")
        pieces += [("   all together ", "dim"), (words, role)]
    return tuple(pieces)
