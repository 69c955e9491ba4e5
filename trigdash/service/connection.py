"""A connection: one environment's backend, store, poller and actions, opened and closed together.
Each environment has its own connection. After `close` nothing is published, so a late answer cannot
appear on the screens of the next environment. This module is imported before the first frame:
standard library and light modules only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

from trigdash.service.actions.actions import Actions
from trigdash.service.batches import KnownBatches
from trigdash.service.bulk.bulk import Bulk
from trigdash.service.bulk.journal import BulkJournal, new_path, prune, unfinished_bulks
from trigdash.service.cache.feed_pool import FeedPool
from trigdash.service.cache.poller import Poller
from trigdash.service.cache.store import Snapshot, Store
from trigdash.service.environments import IdentityQuery
from trigdash.service.queues.depth import DepthHistory
from trigdash.service.queues.query import QueueQuery, QueuesQuery
from trigdash.service.runs.detail import RunQuery
from trigdash.service.runs.pushed import PushedRuns
from trigdash.service.runs.query import FillGap, OlderRuns, RunsQuery
from trigdash.service.watches import Watches

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.clock import Clock
    from trigdash.model.capability import Capability, RateBudget
    from trigdash.model.environment import Identity
    from trigdash.model.queue import Queue
    from trigdash.service.actions.outcome import AuditLog
    from trigdash.service.bulk.plan import BulkPlan
    from trigdash.service.cache.query import Query
    from trigdash.service.cache.store import Watcher
    from trigdash.service.runs.run_list import Gap

T = TypeVar("T")


class Connection:
    """Everything that screens need of one environment. Use on the event loop only."""

    def __init__(
        self,
        backend: Backend,
        clock: Clock,
        *,
        read_only: bool = False,
        audit: AuditLog | None = None,
        known_batches: KnownBatches | None = None,
        bulk_folder: Path | None = None,
        random: Random | None = None,
        on_crash: Callable[[BaseException], None] | None = None,
    ) -> None:
        self.backend = backend
        self.environment = ""
        """The environment's slug in the settings; `identity` has the server's answer."""
        self.clock = clock
        self.store = Store()
        self.poller = Poller(backend, self.store, clock, random, on_crash)
        self._feeds = FeedPool(backend, clock, self.poller.task_ended, random)
        self.pushed = PushedRuns(self.store, self.poller, clock, self._feeds)
        """The realtime feeds of the watched queries."""
        self.watches = Watches(backend, clock, self.poller.task_ended, self._feeds)
        """The user's watches, which end with a notification."""
        self.depths = DepthHistory()
        """Samples of the queues of the last hour, as far as they were polled."""
        self.known_batches = known_batches or KnownBatches()
        """Batches that were seen or typed: `BatchesQuery(connection.known_batches)`."""
        self._bulk_folder = bulk_folder
        self.log_folder: Path | None = None
        """The folder where log lines of finished runs are kept for the next search; None keeps
        none."""
        self._bulks: list[Bulk] = []
        self.store.add_observer(self._learn)
        self.actions = Actions(
            backend,
            self.store,
            self.poller,
            clock,
            read_only=read_only,
            audit=audit,
            environment=self._environment_label,
        )

    @property
    def on_crash(self) -> Callable[[BaseException], None] | None:
        """Called with an exception that ended a poll and is not a BackendError."""
        return self.poller.on_crash

    @on_crash.setter
    def on_crash(self, hook: Callable[[BaseException], None] | None) -> None:
        self.poller.on_crash = hook

    # Looking

    def watch(self, query: Query[T], watcher: Watcher) -> Snapshot[T]:
        """Watch a query, which polls it; returns its present snapshot. `watcher` gets each
        change."""
        self.poller.watch(query, watcher)
        self.pushed.watched(query)
        return self.store.get(query)

    def unwatch(self, query: Query[Any], watcher: Watcher) -> None:
        """Stop watching; the last watcher to leave ends the polling."""
        self.poller.unwatch(query, watcher)
        self.pushed.left(query)

    def snapshot(self, query: Query[T]) -> Snapshot[T]:
        """The present snapshot of a query."""
        return self.store.get(query)

    def age(self, query: Query[Any]) -> timedelta | None:
        """The age of a query's data; None without data."""
        fetched_at = self.store.get(query).fetched_at
        return None if fetched_at is None else self.clock.now() - fetched_at

    def unanswered_s(self, queries: Iterable[Query[Any]]) -> float:
        """Seconds for which the server has left any of these queries unanswered; 0 when no answer
        is due."""
        return max((self.poller.unanswered_s(query) for query in queries), default=0.0)

    def refresh(self, query: Query[Any] | None = None) -> None:
        """Poll a query now, or all watched ones, even when polling is paused."""
        for wanted in (query,) if query is not None else self.store.watched():
            self.poller.wake(wanted)

    def run_step(self, query: Query[T], step: Callable[[Backend, T], Awaitable[T]]) -> bool:
        """Run a step on a watched query's data, such as loading more of a list."""
        return self.poller.run_step(query, step)

    def older(self, query: RunsQuery) -> bool:
        """Load the page below the last row of a watched run list; False when it is under way."""
        return self.poller.run_step(query, OlderRuns(query))

    def fill_gap(self, query: RunsQuery, gap: Gap) -> bool:
        """Load runs that may be missing in a watched run list."""
        return self.poller.run_step(query, FillGap(query, gap))

    # Many at once

    @property
    def bulks(self) -> tuple[Bulk, ...]:
        """The bulk actions of this connection, latest last."""
        return tuple(self._bulks)

    def start_bulk(self, plan: BulkPlan) -> Bulk:
        """Run a plan in the background; its journal is kept in the bulk folder, if there is one."""
        now = self.clock.now()
        path = new_path(self._bulk_folder, plan.verb, now) if self._bulk_folder else None
        if self._bulk_folder is not None:
            prune(self._bulk_folder)
        return self._launch_bulk(BulkJournal.create(plan, now, path))

    def resume_bulk(self, path: Path) -> Bulk:
        """Continue an interrupted bulk action. Raises FileTrouble when the file is not a journal,
        is in use, or cannot be read."""
        return self._launch_bulk(BulkJournal.resume(path))

    def interrupted_bulks(self) -> list[Path]:
        """Journals of interrupted bulk actions that are not in use, latest first."""
        return unfinished_bulks(self._bulk_folder) if self._bulk_folder is not None else []

    def _launch_bulk(self, journal: BulkJournal) -> Bulk:
        bulk = Bulk(journal, self.backend, self.actions, self.clock)
        self._bulks = [b for b in self._bulks if b.state.is_active] + [bulk]
        bulk.start().add_done_callback(self.poller.task_ended)
        return bulk

    # Polling as a whole

    def pause(self) -> None:
        """Pause polling. Anything opened for the first time is still loaded once."""
        self.poller.pause()
        self._feeds.pause()

    def resume(self) -> None:
        """Resume polling now."""
        self.poller.resume()
        self._feeds.resume()

    @property
    def paused(self) -> bool:
        return self.poller.paused

    @property
    def read_only(self) -> bool:
        """Whether every write is refused."""
        return self.actions.read_only

    @property
    def budget(self) -> RateBudget:
        """The rate limit as of the last answer."""
        return self.backend.budget

    @property
    def clock_ahead_s(self) -> float:
        """Seconds by which this machine's clock is ahead of the server's, as far as known."""
        return self.backend.clock_ahead_s

    # Who and what

    @property
    def identity(self) -> Identity | None:
        """Project and environment; None until IdentityQuery was watched and answered."""
        return self.store.get(IdentityQuery()).data

    @property
    def environment_paused(self) -> bool:
        """Whether the environment is paused; False while unknown."""
        identity = self.identity
        return identity is not None and identity.paused

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What the backend can do."""
        return self.backend.capabilities

    def disabled_reason(self, capability: Capability) -> str:
        """Why a capability is missing, as a sentence."""
        return self.backend.disabled_reason(capability)

    def _environment_label(self) -> str:
        """Project and environment for the action log."""
        identity = self.identity
        return f"{identity.project_ref}/{identity.environment}" if identity else ""

    def _learn(self, query: Query[Any], snapshot: Snapshot[Any]) -> None:
        """Keep further data of a fresh answer: depths of queues, ids of batches."""
        if snapshot.problem is not None or snapshot.data is None:
            return
        if isinstance(query, QueuesQuery):
            self._record(snapshot.data.index.fresh)
        elif isinstance(query, QueueQuery):
            self._record((snapshot.data,))
        elif isinstance(query, RunQuery) and snapshot.data.batch_id:
            self.known_batches.remember(snapshot.data.batch_id)

    def _record(self, queues: Iterable[Queue]) -> None:
        paused = self.environment_paused
        self.depths.record(queues, self.clock.now(), environment_paused=paused)

    def stop(self) -> None:
        """Stop publishing and polling at once. `close` comes next."""
        self.store.close()
        self.poller.stop()
        self._feeds.stop()

    async def close(self, patience_s: float | None = None) -> None:
        """Stop publishing and polling, wait up to `patience_s` (None: a few seconds) for actions
        that were sent, and close the backend."""
        self.stop()
        await self.poller.close()
        await self._feeds.close()
        # At once: requests of a bulk action are among the actions, and `close` waits for these.
        interrupted = [bulk.interrupt() for bulk in self._bulks]
        await asyncio.gather(*interrupted, self.watches.close(), self.actions.close(patience_s))
        await self.backend.aclose()
