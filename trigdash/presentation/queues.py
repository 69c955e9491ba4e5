"""A queue in a list: its cells, its measured values, and the totals above."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from trigdash.model.queue import Limit, Queue, QueueMetrics
from trigdash.presentation.cell import EMPTY, Cell, Piece, cell_width
from trigdash.presentation.plot import meter
from trigdash.presentation.queue_readings import (
    Health,
    Reading,
)
from trigdash.presentation.queue_totals import Totals, totals_of
from trigdash.presentation.units import UNKNOWN, count, duration, plural, short_count
from trigdash.service.cache.store import Snapshot
from trigdash.service.queues.forecast import Trend, growth
from trigdash.service.queues.oldest_waiting import OldestWaiting

BAR_WIDTH: Final = 12
LIMIT_WIDTH: Final = 13
"""`1,200 / 1,200`."""


def name_cell(queue: Queue, health: Health) -> Cell:
    """The queue's name; a custom queue is marked, since two kinds may share a name."""
    role = "dim" if health is Health.IDLE else "text"
    if queue.kind == "custom":
        return ((queue.name, role), (" ◇", "faint"))
    return ((queue.name, role),)


def health_cell(health: Health) -> Cell:
    """One word, and its mark: never color alone."""
    return ((f"{_MARKS[health]} ", health.role), (health.value, health.role))


_MARKS: Final = {
    Health.STALLED: "‼",
    Health.BLOCKED: "‼",
    Health.BACKLOGGED: "▲",
    Health.AT_LIMIT: "◆",
    Health.PAUSED: "‖",
    Health.ACTIVE: "●",
    Health.IDLE: "·",
}


def queued_cell(queue: Queue) -> Cell:
    """Runs that wait."""
    return ((short_count(queue.queued), "strong" if queue.queued else "faint"),)


def used_cell(queue: Queue, health: Health) -> Cell:
    """A bar of the places taken; without a limit there is nothing to fill."""
    limit, running = queue.concurrency_limit, queue.running
    if limit is None:
        return ((_unlimited(queue), "faint"),)
    is_full = running >= limit and running > 0
    role = "done" if health is Health.PAUSED else "warn" if is_full else "good"
    return meter(running, limit, BAR_WIDTH, role)


def limit_cell(queue: Queue) -> Cell:
    """What runs and what may; an override is marked."""
    limit, running = queue.concurrency_limit, queue.running
    figures = f"{short_count(running):>5} / {UNKNOWN if limit is None else short_count(limit)}"
    mark: Cell = (("*", "warn"),) if queue.concurrency.override is not None else ()
    return ((figures, "text" if running else "dim"), *mark)


def rate_cell(per_min: float | None) -> Cell:
    """Runs a minute; blank until enough was seen."""
    if per_min is None:
        return ((UNKNOWN, "faint"),)
    text = short_count(per_min) if per_min >= 9.95 or per_min == 0 else f"{per_min:.1f}"
    return ((text, "dim" if per_min else "faint"),)


def limit_label(queue: Queue) -> str:
    """Who limits the queue: "limit 3 (base 5, overridden)"."""
    concurrency = queue.concurrency
    limit = queue.concurrency_limit
    if queue.is_v2:
        return _v2_label(queue)
    if limit is None:
        return "no limit of its own"
    if concurrency.override is None:
        return f"limit {limit:,} (no override)"
    base = "none" if concurrency.base is None else f"{concurrency.base:,}"
    return f"limit {limit:,} (base {base}, overridden)"


def _v2_label(queue: Queue) -> str:
    """What holds a V2 queue: "limit task/send-email: 3 in all, 2 per key (overridden)"."""
    if queue.limits is None:
        return "held by concurrency limits, which are not told here"
    if not queue.limits:
        return "held by named concurrency limits, if any (8 lists them)"
    return "; ".join(held_label(limit) for limit in queue.limits)


def held_label(limit: Limit) -> str:
    """One limit: its name, its bounds, and whether it is overridden or paused."""
    bounds = [
        f"{bound.current:,} {words}"
        for bound, words in ((limit.total, "in all"), (limit.per_key, "per key"))
        if bound.current is not None
    ]
    notes = [
        word for word, on in (("overridden", limit.is_overridden), ("paused", limit.paused)) if on
    ]
    return f"limit {limit.name}: {', '.join(bounds) or 'no bound'}" + (
        f" ({', '.join(notes)})" if notes else ""
    )


