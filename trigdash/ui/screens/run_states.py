"""What a run list says when it has no rows, and where rows may be missing."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from trigdash.model.run_filter import RunFilter
from trigdash.service.filter_words import is_everything, within_words
from trigdash.service.moments import lookback_s
from trigdash.service.run_list import Gap, RunList
from trigdash.service.store import Problem, Snapshot, State
from trigdash.ui.cells.cell import EMPTY, Cell, Piece
from trigdash.ui.cells.units import clock_time, plural, span
from trigdash.ui.cells.unread import unread_cell
from trigdash.ui.freshness import retry_words

if TYPE_CHECKING:
    from trigdash.service.session import Reach


MONTH_S = 30 * 86_400
"""A look-back from which on none is offered that goes further."""

SKEW_S = 10
"""A clock that is wrong by less is of no matter: answers take their time."""


def aside_cell(runs: RunList | None, now: datetime, ahead_s: float) -> Cell:
    """What to know of a list as a whole: runs that could not be read, or a clock that is wrong."""
    unread = EMPTY
    if runs is not None:
        unread = unread_cell(runs.odd.values(), "run", is_cut=runs.is_cut)
    return unread or skew_cell(runs, now, ahead_s)


def skew_cell(runs: RunList | None, now: datetime, ahead_s: float) -> Cell:
    """What to say when this machine's clock is wrong: all ages are wrong by as much. The server
    tells its own time, and a newest run from the future tells, too."""
    newest = next(iter(runs.rows), None) if runs is not None else None
    future_s = newest.created_ms / 1000 - now.timestamp() if newest is not None else 0.0
    behind_s = max(future_s, -ahead_s)
    wrong_s = max(behind_s, ahead_s)
    if wrong_s < SKEW_S:
        return EMPTY
    how = "behind" if behind_s >= ahead_s else "ahead of"
    return ((f"this machine's clock is {span(wrong_s * 1000)} {how} the server's ", "warn"),)


def loading_lines(server: str, within: str) -> list[Cell]:
    """Before the first answer."""
    source = f" from {server}" if server else ""
    runs = f"the runs {within}".rstrip()
    return [(("○ ", "queued"), (f"loading {runs}{source}", "dim"))]


def failed_lines(problem: Problem, now: datetime) -> list[Cell]:
    """No data, and why; what can be done about it."""
    return [
        (("× ", "bad"), (problem.sentence, "bad-strong")),
        EMPTY,
        ((retry_words(problem, now), "text"),),
        EMPTY,
        (
            ("ctrl+r", "key"),
            (" try now   ", "dim"),
            (":profile", "key"),
            (" go elsewhere   ", "dim"),
            ("q", "key"),
            (" quit", "dim"),
        ),
    ]


def empty_lines(
    narrowed: RunFilter, loaded: int, complete: bool, within: str, reach: Reach | None = None
) -> list[Cell]:
    """Nothing to show, although all is well."""
    if narrowed.text and loaded:
        more = "" if complete else ", older ones are not loaded"
        return [
            ((f"no match among {plural(loaded, 'loaded run')}{more}", "text"),),
            EMPTY,
            (("esc", "key"), (" clears the filter   ", "dim"), ("/", "key"), (" edits it", "dim")),
        ]
    everything = is_everything(narrowed)
    hints: list[Piece] = []
    if not everything:
        hints += [("esc", "key"), (" clears the filter   ", "dim")]
    hints += _further(narrowed, reach)
    what = f"{'no runs' if everything else 'no runs match'} {within}".rstrip()
    return [((what, "text"),), EMPTY, tuple(hints)]


def state_lines(
    snapshot: Snapshot[Any],
    narrowed: RunFilter,
    runs: RunList | None,
    server: str,
    now: datetime,
    reach: Reach | None,
) -> list[Cell]:
    """What to say in the place of rows."""
    if snapshot.state is State.LOADING:
        return loading_lines(server, within_words(narrowed, now, reach, "of"))
    if snapshot.state is State.FAILED and snapshot.problem is not None:
        return failed_lines(snapshot.problem, now)
    if runs is not None and not runs.rows and (runs.odd or runs.is_cut):
        return [unread_cell(runs.odd.values(), "run", is_cut=runs.is_cut)]
    within = within_words(narrowed, now, reach)
    return empty_lines(narrowed, len(runs or ()), bool(runs and runs.complete), within, reach)


def end_lines(
    runs: RunList | None, narrowed: RunFilter, now: datetime, reach: Reach | None
) -> list[Cell]:
    """What stands below the last run: why there are none below it. Empty while more can be
    loaded, and where nothing but their beginning ends them."""
    if runs is None or not runs.rows:
        return []
    if runs.full:
        held = f"── {plural(len(runs), 'run')} are held at most"
        return [((f"{held}: a filter, or from: and to:, shows older ones", "dim"),)]
    within = within_words(narrowed, now, reach)
    if not runs.complete or not within:
        return []
    return [((f"── no older runs {within}   ", "dim"), *_further(narrowed, reach))]


def _further(narrowed: RunFilter, reach: Reach | None) -> Cell:
    """How to look further back, where a look-back bounds the list and a longer one is usual."""
    look_back = narrowed.period or (reach.period if reach is not None else None)
    is_dated = narrowed.period is None and (narrowed.since or narrowed.until)
    seconds = lookback_s(look_back) if look_back else None
    if is_dated or seconds is None or seconds >= MONTH_S:
        return EMPTY
    return (("/", "key"), (" then ", "dim"), ("since:30d", "text"), (" looks further", "dim"))


def gap_cell(gap: Gap) -> Cell:
    """The row in the place of runs that may be missing."""
    below, above = clock_time(gap.below_ms), clock_time(gap.above_ms)
    return (
        ("╌╌ ", "warn"),
        (f"more runs came between {below} and {above} than were read", "warn"),
        ("   enter", "key"),
        (" loads them", "dim"),
    )
