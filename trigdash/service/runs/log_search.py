"""Searches a pattern in the logs of many runs, newest first, up to a limit, and further on request.

The command searches run by run. The dashboard's query searches a few runs per poll, so that it
keeps to its share of the rate limit, stops when nobody watches, and continues where it stopped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from trigdash.backends.base import NotFound
from trigdash.model.moment import datetime_of
from trigdash.service.cache.pages import PAGE_SIZE
from trigdash.service.cache.query import Query
from trigdash.service.filters.matching import TextMatch
from trigdash.service.filters.text_pattern import TextPattern, TooSlow
from trigdash.service.runs.event_cache import EventCache

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from trigdash.backends.base import Backend
    from trigdash.clock import Clock
    from trigdash.model.event import EventLog
    from trigdash.model.run_filter import RunFilter
    from trigdash.model.run_row import RunRow
    from trigdash.service.cache.store import Store
    from trigdash.service.runs.event_cache import Records

SETTLED_MS = 60_000
"""Milliseconds after a run's end during which lines may still arrive."""
AT_ONCE = 8
"""Runs that a poll searches."""
MOST = 1_000
"""Runs that are searched before the user has to ask for more: each may cost a request."""


def log_records(log: EventLog, first: int = 0) -> list[dict[str, Any]]:
    """The entries of a log from a given one on, as records."""
    return [
        {
            "startTime": _time_of(log.start_ns[entry]),
            "runId": log.run_id,
            "level": log.level_name(entry),
            "message": log.messages[entry],
            "spanId": log.span_id(entry),
            "attemptNumber": log.attempt[entry] or None,
        }
        for entry in range(first, len(log))
    ]


def _time_of(ns: int) -> str:
    at = datetime_of(ns).astimezone(UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class SearchedRun:
    """The log of one run, and which of its lines match."""

    row: RunRow
    records: Records
    hits: tuple[int, ...]
    left_out: int = 0
    """Lines that took too long to search."""


class LogSearch:
    """Searches the logs of runs, one at a time."""

    def __init__(
        self, backend: Backend, clock: Clock, pattern: TextPattern, folder: Path | None
    ) -> None:
        """`folder` caches the logs of finished runs; None caches nothing."""
        self._backend = backend
        self._clock = clock
        self._pattern = pattern
        self._cache = EventCache(folder)

    async def look_at(self, row: RunRow) -> SearchedRun:
        """Search one run. Raises BackendError."""
        records = await self._records(row)
        hits: list[int] = []
        left_out = 0
        for at, record in enumerate(records):
            try:
                if self._pattern.matches(str(record.get("message", ""))):
                    hits.append(at)
            except TooSlow:
                left_out += 1
        return SearchedRun(row, records, tuple(hits), left_out)

    async def _records(self, row: RunRow) -> Records:
        """A run's error and log lines, oldest first."""
        kept = self._cache.get(row.id) if row.status.is_final else None
        if kept is not None:
            return kept
        try:
            log = await self._backend.events(row.id)
        except NotFound:
            return []  # it was deleted meanwhile
        records = log_records(log)
        now_ms = self._clock.now().timestamp() * 1000
        if row.status.is_final and now_ms - row.updated_ms > SETTLED_MS:
            self._cache.put(row.id, records)
        return records


@dataclass(frozen=True, slots=True)
class FoundRun:
    """A run with matching lines."""

    row: RunRow
    lines: int
    first: str
    """The first matching line."""
    level: str


@dataclass(frozen=True, slots=True)
class Found:
    """The progress of a search."""

    runs: tuple[FoundRun, ...] = ()
    """Runs with matching lines, newest first."""
    searched: int = 0
    left_out: int = 0
    most: int = MOST
    waiting: tuple[RunRow, ...] = ()
    """Runs that are listed and not searched yet."""
    next: str | None = None
    """The next page after these."""
    is_begun: bool = False

    @property
    def is_over(self) -> bool:
        """Whether every run of the filter was searched."""
        return self.is_begun and not self.waiting and self.next is None

    @property
    def rests(self) -> bool:
        """Whether the search stopped at its limit until the user asks for more."""
        return not self.is_over and self.searched >= self.most


@dataclass(frozen=True, slots=True)
class LogSearchQuery(Query[Found]):
    """A pattern in the logs of the runs of a filter."""

    expression: str
    run_filter: RunFilter
    folder: Path | None
    clock: Clock

    SEARCHING_S: ClassVar[float] = 0.05
    RESTING_S: ClassVar[float] = 3600.0

    @override
    def interval_s(self, data: Found | None) -> float:
        goes_on = data is None or not (data.is_over or data.rests)
        return self.SEARCHING_S if goes_on else self.RESTING_S

    @override
    async def fetch(self, backend: Backend, previous: Found | None) -> Found:
        found = previous or Found()
        if found.is_over or found.rests:
            return found
        if not found.waiting:
            found = await self._listed(backend, found)
        part = found.waiting[: min(AT_ONCE, found.most - found.searched)]
        pattern = TextPattern.of_expression(self.expression)
        search = LogSearch(backend, self.clock, pattern, self.folder)
        looks = await asyncio.gather(*map(search.look_at, part))
        return replace(
            found,
            runs=(*found.runs, *(_found(each) for each in looks if each.hits)),
            searched=found.searched + len(part),
            left_out=found.left_out + sum(each.left_out for each in looks),
            waiting=found.waiting[len(part) :],
        )

    async def go_on(self, backend: Backend, found: Found) -> Found:
        """Search as many runs again: a step for the poller."""
        return replace(found, most=found.searched + MOST)

    @override
    def is_final(self, data: Found, store: Store, now: datetime) -> bool:
        return data.is_over

    async def _listed(self, backend: Backend, found: Found) -> Found:
        page = await backend.runs(self.run_filter, after=found.next, size=PAGE_SIZE)
        known: set[str] = {each.row.id for each in found.runs}
        match = TextMatch(self.run_filter.text, self.run_filter.conditions)
        rows: Sequence[RunRow] = [row for row in page.rows if row.id not in known]
        return replace(found, waiting=tuple(match.narrow(rows)), next=page.next, is_begun=True)


def _found(searched: SearchedRun) -> FoundRun:
    record = searched.records[searched.hits[0]]
    return FoundRun(
        searched.row, len(searched.hits), str(record["message"]), str(record.get("level", ""))
    )


def search_words(argument: str) -> tuple[str, str]:
    """The expression and the filter line of `[-i] RE [FILTER]`; an expression with blanks is in
    quotation marks."""
    folds = argument.startswith("-i ")
    rest = argument.removeprefix("-i ").strip()
    mark = rest[:1]
    if mark in ("'", '"') and mark in rest[1:]:
        expression, _, line = rest[1:].partition(mark)
    else:
        expression, _, line = rest.partition(" ")
    return (f"(?i){expression}" if folds else expression), line.strip()
