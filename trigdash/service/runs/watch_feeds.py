"""The feeds beside a watch of runs: a wait between two polls ends early when a feed reports a
change. A feed only triggers a poll: what a watch reports is always read. Without live feeds, no
wait ends early.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from trigdash.model.feed import MOST_FEEDS, Feed
from trigdash.model.run_row import timestamp_ms
from trigdash.service.runs.pushed import WATCHED, filter_feed

if TYPE_CHECKING:
    from trigdash.clock import Clock
    from trigdash.model.feed import RunChange
    from trigdash.model.run_filter import RunFilter
    from trigdash.model.run_row import RunRow
    from trigdash.service.cache.feed_pool import FeedNews, FeedPool


class WatchFeeds:
    """Listens to the feeds of some runs: to that of their filter, or to one for each of a few
    runs."""

    def __init__(
        self, pool: FeedPool | None, clock: Clock, run_filter: RunFilter | None, follows_new: bool
    ) -> None:
        """Without a pool, it listens to nothing."""
        self._pool = pool if pool is not None and pool.is_offered else None
        self._clock = clock
        self._of_filter = filter_feed(run_filter) if run_filter is not None else None
        self._follows_new = follows_new
        self._rows: Mapping[str, RunRow] = {}
        self._feeds: frozenset[Feed] = frozenset()
        self._told: dict[str, RunChange] = {}
        self._timer: asyncio.Task[None] | None = None

    @property
    def tell_each_run(self) -> bool:
        """Whether each unfinished run has its own live feed, so that no change goes unreported. The
        feed of a tag covers only a day, and that of a batch a thousand runs."""
        if self._of_filter is not None or self._pool is None or not self._feeds:
            return False
        return all(map(self._pool.is_live, self._feeds))

    def follow(self, rows: Mapping[str, RunRow]) -> None:
        """Listen to the feeds of these runs, except those that are over."""
        if self._pool is None:
            return
        self._rows = rows
        before, self._feeds = self._feeds, self._wanted()
        for feed in before - self._feeds:
            self._pool.leave(feed, self._take)
        for feed in self._feeds - before:
            self._pool.listen(feed, self._take, WATCHED)

    def leave(self) -> None:
        """Stop listening."""
        self.follow({})

    async def wait(self, seconds: float, least_s: float) -> frozenset[str]:
        """Wait this long, or until a feed reports a change; returns the ids of the changed runs. A
        feed of many runs never ends a wait before `least_s` seconds."""
        began_s = self._clock.monotonic()
        if not self._changed():
            self._timer = asyncio.create_task(self._clock.wait(seconds), name="watch rests")
            try:
                await asyncio.wait([self._timer])
            finally:
                self._timer.cancel()
        waited_s = self._clock.monotonic() - began_s
        if self._of_filter is not None and waited_s < least_s:
            await self._clock.wait(least_s - waited_s)
        changed = self._changed()
        self._told.clear()
        return changed

    def _wanted(self) -> frozenset[Feed]:
        unfinished = [row.id for row in self._rows.values() if not row.status.is_final]
        if self._of_filter is not None:
            goes_on = unfinished or (self._rows and self._follows_new)
            return frozenset({self._of_filter} if goes_on else ())
        few = 0 < len(unfinished) <= MOST_FEEDS and not self._follows_new
        return frozenset(Feed(run_id=run_id) for run_id in unfinished) if few else frozenset()

    def _take(self, news: FeedNews) -> None:
        self._told.update((change.run_id, change) for change in news.changes)
        if self._timer is not None and self._changed():
            self._timer.cancel()

    def _changed(self) -> frozenset[str]:
        """The runs for which a feed reported something new."""
        return frozenset(run_id for run_id, told in self._told.items() if self._is_news(told))

    def _is_news(self, told: RunChange) -> bool:
        row = self._rows.get(told.run_id)
        if row is None:
            return self._follows_new
        is_later = timestamp_ms(told.updated_at) > row.updated_ms
        return is_later and not row.status.is_final and told.status_name != row.status_name
