"""What a run list says of the runs that it does not hold: how many match, and which are shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from trigdash.presentation.cell import Cell
from trigdash.presentation.units import count, day_text, plural, span
from trigdash.service.filters.description import window_text
from trigdash.service.filters.moments import lookback_s
from trigdash.service.runs.counts import cut_at

if TYPE_CHECKING:
    from trigdash.model.capability import Reach
    from trigdash.model.run_filter import RunFilter
    from trigdash.service.runs.counts import RunCounts
    from trigdash.service.runs.ranked import Order, RankedRuns

LATE = timedelta(seconds=45)
"""An answer that is older than this says how old it is."""

_WORDS = {
    ("cost", True): "highest cost",
    ("cost", False): "lowest cost",
    ("duration", True): "longest",
    ("duration", False): "shortest",
    ("queued", True): "longest in the queue",
    ("queued", False): "shortest in the queue",
    ("tries", True): "most attempts",
    ("tries", False): "fewest attempts",
    ("age", True): "newest",
    ("age", False): "oldest",
}
"""What the first runs of an order are called."""


def loaded_lead(loaded: int, *, is_complete: bool) -> Cell:
    """What the counts are of, where only loaded runs were counted."""
    if is_complete:
        return ((" all ", "strong on selected"), (f" {count(loaded)}", "dim"))
    return ((" loaded ", "strong on selected"), (f" {count(loaded)}+", "dim"))


def counted_lead(counts: RunCounts, now: datetime) -> Cell:
    """What the counts are of, where the server counted all that match."""
    return ((" all ", "strong on selected"), (f" {count(counts.total)}{_age(counts, now)}", "dim"))


def ranked_lead(order: Order, ranked: RankedRuns, counts: RunCounts | None, now: datetime) -> Cell:
    """Which runs are shown of all that match: ` 1,000 highest cost  of 84,212`."""
    shown, words = len(ranked.runs), _WORDS[order.column, order.descending]
    total = f" of {count(counts.total)}" if counts is not None else ""
    lead = (
        f" all {count(shown)}, {words} first " if ranked.is_whole else f" {count(shown)} {words} "
    )
    return ((lead, "strong on selected"), (f"{total}{_age(ranked, now)}", "dim"))


def _age(answer: RunCounts | RankedRuns, now: datetime) -> str:
    late = now - answer.asked_at
    return f", {span(late.total_seconds() * 1000)} ago" if late > LATE else ""


def counted_window(
    counts: RunCounts, run_filter: RunFilter, now: datetime, reach: Reach | None
) -> tuple[str, bool]:
    """The time that was counted, in words, and whether it is less than the filter's window. `now`
    is on the user's clock."""
    cut = cut_at(counts, _window_start(run_filter, now, reach))
    if cut is None:
        return window_text(run_filter, now, reach), False
    day = day_text(cut.timestamp() * 1000, now.timestamp() * 1000, now.tzinfo or UTC)
    local = cut.astimezone(now.tzinfo)
    return f"since {day} {local:%H:%M}".replace("  ", " "), True


def _window_start(run_filter: RunFilter, now: datetime, reach: Reach | None) -> datetime | None:
    """When the window of a filter begins; None where nothing bounds it."""
    if run_filter.period is None and (run_filter.since or run_filter.until):
        return run_filter.since
    look_back = run_filter.period or (reach.period if reach is not None else None)
    seconds = lookback_s(look_back) if look_back else None
    return None if seconds is None else now - timedelta(seconds=seconds)


def ranked_tail(order: Order, ranked: RankedRuns, counts: RunCounts | None) -> list[Cell]:
    """The line below the last run of an order: that more runs match than are shown."""
    if ranked.is_whole or not len(ranked.runs):
        return []
    of = f" of {count(counts.total)}" if counts is not None else ""
    words = _WORDS[order.column, order.descending]
    said = f"── {count(len(ranked.runs))}{of} runs, {words} first: a filter shows others"
    return [((said, "dim"),)]


def unranked_tail(loaded: int, column: str, reason: str) -> list[Cell]:
    """The line below the last loaded run in an order that covers only loaded runs."""
    said = f"── {plural(loaded, 'loaded run')} by {column}; others match and are not among them"
    return [((said, "warn"), (f"   {reason}" if reason else "", "dim"))]
