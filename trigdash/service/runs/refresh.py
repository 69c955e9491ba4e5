"""Reads unfinished runs again that are older than the newest page.

A round goes through the unfinished runs page by page with a filter for unfinished statuses, up to
100 at once. Runs that were unfinished and are missing there are read one by one, or by a page of
their time span when there are many. Finished runs are never read again. This module is imported
before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from trigdash.backends.base import BackendError, NotFound, Unreadable
from trigdash.model.odd_row import OddRow
from trigdash.model.status import FILTERABLE, status
from trigdash.service.runs.row_index import RefreshCursor, key_at, key_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trigdash.backends.base import Backend
    from trigdash.model.capability import RateBudget
    from trigdash.model.run_filter import RunFilter
    from trigdash.model.run_row import RunRow
    from trigdash.service.runs.run_list import RunList

PAGE_SIZE = 100

EVERY = 3
"""Polls per refresh: an older row is at most this many polls behind for each 100 unfinished."""

SINGLE = 3
"""Runs read one by one in one poll; more are read by a page."""

SHARE_LEFT = 0.8
"""Once this fraction of our rate budget is spent, less is read again, so that the newest page and
the user's actions come first."""

UNFINISHED = tuple(name for name in FILTERABLE if not status(name).is_final)
UNFINISHED_NAMES = frozenset(UNFINISHED)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class RefreshedRuns:
    """The result of reading again, before it is merged."""

    rows: tuple[RunRow, ...] = ()
    drop: frozenset[str] = frozenset()
    """Runs that are gone, or no longer match the filter."""
    resolved: frozenset[str] = frozenset()
    """Runs that no longer need to be read one by one."""
    lost: frozenset[str] = frozenset()
    """Runs that were missing among the unfinished runs."""
    sweep: RefreshCursor | None = None
    """Where the round continues."""
    odd: Mapping[str, OddRow] = field(default_factory=dict)
    """Runs that have become unreadable, by their id."""

    def merged(self, held: RunList) -> RunList:
        ledger = held.row_index()
        known = [row for row in self.rows if row.id in ledger.by_id]
        ledger.gone = {
            run_id
            for run_id in (ledger.gone - self.resolved) | self.lost
            if run_id in ledger.unfinished
        }
        if self.sweep is not None:
            ledger.sweep = self.sweep
        merged = held.merge(known, drop=self.drop)
        return merged.with_odd({**merged.odd, **self.odd}) if self.odd else merged


async def refresh_page(
    run_filter: RunFilter, backend: Backend, held: RunList
) -> RefreshedRuns | None:
    """One or a few refresh requests, if due and within budget; otherwise None. An error here is not
    shown on the list, whose newest page was just read: the next turn tries again.
    """
    if not held.rows or backend.budget.stopped:
        return None
    ledger = held.row_index()
    page_every, gone_every = _every(backend.budget)
    try:
        if ledger.gone and ledger.turn % gone_every == 0:
            return await _refresh_gone(run_filter, backend, held)
        if ledger.turn % page_every == 0 and _older_unfinished(held):
            return await _refresh_at_cursor(run_filter, backend, held)
    except BackendError:
        return None
    return None


def _every(budget: RateBudget) -> tuple[int, int]:
    """Polls for each refreshing page, and for each request about missing runs. Refreshes are rarer
    when our share is nearly used up, but never stop, or old rows would stay wrong forever."""
    spent = budget.limit is not None and budget.spent >= SHARE_LEFT * budget.share * budget.limit
    return (3 * EVERY, 2) if spent or budget.slowdown > 1 else (EVERY, 1)


def _older_unfinished(held: RunList) -> bool:
    """Whether there are unfinished rows below the newest page."""
    unfinished = held.row_index().unfinished
    on_top = sum(1 for row in held.rows[:PAGE_SIZE] if row.id in unfinished)
    return len(unfinished) > on_top


