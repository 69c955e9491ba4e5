"""Realtime feeds as a second source of the queries that show runs.

A feed reports that a run changed, and some of its new fields. These go into the snapshots at once,
and the rest is polled at once. While a feed is live, its queries are polled rarely, as a safety
net; when it is not, they are polled as if there were no feed. This module is imported before the
first frame: standard library and light modules only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from trigdash.model.feed import Feed
from trigdash.model.run_filter import RunFilter
from trigdash.model.run_row import timestamp_ms
from trigdash.model.status import status
from trigdash.service.cache.query import Query
from trigdash.service.runs.detail import EventsQuery, RunQuery, TraceQuery
from trigdash.service.runs.query import RunsQuery

if TYPE_CHECKING:
    from trigdash.clock import Clock
    from trigdash.model.feed import RunChange
    from trigdash.model.run import Run
    from trigdash.model.run_row import RunRow
    from trigdash.service.cache.feed_pool import FeedNews, FeedPool, Listener
    from trigdash.service.cache.poller import Poller
    from trigdash.service.cache.store import Snapshot, Store
    from trigdash.service.runs.run_list import RunList

NET_S = 30.0
"""Seconds between polls of data that a live feed covers completely, so that a feed that died
silently is noticed."""
CALM_S = 15.0
"""The longest interval in seconds for data that a live feed covers in part: spans, log lines,
relatives."""
LATE = 1.5
"""A snapshot is overdue when it is older than this many of its intervals."""

OPENED, WATCHED, LISTED = 0, 1, 2
"""Ranks: opened runs come first, then watched runs, then rows of a list."""
MOST_ROWS = 3
"""Lists with at most this many unfinished rows get a feed for each of these; with more, feeds would
cover only a part."""


class _Rest(NamedTuple):
    """How long a partly covered query rests, and the data at that time."""

    seconds: float
    data: object


class PushedRuns:
    """Puts the news of live feeds into the watched queries of a store."""

    def __init__(self, store: Store, poller: Poller, clock: Clock, pool: FeedPool) -> None:
        self._store = store
        self._poller = poller
        self._clock = clock
        self._pool = pool
        self._listening: dict[Query[Any], dict[Feed, Listener]] = {}
        self._rests: dict[Query[Any], _Rest] = {}
        self._owed: set[Query[Any]] = set()
        """Queries of which a feed reported only a part of the change, until they are polled."""
        if pool.is_offered:
            poller.pace = self._pace
            store.add_observer(self._attach)

    # Which feeds to listen to

    def watched(self, query: Query[Any]) -> None:
        """Called when a query may have become watched."""
        self._attach(query, self._store.get(query))

    def left(self, query: Query[Any]) -> None:
        """Called when a query may no longer be watched."""
        if query not in self._store.watched():
            self._rests.pop(query, None)
            self._owed.discard(query)
            self._listen(query, ())

    def _attach(self, query: Query[Any], snapshot: Snapshot[Any]) -> None:
        """Listen to the feeds that cover a watched query with its present data."""
        if isinstance(query, RunQuery | RunsQuery) and query in self._store.watched():
            self._listen(query, feeds_of(query, snapshot.data))

    def _listen(self, query: Query[Any], feeds: Iterable[Feed]) -> None:
        before, wanted = self._listening.get(query, {}), dict.fromkeys(feeds)
        if not self._pool.is_offered or before.keys() == wanted.keys():
            return
        listeners = {feed: before.get(feed) or partial(self._take, query) for feed in wanted}
        self._listening[query] = listeners
        if not listeners:
            del self._listening[query]
        for feed in before.keys() - wanted.keys():
            self._pool.leave(feed, before[feed])
        rank = OPENED if isinstance(query, RunQuery) or _whole_feed(query) else LISTED
        for feed in wanted.keys() - before.keys():
            self._pool.listen(feed, listeners[feed], rank)

    # News of feeds

    def _take(self, query: Query[Any], news: FeedNews) -> None:
        known: Snapshot[Any] = self._store.get(query)
        if known.data is None or query not in self._store.watched():
            return
        data, is_whole = _with_changes(query, known.data, news.changes)
        if not is_whole:
            self._owed.add(query)
        if not (is_whole and news.is_live):
            self._hasten(query)
        is_confirmed = news.is_confirmed and known.problem is None and query not in self._owed
        if data is known.data and not (is_confirmed and self.is_pushed(query)):
            return
        fetched_at = self._clock.now() if is_confirmed else known.fetched_at
        self._store.put(query, replace(known, data=data, fetched_at=fetched_at))

    def _hasten(self, query: Query[Any]) -> None:
        """Poll what changed, and related queries."""
        for each in (query, *_beside(query)):
            self._rests.pop(each, None)
            self._poller.hasten(each)

    # How often to poll

    def is_pushed(self, query: Query[Any]) -> bool | None:
        """Whether a live feed reports each change of a query; None where no feed could."""
        feed = _whole_feed(query)
        if feed is None or feed not in self._listening.get(query, ()):
            return None
        return self._pool.is_live(feed)

    def overdue_s(self, query: Query[Any], usual_s: float) -> float:
        """The age in seconds at which a query's data is overdue."""
        rest = self._rests.get(query)
        return usual_s if rest is None else max(usual_s, LATE * rest.seconds)

    def _pace(self, query: Query[Any], usual_s: float) -> float:
        self._owed.discard(query)
        run = RunQuery(query.run_id) if isinstance(query, TraceQuery | EventsQuery) else query
        if not self.is_pushed(run):
            self._rests.pop(query, None)
            return usual_s
        data = self._store.get(query).data
        before = self._rests.get(query)
        if run is query and not _has_unfinished_relatives(data):
            seconds = max(usual_s, NET_S)
        elif before is not None and before.data is data:
            seconds = max(usual_s, min(2 * before.seconds, CALM_S))
        else:
            seconds = usual_s
        self._rests[query] = _Rest(seconds, data)
        return seconds


