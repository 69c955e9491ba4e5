"""Queues: all of an environment, a single one, and the server's metrics of one.

The API lists queues by name, 100 a page, without filters. Thousands stay fresh within the rate
budget: pages on screen are read first, and the others in turn. This module is imported before the
first frame: standard library and light modules only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from trigdash.backends.base import NotFound
from trigdash.service.cache.query import Query, keep
from trigdash.service.queues.limits import with_limits, with_own_limit

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.model.odd_row import OddRow
    from trigdash.model.queue import Limit, Queue, QueueMetrics, QueuesPage
    from trigdash.service.cache.store import Store

PAGE_SIZE = 100
"""The API's largest page."""

FIRST_PAGES = 5
"""Pages read in one poll until all have been read once."""

ROUND_EVERY = 2
"""Polls per page that is not on screen."""

REST_S = 8.5
"""Seconds between polls after some without news; a queue that moves is news. Many pages are read in
turn without this delay, since each has waited long enough."""

ROUNDS_TO_LEAVE = 2
"""Rounds without a queue until it is removed: pages shift while they are read, so one round may
miss it."""


class Block(Enum):
    """Why nothing of a queue may start."""

    ENVIRONMENT = "environment paused"
    QUEUE = "paused"
    LIMIT = "limit 0"
    PAUSED_LIMIT = "limit paused"


def block_of(queue: Queue, *, environment_paused: bool) -> Block | None:
    """What keeps a queue from starting runs; None where runs may start."""
    if environment_paused:
        return Block.ENVIRONMENT
    if queue.paused:
        return Block.QUEUE
    if queue.paused_limit is not None:
        return Block.PAUSED_LIMIT
    return Block.LIMIT if queue.concurrency_limit == 0 else None


class QueueIndex:
    """State that the polls of one list share. Mutable, and not part of the list's value."""

    def __init__(self) -> None:
        self.page_of: dict[str, int] = {}
        """Queue id → the page where it was last seen."""
        self.round_of: dict[str, int] = {}
        """Queue id → the round in which it was last seen."""
        self.looked_at: tuple[str, ...] = ()
        """Ids of the queues on screen."""
        self.turn = 0
        self.round = 0
        self.next_page = 1
        """The next page of the round."""
        self.odd_of: dict[int, tuple[OddRow, ...]] = {}
        """Page → its queues that could not be read completely."""
        self.fresh: tuple[Queue, ...] = ()
        """The queues that the last poll read."""
        self.quiet = 0
        """Polls in a row without news."""
        self.limits: tuple[Limit, ...] | None = None
        """The concurrency limits from the last read."""
        self.limits_refused = False
        """Whether the concurrency limits were refused, so that they are not read again."""


@dataclass(frozen=True, slots=True, eq=False)
class QueueList:
    """All known queues, by name. The same object as before means that nothing changed."""

    queues: tuple[Queue, ...] = ()
    count: int = 0
    """The total number of queues, from the server."""
    pages: int = 1
    complete: bool = False
    """False until every page has been read once."""
    odd: tuple[OddRow, ...] = ()
    """Queues that could not be read completely."""
    index: QueueIndex = field(default_factory=QueueIndex, repr=False)

    def __len__(self) -> int:
        return len(self.queues)

    def find(self, queue_id: str) -> Queue | None:
        """The queue with an id, if it is known."""
        return next((queue for queue in self.queues if queue.id == queue_id), None)

    def prioritize(self, queue_ids: Iterable[str]) -> None:
        """Set which queues are on screen, so that their pages are read first."""
        self.index.looked_at = tuple(queue_ids)