async def _refresh_at_cursor(
    run_filter: RunFilter, backend: Backend, held: RunList
) -> RefreshedRuns:
    """The next page of the round through the unfinished rows."""
    ledger = held.row_index()
    at_top = ledger.sweep.cursor is None
    if at_top and not _unfinished_names(held) <= UNFINISHED_NAMES:
        # Statuses that this filter does not support: every unfinished row is read by itself.
        below = [row.id for row in held.rows[PAGE_SIZE:] if row.id in ledger.unfinished]
        return RefreshedRuns(lost=frozenset(below))
    wanted = [name for name in run_filter.statuses or UNFINISHED if name in UNFINISHED]
    page = await backend.runs(
        replace(run_filter, statuses=tuple(wanted)), after=ledger.sweep.cursor, size=PAGE_SIZE
    )
    shown = frozenset(row.id for row in page.rows)
    until_ms = page.rows[-1].created_ms if page.rows and page.next else None
    lost = {
        run_id
        for run_id in _unfinished_between(held, ledger.sweep.from_ms, until_ms)
        if run_id not in shown and run_id not in ledger.sweep.seen
    }
    at_end = page.next is None or (until_ms is not None and until_ms < held.rows[-1].created_ms)
    onward = (
        RefreshCursor()
        if at_end
        else RefreshCursor(page.next, until_ms or ledger.sweep.from_ms, shown)
    )
    return RefreshedRuns(rows=page.rows, lost=frozenset(lost), sweep=onward)


def _unfinished_names(held: RunList) -> set[str]:
    ledger = held.row_index()
    return {ledger.by_id[run_id].status_name for run_id in ledger.unfinished}


def _unfinished_between(held: RunList, from_ms: int | None, until_ms: int | None) -> list[str]:
    """Ids of unfinished rows created at or before `from_ms` and after `until_ms`."""
    ledger = held.row_index()
    first = 0 if from_ms is None else held.index_at(key_at(from_ms))
    last = len(held.rows) if until_ms is None else held.index_at(key_at(until_ms))
    if last - first <= len(ledger.unfinished):
        return [row.id for row in held.rows[first:last] if row.id in ledger.unfinished]
    rows = (ledger.by_id[run_id] for run_id in ledger.unfinished)
    return [
        row.id
        for row in rows
        if (from_ms is None or row.created_ms <= from_ms)
        and (until_ms is None or row.created_ms > until_ms)
    ]


async def _refresh_gone(run_filter: RunFilter, backend: Backend, held: RunList) -> RefreshedRuns:
    """Read the runs that are no longer among the unfinished ones."""
    ledger = held.row_index()
    gone = sorted((ledger.by_id[run_id] for run_id in ledger.gone), key=key_of)
    if len(gone) > SINGLE:
        again = await _refresh_span(run_filter, backend, gone)
        if again.resolved:
            return again
    return await _refresh_each(run_filter, backend, gone[:SINGLE])


async def _refresh_each(
    run_filter: RunFilter, backend: Backend, gone: list[RunRow]
) -> RefreshedRuns:
    rows, drop = [], set()
    odd: dict[str, OddRow] = {}
    for held in gone:
        try:
            row = (await backend.run(held.id)).row()
        except NotFound:
            drop.add(held.id)
            continue
        except Unreadable:
            # Reading it again would not help, and its old row is no longer true.
            drop.add(held.id)
            odd[held.id] = OddRow(held.id)
            continue
        if run_filter.statuses and row.status_name not in run_filter.statuses:
            drop.add(held.id)
        rows.append(row)
    resolved = frozenset(row.id for row in gone)
    return RefreshedRuns(tuple(rows), frozenset(drop), resolved, odd=odd)


async def _refresh_span(
    run_filter: RunFilter, backend: Backend, gone: list[RunRow]
) -> RefreshedRuns:
    """A page of their time span; runs that it does not contain are not in the list."""
    newest_ms, oldest_ms = gone[0].created_ms, gone[-1].created_ms
    page = await backend.runs(
        replace(
            run_filter,
            period=None,
            since=_EPOCH + timedelta(milliseconds=oldest_ms),
            until=_EPOCH + timedelta(milliseconds=newest_ms + 1),
        ),
        size=PAGE_SIZE,
    )
    if any(not oldest_ms <= row.created_ms <= newest_ms + 1 for row in page.rows):
        return RefreshedRuns()  # This server does not filter by time.
    shown = {row.id for row in page.rows}
    until_ms = page.rows[-1].created_ms if page.rows and page.next else None
    if page.next and not page.rows:
        return RefreshedRuns()
    covered = {row.id for row in gone if until_ms is None or row.created_ms > until_ms}
    resolved = frozenset(covered | shown)
    return RefreshedRuns(page.rows, frozenset(covered - shown), resolved)
