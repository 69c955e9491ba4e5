"""The organisation, its project, and the environments with what each holds."""

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trigdash.simulator.batches import Batch
from trigdash.simulator.ids import cuid, letters, mix, seed_of
from trigdash.simulator.index import RunIndex
from trigdash.simulator.queues import Queue
from trigdash.simulator.runs import Run
from trigdash.simulator.schedules import Schedule
from trigdash.simulator.tasks import Fault, Task
from trigdash.simulator.variables import Variable, first_ones

if TYPE_CHECKING:
    from trigdash.simulator.bulk_actions import BulkAction
    from trigdash.simulator.deployments import Release
    from trigdash.simulator.error_groups import Decision
    from trigdash.simulator.waitpoints import Waitpoint


@dataclass(frozen=True, slots=True)
class Deployment:
    """A version, and since when it is the current one."""

    version: str
    since_ms: int
    tasks: tuple[str, ...]


USER_NAME = "Sam Operator"


class Project:
    """One project of one organisation, and the person whose access token it is."""

    def __init__(self, seed: int, created_ms: int):
        self.id = cuid(-900_000, 1, mix(seed, 21))
        self.ref = f"proj_{letters(mix(seed, 22), 20).lower()}"
        self.name = "Acme Jobs"
        self.slug = f"acme-jobs-{letters(mix(seed, 23), 4)}"
        self.org_id = cuid(-900_000, 2, mix(seed, 24))
        self.org_slug = f"acme-{letters(mix(seed, 25), 4).lower()}"
        self.org_title = "Acme"
        self.user_id = cuid(-900_000, 3, mix(seed, 26))
        self.user_name = USER_NAME
        self.user_email = "sam@example.test"
        self.access_token = (
            f"tr_pat_{letters(mix(seed, 27), 40).lower().replace('0', '1').replace('l', 'k')}"
        )
        self.created_ms = created_ms


SLUGS = {"dev": "DEVELOPMENT", "stg": "STAGING", "preview": "PREVIEW", "prod": "PRODUCTION"}


@dataclass(slots=True)
class Limits:
    """How many runs an environment runs at once; bursts may go over the plain limit."""

    concurrency: int
    burst_factor: float = 2.0


class Environment:
    """One environment of the project: its key, queues, runs, batches and versions."""

    def __init__(self, slug: str, seed: int, limits: Limits, tasks: dict[str, Task]):
        self.slug = slug
        # Development environments belong to a person.
        self.user_name = USER_NAME
        self.type = SLUGS[slug]
        self.seed = mix(seed, seed_of(slug))
        self.id = cuid(-800_000, len(slug), mix(self.seed, 31))
        self.secret_key = f"tr_{slug}_{letters(mix(self.seed, 32), 24)}"
        self.limits = limits
        self.tasks = tasks
        self.paused = False
        self.running = 0
        self._counted, self._counted_ms = 0, 0
        self.queues: dict[str, Queue] = {}
        self.queue_ids: dict[str, Queue] = {}
        self.runs = RunIndex()
        self.batches: dict[str, Batch] = {}
        self.schedules: dict[str, Schedule] = {}
        # What was current since when, and everything that was built.
        self.deployments: list[Deployment] = []
        self.releases: list[Release] = []
        self.waitpoints: dict[str, Waitpoint] = {}
        self.variables: dict[str, Variable] = first_ones()
        self.bulk_actions: dict[str, BulkAction] = {}
        # By fingerprint; an error group that is not in here is unresolved.
        self.error_decisions: dict[str, Decision] = {}
        self.idempotency: dict[tuple[str, str], Run] = {}
        self.batch_keys: dict[str, Batch] = {}
        # How many things clients made; their seeds count on it.
        self.made = 0
        self.request_keys: dict[tuple[str, str], str] = {}
        # What incidents make tasks throw; numbered after a task's own faults.
        self.extra_faults: tuple[Fault, ...] = ()
        for task in tasks.values():
            self.queue(task.queue_name, task.limit)

    def queue(self, name: str, limit: int | None = None) -> Queue:
        """The queue of this name; a new one when there is none."""
        queue = self.queues.get(name)
        if queue is None:
            queue = self.queues[name] = Queue(name, limit, self.seed)
            self.queue_ids[queue.id] = queue
        return queue

    def count_at(self, time_ms: int) -> int:
        """Numbers the runs of one millisecond, so that their ids are in the order of birth."""
        self._counted = self._counted + 1 if time_ms == self._counted_ms else 0
        self._counted_ms = time_ms
        return self._counted

    def has_room(self) -> bool:
        return not self.paused and self.running < self.limits.concurrency

    def deployment_at(self, time_ms: int) -> Deployment | None:
        """The deployment that was current at a time."""
        place = bisect_right(self.deployments, time_ms, key=lambda each: each.since_ms)
        return self.deployments[place - 1] if place else None


@dataclass(slots=True)
class Spawn:
    """What a new run is made from, whoever triggers it. Absent means: the task's own."""

    task_id: str
    seed: int
    tags: tuple[str, ...] = ()
    queue: str | None = None
    concurrency_key: str | None = None
    delay_until_ms: int | None = None
    ttl: str | None = None
    priority_ms: int = 0
    max_attempts: int | None = None
    machine: str | None = None
    region: str | None = None
    is_test: bool = False
    parent: Run | None = None
    anchor: int = 0
    trigger_function: str = "trigger"
    batch: Batch | None = None
    schedule: Schedule | None = None
    created_ms: int | None = None
    habit: str | None = None
