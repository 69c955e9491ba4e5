"""A run, and the journal of what happened to it."""

from array import array
from typing import TYPE_CHECKING, Any

from trigdash.simulator.ids import mix, span_id, trace_id
from trigdash.simulator.statuses import FINAL
from trigdash.simulator.tasks import CENTS_PER_S, Task

if TYPE_CHECKING:
    from trigdash.simulator.batches import Batch
    from trigdash.simulator.environments import Environment
    from trigdash.simulator.plan import Plan
    from trigdash.simulator.queues import Queue
    from trigdash.simulator.schedules import Schedule

# Kinds of journal entries; each entry is `time_ms << 16 | argument << 8 | kind`.
QUEUED, DEQUEUED, STARTED, FAILED, RETRY_SOON, RETRY_LATER = 1, 2, 3, 4, 5, 6
BLOCKED, SUSPENDED, CONTINUED, REQUEUED, RESUMED = 7, 8, 9, 10, 11
ENDED, CANCEL_ASKED, CANCELED, EXPIRED, KILLED = 12, 13, 14, 15, 16

BASE_COST_CENTS = 0.0025


class Run:
    """One run. Slots, not a dict: a world holds 100,000 of these and more."""

    __slots__ = (
        "active_ms", "anchor", "attempt", "batch", "bulk", "children", "concurrency_key",
        "created_ms", "delayed_ms", "depth", "env", "error", "expired_ms", "finished_ms",
        "habit", "id",
        "idempotency_key", "idempotency_until_ms", "in_queue", "is_test", "journal", "machine",
        "max_attempts", "metadata", "output", "parent", "payload", "plan", "priority_ms", "queue",
        "region", "schedule", "seed", "stage", "started_ms", "status", "tags", "task", "task_id",
        "trigger_function", "ttl", "updated_ms", "user_key", "version", "waiting_on",
    )  # fmt: skip

    def __init__(self, env: "Environment", task_id: str, task: Task | None, seed: int, now_ms: int):
        self.env = env
        self.task_id = task_id
        self.task = task
        self.seed = seed
        self.id = ""
        self.status = "PENDING"
        self.created_ms = now_ms
        self.updated_ms = now_ms
        self.started_ms: int | None = None
        self.finished_ms: int | None = None
        self.expired_ms: int | None = None
        self.delayed_ms: int | None = None
        self.queue: Queue
        self.version: str | None = None
        self.ttl: str | None = None
        self.tags: tuple[str, ...] = ()
        self.attempt = 0
        self.active_ms = 0
        self.journal = array("q")
        self.stage = 0
        self.plan: Plan | None = None
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
        self.habit: str | None = None
        self.in_queue = False
        self.idempotency_key: str | None = None
        self.idempotency_until_ms = 0
        self.user_key: str | None = None
        self.concurrency_key: str | None = None
        self.machine = task.machine if task else "small-1x"
        self.region: str | None = None
        self.max_attempts = task.attempts if task else 1
        self.priority_ms = 0
        self.trigger_function = "trigger"
        # None: made from the seed when asked for; otherwise what a client sent.
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

    @property
    def root(self) -> "Run":
        run = self
        while run.parent is not None:
            run = run.parent
        return run

    @property
    def in_parents_trace(self) -> bool:
        """Runs that a parent waits for share its trace; fired ones have a trace of their own."""
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
        """The compute cost; the base cost is apart. In development both are 0 until started."""
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
