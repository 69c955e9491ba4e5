"""Queues and concurrency limits: how much waits, how much runs, and what limits it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field, TypeAdapter

from trigdash.model.odd_row import OddRow
from trigdash.model.odd_rows import parse_one, parse_rows
from trigdash.model.wire import (
    Amount,
    Count,
    Flag,
    Line,
    Moment,
    NullIsDefault,
    NullIsEmpty,
    Real,
    Whole,
    Wire,
    parse,
)


class Concurrency(Wire):
    """How many runs of a queue may run at once, and who said so."""

    current: Whole | None = None
    """In force now; None is the environment's own limit."""
    base: Whole | None = None
    """The declared limit, present only while an override is in force."""
    override: Whole | None = None
    overridden_by: Line | None = None
    overridden_at: Moment | None = None


class Bound(Wire):
    """One bound of a limit: what holds now, what the code declares, what was overridden."""

    current: Whole | None = None
    base: Whole | None = None
    override: Whole | None = None
    overridden_at: Moment | None = None


class Limit(Wire):
    """One concurrency limit of an environment. `task/<id>` is a task's inline one."""

    id: Line = ""
    name: Line
    per_key: Annotated[Bound, NullIsDefault] = Bound()
    total: Annotated[Bound, NullIsDefault] = Bound()
    running: Count = 0
    queued: Count = 0
    paused: Flag = False

    @property
    def is_overridden(self) -> bool:
        """Whether either bound is."""
        return self.per_key.override is not None or self.total.override is not None

    @property
    def is_full(self) -> bool:
        """Whether the total bound lets nothing more start."""
        return self.total.current is not None and self.running >= self.total.current

    @property
    def state(self) -> str:
        """In a word: paused, blocked by a bound of 0, full, or open."""
        if self.paused:
            return "paused"
        if 0 in (self.total.current, self.per_key.current):
            return "blocked: 0"
        return "full" if self.is_full else "open"


class Queue(Wire):
    """One queue of an environment."""

    id: Line
    name: Line
    """Without the `task/` prefix: two queues may share a name and differ in kind."""
    kind: Line = Field("task", alias="type")
    """`task` (a task's own queue) or `custom`."""
    running: Count = 0
    queued: Count = 0
    paused: Flag = False
    concurrency_limit: Whole | None = None
    concurrency: Annotated[Concurrency, NullIsDefault] = Concurrency()
    version: Line = "V1"
    """V2 (from server 4.7 on): a line where runs wait; concurrency limits hold them."""
    limits: tuple[Limit, ...] | None = Field(None, alias="_limits")
    """The limits that are known to apply to a V2 queue, read separately; None if unknown."""
    release_concurrency_on_waitpoint: bool | None = None
    concurrency_limit_override_percent: Real | None = None

    @property
    def filter_name(self) -> str:
        """The name as filters of the run list want it."""
        return f"task/{self.name}" if self.kind == "task" else self.name

    @property
    def is_v2(self) -> bool:
        """Whether concurrency limits apply to it, and not its own limit."""
        return self.version == "V2"

    @property
    def limit_name(self) -> str:
        """The limit that is certain to hold a V2 queue: the task's inline one. Empty for a custom
        queue, and where the limits are known and it is not among them."""
        if not self.is_v2 or self.kind != "task":
            return ""
        told = self.limits is None or any(each.name == self.filter_name for each in self.limits)
        return self.filter_name if told else ""

    @property
    def paused_limit(self) -> Limit | None:
        """A limit that holds it and is paused."""
        return next((limit for limit in self.limits or () if limit.paused), None)

    def held_by(self, limits: Iterable[Limit]) -> Queue:
        """The queue with its limit: of all limits, its task's own, since the API does not say which
        named limits a task declares. The limit's total counts as the queue's limit."""
        held = tuple(
            each for each in limits if self.kind == "task" and each.name == self.filter_name
        )
        total = held[0].total if held else Bound()
        concurrency = Concurrency(
            current=total.current,
            base=total.base,
            override=total.override,
            overridden_at=total.overridden_at,
        )
        told = {"limits": held, "concurrency_limit": total.current, "concurrency": concurrency}
        return self.model_copy(update=told)


class QueuePagination(Wire):
    """The position of a page of queues."""

    current_page: Count = 1
    total_pages: Count = 0
    count: Count = 0
    """Queues in all."""


class QueuesAnswer(Wire):
    """The body of a list of queues."""

    data: Annotated[tuple[Queue, ...], NullIsEmpty] = ()
    pagination: Annotated[QueuePagination, NullIsDefault] = QueuePagination()


@dataclass(frozen=True, slots=True)
class QueuesPage:
    """A page of queues, by name."""

    data: tuple[Queue, ...] = ()
    pagination: QueuePagination = field(default_factory=lambda: QueuePagination())
    odd: tuple[OddRow, ...] = ()
    """Queues of the answer that could not be read, or not all of them."""
    is_cut: bool = False
    """Whether it could not be read how many pages there are."""


class QueueWait(Wire):
    """How long runs waited in a queue; None without a sample."""

    p50: Real | None = None
    p95: Real | None = None


class QueueMetrics(Wire):
    """A queue over a period. A queue that does not exist is recorded to answer zeros."""

    queue: Line = ""
    period: Line = ""
    since: Moment | None = Field(None, alias="from")
    until: Moment | None = Field(None, alias="to")
    """May lie ahead: buckets are aligned."""
    wait_ms: Annotated[QueueWait, NullIsDefault] = QueueWait()
    peak_queued: Count = 0
    started_count: Count = 0
    started_per_min: Amount = 0.0
    throttled_count: Count = 0
    bucket_interval_ms: Count = 0
    depth_trend: Annotated[tuple[Real, ...], NullIsEmpty] = ()
    """Queued runs at about 12 moments of the period, oldest first."""


_QUEUES = TypeAdapter(QueuesAnswer)
_METRICS = TypeAdapter(QueueMetrics)


def parse_queue(body: bytes) -> Queue:
    """One queue; ValueError when the body does not fit."""
    return parse_one(Queue, body)


def parse_queues(body: bytes) -> QueuesPage:
    """A page of queues; ValueError when the body does not fit."""
    read = parse_rows(_QUEUES, body, Queue, "data")
    return QueuesPage(read.value.data, read.value.pagination, read.odd, read.is_cut)


def parse_queue_metrics(body: bytes) -> QueueMetrics:
    """A queue's figures; ValueError when the body does not fit."""
    return parse(_METRICS, body)


class KeyBound(Wire):
    """The bound of one concurrency key."""

    current: Whole | None = None
    base: Whole | None = None
    override: Whole | None = None
    expires_at: Moment | None = None


class KeyLimit(Wire):
    """A limit as one concurrency key sees it (from 4.7.4 on)."""

    name: Line = ""
    concurrency_key: Line = ""
    per_key: Annotated[KeyBound, NullIsDefault] = KeyBound()
    running: Count = 0
    paused: Flag = False
