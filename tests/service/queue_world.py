"""A queue whose ways are known: runs arrive and are worked on by chance."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from trigdash.model.queue import Queue

TICK_S = 0.5


@dataclass
class QueueWorld:
    """One queue, moved on in small steps. Rates are a minute; `takes_s` is the mean of a run."""

    name: str = "sync-crm"
    arrivals: float = 0.0
    takes_s: float = 6.0
    limit: int = 10
    queued: int = 0
    paused: bool = False
    seed: int = 1
    now_s: float = 0.0
    _ends: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = Random(f"{self.seed} {self.name}")

    @property
    def is_blocked(self) -> bool:
        """Whether nothing may start."""
        return self.paused or self.limit == 0

    @property
    def running(self) -> int:
        return len(self._ends)

    @property
    def starts_per_min(self) -> float:
        """How many can start a minute while there are enough of them."""
        return 0.0 if self.is_blocked else self.limit * 60 / self.takes_s

    def move(self, seconds: float) -> None:
        """Let time pass."""
        until_s = self.now_s + seconds
        while self.now_s < until_s:
            self.now_s += TICK_S
            while self._ends and self._ends[0] <= self.now_s:
                heapq.heappop(self._ends)
            self.queued += self._arrived()
            while self.queued and not self.is_blocked and self.running < self.limit:
                self.queued -= 1
                took_s = self._random.expovariate(1 / self.takes_s)
                heapq.heappush(self._ends, self.now_s + took_s)

    def polls(self, seconds: float, every_s: float = 2.0) -> Iterator[Queue]:
        """The queue as the server tells it, poll after poll."""
        for _ in range(int(seconds / every_s)):
            self.move(every_s)
            yield self.told()

    def told(self, **more: Any) -> Queue:
        """The queue as the server tells it now."""
        facts = {
            "id": f"queue_{self.name}",
            "name": self.name,
            "queued": self.queued,
            "running": self.running,
            "paused": self.paused,
            "concurrencyLimit": self.limit,
        }
        return Queue.model_validate(facts | more)

    def _arrived(self) -> int:
        """Arrivals of one step: many small chances come close to a Poisson process."""
        chances = 8
        chance = self.arrivals * TICK_S / 60 / chances
        return sum(self._random.random() < chance for _ in range(chances))