def feeds_of(query: Query[Any], data: Any) -> tuple[Feed, ...]:
    """The feeds that cover a query: one for all of it, or several for a few rows."""
    if data is None:
        return ()
    if isinstance(query, RunQuery):
        return () if data.status.is_final else (Feed(run_id=query.run_id),)
    whole = _whole_feed(query)
    if whole is not None:
        return (whole,)
    if not isinstance(query, RunsQuery):
        return ()
    unfinished = data.row_index().unfinished
    few = len(unfinished) <= MOST_ROWS
    return tuple(Feed(run_id=run_id) for run_id in sorted(unfinished)) if few else ()


def _whole_feed(query: Query[Any]) -> Feed | None:
    """The feed that reports each change of a query, if there is one."""
    if isinstance(query, RunQuery):
        return Feed(run_id=query.run_id)
    return filter_feed(query.run_filter) if isinstance(query, RunsQuery) else None


def filter_feed(run_filter: RunFilter) -> Feed | None:
    """The feed of all runs of a filter: for a batch, or for a single tag and nothing else. Several
    tags mean different things: feeds cover runs that have all of them, lists those that have
    any."""
    if run_filter.until is not None:
        return None
    plain = replace(run_filter, batch=None, tags=(), period=None, since=None)
    if plain != RunFilter():
        return None
    if run_filter.batch is not None:
        return Feed(batch_id=run_filter.batch) if not run_filter.tags else None
    return Feed(tag=run_filter.tags[0]) if len(run_filter.tags) == 1 else None


def _beside(query: Query[Any]) -> tuple[Query[Any], ...]:
    """The queries that change together with a query and have no feed."""
    if isinstance(query, RunQuery):
        return TraceQuery(query.run_id), EventsQuery(query.run_id)
    return ()


def _has_unfinished_relatives(data: Any) -> bool:
    """Whether a run has unfinished relatives, which its own feed does not cover."""
    related = getattr(data, "related_runs", None)
    if related is None:
        return False
    around = (related.root, related.parent, *related.children)
    return any(each is not None and not each.status.is_final for each in around)


def _with_changes(query: Query[Any], data: Any, changes: Iterable[RunChange]) -> tuple[Any, bool]:
    """The data of a query with the news of a feed, and whether these are all that changed."""
    if isinstance(query, RunsQuery):
        return _list_with(query.run_filter, data, changes)
    run = _run_with(data, changes)
    return run, run is data


def _run_with(run: Run, changes: Iterable[RunChange]) -> Run:
    """A run with the reliable news of a feed; the same object without any."""
    for change in changes:
        if change.run_id != run.id or change.updated_at <= run.updated_at:
            continue
        run = run.model_copy(update=_told(change) | _told_of_run(change))
    return run


def _told_of_run(change: RunChange) -> dict[str, object]:
    return {
        "updated_at": change.updated_at,
        "started_at": change.started_at,
        "finished_at": _finished_at(change),
        "delayed_until": change.delayed_until,
        "expired_at": change.expired_at,
        "duration_ms": change.compute_ms,
        "cost_in_cents": change.cost_cents,
        "base_cost_in_cents": change.base_cost_cents,
    }


def _told(change: RunChange) -> dict[str, object]:
    """The status, if the feed's word for it is known."""
    return {"status_name": change.status_name} if change.status_name else {}


def _finished_at(change: RunChange) -> Any:
    """When the run ended; its row may have that before its status is final."""
    return change.completed_at if status(change.status_name).is_final else None


def _list_with(
    run_filter: RunFilter, held: RunList, changes: Iterable[RunChange]
) -> tuple[RunList, bool]:
    """A list with the news of a feed for its rows, and whether these were all the news: runs that
    are not held, or no longer match, are left to the poll."""
    rows, is_whole = [], True
    for change in changes:
        row = held.find(change.run_id)
        matches = not run_filter.statuses or change.status_name in run_filter.statuses
        if row is None or not change.status_name or not matches:
            is_whole = is_whole and row is None and _is_below(held, change)
        elif timestamp_ms(change.updated_at) > row.updated_ms:
            rows.append(_row_with(row, change))
    return held.merge(rows) if rows else held, is_whole


def _is_below(held: RunList, change: RunChange) -> bool:
    """Whether a run belongs below the rows that are held."""
    created_ms = timestamp_ms(change.created_at)
    return bool(held.rows) and created_ms < held.rows[-1].created_ms


def _row_with(row: RunRow, change: RunChange) -> RunRow:
    def in_ms(name: str) -> int | None:
        moment = getattr(change, name)
        return timestamp_ms(moment) if moment is not None else None

    finished_at = _finished_at(change)
    return replace(
        row,
        status_name=change.status_name,
        updated_ms=timestamp_ms(change.updated_at),
        started_ms=in_ms("started_at"),
        finished_ms=timestamp_ms(finished_at) if finished_at is not None else None,
        delayed_until_ms=in_ms("delayed_until"),
        expired_ms=in_ms("expired_at"),
        compute_ms=change.compute_ms,
        cost_cents=change.cost_cents + change.base_cost_cents,
    )
