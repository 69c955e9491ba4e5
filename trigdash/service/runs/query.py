"""The run list's query: its newest page every two seconds, older pages as the user scrolls.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from trigdash.backends.base import NotFound
from trigdash.model.run_filter import RunFilter
from trigdash.service.cache.query import Query
from trigdash.service.filters.matching import window_of
from trigdash.service.runs.refresh import refresh_page
from trigdash.service.runs.row_index import Key, key_at, key_of
from trigdash.service.runs.run_list import Gap, RunList

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trigdash.backends.base import Backend
    from trigdash.model.odd_row import OddRow
    from trigdash.model.run_row import RunRow
    from trigdash.model.status import Status

PAGE_SIZE = 100
"""The API's largest page."""

MAX_PAGES = 5
"""Pages that one poll may read until it meets known runs. Runs beyond them become a gap, since a
burst of thousands must not use up the shared rate limit."""

INTERVAL_S = 2.0
REST_S = 5.0
"""Seconds between polls after some without news."""

ON_TOP = "^"
"""Prefix of the keys of odd rows without an id on the newest pages, which are read with each
poll."""

LAG_MS = 2000
"""Recorded: a new run may be missing in the list for a second or so. So reading continues until it
overlaps this much of the known list; otherwise runs that appear late in a burst would never be
seen."""


TOP_TURNS = 5
"""After this many polls with the same run on top, no older run can appear late any more, so meeting
that run is enough. A batch may have created a thousand runs within its millisecond."""


@dataclass(frozen=True, slots=True)
class RunsQuery(Query[RunList]):
    """The runs of one filter, newest first; its data is a RunList.

    Conditions that are checked here are left out of the key, since they need no new load.
    """

    run_filter: RunFilter = field(default_factory=RunFilter)

    def __post_init__(self) -> None:
        if self.run_filter.is_narrowed_here:
            plain = replace(self.run_filter, text="", conditions=())
            object.__setattr__(self, "run_filter", plain)

    EVERY_S: ClassVar[float] = INTERVAL_S

    @override
    def rest_s(self, data: RunList | None) -> float:
        return REST_S

    @override
    async def fetch(self, backend: Backend, previous: RunList | None) -> RunList:
        """Merges the newest page, and reads a few older unfinished rows again."""
        held = (
            RunList(window=window_of(self.run_filter, backend.reach))
            if previous is None
            else previous
        )
        run = await self._newest(backend, held)
        again = await refresh_page(self.run_filter, backend, held)
        # No await from here on: the row index and the list change together or not at all.
        merged = run.merged_on_top(held)
        if merged.applied is None and run.applied is not None:
            merged = replace(merged, applied=run.applied)
        return merged if again is None else again.merged(merged)

    @override
    def concerns(self, target: str) -> bool:
        return True

    @override
    def reread(self, target: str, data: RunList) -> RereadRun | None:
        """A step, since runs below the first page are not in the next poll."""
        index = data.index_of(target)
        return RereadRun(self, target) if index is not None and index >= PAGE_SIZE else None

    @override
    def invalidate(self, targets: Iterable[str], data: RunList) -> None:
        data.invalidate(targets)

    @override
    def status_of(self, run_id: str, data: RunList) -> Status | None:
        row = data.find(run_id)
        return row.status if row is not None else None

    async def _newest(self, backend: Backend, held: RunList) -> PageRun:
        """Pages from the top until one meets a held run, at most MAX_PAGES."""
        below = _known_below(held)
        page_run = await _read(self.run_filter, backend, None, ON_TOP)
        for page in range(1, MAX_PAGES):
            enough = bool(page_run.rows) if below is None else page_run.reaches(below)
            if enough or page_run.cursor is None:
                break
            page_run += await _read(self.run_filter, backend, page_run.cursor, f"{ON_TOP}{page}")
        return page_run


@dataclass(frozen=True, slots=True)
class OlderRuns:
    """A step: the page of runs below the last row."""

    query: RunsQuery

    async def __call__(self, backend: Backend, data: RunList) -> RunList:
        if data.next is None:
            return data
        page_run = await _read(self.query.run_filter, backend, data.next)
        for _ in range(MAX_PAGES - 1):
            # Recorded: pages can be short, even empty, while there is more.
            if page_run.rows or page_run.cursor is None:
                break
            page_run += await _read(self.query.run_filter, backend, page_run.cursor)
        merged = page_run.noted(data.merge(page_run.rows))
        return merged if merged.full else page_run.ended(merged)


@dataclass(frozen=True, slots=True)
class FillGap:
    """A step: fill a gap, up to MAX_PAGES at a time."""

    query: RunsQuery
    gap: Gap

    async def __call__(self, backend: Backend, data: RunList) -> RunList:
        gap = next((gap for gap in data.gaps if gap.cursor == self.gap.cursor), None)
        if gap is None:
            return data
        page_run = await _read(self.query.run_filter, backend, gap.cursor)
        for _ in range(MAX_PAGES - 1):
            if page_run.cursor is None or page_run.reaches(key_at(gap.below_ms - 1)):
                break
            page_run += await _read(self.query.run_filter, backend, page_run.cursor)
        merged = page_run.noted(data.merge(page_run.rows))
        left = page_run.gap(gap.below_ms)
        gaps = [left if known == gap else known for known in merged.gaps]
        return replace(merged, gaps=tuple(filter(None, gaps)))


@dataclass(frozen=True, slots=True)
class RereadRun:
    """A step: read one held run again, wherever it is in the list, after an action on it."""

    query: RunsQuery
    run_id: str

    async def __call__(self, backend: Backend, data: RunList) -> RunList:
        wanted = self.query.run_filter.statuses
        try:
            row = (await backend.run(self.run_id)).row()
        except NotFound:
            return data.merge((), drop=(self.run_id,))
        if data.find(self.run_id) is None:
            return data
        data = data.with_odd({key: odd for key, odd in data.odd.items() if key != self.run_id})
        return data.merge(
            (row,), drop=(self.run_id,) if wanted and row.status_name not in wanted else ()
        )


