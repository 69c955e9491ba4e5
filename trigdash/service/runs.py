"""The run list's query: its newest page every two seconds, older pages as somebody scrolls.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from trigdash.backends.base import NotFound
from trigdash.model.run_filter import RunFilter
from trigdash.service.run_list import Gap, RunList
from trigdash.service.run_refresh import refresh_page
from trigdash.service.run_window import window_of

if TYPE_CHECKING:
    from datetime import datetime

    from trigdash.backends.base import Backend
    from trigdash.model.run_row import RunRow
    from trigdash.service.store import Store

PAGE_SIZE = 100
"""The API's largest page."""

MAX_PAGES = 5
"""Pages that one poll may read to meet the runs it knows; what is beyond becomes a gap, since a
burst of thousands must not cost the rate limit of all."""

INTERVAL_S = 2.0

LAG_MS = 2000
"""Recorded: a fresh run may be missing in the list for a second or so. So reading goes on until
that much of what was known is overlapped, or who came late in a burst would never be seen."""


@dataclass(frozen=True, slots=True)
class RunsQuery:
    """The runs of one filter, newest first; its data is a RunList.

    `text` of the filter is left out: it narrows what is loaded, and is no reason to load anew.
    """

    narrowed: RunFilter = field(default_factory=RunFilter)

    def __post_init__(self) -> None:
        if self.narrowed.text:
            object.__setattr__(self, "narrowed", replace(self.narrowed, text=""))

    def interval_s(self, data: RunList | None) -> float:
        return INTERVAL_S

    async def fetch(self, backend: Backend, previous: RunList | None) -> RunList:
        """The newest page merged in, and a few older unfinished rows asked again."""
        held = (
            RunList(window=window_of(self.narrowed, backend.reach))
            if previous is None
            else previous
        )
        run = await self._newest(backend, held)
        again = await refresh_page(self.narrowed, backend, held)
        # No await from here on: the ledger and the list change together or not at all.
        merged = run.merged_on_top(held)
        return merged if again is None else again.merged(merged)

    def settled(self, data: RunList, store: Store, now: datetime) -> bool:
        return False

    async def _newest(self, backend: Backend, held: RunList) -> Stretch:
        """Pages from the top until one meets what is held, at most MAX_PAGES."""
        top_ms = _known_ms(held)
        stretch = await _read(self.narrowed, backend, None)
        for _ in range(MAX_PAGES - 1):
            enough = bool(stretch.rows) if top_ms is None else stretch.reaches(top_ms)
            if enough or stretch.cursor is None:
                break
            stretch += await _read(self.narrowed, backend, stretch.cursor)
        return stretch


@dataclass(frozen=True, slots=True)
class OlderRuns:
    """A step: the page of runs below the last row."""

    query: RunsQuery

    async def __call__(self, backend: Backend, data: RunList) -> RunList:
        if data.next is None:
            return data
        stretch = await _read(self.query.narrowed, backend, data.next)
        for _ in range(MAX_PAGES - 1):
            # Recorded: pages can be short, even empty, while there is more.
            if stretch.rows or stretch.cursor is None:
                break
            stretch += await _read(self.query.narrowed, backend, stretch.cursor)
        merged = data.merge(stretch.rows)
        if merged.full:
            return merged
        return replace(merged, next=stretch.cursor, complete=stretch.cursor is None)


@dataclass(frozen=True, slots=True)
class FillGap:
    """A step: read on where runs may be missing, up to MAX_PAGES at a time."""

    query: RunsQuery
    gap: Gap

    async def __call__(self, backend: Backend, data: RunList) -> RunList:
        gap = next((gap for gap in data.gaps if gap.cursor == self.gap.cursor), None)
        if gap is None:
            return data
        stretch = await _read(self.query.narrowed, backend, gap.cursor)
        for _ in range(MAX_PAGES - 1):
            if stretch.cursor is None or stretch.reaches(gap.below_ms):
                break
            stretch += await _read(self.query.narrowed, backend, stretch.cursor)
        merged = data.merge(stretch.rows)
        left = stretch.gap(gap.below_ms)
        gaps = [left if known == gap else known for known in merged.gaps]
        return replace(merged, gaps=tuple(filter(None, gaps)))


@dataclass(frozen=True, slots=True)
class RereadRun:
    """A step: one held run again, wherever it stands, because something was done to it."""

    query: RunsQuery
    run_id: str

    async def __call__(self, backend: Backend, data: RunList) -> RunList:
        wanted = self.query.narrowed.statuses
        try:
            row = (await backend.run(self.run_id)).row()
        except NotFound:
            return data.merge((), drop=(self.run_id,))
        if data.find(self.run_id) is None:
            return data
        return data.merge(
            (row,), drop=(self.run_id,) if wanted and row.status_name not in wanted else ()
        )


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows read one page after another, newest first, and where reading goes on."""

    rows: tuple[RunRow, ...]
    cursor: str | None

    def __add__(self, other: Stretch) -> Stretch:
        return Stretch(self.rows + other.rows, other.cursor)

    def reaches(self, below_ms: int) -> bool:
        """Whether nothing can be missing between these rows and those known from `below_ms` on.
        Runs of that very millisecond may still come, so it must be passed."""
        if self.cursor is None:
            return True
        return bool(self.rows) and self.rows[-1].created_ms < below_ms

    def gap(self, below_ms: int) -> Gap | None:
        """The gap below these rows, unless they reach what is known."""
        if self.cursor is None or not self.rows or self.reaches(below_ms):
            return None
        last = self.rows[-1]
        return Gap(last.id, last.created_ms, below_ms, self.cursor)

    def merged_on_top(self, held: RunList) -> RunList:
        """The held list with these rows on top.

        A held row that should be among them and is not, twice in a row, is taken out: it was
        deleted, or does not match the filter any more. Once is not enough, since the list is
        recorded to lag behind by a second or so.
        """
        top_ms = _known_ms(held)
        if not held.rows:
            first = held.merge(self.rows)
            if (first.next, first.complete) == (self.cursor, self.cursor is None):
                return first
            return replace(first, next=self.cursor, complete=self.cursor is None)
        gap = None if top_ms is None else self.gap(top_ms)
        absent = self._absent(held)
        ledger = held.ledger()
        ledger.turn += 1
        twice = absent & ledger.absent
        ledger.absent = absent - twice
        merged = held.merge(self.rows, drop=twice)
        return merged if gap is None else replace(merged, gaps=(gap, *merged.gaps))

    def _absent(self, held: RunList) -> set[str]:
        """Ids of held rows within this stretch that it does not show."""
        if self.cursor is None:
            covered = held.rows
        elif self.rows:
            covered = held.newer_than(self.rows[-1].created_ms)
        else:
            covered = ()
        shown = {row.id for row in self.rows}
        return {row.id for row in covered if row.id not in shown}


def _known_ms(held: RunList) -> int | None:
    """Creation time up to which every run had surely been listed at the last poll."""
    top_ms = held.top_ms()
    return None if top_ms is None else top_ms - LAG_MS


async def _read(narrowed: RunFilter, backend: Backend, after: str | None) -> Stretch:
    page = await backend.runs(narrowed, after=after, size=PAGE_SIZE)
    return Stretch(page.rows, page.next)
