"""Runs, their batches, and what a run knows of its environment.

They refer to each other, so they live in one module.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trigdash.simulator.world.ids import cuid, letters, mix, seed_of, span_id, trace_id
from trigdash.simulator.world.limits import ConcurrencyLimit, Limits, declare
from trigdash.simulator.world.queues import Queue
from trigdash.simulator.world.schedules import Schedule
from trigdash.simulator.world.statuses import FINAL
from trigdash.simulator.world.steps import AttemptPlan
from trigdash.simulator.world.tasks import CENTS_PER_S, Task, TaskError
from trigdash.simulator.world.timeline import Timeline
from trigdash.simulator.world.waitpoints import Waitpoint

# Kinds of journal entries; each entry is `time_ms << 16 | argument << 8 | kind`.
QUEUED, DEQUEUED, STARTED, FAILED, RETRY_SOON, RETRY_LATER = 1, 2, 3, 4, 5, 6
BLOCKED, SUSPENDED, CONTINUED, REQUEUED, RESUMED = 7, 8, 9, 10, 11
ENDED, CANCEL_ASKED, CANCELED, EXPIRED, KILLED = 12, 13, 14, 15, 16

BASE_COST_CENTS = 0.0025


class Run:
    """One run. Slots, not a dict: a world holds 100,000 of these and more."""

    __slots__ = (
        "active_ms", "anchor", "attempt", "batch", "bulk", "children", "concurrency_key",
        "created_ms", "delayed_ms", "depth", "env", "error", "expired_ms", "finished_ms", "id",
        "idempotency_key", "idempotency_until_ms", "in_queue", "is_test", "journal", "limits",
        "machine", "max_attempts", "metadata", "output", "parent", "payload", "plan",
        "priority_ms", "queue", "region", "schedule", "seed", "stage", "stall", "started_ms",
        "status", "tags", "task", "task_id", "trigger_function", "ttl", "updated_ms", "user_key",
        "version", "waiting_on",
    )  # fmt: skip

    def __init__(
        self, env: "EnvironmentBase", task_id: str, task: Task | None, seed: int, now_ms: int
    ):
        self.env = env
        self.task_id = task_id
        self.task = task
        self.seed = seed
        self.id, self.status = "", "PENDING"
        self.created_ms = now_ms
        self.updated_ms = now_ms
        self.started_ms: int | None = None
        self.finished_ms: int | None = None
        self.expired_ms: int | None = None
        self.delayed_ms: int | None = None
        self.queue: Queue[Run]
        self.version: str | None = None
        self.ttl: str | None = None
        self.tags: tuple[str, ...] = ()
        self.attempt = 0
        self.active_ms = 0
        self.journal = array("q")
        self.stage = 0
        self.plan: AttemptPlan | None = None
        self.error: int | str | None = None
        self.parent: Run | None = None
        self.anchor = 0
        self.children: list[Run] | None = None
        self.depth = 0
        self.batch: Batch | None = None
        self.schedule: Schedule | None = None
        self.bulk: str | None = None
        self.is_test = False
        # One of the ways to get stuck.
        self.stall: str | None = None
        self.in_queue = False
        self.idempotency_key: str | None = None
        self.idempotency_until_ms = 0
        self.user_key: str | None = None
        self.concurrency_key: str | None = None
        # The concurrency limits that it holds while it executes.
        self.limits: tuple[ConcurrencyLimit, ...] = ()
        self.machine = task.machine if task else "small-1x"
        self.region: str | None = None
        self.max_attempts = task.attempts if task else 1
        self.priority_ms = 0
        self.trigger_function = "trigger"
        # None: generated from the seed on demand; otherwise what a client sent.
        self.payload: Sent | None = None
        self.output: Sent | None = None
        self.metadata: dict[str, Any] | None = None
        self.waiting_on: set[str] | None = None

    def __lt__(self, other: "Run") -> bool:
        return self.key < other.key

    @property
    def key(self) -> tuple[int, str]:
        """The order of lists: by creation, ties by id."""
        return (self.created_ms, self.id)

    @property
    def is_final(self) -> bool:
        return self.status in FINAL

    def may_start(self) -> bool:
        """Whether each of its concurrency limits has room."""
        if not self.limits:
            return True
        now_ms, most = self.env.timeline.now_ms, self.env.limits.concurrency
        return all(each.has_room(self.concurrency_key, now_ms, most) for each in self.limits)

    @property
    def root(self) -> "Run":
        run = self
        while run.parent is not None:
            run = run.parent
        return run

    def descendants(self) -> Iterator["Run"]:
        """Its children, theirs, and so on."""
        for child in self.children or ():
            yield child
            yield from child.descendants()

    @property
    def in_parents_trace(self) -> bool:
        """Runs that a parent waits for share its trace; fired ones have their own."""
        return self.parent is not None and self.trigger_function.endswith("AndWait")

    @property
    def trace_root(self) -> "Run":
        run = self
        while run.parent is not None and run.in_parents_trace:
            run = run.parent
        return run

    @property
    def trace_id(self) -> str:
        return trace_id(self.trace_root.seed)

    @property
    def span_id(self) -> str:
        return span_id(self.seed, 0)

    @property
    def cost_cents(self) -> float:
        """The compute cost, without the base cost. In development both are 0 until started."""
        return round(self.active_ms / 1000 * CENTS_PER_S[self.machine], 6)

    @property
    def base_cost_cents(self) -> float:
        return BASE_COST_CENTS if self.started_ms is not None else 0

    def note(self, kind: int, now_ms: int, argument: int = 0) -> None:
        """Write down what happened; this is also the time of the last update."""
        self.journal.append(now_ms << 16 | argument << 8 | kind)
        self.updated_ms = now_ms

    def entries(self) -> list[tuple[int, int, int]]:
        """The journal as (time_ms, kind, argument)."""
        return [(entry >> 16, entry & 0xFF, entry >> 8 & 0xFF) for entry in self.journal]

    def content_seed(self) -> int:
        """What payload, output and errors are made from."""
        return mix(self.seed, 11)


class Sent:
    """A payload, an output or the like as it was sent: a text and its type."""

    __slots__ = ("kind", "text")

    def __init__(self, text: str, kind: str = "application/json"):
        self.text = text
        self.kind = kind


class Batch:
    """A batch. `style` is the way it was made, on which its answers depend.

    `v1` (`POST /api/v1/tasks/batch` and `/tasks/{id}/batch`) stays PENDING forever (recorded);
    `v2` and `v3` become COMPLETED when every run has ended, however it ended; `v3` is streamed:
    PROCESSING while its items are turned into runs, then PENDING again.
    """

    __slots__ = (
        "created_ms", "id", "idempotency_key", "items", "open_runs", "parent", "processed_ms",
        "run_count", "runs", "sealed", "status", "style", "updated_ms",
    )  # fmt: skip

    def __init__(self, batch_id: str, style: str, run_count: int, now_ms: int):
        self.id = batch_id
        self.style = style
        self.run_count = run_count
        self.created_ms = now_ms
        self.updated_ms = now_ms
        self.status = "PENDING"
        self.idempotency_key: str | None = None
        self.runs: list[Run] = []
        self.open_runs = 0
        self.parent: Run | None = None
        self.sealed = style != "v3"
        self.processed_ms: int | None = None
        # Items of a streamed batch that are not yet runs, by their index.
        self.items: dict[int, Mapping[str, Any]] = {}

    def add(self, run: Run) -> None:
        self.runs.append(run)
        self.open_runs += 1

    def run_ended(self, now_ms: int) -> None:
        """One of the runs reached a final status."""
        self.open_runs -= 1
        whole = self.sealed and len(self.runs) >= self.run_count
        if not self.open_runs and whole and self.style != "v1":
            self.status = "COMPLETED"
            self.updated_ms = now_ms


ENVIRONMENT_TYPES = {
    "dev": "DEVELOPMENT", "stg": "STAGING", "preview": "PREVIEW", "prod": "PRODUCTION",
}  # fmt: skip
USER_NAME = "Sam Operator"


@dataclass(frozen=True, slots=True)
class Deployment:
    """A version and the time from which it is the current one."""

    version: str
    since_ms: int
    tasks: tuple[str, ...]


class EnvironmentBase:
    """What runs need of their environment: its tasks, queues, batches, tokens and versions."""

    def __init__(
        self, slug: str, seed: int, limits: Limits, tasks: dict[str, Task], timeline: Timeline,
        v2_queues: bool = True,
    ):  # fmt: skip
        self.slug = slug
        # Development environments belong to a person.
        self.user_name = USER_NAME
        self.type = ENVIRONMENT_TYPES[slug]
        self.seed = mix(seed, seed_of(slug))
        self.id = cuid(-800_000, len(slug), mix(self.seed, 31))
        self.secret_key = f"tr_{slug}_{letters(mix(self.seed, 32), 24)}"
        self.limits = limits
        self.tasks = tasks
        self.paused = False
        # Of a development environment: runs wait while the worker of its owner is away.
        self.worker_connected = True
        self.running = 0
        self.queues: dict[str, Queue[Run]] = {}
        self.queue_ids: dict[str, Queue[Run]] = {}
        self.batches: dict[str, Batch] = {}
        self.waitpoints: dict[str, Waitpoint] = {}
        self.deployments: list[Deployment] = []
        # Versions by the external id that they were deployed with, and the runs pinned to one.
        self.external_versions: dict[str, str] = {}
        self.pinned: dict[str, str] = {}
        # Thrown by tasks during incidents; numbered after a task's own faults.
        self.extra_faults: tuple[TaskError, ...] = ()
        # How many things clients made; their seeds depend on it.
        self.made = 0
        self._last_ms, self._same_ms = 0, 0
        self.timeline = timeline
        self.v2_queues = v2_queues
        self.concurrency_limits: dict[str, ConcurrencyLimit] = {}
        for task in tasks.values():
            queue = self.queue(task.queue_name, task.limit)
            if task.concurrency is not None and v2_queues:
                queue.is_v2, queue.base_limit = True, None
                declare(self.concurrency_limits, task.id, task.concurrency, self.seed)

    def queue(self, name: str, limit: int | None = None) -> "Queue[Run]":
        """The queue of this name, made when it does not exist."""
        queue = self.queues.get(name)
        if queue is None:
            queue = self.queues[name] = Queue(name, limit, self.seed)
            self.queue_ids[queue.id] = queue
        return queue

    def count_at(self, time_ms: int) -> int:
        """A number for each run of one millisecond, so that ids sort in order of creation."""
        self._same_ms = self._same_ms + 1 if time_ms == self._last_ms else 0
        self._last_ms = time_ms
        return self._same_ms

    def has_room(self) -> bool:
        blocked = self.paused or not self.worker_connected
        return not blocked and self.running < self.limits.concurrency

    def deployment_at(self, time_ms: int) -> Deployment | None:
        """The deployment that was current at a time."""
        place = bisect_right(self.deployments, time_ms, key=lambda each: each.since_ms)
        return self.deployments[place - 1] if place else None

    def on_run_created(self, run: Run) -> None:
        """A run was created here."""
        raise NotImplementedError

    def on_run_tagged(self, run: Run, tag: str) -> None:
        """A run got another tag."""
        raise NotImplementedError

    def on_run_ended(self, run: Run) -> None:
        """A run reached a final status."""
        raise NotImplementedError