@dataclass(frozen=True, slots=True)
class PageRun:
    """Rows read page by page, newest first, and the cursor where reading continues."""

    rows: tuple[RunRow, ...]
    cursor: str | None
    odd: Mapping[str, OddRow] = field(default_factory=dict)
    is_cut: bool = False
    """Whether the link to the next page was unreadable."""
    applied: RunFilter | None = None
    """The window that the server says it used."""

    def __add__(self, other: PageRun) -> PageRun:
        odd = {**self.odd, **other.odd}
        return PageRun(self.rows + other.rows, other.cursor, odd, other.is_cut, self.applied)

    @property
    def is_end(self) -> bool:
        """Whether nothing is older than the last of these rows."""
        return self.cursor is None and not self.is_cut

    def ended(self, held: RunList) -> RunList:
        """The list, which continues after these rows, or ends with them."""
        if (held.next, held.complete, held.is_cut) == (self.cursor, self.is_end, self.is_cut):
            return held
        return replace(held, next=self.cursor, complete=self.is_end, is_cut=self.is_cut)

    def noted(self, held: RunList, *, on_top: bool = False) -> RunList:
        """The list with the odd rows among these. A run that was now read completely is no longer
        odd. With `on_top`, odd rows without an id are replaced with each poll."""
        if not held.odd and not self.odd:
            return held
        read = {row.id for row in self.rows}
        if on_top and self.is_end:
            return held.with_odd(self.odd)
        kept = {
            key: odd
            for key, odd in held.odd.items()
            if key not in read and not (on_top and key.startswith(ON_TOP))
        }
        return held.with_odd({**kept, **self.odd})

    def reaches(self, below: Key) -> bool:
        """Whether nothing can be missing between these rows and the known ones from `below` on."""
        if self.cursor is None:
            return True
        return bool(self.rows) and key_of(self.rows[-1]) >= below

    def gap(self, below_ms: int) -> Gap | None:
        """The gap below these rows, unless they reach past the known runs of a millisecond. More
        runs of that same millisecond may still appear, so reading must pass it."""
        if self.cursor is None or not self.rows or self.reaches(key_at(below_ms - 1)):
            return None
        last = self.rows[-1]
        return Gap(last.id, last.created_ms, below_ms, self.cursor)

    def gap_above(self, held: RunList) -> Gap | None:
        """The gap between these rows, read from the top, and the held ones."""
        top, below = held.top(), _known_below(held)
        if top is None or below is None or self.reaches(below):
            return None
        return self.gap(top.created_ms - LAG_MS)

    def passes(self, held: RunList) -> bool:
        """Whether these rows, read from the top, extend beyond the last held one."""
        return bool(self.rows) and key_of(self.rows[-1]) >= key_of(held.rows[-1])

    def merged_on_top(self, held: RunList) -> RunList:
        """The held list with these rows on top.

        A held row that should be among them and is missing twice in a row is removed: it was
        deleted, or no longer matches the filter. Once is not enough, since the list lags by a
        second or so (recorded).
        """
        if not held.rows:
            return self.noted(self.ended(held.merge(self.rows)), on_top=True)
        gap, passes = self.gap_above(held), self.passes(held)
        absent = self._absent(held)
        ledger = held.row_index()
        ledger.turn += 1
        twice = absent & ledger.absent
        ledger.absent = absent - twice
        merged = self.noted(held.merge(self.rows, drop=twice), on_top=True)
        _note_top(merged)
        if passes and not merged.full:
            # No held row is below these rows: the list continues where they end.
            return self.ended(merged)
        is_cut = self.is_cut or (held.is_cut and held.next is None and not held.complete)
        if is_cut != merged.is_cut:
            merged = replace(merged, is_cut=is_cut)
        return merged if gap is None else replace(merged, gaps=(gap, *merged.gaps))

    def _absent(self, held: RunList) -> set[str]:
        """Ids of held rows that are missing within these rows."""
        if self.is_end:
            covered = held.rows
        elif self.rows:
            covered = held.newer_than(self.rows[-1].created_ms)
        else:
            covered = ()
        shown = {row.id for row in self.rows}
        return {row.id for row in covered if row.id not in shown}


def _known_below(held: RunList) -> Key | None:
    """The position below which every run was certainly listed at the last poll; None for an empty
    list. The last row is far enough, since rows below it are not loaded yet."""
    top = held.top()
    if top is None:
        return None
    if held.row_index().top_turns >= TOP_TURNS:
        return key_of(top)
    lagging = key_at(top.created_ms - LAG_MS - 1)
    return lagging if held.next is None else min(lagging, key_of(held.rows[-1]))


def _note_top(held: RunList) -> None:
    """Count the polls for which the same run has been on top."""
    ledger, top = held.row_index(), held.top()
    run_id = None if top is None else top.id
    ledger.top_turns = ledger.top_turns + 1 if run_id == ledger.top else 0
    ledger.top = run_id


async def _read(
    run_filter: RunFilter, backend: Backend, after: str | None, page_name: str = ""
) -> PageRun:
    """One page. Its odd rows without an id are named by `page_name`, or else by the cursor of the
    page."""
    page = await backend.runs(run_filter, after=after, size=PAGE_SIZE)
    name = page_name or after or ""
    odd = {f"{name}{odd.key}" if odd.key.startswith("?") else odd.key: odd for odd in page.odd}
    return PageRun(page.rows, page.next, odd, page.is_cut, page.applied)
