"""The order of a run list, and the index by id that successive lists share.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter

from typing_extensions import override

from trigdash.model.run_row import RunRow


class _LargestFirst(str):
    """A text that sorts before the smaller ones."""

    __slots__ = ()

    @override
    def __lt__(self, other: str) -> bool:
        return str.__gt__(self, other)

    @override
    def __le__(self, other: str) -> bool:
        return str.__ge__(self, other)

    @override
    def __gt__(self, other: str) -> bool:
        return str.__lt__(self, other)

    @override
    def __ge__(self, other: str) -> bool:
        return str.__le__(self, other)


Key = tuple[int, _LargestFirst] | tuple[int]
"""The key of a row, or of the position above all rows of a millisecond."""


def key_of(row: RunRow) -> Key:
    """Sort key: newest first; runs of the same millisecond by id, largest first, in the order of
    servers' pages: ids grow as runs are created."""
    return -row.created_ms, _LargestFirst(row.id)


def key_at(created_ms: int) -> Key:
    """Sort key of the position above all runs of a millisecond."""
    return (-created_ms,)


@dataclass(frozen=True, slots=True)
class RefreshCursor:
    """The progress of the round through the unfinished rows."""

    cursor: str | None = None
    """The cursor of the next page; None at the top."""
    from_ms: int | None = None
    """Creation time at which the next page begins; None at the top."""
    seen: frozenset[str] = frozenset()
    """Ids of the previous page, which may share that millisecond."""


class RowIndex:
    """What successive lists know of their rows. Shared and mutable: only the newest list may use it
    (see `RunList.row_index`), as `version` shows."""

    __slots__ = (
        *("absent", "by_id", "counts", "gone", "sweep", "top", "top_turns", "turn"),
        *("unfinished", "version"),
    )

    def __init__(self, rows: Iterable[RunRow]) -> None:
        self.by_id = {row.id: row for row in rows}
        self.unfinished = {row.id for row in self.by_id.values() if not row.status.is_final}
        self.counts = count_statuses(self.by_id.values())
        """Rows by status name: counting 100,000 takes 10 ms, updating for one page next to
        nothing."""
        self.version = 0
        self.absent: set[str] = set()
        """Rows missing where the last page should have contained them; missing twice means gone."""
        self.gone: set[str] = set()
        """Rows that were unfinished and are no longer among the unfinished: to be read again."""
        self.sweep = RefreshCursor()
        self.turn = 0
        """Polls so far."""
        self.top: str | None = None
        """Id of the run that was on top at the last poll."""
        self.top_turns = 0
        """Polls with that run on top."""

    def put(self, row: RunRow) -> None:
        self._uncount(row.id)
        self.by_id[row.id] = row
        self.counts[row.status_name] += 1
        if row.status.is_final:
            self.unfinished.discard(row.id)
        else:
            self.unfinished.add(row.id)

    def forget(self, run_id: str) -> None:
        self._uncount(run_id)
        self.by_id.pop(run_id, None)
        for known in (self.unfinished, self.absent, self.gone):
            known.discard(run_id)

    def _uncount(self, run_id: str) -> None:
        held = self.by_id.get(run_id)
        if held is not None:
            self.counts[held.status_name] -= 1


def count_statuses(rows: Iterable[RunRow]) -> Counter[str]:
    """How many rows have each status name."""
    return Counter(map(attrgetter("status_name"), rows))
