"""Gathers the runs of a filter for a bulk, and says why when it cannot.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trigdash.backends.base import BackendError
from trigdash.model.status import FILTERABLE, Kind, status
from trigdash.service.bulk_plan import MAX_RUNS, collect

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.model.run_filter import RunFilter
    from trigdash.model.run_row import RunRow

UNFINISHED = tuple(name for name in FILTERABLE if not status(name).is_final)
FAILURES = tuple(name for name in FILTERABLE if status(name).kind in (Kind.FAILED, Kind.LAPSED))
"""What `replay the failures` means: failed, crashed, system failure, expired, timed out."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The runs that a filter matched when it was asked."""

    rows: tuple[RunRow, ...]
    truncated: bool = False
    """Whether more matched than a bulk may hold."""
    problem: str = ""
    """Why not all could be read, in words; then nothing is to be done with `rows`."""


async def gather(
    backend: Backend, narrowed: RunFilter, progress: Callable[[int], None], limit: int = MAX_RUNS
) -> Gathered:
    """Read every run that a filter matches, the newest first; `progress` is told how many."""
    rows: list[RunRow] = []
    try:
        async for page in collect(backend, narrowed, limit + 1):
            rows += page
            progress(min(len(rows), limit))
    except BackendError as error:
        return Gathered(tuple(rows), problem=error.sentence())
    return Gathered(tuple(rows[:limit]), truncated=len(rows) > limit)


def for_verb(narrowed: RunFilter, verb: str) -> RunFilter:
    """What a filter means for a verb: a cancel looks at unfinished runs only, unless the filter
    names statuses itself. Finished runs may be a hundred times as many."""
    if verb == "cancel" and not narrowed.statuses:
        return replace(narrowed, statuses=UNFINISHED)
    return narrowed
