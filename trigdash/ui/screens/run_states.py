"""What a run list says when it has no rows, and where rows may be missing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from trigdash.model.run_filter import RunFilter
from trigdash.service.filter_words import is_everything, window_words
from trigdash.service.run_list import Gap
from trigdash.service.store import Problem, Snapshot, State
from trigdash.ui.cells.cell import EMPTY, Cell
from trigdash.ui.cells.units import clock_time, plural
from trigdash.ui.freshness import retry_words


def loading_lines(server: str, window: str) -> list[Cell]:
    """Before the first answer."""
    source = f" from {server}" if server else ""
    return [(("○ ", "queued"), (f"loading the runs of the {window}{source}", "dim"))]


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


def empty_lines(narrowed: RunFilter, loaded: int, complete: bool, now: datetime) -> list[Cell]:
    """Nothing to show, although all is well."""
    window = window_words(narrowed, now)
    if narrowed.text and loaded:
        more = "" if complete else ", older ones are not loaded"
        return [
            ((f"no match among {plural(loaded, 'loaded run')}{more}", "text"),),
            EMPTY,
            (("esc", "key"), (" clears the filter   ", "dim"), ("/", "key"), (" edits it", "dim")),
        ]
    what = "no runs" if is_everything(narrowed) else "no runs match"
    hints: Cell = (
        ("/", "key"),
        (" then ", "dim"),
        ("since:30d", "text"),
        (" looks further", "dim"),
    )
    if not is_everything(narrowed):
        hints = (("esc", "key"), (" clears the filter   ", "dim"), *hints)
    return [
        ((f"{what} in the {window}" if "last" in window else f"{what} {window}", "text"),),
        EMPTY,
        hints,
    ]


def state_lines(
    snapshot: Snapshot[Any],
    narrowed: RunFilter,
    loaded: int,
    complete: bool,
    server: str,
    now: datetime,
) -> list[Cell]:
    """What to say in the place of rows."""
    if snapshot.state is State.LOADING:
        return loading_lines(server, window_words(narrowed, now))
    if snapshot.state is State.FAILED and snapshot.problem is not None:
        return failed_lines(snapshot.problem, now)
    return empty_lines(narrowed, loaded, complete, now)


def gap_cell(gap: Gap) -> Cell:
    """The row in the place of runs that may be missing."""
    below, above = clock_time(gap.below_ms), clock_time(gap.above_ms)
    return (
        ("╌╌ ", "warn"),
        (f"more runs came between {below} and {above} than were read", "warn"),
        ("   enter", "key"),
        (" loads them", "dim"),
    )
