"""A watch of runs: follows them until a condition holds, or cannot hold any more. The runs of a
filter are fixed at the start, unless new runs are followed too. Each change of a run is reported
once. The interval between polls grows from 2 to 10 seconds while nothing changes; with feeds, it
polls as soon as one reports a change.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, Self

from trigdash.backends.base import NotFound
from trigdash.model.status import FILTERABLE, Kind, status
from trigdash.service.runs.pushed import NET_S
from trigdash.service.runs.watch_feeds import WatchFeeds

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.clock import Clock
    from trigdash.model.run_filter import RunFilter
    from trigdash.model.run_row import RunRow
    from trigdash.service.cache.feed_pool import FeedPool

FASTEST_S = 2.0
SLOWEST_S = 10.0
STALLED_MS = 5 * 60_000
"""Unfinished runs that have not changed for this long are stalled, in milliseconds."""
MAX_RUNS = 5_000
"""Runs of one watch: each unfinished one may cost a request."""

_COMPARISON = re.compile(r"(count|queued|running|failed|oldest)\s*([<>]=?)\s*(\d+)([smhd]?)")
_UNITS_MS = {"": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_BAD = frozenset({Kind.FAILED, Kind.LAPSED})

CONDITIONS = "done, failed, executing, a status, count>0, queued<10, oldest>5m, stalled or drained"
"""The possible conditions, in words."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a watch knows at one poll."""

    rows: tuple[RunRow, ...]
    now_ms: float
    unchanged_ms: float = 0.0
    """How long none of the runs has changed."""

    @property
    def unfinished(self) -> tuple[RunRow, ...]:
        return tuple(row for row in self.rows if not row.status.is_final)

    @property
    def failed(self) -> tuple[RunRow, ...]:
        """Runs that failed, crashed, timed out, or expired. Canceled runs are not included,
        although they did not succeed either."""
        return tuple(row for row in self.rows if row.status.kind in _BAD)

    @property
    def ended_well(self) -> bool:
        """Whether every run has succeeded."""
        return all(row.status.kind is Kind.SUCCEEDED for row in self.rows)

    def counts(self) -> dict[str, float]:
        """The figures for conditions; `oldest` in milliseconds."""
        kinds = Counter(row.status.kind for row in self.rows)
        waiting = [self.now_ms - row.created_ms for row in self.unfinished]
        return {
            "count": len(self.rows),
            "queued": kinds[Kind.QUEUED],
            "running": kinds[Kind.RUNNING],
            "failed": len(self.failed),
            "oldest": max(waiting, default=0.0),
        }


@dataclass(frozen=True, slots=True)
class Condition:
    """When a watch ends."""

    name: str
    holds: Callable[[Seen], bool]

    def is_impossible(self, seen: Seen) -> bool:
        """Whether it cannot become true any more, because every run has ended."""
        return bool(seen.rows) and not seen.unfinished and not self.holds(seen)


def parse_condition(text: str) -> Condition:
    """The condition that a text stands for. Raises ValueError with a message."""
    wanted = text.strip().lower()
    if wanted in _NAMED:
        return Condition(wanted, _NAMED[wanted])
    if holds := parse_comparison(wanted):
        return Condition(wanted, holds)
    names = {name.lower(): name for name in FILTERABLE}
    name = names.get(wanted.replace("-", "_").replace(" ", "_"))
    if name is None:
        raise ValueError(f"no condition {text}: {CONDITIONS}")
    word = status(name).word
    return Condition(wanted, lambda seen: any(row.status.word == word for row in seen.rows))


class Counted(Protocol):
    """An object with figures for conditions."""

    def counts(self) -> dict[str, float]: ...


FIGURES = ("count", "queued", "running", "failed", "oldest")
"""The figures of runs that can be compared."""


def parse_comparison(
    text: str, figures: Sequence[str] = FIGURES
) -> Callable[[Counted], bool] | None:
    """The comparison that a text stands for, such as `queued<10`; None if it names none of these
    figures. Raises ValueError with a message."""
    match = _COMPARISON.fullmatch(text)
    if match is None or match[1] not in figures:
        return None
    return _comparison(*match.groups())


def _comparison(figure: str, operator: str, number: str, unit: str) -> Callable[[Counted], bool]:
    if bool(unit) != (figure == "oldest"):
        raise ValueError("oldest takes a duration, such as oldest>5m; the others a number")
    limit = int(number) * _UNITS_MS[unit]

    def holds(seen: Counted) -> bool:
        value = seen.counts()[figure]
        match operator:
            case "<":
                return value < limit
            case "<=":
                return value <= limit
            case ">":
                return value > limit
        return value >= limit

    return holds


_NAMED: dict[str, Callable[[Seen], bool]] = {
    "done": lambda seen: bool(seen.rows) and not seen.unfinished,
    "failed": lambda seen: bool(seen.failed),
    "executing": lambda seen: any(row.status.kind is Kind.RUNNING for row in seen.rows),
    "stalled": lambda seen: bool(seen.unfinished) and seen.unchanged_ms >= STALLED_MS,
    "drained": lambda seen: seen.counts()["queued"] == 0,
}


