"""The run list as it is held: rows newest first, merged page by page.

A list of 100,000 rows merges a page of 100 every two seconds, so nothing here loops over all rows
in Python: rows are one sequence, copied at C speed where a page changed it; positions are found by
bisection; and successive lists share the index by id. This module is imported before the first
frame: standard library and light modules only.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TYPE_CHECKING

from trigdash.model.run_row import RunRow
from trigdash.service.runs.row_index import Key, RowIndex, count_statuses, key_at, key_of

if TYPE_CHECKING:
    from trigdash.model.odd_row import OddRow
    from trigdash.model.run_filter import RunFilter
    from trigdash.service.filters.matching import RunWindow

MAX_ROWS = 100_000
"""Rows held in one list. Nobody would read more, and each 100,000 cost 30 MB; a narrower filter
shows older runs."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A position in the list where runs may be missing."""

    after: str
    """Id of the run above the gap."""
    above_ms: int
    """Creation time of the run above."""
    below_ms: int
    """Creation time of the run below: a page that reaches it closes the gap."""
    cursor: str
    """The cursor of the page that fills it."""


@dataclass(frozen=True, slots=True, eq=False)
class RunList:
    """Runs of one filter, newest first. Frozen; compared by identity: the same object as before
    means that nothing changed."""

    rows: Sequence[RunRow] = ()
    """Never modified. A merge makes a list: converting it to a tuple would touch each of 100,000
    rows twice more, a tenth of the work of a live dashboard."""
    next: str | None = None
    """Cursor to runs older than the last row."""
    complete: bool = False
    """True when no older runs exist (within `window`)."""
    full: bool = False
    """True when MAX_ROWS is reached, so that older runs are not loaded."""
    gaps: tuple[Gap, ...] = ()
    window: RunWindow | None = None
    """The time window of the list."""
    applied: RunFilter | None = None
    """The window that the server said it used when the list was first read."""
    odd: Mapping[str, OddRow] = field(default_factory=dict)
    """Runs that could not be read completely, by their key. Never modified."""
    is_cut: bool = False
    """Whether the link to the next page was unreadable, so that there may be older runs."""
    _ledger: RowIndex = field(default_factory=lambda: RowIndex(()), repr=False)
    _version: int = field(default=0, repr=False)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[RunRow]:
        return iter(self.rows)

    def find(self, run_id: str) -> RunRow | None:
        """The row of a run, if it is held."""
        if self._ledger.version == self._version:
            return self._ledger.by_id.get(run_id)
        return next((row for row in self.rows if row.id == run_id), None)

    def counts(self) -> Counter[str]:
        """How many rows have each status name."""
        if self._ledger.version == self._version:
            return +self._ledger.counts
        return count_statuses(self.rows)

    def index_of(self, run_id: str) -> int | None:
        """The index of a run's row, if it is held."""
        row = self.find(run_id)
        return None if row is None else self.index_at(key_of(row))

    def index_at(self, key: Key) -> int:
        """The index of the first row at or after a key."""
        return bisect_left(self.rows, key, key=key_of)

    def newer_than(self, created_ms: int) -> Sequence[RunRow]:
        """The rows created after a moment."""
        return self.rows[: self.index_at(key_at(created_ms))]

    def top(self) -> RunRow | None:
        """The newest run that is evidence of what had been listed. Recorded: a scheduled run can be
        in the future, later than its own last change; such a row on top does not mean that
        everything below it had been listed.
        """
        return next((row for row in self.rows if row.created_ms <= row.updated_ms), None)

    def with_odd(self, odd: Mapping[str, OddRow]) -> RunList:
        """This list with other odd rows; the same object where these are the same."""
        return self if odd == self.odd else replace(self, odd=odd)

    def invalidate(self, run_ids: Iterable[str]) -> None:
        """Make the next polls read these runs again after an action on them, except runs that are
        known to have ended."""
        ledger = self.row_index()
        ledger.gone.update(run_id for run_id in run_ids if run_id in ledger.unfinished)

    def row_index(self) -> RowIndex:
        """The shared index, for this list. Rebuilt when a newer list has used it: that list was
        thrown away, so this one is the newest again."""
        if self._ledger.version != self._version:
            object.__setattr__(self, "_ledger", RowIndex(self.rows))
            object.__setattr__(self, "_version", 0)
        return self._ledger

    def merge(self, page: Iterable[RunRow], drop: Iterable[str] = ()) -> RunList:
        """This list with a page's rows put in and some rows taken out; itself if nothing changed.

        Rows equal to the held ones stay the held objects. A row that is older than the held one (by
        `updated_ms`) comes from an overtaken answer and is ignored.
        """
        ledger = self.row_index()
        changed, added, removed = self._differences(ledger, page, drop)
        if not (changed or added or removed):
            return self
        rows = self._assemble(changed, added, removed)
        lost = {self.rows[index].id for index in removed} - {row.id for row in added}
        for row in (*changed.values(), *added):
            ledger.put(row)
        for run_id in lost:
            ledger.forget(run_id)
        return self._descend(ledger, rows, lost)

    def _differences(
        self, ledger: RowIndex, page: Iterable[RunRow], drop: Iterable[str]
    ) -> tuple[dict[int, RunRow], list[RunRow], set[int]]:
        """Rows to replace by index, rows to insert (in order), indexes to remove."""
        changed: dict[int, RunRow] = {}
        added: dict[str, RunRow] = {}
        removed: set[int] = set()
        for listed in page:
            held = ledger.by_id.get(listed.id)
            if held is None:
                added[listed.id] = listed
                continue
            row = _completed(listed, held)
            if row == held or row.updated_ms < held.updated_ms:
                continue
            place = self.index_at(key_of(held))
            if key_of(held) == key_of(row):
                changed[place] = row
            else:
                removed.add(place)
                added[row.id] = row
        for run_id in drop:
            held = ledger.by_id.get(run_id)
            if held is not None and run_id not in added:
                removed.add(self.index_at(key_of(held)))
        return changed, sorted(added.values(), key=key_of), removed

    def _assemble(
        self, changed: dict[int, RunRow], added: list[RunRow], removed: set[int]
    ) -> list[RunRow]:
        """The new rows: pieces of the old ones with the differences between them. The rows below
        the last difference are copied as they are, which is nearly always nearly everything."""
        cuts: dict[int, list[RunRow]] = {
            place: list(group)
            for place, group in groupby(added, key=lambda row: self.index_at(key_of(row)))
        }
        for index in removed:
            cuts.setdefault(index, [])
        last = max((*cuts, *changed)) + 1
        rows = list(self.rows[:last])
        for index, row in changed.items():
            rows[index] = row
        built: list[RunRow] = []
        done = 0
        for place in sorted(cuts):
            built += rows[done:place]
            built += cuts[place]
            done = place + 1 if place in removed else place
        built += rows[done:]
        young = list(self.rows)
        young[:last] = built
        return young

    def _descend(self, ledger: RowIndex, rows: list[RunRow], lost: set[str]) -> RunList:
        """The next list, within MAX_ROWS and with its gaps in place."""
        if len(rows) > MAX_ROWS:
            for row in rows[MAX_ROWS:]:
                ledger.forget(row.id)
            del rows[MAX_ROWS:]
        ledger.version += 1
        young = replace(self, rows=rows, _ledger=ledger, _version=ledger.version)
        if len(rows) >= MAX_ROWS:
            young = replace(young, full=True, next=None, complete=False)
        if young.gaps and (lost or young.full):
            young = replace(young, gaps=tuple(filter(None, map(young._anchored, young.gaps))))
        return young

    def _anchored(self, gap: Gap) -> Gap | None:
        """The gap, attached to the last row at or above it, since its own may be gone; None when it
        is below the last row or above the first."""
        if self.find(gap.after) is not None:
            return gap
        place = self.index_at(key_at(gap.above_ms - 1))
        if place in (0, len(self.rows)):
            return None
        above = self.rows[place - 1]
        return replace(gap, after=above.id, above_ms=above.created_ms)


def _completed(row: RunRow, held: RunRow) -> RunRow:
    """The row with fields that only the other kind of answer contains: attempts and error come with
    an opened run, environment and kind with a list."""
    if (
        (row.attempts is None and held.attempts is not None)
        or (row.error is None and held.error is not None)
        or (row.environment is None and held.environment is not None)
        or (row.kind is None and held.kind is not None)
    ):
        return replace(
            row,
            attempts=held.attempts if row.attempts is None else row.attempts,
            error=held.error if row.error is None else row.error,
            environment=row.environment or held.environment,
            kind=row.kind or held.kind,
        )
    return row
