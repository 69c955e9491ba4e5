"""The reactive cache from a query to its snapshot."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sized
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from trigdash.service.cache.query import Query

T = TypeVar("T")


class State(Enum):
    """The four states of everything that is shown."""

    LOADING = "loading"
    READY = "ready"
    STALE = "stale"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Problem:
    """The last thing that went wrong with a query, in words for the user."""

    message: str
    since: datetime
    """When the first of the consecutive failures happened."""
    retry_at: datetime | None = None
    """When the next try is due; None if only the user can start one."""
    kind: str = "BackendError"
    """Name of the error's class, for screens that handle a kind (BadKey, NotFound …)."""


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot(Generic[T]):
    """The present knowledge of a query. Frozen, compared by identity."""

    data: T | None = None
    fetched_at: datetime | None = None
    """When the data was last confirmed by the server, changed or not."""
    problem: Problem | None = None
    is_final: bool = False
    """True when the data cannot change any more and is not polled."""

    @property
    def state(self) -> State:
        """Loading (nothing yet), ready, stale (data and a problem), failed (a problem only)."""
        if self.data is None:
            return State.FAILED if self.problem else State.LOADING
        return State.STALE if self.problem else State.READY


LOADING: Snapshot[Any] = Snapshot()
"""The snapshot of a query that was never polled."""

Watcher = Callable[[Snapshot[Any]], None]

Observer = Callable[["Query[Any]", Snapshot[Any]], None]
"""Called with every change of every query, before the watchers."""

KEEP_S = 600.0
"""Seconds for which an unwatched snapshot is still shown while it is refreshed."""

MAX_SNAPSHOTS = 200
"""Unwatched snapshots kept for returning to. A day of use fits; a week is bounded."""

MAX_ROWS_KEPT = 300_000
"""Total rows (runs, spans, log lines) in unwatched snapshots: 200 snapshots may be 200 large lists,
so their number alone does not bound the memory. About 150 MB."""


class Store:
    """Snapshots by query. Watched ones stay; unwatched ones are dropped, least recently used
    first."""

    def __init__(
        self, max_snapshots: int = MAX_SNAPSHOTS, max_rows_kept: int = MAX_ROWS_KEPT
    ) -> None:
        self._snapshots: OrderedDict[Query[Any], Snapshot[Any]] = OrderedDict()
        self._watchers: dict[Query[Any], list[Watcher]] = {}
        self._observers: list[Observer] = []
        self._max_snapshots = max_snapshots
        self._max_rows_kept = max_rows_kept
        self._closed = False

    def get(self, query: Query[T]) -> Snapshot[T]:
        """The snapshot of a query; LOADING when there is none."""
        return self._snapshots.get(query, LOADING)

    def put(self, query: Query[T], snapshot: Snapshot[T]) -> None:
        """Replace a snapshot and notify its watchers; a closed store does nothing."""
        if self._closed:
            return
        self._snapshots[query] = snapshot
        self._snapshots.move_to_end(query)
        self._trim()
        for observer in self._observers:
            observer(query, snapshot)
        for watcher in tuple(self._watchers.get(query, ())):
            watcher(snapshot)

    def drop_if_old(self, query: Query[Any], now: datetime) -> None:
        """Forget a snapshot that is too old to show, without notifying its watchers."""
        known = self.get(query)
        if known.is_final or known.fetched_at is None:
            return
        if now - known.fetched_at > timedelta(seconds=KEEP_S):
            self._snapshots.pop(query, None)

    def add_observer(self, observer: Observer) -> None:
        """Register an observer of every change, for as long as the store lives."""
        self._observers.append(observer)

    def add_watcher(self, query: Query[T], watcher: Watcher) -> bool:
        """Watch a query; True when it is the query's first watcher."""
        if query in self._snapshots:
            self._snapshots.move_to_end(query)
        watchers = self._watchers.setdefault(query, [])
        watchers.append(watcher)
        return len(watchers) == 1

    def remove_watcher(self, query: Query[T], watcher: Watcher) -> bool:
        """Stop watching; True when this was the last watcher. Unknown watchers are ignored, since a
        screen may unwatch twice."""
        watchers = self._watchers.get(query)
        if watchers is None or watcher not in watchers:
            return False
        watchers.remove(watcher)
        if watchers:
            return False
        del self._watchers[query]
        self._trim()
        return True

    def watched(self) -> tuple[Query[Any], ...]:
        """The queries with at least one watcher."""
        return tuple(self._watchers)

    def cached_queries(self) -> tuple[Query[Any], ...]:
        """The queries with a snapshot, least recently used first."""
        return tuple(self._snapshots)

    def close(self) -> None:
        """Publish nothing any more, so that late answers reach nobody."""
        self._closed = True
        self._watchers.clear()

    def _trim(self) -> None:
        """Drop the least recently used unwatched snapshots until both bounds hold."""
        surplus = len(self._snapshots) - self._max_snapshots
        unwatched = [query for query in self._snapshots if query not in self._watchers]
        rows = sum(_rows(self._snapshots[query].data) for query in unwatched)
        for query in unwatched:
            if surplus <= 0 and rows <= self._max_rows_kept:
                return
            rows -= _rows(self._snapshots[query].data)
            surplus -= 1
            del self._snapshots[query]


def _rows(data: object) -> int:
    return len(data) if isinstance(data, Sized) else 1
