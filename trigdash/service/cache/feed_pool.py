"""The realtime feeds that are listened to: at most a few at a time, the most looked-at first.

A feed is a request that the server holds until something changes. One that is refused, breaks,
falls silent or answers oddly rests for a while, each time longer, and begins anew after that;
whoever listens is told that it is not live. Nothing here polls and nothing here shows anything.
This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

from trigdash.backends.base import BackendError, Unreadable, polling
from trigdash.model.capability import Capability
from trigdash.model.feed import MOST_FEEDS
from trigdash.service.cache.background import Background

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.clock import Clock
    from trigdash.model.feed import Feed, FeedPosition, RunChange

FIRST_REST_S = 2.0
LONGEST_REST_S = 300.0
"""A server that has no feeds is asked so rarely that nobody notices."""
REST_JITTER = 0.25

HELD_S = 1.0
"""A server that holds requests answers nothing new no sooner than this."""
MOST_HASTY = 5
"""Answers without news in a row that came sooner: then it does not hold requests."""

CLOSE_S = 5.0


@dataclass(frozen=True, slots=True)
class FeedNews:
    """What is told to who listens to a feed."""

    is_live: bool
    """Whether the server holds a request that will tell of the next change."""
    changes: tuple[RunChange, ...] = ()
    is_confirmed: bool = False
    """Whether the server has just said that it told everything."""


Listener = Callable[[FeedNews], None]


@dataclass(eq=False)
class _Stream:
    """One feed, who listens to it, and what it does now."""

    feed: Feed
    serial: int = 0
    """The higher, the later somebody began to listen."""
    listeners: dict[Listener, int] = field(default_factory=dict)
    """Each with its rank; the lowest is served first."""
    task: asyncio.Task[None] | None = None
    """Listens, or rests after a failure."""
    is_resting: bool = False
    is_live: bool = False
    failures: int = 0
    known: dict[str, RunChange] = field(default_factory=dict)
    """What was told of each run, for who comes later."""

    @property
    def order(self) -> tuple[int, int, int]:
        """By rank, by how many look, the latest first."""
        return min(self.listeners.values()), -len(self.listeners), -self.serial

    def tell(self, news: FeedNews) -> None:
        self.known.update((change.run_id, change) for change in news.changes)
        for listener in tuple(self.listeners):
            listener(news)


class FeedPool:
    """Listens to feeds. All methods are called on the event loop."""

    def __init__(
        self,
        backend: Backend,
        clock: Clock,
        on_done: Callable[[asyncio.Task[Any]], object],
        random: Random | None = None,
    ) -> None:
        """`on_done` gets each task that has ended, with what it raised."""
        self._backend = backend
        self._clock = clock
        self._on_done = on_done
        self._random = random or Random()
        self._streams: dict[Feed, _Stream] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._serial = 0
        self._paused = False
        self._background = Background()

    @property
    def is_offered(self) -> bool:
        """Whether the system has feeds at all."""
        return Capability.FEEDS in self._backend.capabilities

    def listen(self, feed: Feed, listener: Listener, rank: int = 0) -> None:
        """Tell a listener of each change from now on; the first answer tells all there is."""
        if not self.is_offered:
            return
        self._serial += 1
        stream = self._streams.setdefault(feed, _Stream(feed))
        stream.serial = self._serial
        stream.listeners[listener] = rank
        if stream.is_live:
            listener(FeedNews(True, tuple(stream.known.values())))
        self._allot()

    def leave(self, feed: Feed, listener: Listener) -> None:
        """Tell a listener nothing more; a feed without listeners ends."""
        stream = self._streams.get(feed)
        if stream is None or stream.listeners.pop(listener, None) is None:
            return
        if not stream.listeners:
            del self._streams[feed]
            self._stop(stream)
        self._allot()

    def is_live(self, feed: Feed) -> bool:
        """Whether the server tells of each change of a feed."""
        stream = self._streams.get(feed)
        return stream is not None and stream.is_live

    def pause(self) -> None:
        """Listen to nothing until `resume`."""
        self._paused = True
        for stream in tuple(self._streams.values()):
            self._stop(stream)

    def resume(self) -> None:
        """Listen again."""
        self._paused = False
        self._allot()

    def stop(self) -> None:
        """End every feed. Nobody is told anything from here on, and nothing begins."""
        self._paused = True
        for stream in tuple(self._streams.values()):
            stream.listeners.clear()
            self._stop(stream)
        self._streams.clear()

    async def close(self) -> None:
        """End every feed and wait until it has ended."""
        self.stop()
        if self._ending:
            await asyncio.wait(tuple(self._ending), timeout=CLOSE_S)

    # Which feeds have a connection

    def _allot(self) -> None:
        """Give the connections to the streams that come first; who rests needs none."""
        if self._paused:
            return
        awake = (stream for stream in self._streams.values() if not stream.is_resting)
        order = sorted(awake, key=lambda stream: stream.order)
        for stream in order[MOST_FEEDS:]:
            self._stop(stream)
        for stream in order[:MOST_FEEDS]:
            if stream.task is None:
                self._start(stream, self._follow(stream), "feed")

    def _start(self, stream: _Stream, work: Any, name: str) -> None:
        stream.task = self._background.start(
            work, f"{name} {stream.feed!r}", self._ending.discard, self._on_done
        )
        self._ending.add(stream.task)

    def _stop(self, stream: _Stream) -> None:
        task, stream.task, stream.is_resting = stream.task, None, False
        if task is not None:
            task.cancel()
        if stream.is_live:
            stream.is_live = False
            stream.known.clear()
            stream.tell(FeedNews(is_live=False))

    # One feed's task

    async def _follow(self, stream: _Stream) -> None:
        """Listen from the beginning until the feed fails."""
        polling.set(True)
        mine = stream.task
        try:
            await self._listen(stream, mine)
        except BackendError:
            if stream.task is mine:
                self._rest(stream)

    async def _listen(self, stream: _Stream, mine: asyncio.Task[None] | None) -> None:
        position: FeedPosition | None = None
        hasty = 0
        while True:
            began_s = self._clock.monotonic()
            answer = await self._backend.listen(stream.feed, position)
            if stream.task is not mine:
                return
            took_s = self._clock.monotonic() - began_s
            if answer.changes or took_s >= HELD_S:
                hasty = 0
                stream.failures = 0 if position is not None else stream.failures
            elif position is not None:
                hasty += 1
                if hasty > MOST_HASTY:
                    raise Unreadable("the server does not hold the feed's requests")
                await self._clock.wait(HELD_S - took_s)
            position = answer.position
            stream.is_live = stream.is_live or answer.is_current
            stream.tell(FeedNews(stream.is_live, answer.changes, answer.is_current))
            if stream.task is not mine:
                return

    def _rest(self, stream: _Stream) -> None:
        """Begin anew after a while, and let others have the connection."""
        stream.failures += 1
        stream.task = None
        self._stop(stream)
        stream.is_resting = True
        rest_s = min(FIRST_REST_S * 2 ** min(stream.failures - 1, 10), LONGEST_REST_S)
        rest_s *= self._random.uniform(1 - REST_JITTER, 1)
        self._start(stream, self._rested(stream, rest_s), "feed rests")
        self._allot()

    async def _rested(self, stream: _Stream, rest_s: float) -> None:
        await self._clock.wait(rest_s)
        stream.task, stream.is_resting = None, False
        self._allot()
