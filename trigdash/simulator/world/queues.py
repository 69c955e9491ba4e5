"""Queues: the waiting runs, the running ones, and the limit between them."""

import heapq
from typing import Generic, Protocol, TypeVar

from trigdash.simulator.world.ids import friendly, mix, seed_of


class Places:
    """The counts that queues and concurrency limits share."""

    __slots__ = ("key_running", "running")

    def __init__(self) -> None:
        self.running = 0
        self.key_running: dict[str | None, int] = {}

    def take(self, key: str | None) -> None:
        """A run takes a place."""
        self.running += 1
        self.key_running[key] = self.key_running.get(key, 0) + 1

    def give_back(self, key: str | None) -> None:
        """A run ended, was suspended or waits for a late retry."""
        self.running -= 1
        left = self.key_running[key] - 1
        if left:
            self.key_running[key] = left
        else:
            del self.key_running[key]


class Waiter(Protocol):
    """What waits in a queue; its entry is stale once it reached another stage."""

    concurrency_key: str | None
    priority_ms: int
    stage: int

    def may_start(self) -> bool:
        """Whether nothing but the queue and its environment could hold it."""
        ...


Item = TypeVar("Item", bound=Waiter)


class Queue(Places, Generic[Item]):
    """A task's own queue (`task/<id>`) or a custom one.

    A limit applies to each concurrency key separately. Runs are dequeued by the time they were
    queued, minus their priority.
    """

    __slots__ = (
        "base_limit", "id", "is_v2", "name", "overridden_ms", "override", "override_percent",
        "paused", "pushed", "waiting", "waiting_count",
    )  # fmt: skip

    def __init__(self, name: str, limit: int | None, seed: int):
        super().__init__()
        self.name = name
        self.id = f"queue_{friendly(mix(seed, seed_of(name)))}"
        self.base_limit = limit
        # A V2 queue does not have its own limit: concurrency limits apply to its runs.
        self.is_v2 = False
        self.override: int | None = None
        self.override_percent: float | None = None
        self.overridden_ms: int | None = None
        self.paused = False
        self.waiting: dict[str | None, list[tuple[int, int, int, Item]]] = {}
        self.waiting_count = 0
        # Breaks ties: first in, first out.
        self.pushed = 0

    @property
    def limit(self) -> int | None:
        return self.base_limit if self.override is None else self.override

    @property
    def short_name(self) -> str:
        """As the queue routes show it, without `task/` (recorded)."""
        return self.name.removeprefix("task/")

    @property
    def kind(self) -> str:
        return "task" if self.name.startswith("task/") else "custom"

    def push(self, run: Item, since_ms: int) -> None:
        """Add a run, in the order of `since_ms` minus its priority."""
        heap = self.waiting.setdefault(run.concurrency_key, [])
        self.pushed += 1
        heapq.heappush(heap, (since_ms - run.priority_ms, self.pushed, run.stage, run))
        self.waiting_count += 1

    def withdraw(self) -> None:
        """One of the waiting runs left otherwise than by `pop`; its entry is stale by its stage."""
        self.waiting_count -= 1

    def pop(self) -> Item | None:
        """The next run that may start under this queue's limit, or None."""
        if self.paused or not self.waiting_count:
            return None
        best: list[tuple[int, int, int, Item]] | None = None
        for key in list(self.waiting):
            heap = self.waiting[key]
            while heap and heap[0][2] != heap[0][3].stage:
                heapq.heappop(heap)
            if not heap:
                del self.waiting[key]
            elif (
                self.has_room(key)
                and (best is None or heap[0] < best[0])
                and heap[0][3].may_start()
            ):
                best = heap
        if best is None:
            return None
        self.waiting_count -= 1
        return heapq.heappop(best)[3]

    def has_room(self, key: str | None) -> bool:
        limit = self.limit
        return limit is None or self.key_running.get(key, 0) < limit
