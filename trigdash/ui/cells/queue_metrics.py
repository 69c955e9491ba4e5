"""What the server measured of a queue, and how long its oldest run waits."""

from datetime import datetime

from trigdash.model.queue import QueueMetrics
from trigdash.service.oldest_waiting import OldestWaiting
from trigdash.service.store import Snapshot
from trigdash.ui.cells.cell import EMPTY, Cell, Piece
from trigdash.ui.cells.units import UNKNOWN, count, duration


def oldest_cell(oldest: OldestWaiting | None, now: datetime) -> Cell:
    """`oldest waiting 14 m 02 s`."""
    if oldest is None:
        return EMPTY
    if oldest.since is None:
        return (("nothing waits ", "faint"),)
    least = "at least " if oldest.at_least else ""
    waited = duration((now - oldest.since).total_seconds() * 1000)
    return (("oldest waiting ", "dim"), (f"{least}{waited} ", "strong"))


SETTLED_S = 120.0
"""What is measured is told within this time: buckets are at least a minute wide."""


def metrics_cell(
    snapshot: Snapshot[QueueMetrics], waits_since_s: float | None, now: datetime
) -> Cell:
    """The server's own figures; a server that has none darkens this line only.

    `waits_since_s` says when we saw a run wait first. Recorded: self-hosted servers measure
    nothing unless it is switched on, and answer zeros.
    """
    metrics = snapshot.data
    if metrics is not None and waits_since_s is not None and _says_nothing(metrics):
        when = "yet" if now.timestamp() - waits_since_s < SETTLED_S else "by this server"
        return ((f" server metrics: not measured {when}", "faint"),)
    if metrics is None:
        words = "loading"
        if snapshot.problem is not None:
            is_absent = snapshot.problem.kind == "NotFound"
            words = "not offered by this server" if is_absent else snapshot.problem.sentence
        return ((f" server metrics: {words}", "faint"),)
    pieces: list[Piece] = [(f" server, last {metrics.period or 'hour'}  ", "faint")]
    for name, value in (
        ("wait p50", _wait(metrics.wait_ms.p50)),
        ("p95", _wait(metrics.wait_ms.p95)),
        ("started", f"{count(metrics.started_count)}, {metrics.started_per_min:.1f}/min"),
        ("peak", count(metrics.peak_queued)),
        ("throttled", count(metrics.throttled_count)),
    ):
        pieces += [(f" {name} ", "dim"), (f"{value} ", "text")]
    if snapshot.problem is not None:
        pieces.append((f"  stale: {snapshot.problem.sentence}", "warn"))
    return tuple(pieces)


def _says_nothing(metrics: QueueMetrics) -> bool:
    """Whether all figures are zero or absent."""
    waits = (metrics.wait_ms.p50, metrics.wait_ms.p95)
    counts = (metrics.peak_queued, metrics.started_count, metrics.throttled_count)
    return not any((*waits, *counts, *metrics.depth_trend))


def _wait(ms: float | None) -> str:
    return UNKNOWN if ms is None else duration(ms)