@dataclass(frozen=True, slots=True)
class QueuesQuery(Query[QueueList]):
    """All queues of the environment; its data is a QueueList."""

    EVERY_S: ClassVar[float] = 2.0

    @override
    def rest_s(self, data: QueueList | None) -> float:
        return REST_S if data is not None and data.pages == 1 else self.EVERY_S

    @override
    async def fetch(self, backend: Backend, previous: QueueList | None) -> QueueList:
        held = QueueList() if previous is None else previous
        pages = [(number, await backend.queues(number, PAGE_SIZE)) for number in _pages_due(held)]
        return _merged(held, await with_limits(backend, pages, held.index))

    @override
    def concerns(self, target: str) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class QueueQuery(Query["Queue"]):
    """One queue by name and kind.

    A task's own queue and a custom one may share a name. Without a kind it is the task's own, or
    else the custom one.
    """

    name: str
    kind: str | None = None

    EVERY_S: ClassVar[float] = 2.0

    @override
    def rest_s(self, data: Queue | None) -> float:
        return REST_S

    @override
    async def fetch(self, backend: Backend, previous: Queue | None) -> Queue:
        kind = self.kind or (previous.kind if previous is not None else None)
        try:
            queue = await backend.queue(self.name, kind or "task")
        except NotFound:
            if kind is not None:
                raise
            queue = await backend.queue(self.name, "custom")
        queue = await with_own_limit(backend, queue, previous)
        return keep(previous, queue)

    @override
    def concerns(self, target: str) -> bool:
        return True

    @override
    def is_absent_for_good(self, store: Store) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class QueueMetricsQuery(Query["QueueMetrics"]):
    """The server's metrics of a queue, in buckets of at least a minute."""

    name: str
    kind: str
    period: str = "1h"

    EVERY_S: ClassVar[float] = 30.0

    @override
    async def read(self, backend: Backend) -> QueueMetrics:
        return await backend.queue_metrics(self.name, self.kind, self.period)


def _pages_due(held: QueueList) -> list[int]:
    """Page numbers to read in this poll: one that is on screen, then the next of the round."""
    ledger = held.index
    if held.pages <= 1:
        return [1]
    if not held.complete:
        last = min(held.pages, ledger.next_page + FIRST_PAGES - 1)
        return list(range(ledger.next_page, last + 1))
    seen = Counter(ledger.page_of.get(queue_id, 1) for queue_id in ledger.looked_at)
    looked_at = [page for page, _ in seen.most_common() if page <= held.pages] or [1]
    due = [looked_at[ledger.turn % len(looked_at)]]
    if ledger.turn % ROUND_EVERY == 0 and ledger.next_page not in due:
        due.append(ledger.next_page)
    return due


def _merged(held: QueueList, pages: list[tuple[int, QueuesPage]]) -> QueueList:
    """The held list updated from the pages; equal queues stay the held objects."""
    ledger = held.index
    by_id = {queue.id: queue for queue in held.queues}
    fresh: list[Queue] = []
    for number, page in pages:
        for told in page.data:
            known = by_id.get(told.id)
            queue = known if known is not None and known == told else told
            by_id[queue.id] = queue
            ledger.page_of[queue.id] = number
            ledger.round_of[queue.id] = ledger.round
            fresh.append(queue)
        ledger.odd_of[number] = page.odd
    ledger.turn += 1
    ledger.fresh = tuple(fresh)
    last = pages[-1][1].pagination
    total_pages = max(1, last.total_pages)
    round_ended = _advance(ledger, [number for number, _ in pages], total_pages)
    for number in [number for number in ledger.odd_of if number > total_pages]:
        del ledger.odd_of[number]
    if round_ended:
        _drop_unseen(ledger, by_id, at_once=total_pages == 1)
    queues = tuple(sorted(by_id.values(), key=lambda queue: (queue.name, queue.kind, queue.id)))
    young = replace(
        held,
        queues=held.queues if _same(queues, held.queues) else queues,
        count=last.count,
        pages=total_pages,
        complete=held.complete or round_ended,
        odd=tuple(odd for n in sorted(ledger.odd_of) for odd in ledger.odd_of[n]),
    )
    unchanged = young.queues is held.queues and _figures(young) == _figures(held)
    ledger.quiet = ledger.quiet + 1 if unchanged else 0
    return held if unchanged else young


def _figures(held: QueueList) -> tuple[object, ...]:
    return held.count, held.pages, held.complete, held.odd


def _advance(ledger: QueueIndex, read: list[int], total_pages: int) -> bool:
    """Move the round past the pages just read; returns whether it is complete."""
    while ledger.next_page in read:
        ledger.next_page += 1
    if ledger.next_page <= total_pages:
        return False
    ledger.next_page = 1
    ledger.round += 1
    return True


def _drop_unseen(ledger: QueueIndex, by_id: dict[str, Queue], *, at_once: bool) -> None:
    """Remove the queues that were on no page for ROUNDS_TO_LEAVE rounds."""
    rounds = 1 if at_once else ROUNDS_TO_LEAVE
    for queue_id in [i for i, seen in ledger.round_of.items() if ledger.round - seen > rounds]:
        del ledger.round_of[queue_id]
        ledger.page_of.pop(queue_id, None)
        by_id.pop(queue_id, None)


def _same(ours: tuple[Queue, ...], theirs: tuple[Queue, ...]) -> bool:
    """Whether these are the same objects in the same order."""
    return len(ours) == len(theirs) and all(a is b for a, b in zip(ours, theirs, strict=True))