def _unlimited(queue: Queue) -> str:
    """The text instead of a bar, for a queue without a limit."""
    if not queue.is_v2:
        return "no limit"
    per_key = [
        each.per_key.current for each in queue.limits or () if each.per_key.current is not None
    ]
    return f"{per_key[0]:,} per key" if per_key else "limits"


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
"""Measurements arrive within this time: buckets are at least a minute wide."""


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
            words = "not offered by this server" if is_absent else snapshot.problem.message
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
        pieces.append((f"  stale: {snapshot.problem.message}", "warn"))
    return tuple(pieces)


def _says_nothing(metrics: QueueMetrics) -> bool:
    """Whether all figures are zero or absent."""
    waits = (metrics.wait_ms.p50, metrics.wait_ms.p95)
    counts = (metrics.peak_queued, metrics.started_count, metrics.throttled_count)
    return not any((*waits, *counts, *metrics.depth_trend))


def _wait(ms: float | None) -> str:
    return UNKNOWN if ms is None else duration(ms)


WIDE: Final = 200


def totals_cell(
    busy: Sequence[Reading], queues: int, width: int = WIDE, *, environment_paused: bool = False
) -> Cell:
    """Totals of `queues` queues; `busy` are the readings of those with any activity. Shortened
    where it does not fit."""
    totals = totals_of(busy)
    counts = _figures(("queued", totals.queued), ("running", totals.running))
    more = _figures(("queues", queues), *([("paused", totals.paused)] if totals.paused else []))
    if environment_paused:
        said: Cell = (("   environment paused: nothing starts", "warn-strong"),)
        return (*counts, *said, *more)
    wide, narrow = _outlook(totals, short=False), _outlook(totals, short=True)
    least = (*_figures(("queued", totals.queued)), *narrow)
    told = ((*counts, *more, *wide), (*counts, *wide), (*counts, *narrow), least)
    return next((cell for cell in told if cell_width(cell) <= width), least)


def _figures(*figures: tuple[str, int]) -> Cell:
    pieces: list[Piece] = []
    for name, number in figures:
        role = {"queues": "text", "paused": "warn"}.get(name, "strong")
        pieces += [(" " if name == "queued" else "   ", "dim"), (f"{name} ", "dim")]
        pieces.append((count(number), role))
    return tuple(pieces)


def _outlook(totals: Totals, *, short: bool) -> Cell:
    """What does not move, and what becomes of the rest."""
    rest = _rest_words(totals)
    is_most = totals.rest.kind is Trend.DRAINING and not totals.drains_whole
    if not totals.stuck:
        together = "most of it " if is_most else "" if short else "all together "
        return (("   ", "dim"), (together, "dim"), rest) if rest else ()
    queues = len(totals.stuck)
    who = count(queues) if short else plural(queues, "queue")
    runs = count(totals.stuck_runs) if short else plural(totals.stuck_runs, "run")
    grows = f", {growth(totals.stuck_growth)}" if totals.stuck_growth and not short else ""
    verb = "does" if queues == 1 else "do"
    stuck: Piece = (f"   {who} {verb} not move ({runs}{grows})", "warn-strong")
    if rest is None:
        return (stuck,)
    what = ("rest " if short else "the rest ") if not is_most else "most of the rest "
    return (stuck, ("; ", "dim"), (what, "dim"), rest)


def _rest_words(totals: Totals) -> Piece | None:
    """What the queues do that move; None while that is not known, or where there are none."""
    rest = totals.rest
    if rest.kind in (Trend.UNKNOWN, Trend.EMPTY):
        return None
    words = rest.label().replace("drains in ", "drains in ≈ ")
    if rest.kind is Trend.STEADY and totals.stuck:
        words = "is steady"
    elif rest.kind is Trend.GROWING and totals.stuck:
        words = f"grows {growth(rest.per_minute)}"
    return words, "warn" if rest.kind is Trend.GROWING else "strong"
