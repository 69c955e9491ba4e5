"""What a list says when it has no rows, and where rows may be missing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from trigdash.model.odd_row import OddRow
from trigdash.model.run_filter import RunFilter
from trigdash.presentation.cell import EMPTY, Cell, Piece
from trigdash.presentation.freshness import retry_label
from trigdash.presentation.units import clock_time, count, plural, span
from trigdash.service.cache.store import Problem, Snapshot, State
from trigdash.service.filters.description import is_everything, window_phrase
from trigdash.service.filters.moments import lookback_s
from trigdash.service.runs.run_list import Gap, RunList

if TYPE_CHECKING:
    from trigdash.model.capability import Reach
    from trigdash.service.session import Session

MAX_FIELDS = 3
"""Names of fields that are listed; the others are counted."""

CUT = "where the list goes on could not be read"


def unread_cell(
    odd: Collection[OddRow], word: str, many: str | None = None, *, is_cut: bool = False
) -> Cell:
    """`1 run could not be read (createdAt)`, and what else is missing; empty when all was read.
    `word` names a row, `many` several."""
    left_out = [each for each in odd if not each.is_shown]
    in_part = [each for each in odd if each.is_shown]
    parts = []
    if left_out:
        parts.append(f"{plural(len(left_out), word, many)} could not be read{_fields(left_out)}")
    if in_part:
        parts.append(f"{plural(len(in_part), word, many)} read in part{_fields(in_part, 'not ')}")
    if is_cut:
        parts.append(CUT)
    return _cell("; ".join(parts))


def unread_count_cell(
    unreadable: int, word: str, many: str | None = None, *, is_cut: bool = False
) -> Cell:
    """The same of rows of which nothing but their number is known."""
    parts = []
    if unreadable:
        parts.append(f"{plural(unreadable, word, many)} could not be read in full")
    if is_cut:
        parts.append(CUT)
    return _cell("; ".join(parts))


def _cell(words: str) -> Cell:
    return ((f"{words}   ", "warn"),) if words else EMPTY


def _fields(odd: Collection[OddRow], before: str = "") -> str:
    """Names of the fields in question, as the server says them."""
    names = list(dict.fromkeys(name for each in odd for name in each.fields))
    if not names:
        return ""
    more = f" and {count(len(names) - MAX_FIELDS)} more" if len(names) > MAX_FIELDS else ""
    return f" ({before}{', '.join(names[:MAX_FIELDS])}{more})"


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
    """The warning when this machine's clock is wrong, since all ages are then wrong by as much. It
    is noticed by the server's time, or by a newest run from the future."""
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
    narrower: Cell = (
        (("z", "key"), (" narrows the time window   ", "dim"))
        if problem.kind == "TooWide"
        else EMPTY
    )
    return [
        (("× ", "bad"), (problem.message, "bad-strong")),
        EMPTY,
        ((retry_label(problem, now), "text"),),
        EMPTY,
        (
            *narrower,
            ("ctrl+r", "key"),
            (" try now   ", "dim"),
            (":profile", "key"),
            (" go elsewhere   ", "dim"),
            ("q", "key"),
            (" quit", "dim"),
        ),
    ]


def empty_lines(
    run_filter: RunFilter, loaded: int, complete: bool, within: str, reach: Reach | None = None
) -> list[Cell]:
    """Nothing to show, although all is well."""
    if run_filter.is_narrowed_here and loaded:
        more = "" if complete else ", older ones are not loaded"
        return [
            ((f"no match among {plural(loaded, 'loaded run')}{more}", "text"),),
            EMPTY,
            (("esc", "key"), (" clears the filter   ", "dim"), ("/", "key"), (" edits it", "dim")),
        ]
    everything = is_everything(run_filter)
    hints: list[Piece] = []
    if not everything:
        hints += [("esc", "key"), (" clears the filter   ", "dim")]
    hints += _further(run_filter, reach)
    what = f"{'no runs' if everything else 'no runs match'} {within}".rstrip()
    return [((what, "text"),), EMPTY, tuple(hints)]


def state_lines(
    snapshot: Snapshot[Any],
    run_filter: RunFilter,
    runs: RunList | None,
    server: str,
    now: datetime,
    reach: Reach | None,
) -> list[Cell]:
    """What to say in the place of rows."""
    if snapshot.state is State.LOADING:
        return loading_lines(server, window_phrase(run_filter, now, reach, "of"))
    if snapshot.state is State.FAILED and snapshot.problem is not None:
        return failed_lines(snapshot.problem, now)
    if runs is not None and not runs.rows and (runs.odd or runs.is_cut):
        return [unread_cell(runs.odd.values(), "run", is_cut=runs.is_cut)]
    within = window_phrase(run_filter, now, reach)
    return empty_lines(run_filter, len(runs or ()), bool(runs and runs.complete), within, reach)


def end_lines(
    runs: RunList | None, run_filter: RunFilter, now: datetime, reach: Reach | None
) -> list[Cell]:
    """The lines below the last run: why there are no more. Empty while more can be loaded, and if
    the list ends with the very first run."""
    if runs is None or not runs.rows:
        return []
    if runs.full:
        held = f"── {plural(len(runs), 'run')} are held at most"
        return [((f"{held}: a filter, or from: and to:, shows older ones", "dim"),)]
    within = window_phrase(run_filter, now, reach)
    if not runs.complete or not within:
        return []
    return [((f"── no older runs {within}   ", "dim"), *_further(run_filter, reach))]


def _further(run_filter: RunFilter, reach: Reach | None) -> Cell:
    """How to look further back, where a look-back bounds the list and a longer one is usual."""
    look_back = run_filter.period or (reach.period if reach is not None else None)
    is_dated = run_filter.period is None and (run_filter.since or run_filter.until)
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


def list_state(
    session: Session,
    snapshot: Snapshot[Any],
    what: str,
    empty: Sequence[Cell],
    now: datetime,
    *,
    filtered: bool,
) -> Sequence[Cell]:
    """The lines in the place of rows; `empty` is said when all is well and nothing is there."""
    if session.connection is None and session.problem is not None:
        return failed_lines(session.problem, now)
    if snapshot.state is State.LOADING:
        source = f" from {session.settings.server}" if session.settings.server else ""
        return [(("○ ", "queued"), (f"loading the {what}{source}", "dim"))]
    if snapshot.state is State.FAILED and snapshot.problem is not None:
        return failed_lines(snapshot.problem, now)
    if filtered:
        return [
            ((f"no {what} match", "text"),),
            EMPTY,
            (("esc", "key"), (" clears the filter   ", "dim"), ("/", "key"), (" edits it", "dim")),
        ]
    return empty
