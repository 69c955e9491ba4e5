"""The line above the queues: everything that waits and runs, and when it will have drained."""

from collections.abc import Sequence
from typing import Final

from trigdash.service.outlook import Trend, growth
from trigdash.ui.cells.cell import Cell, Piece, cell_width
from trigdash.ui.cells.units import count, plural
from trigdash.ui.queue_readings import Reading
from trigdash.ui.queue_totals import Totals, totals_of

WIDE: Final = 200


def totals_cell(
    busy: Sequence[Reading], queues: int, width: int = WIDE, *, environment_paused: bool = False
) -> Cell:
    """Totals of `queues` queues; `busy` are the readings of those in which anything happens. What
    does not fit is said in fewer words."""
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
    words = rest.sentence().replace("drains in ", "drains in ≈ ")
    if rest.kind is Trend.STEADY and totals.stuck:
        words = "is steady"
    elif rest.kind is Trend.GROWING and totals.stuck:
        words = f"grows {growth(rest.per_minute)}"
    return words, "warn" if rest.kind is Trend.GROWING else "strong"
