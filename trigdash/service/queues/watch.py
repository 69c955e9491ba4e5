"""A watch of one queue, which ends when few runs wait, when it is drained, or when it stalls."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trigdash.service.queues.oldest_waiting import OldestWaitingQuery
from trigdash.service.runs.watch import FASTEST_S, SLOWEST_S, STALLED_MS, parse_comparison

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.clock import Clock
    from trigdash.model.queue import Queue

QUEUE_CONDITIONS = "drained, done, stalled, paused, queued<10, running>0 or oldest>5m"
"""The possible conditions of a queue, in words."""


@dataclass(frozen=True, slots=True)
class QueueSeen:
    """What a watch knows of its queue at one poll."""

    queue: Queue
    oldest_ms: float = 0.0
    """How long the oldest run has waited; read only for a condition that needs it."""
    unchanged_ms: float = 0.0
    """How long neither of its counts has changed."""
    is_new: bool = True
    """Whether a count or the pause changed since the previous poll."""

    def counts(self) -> dict[str, float]:
        """The figures for conditions; `oldest` in milliseconds."""
        queue = self.queue
        return {"queued": queue.queued, "running": queue.running, "oldest": self.oldest_ms}


@dataclass(frozen=True, slots=True)
class QueueCondition:
    """When a watch of a queue ends."""

    name: str
    holds: Callable[[QueueSeen], bool]
    needs_oldest: bool = False


def parse_queue_condition(text: str) -> QueueCondition:
    """The condition that a text stands for. Raises ValueError with a message."""
    wanted = text.strip().lower()
    if wanted in _NAMED:
        return QueueCondition(wanted, _NAMED[wanted])
    holds = parse_comparison(wanted, ("queued", "running", "oldest"))
    if holds is None:
        raise ValueError(f"no condition {text}: {QUEUE_CONDITIONS}")
    return QueueCondition(wanted, holds, wanted.startswith("oldest"))


_NAMED: dict[str, Callable[[QueueSeen], bool]] = {
    "drained": lambda seen: seen.queue.queued == 0,
    "done": lambda seen: seen.queue.queued == 0 and seen.queue.running == 0,
    "stalled": lambda seen: seen.queue.queued > 0 and seen.unchanged_ms >= STALLED_MS,
    "paused": lambda seen: seen.queue.paused,
}


class QueueWatch:
    """Polls a queue repeatedly. Raises BackendError from a poll that failed."""

    def __init__(
        self, backend: Backend, clock: Clock, name: str, condition: QueueCondition
    ) -> None:
        kind, _, bare = name.rpartition("/")
        self._backend = backend
        self._clock = clock
        self._name = name
        self._bare, self._kind = bare, "task" if kind == "task" else "custom"
        self._condition = condition
        self._last: tuple[int, int, bool] | None = None
        self._changed_s = clock.monotonic()

    async def looks(self) -> AsyncIterator[QueueSeen]:
        """Yields each poll, the first one at once, until the caller stops."""
        interval_s = FASTEST_S
        while True:
            seen = await self._look()
            yield seen
            interval_s = FASTEST_S if seen.is_new else min(interval_s * 1.5, SLOWEST_S)
            await self._clock.wait(interval_s)

    async def _look(self) -> QueueSeen:
        queue = await self._backend.queue(self._bare, self._kind)
        counts = (queue.queued, queue.running, queue.paused)
        is_new = counts != self._last
        if is_new:
            self._last, self._changed_s = counts, self._clock.monotonic()
        unchanged_ms = (self._clock.monotonic() - self._changed_s) * 1000
        return QueueSeen(queue, await self._oldest_ms(), unchanged_ms, is_new)

    async def _oldest_ms(self) -> float:
        if not self._condition.needs_oldest:
            return 0.0
        oldest = await OldestWaitingQuery(self._name).fetch(self._backend, None)
        if oldest.since is None:
            return 0.0
        return (self._clock.now() - oldest.since).total_seconds() * 1000
