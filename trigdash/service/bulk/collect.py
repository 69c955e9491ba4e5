"""Collects the runs of a filter for a bulk action, and says why it could not and whether they
changed since.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from trigdash.backends.base import BackendError
from trigdash.model.run_filter import RunFilter
from trigdash.model.status import FILTERABLE, Kind, status
from trigdash.service.bulk.plan import MAX_RUNS, collect
from trigdash.service.cache.pages import PAGE_SIZE

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.model.odd_row import OddRow
    from trigdash.model.run_row import RunRow
    from trigdash.service.bulk.plan import BulkPreview

UNFINISHED = tuple(name for name in FILTERABLE if not status(name).is_final)
FAILURES = tuple(name for name in FILTERABLE if status(name).kind in (Kind.FAILED, Kind.LAPSED))
"""What `replay the failures` means: failed, crashed, system failure, expired, timed out."""

STARTED = tuple(name for name in FILTERABLE if status(name).kind in (Kind.RUNNING, Kind.WAITING))

MAX_TASKS = 10
"""Tasks named in the request for started runs; with more tasks it covers all of them."""


@dataclass(frozen=True, slots=True)
class CollectedRuns:
    """The runs that a filter matched when they were read."""

    rows: tuple[RunRow, ...]
    truncated: bool = False
    """Whether more may match: the bulk action holds no more, a limit was set, or some runs were
    unreadable."""
    problem: str = ""
    """Why not all could be read, in words; then `rows` must not be used."""


async def collect_runs(
    backend: Backend, run_filter: RunFilter, progress: Callable[[int], bool], limit: int = MAX_RUNS
) -> CollectedRuns:
    """Read every run that a filter matches, newest first. `progress` gets the count so far and
    returns whether to continue."""
    rows: list[RunRow] = []
    odd: list[OddRow] = []
    try:
        async for page in collect(backend, run_filter, limit + 1, odd.extend):
            rows += page
            if not progress(min(len(rows), limit)):
                return CollectedRuns(tuple(rows[:limit]), truncated=True)
    except BackendError as error:
        return CollectedRuns(tuple(rows), problem=error.message())
    return CollectedRuns(tuple(rows[:limit]), truncated=len(rows) > limit or _hides(odd))


def _hides(odd: list[OddRow]) -> bool:
    """Whether any runs could not be read."""
    return any(not each.is_shown for each in odd)


def for_verb(run_filter: RunFilter, verb: str) -> RunFilter:
    """The filter for a verb: a cancel reads unfinished runs only, unless the filter names statuses.
    There may be a hundred times as many finished runs."""
    if verb == "cancel" and not run_filter.statuses:
        return replace(run_filter, statuses=UNFINISHED)
    return run_filter


async def started_since(backend: Backend, asked: BulkPreview) -> int | None:
    """How many runs of a preview have started since it was made, counted on one page: to a reader,
    "100" and "300" mean the same. None when the server does not answer."""
    waited = [row for row in asked.rows if row.status.kind is Kind.QUEUED]
    if not waited:
        return 0
    tasks = tuple(sorted({row.task for row in waited}))
    first_ms = min(row.created_ms for row in waited)
    running = RunFilter(
        statuses=STARTED,
        tasks=tasks if len(tasks) <= MAX_TASKS else (),
        since=datetime.fromtimestamp(first_ms // 1000, UTC) - timedelta(seconds=1),
    )
    try:
        page = await backend.runs(running, size=PAGE_SIZE)
    except BackendError:
        return None
    ids = {row.id for row in waited}
    return sum(row.id in ids for row in page.rows)