@dataclass(frozen=True, slots=True)
class WatchTarget:
    """The target of a watch: runs by their ids, or the runs of a filter."""

    run_ids: tuple[str, ...] = ()
    run_filter: RunFilter | None = None
    follows_new: bool = False
    """Whether runs that match later are watched too."""
    appear_s: float = 0.0
    """How long to wait for a run that does not exist yet, in seconds."""


@dataclass(frozen=True, slots=True)
class Look:
    """One poll of a watch: what changed since the previous one."""

    seen: Seen
    changed: tuple[RunRow, ...]
    """New and changed runs, in the order in which they changed."""


class RunWatch:
    """Polls some runs repeatedly. Raises BackendError from a poll that failed."""

    def __init__(
        self, backend: Backend, clock: Clock, target: WatchTarget, feeds: FeedPool | None = None
    ) -> None:
        """With feeds, use it as a context manager."""
        self._backend = backend
        self._clock = clock
        self._target = target
        self._rows: dict[str, RunRow] = {}
        self._changed_ms = self._now_ms()
        self._interval_s = FASTEST_S
        self._has_begun = False
        """Polling starts over after a failed poll; the set of runs stays as it is."""
        self._read_s = clock.monotonic()
        self._owed: frozenset[str] = frozenset()
        """Runs that a feed reported and that were not read as changed yet, since lists lag and
        polls fail."""
        self._feeds = WatchFeeds(feeds, clock, target.run_filter, target.follows_new)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._feeds.leave()

    async def looks(self) -> AsyncIterator[Look]:
        """Yields each poll, the first one at once, until the caller stops."""
        if not self._has_begun:
            await self._begin()
            self._has_begun = True
        yield self._look(tuple(self._rows.values()))
        while True:
            self._feeds.follow(self._rows)
            told = await self._feeds.wait(FASTEST_S if self._owed else self._interval_s, FASTEST_S)
            self._owed |= told
            changed = tuple([row async for row in self._changes()])
            self._owed = told - {row.id for row in changed}
            self._interval_s = self._next_interval_s(bool(changed))
            yield self._look(changed)

    def _next_interval_s(self, has_news: bool) -> float:
        if self._feeds.tell_each_run:
            return SLOWEST_S
        return FASTEST_S if has_news else min(self._interval_s * 1.5, SLOWEST_S)

    def _look(self, changed: tuple[RunRow, ...]) -> Look:
        now_ms = self._now_ms()
        if changed:
            self._changed_ms = now_ms
        seen = Seen(tuple(self._rows.values()), now_ms, now_ms - self._changed_ms)
        return Look(seen, changed)

    async def _begin(self) -> None:
        target = self._target
        for run_id in target.run_ids:
            row = await self._wait_for(run_id)
            self._rows[row.id] = row
        if target.run_filter is not None:
            await self._read_filter(target.run_filter)

    async def _wait_for(self, run_id: str) -> RunRow:
        """Read a run, and wait up to `appear_s` for one that does not exist yet."""
        end_s = self._clock.monotonic() + self._target.appear_s
        while True:
            try:
                return (await self._backend.run(run_id)).row()
            except NotFound:
                if self._clock.monotonic() >= end_s:
                    raise
            await self._clock.wait(min(FASTEST_S, self._target.appear_s))

    async def _read_filter(self, run_filter: RunFilter) -> None:
        from trigdash.service.bulk.plan import collect

        async for page in collect(self._backend, run_filter, MAX_RUNS):
            self._rows |= {row.id: row for row in page}

    async def _changes(self) -> AsyncIterator[RunRow]:
        for row in await self._fresh():
            before = self._rows.get(row.id)
            if before is None or before.status_name != row.status_name:
                self._rows[row.id] = row
                yield row

    async def _fresh(self) -> Sequence[RunRow]:
        """Read the unfinished runs, and new ones if these are followed. Where feeds cover each run,
        read only those that they reported, and all of them now and then."""
        unfinished = [row for row in self._rows.values() if not row.status.is_final]
        now_s = self._clock.monotonic()
        if self._feeds.tell_each_run and now_s - self._read_s < NET_S:
            unfinished = [row for row in unfinished if row.id in self._owed]
        else:
            self._read_s = now_s
        listed: dict[str, RunRow] = {}
        if self._target.run_filter is not None and (unfinished or self._target.follows_new):
            listed = await self._listed(self._target.run_filter)
        alone = [row.id for row in unfinished if row.id not in listed]
        fresh = [(await self._backend.run(run_id)).row() for run_id in alone]
        known = {row.id for row in unfinished}
        followed = self._target.follows_new
        return [*fresh, *(r for r in listed.values() if r.id in known or self._is_new(r, followed))]

    def _is_new(self, row: RunRow, followed: bool) -> bool:
        return followed and row.id not in self._rows

    async def _listed(self, run_filter: RunFilter) -> dict[str, RunRow]:
        """The newest page of the filter without its statuses, since a run whose status changed no
        longer matches them."""
        page = await self._backend.runs(replace(run_filter, statuses=()), size=100)
        return {row.id: row for row in page.rows}

    def _now_ms(self) -> float:
        return self._clock.now().timestamp() * 1000


def summary(rows: Iterable[RunRow]) -> str:
    """The number of runs in each status: "3 completed, 1 failed"."""
    counts = Counter(row.status.word for row in rows)
    return ", ".join(f"{number} {word}" for word, number in counts.most_common())
