"""The run list's query: its newest page every two seconds, older pages as somebody scrolls.

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
"""Pages that one poll may read to meet the runs it knows; what is beyond becomes a gap, since a
burst of thousands must not cost the rate limit of all."""

INTERVAL_S = 2.0
REST_S = 5.0
"""Between polls once some have brought nothing new."""

ON_TOP = "^"
"""Begins the keys of odd rows without an id on the newest pages, which are read with each poll."""

LAG_MS = 2000
"""Recorded: a fresh run may be missing in the list for a second or so. So reading goes on until
that much of what was known is overlapped, or who came late in a burst would never be seen."""


TOP_TURNS = 5
"""Polls with the same run on top after which none that is older can come late any more: then it is
enough to meet it. A batch may have created a thousand runs within its millisecond."""


@dataclass(frozen=True, slots=True)
class RunsQuery(Query[RunList]):
    """The runs of one filter, newest first; its data is a RunList.

    What narrows the filter here is left out: it is no reason to load again.
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
        """The newest page merged in, and a few older unfinished rows asked again."""
        held = (
            RunList(window=window_of(self.run_filter, backend.reach))
            if previous is None
            else previous
        )
        run = await self._newest(backend, held)
        again = await refresh_page(self.run_filter, backend, held)
        # No await from here on: the ledger and the list change together or not at all.
        merged = run.merged_on_top(held)
        if merged.applied is None and run.applied is not None:
            merged = replace(merged, applied=run.applied)
        return merged if again is None else again.merged(merged)

    @override
    def concerns(self, target: str) -> bool:
        return True

    @override
    def reread(self, target: str, data: RunList) -> RereadRun | None:
        """Runs below the first page are not in the next poll."""
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
        """Pages from the top until one meets what is held, at most MAX_PAGES."""
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
    """A step: read on where runs may be missing, up to MAX_PAGES at a time."""

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
    """A step: one held run again, wherever it stands, because something was done to it."""

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
    """Rows read one page after another, newest first, and where reading goes on."""

    rows: tuple[RunRow, ...]
    cursor: str | None
    odd: Mapping[str, OddRow] = field(default_factory=dict)
    is_cut: bool = False
    """Whether it could not be read where the list goes on."""
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
        """The list, which goes on after these rows, or ends with them."""
        if (held.next, held.complete, held.is_cut) == (self.cursor, self.is_end, self.is_cut):
            return held
        return replace(held, next=self.cursor, complete=self.is_end, is_cut=self.is_cut)

    def noted(self, held: RunList, *, on_top: bool = False) -> RunList:
        """The list with the odd ones among these rows. A run that was read whole is none any more;
        `on_top`, those without an id are told of anew with each poll."""
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
        """Whether nothing can be missing between these rows and those known from `below` on."""
        if self.cursor is None:
            return True
        return bool(self.rows) and key_of(self.rows[-1]) >= below

    def gap(self, below_ms: int) -> Gap | None:
        """The gap below these rows, unless they reach the runs known from before a millisecond
        on. Runs of that very millisecond may still come, so it must be passed."""
        if self.cursor is None or not self.rows or self.reaches(key_at(below_ms - 1)):
            return None
        last = self.rows[-1]
        return Gap(last.id, last.created_ms, below_ms, self.cursor)

    def gap_above(self, held: RunList) -> Gap | None:
        """The gap between these rows, read from the top, and those that are held."""
        top, below = held.top(), _known_below(held)
        if top is None or below is None or self.reaches(below):
            return None
        return self.gap(top.created_ms - LAG_MS)

    def passes(self, held: RunList) -> bool:
        """Whether these rows, read from the top, go on beyond the last one that is held."""
        return bool(self.rows) and key_of(self.rows[-1]) >= key_of(held.rows[-1])

    def merged_on_top(self, held: RunList) -> RunList:
        """The held list with these rows on top.

        A held row that should be among them and is not, twice in a row, is taken out: it was
        deleted, or does not match the filter any more. Once is not enough, since the list is
        recorded to lag behind by a second or so.
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
            # Nothing that is held lies below these rows: the list goes on where they end.
            return self.ended(merged)
        is_cut = self.is_cut or (held.is_cut and held.next is None and not held.complete)
        if is_cut != merged.is_cut:
            merged = replace(merged, is_cut=is_cut)
        return merged if gap is None else replace(merged, gaps=(gap, *merged.gaps))

    def _absent(self, held: RunList) -> set[str]:
        """Ids of held rows within this stretch that it does not show."""
        if self.is_end:
            covered = held.rows
        elif self.rows:
            covered = held.newer_than(self.rows[-1].created_ms)
        else:
            covered = ()
        shown = {row.id for row in self.rows}
        return {row.id for row in covered if row.id not in shown}


def _known_below(held: RunList) -> Key | None:
    """The place from which on every run had surely been listed at the last poll; None of an empty
    list. The last row is far enough, as what lies below it is still to be loaded."""
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
    """One page. Its odd rows without an id are named by the page: by `page_name`, else by what
    asked for it."""
    page = await backend.runs(run_filter, after=after, size=PAGE_SIZE)
    name = page_name or after or ""
    odd = {f"{name}{odd.key}" if odd.key.startswith("?") else odd.key: odd for odd in page.odd}
    return PageRun(page.rows, page.next, odd, page.is_cut, page.applied)
