"""From a trigger to a worker: runs are made, wait in their queues, and are dequeued.

Concurrency is counted here: a queue's limit, for each concurrency key separately, and the
environment's own.
"""

from trigdash.simulator.world import runs as journal
from trigdash.simulator.world.environments import Spawn
from trigdash.simulator.world.ids import cuid, mix
from trigdash.simulator.world.limits import held_by
from trigdash.simulator.world.plan import boot_ms
from trigdash.simulator.world.queues import Queue
from trigdash.simulator.world.runs import EnvironmentBase, Run
from trigdash.simulator.world.scenario import NEVER_STARTS
from trigdash.simulator.world.state import WorldState
from trigdash.simulator.world.texts import duration_ms

EXTERNAL_WAIT_MS = 3_600_000
"""How long a run waits for the external deployment that it is pinned to (documented)."""


class Dispatcher:
    """Brings runs to the point where they start; the engine takes over there."""

    def __init__(self, world: WorldState):
        self.world = world

    def begin(self, run: Run) -> None:
        """A worker has taken a dequeued run."""
        raise NotImplementedError

    def expire(self, run: Run) -> None:
        """The time to live of a queued run is over."""
        raise NotImplementedError

    # Created

    def trigger(self, env: EnvironmentBase, spawn: Spawn) -> Run:
        """A new run: delayed, waiting for a version, or queued at once."""
        run = self._create_run(env, spawn)
        if spawn.delay_until_ms is not None and spawn.delay_until_ms > self.world.now_ms:
            run.status = "DELAYED"
            self.delay(run, spawn.delay_until_ms)
        else:
            self.enqueue(run)
        return run

    def _create_run(self, env: EnvironmentBase, spawn: Spawn) -> Run:
        now_ms = self.world.now_ms if spawn.created_ms is None else spawn.created_ms
        run = Run(env, spawn.task_id, env.tasks.get(spawn.task_id), spawn.seed, now_ms)
        number = env.count_at(now_ms)
        run.id = f"run_{cuid(now_ms - self.world.start_ms, number, mix(spawn.seed, 9))}"
        _equip(run, spawn)
        env.on_run_created(run)
        if run.batch is not None:
            run.batch.add(run)
        if spawn.parent is not None:
            children = spawn.parent.children
            if children is None:
                children = spawn.parent.children = []
            children.append(run)
        return run

    def delay(self, run: Run, until_ms: int) -> None:
        """Delay a run until a time."""
        run.stage += 1
        run.delayed_ms = until_ms
        self.world.at(until_ms, self.enqueue, run)

    def enqueue(self, run: Run) -> None:
        """Queue a run, or let it wait for a version that has the task."""
        now_ms = self.world.now_ms
        env = run.env
        external = env.pinned.get(run.id)
        if external is not None:
            run.version = env.external_versions.get(external)
        deployed = run.task is not None and self._is_deployed(run)
        lacks_version = external is not None and run.version is None
        if lacks_version or (not deployed and env.type != "DEVELOPMENT"):
            if external is not None and run.status != "PENDING_VERSION":
                self.world.always(now_ms + EXTERNAL_WAIT_MS, self.expire, run)
            run.stage += 1
            run.status = "PENDING_VERSION"
            run.updated_ms = now_ms
            return
        run.note(journal.QUEUED, now_ms)
        if run.ttl is not None and run.attempt == 0 and (ttl_ms := duration_ms(run.ttl)):
            self.world.always(now_ms + ttl_ms, self.expire, run)
        self.wait_in_queue(run, now_ms)

    def _is_deployed(self, run: Run) -> bool:
        deployment = run.env.deployment_at(self.world.now_ms)
        return deployment is not None and run.task_id in deployment.tasks

    def wait_in_queue(self, run: Run, since_ms: int) -> None:
        run.stage += 1
        run.status = "PENDING"
        if run.task is None:
            return  # nothing will ever pick it up
        run.in_queue = True
        run.queue.push(run, since_ms)
        for limit in run.limits:
            limit.waiting += 1
        self.pull(run.env, run.queue)

    # Dequeued

    def pull(self, env: EnvironmentBase, queue: Queue[Run]) -> None:
        """Start the runs of one queue that may start."""
        while env.has_room() and (run := queue.pop()) is not None:
            self.dequeue(run)

    def pull_all(self, env: EnvironmentBase) -> None:
        """Start the runs of any queue that may start, one queue after the other."""
        backlog = [queue for queue in env.queues.values() if queue.waiting_count]
        while backlog and env.has_room():
            started = False
            for queue in backlog:
                if env.has_room() and (run := queue.pop()) is not None:
                    self.dequeue(run)
                    started = True
            if not started:
                return

    def dequeue(self, run: Run) -> None:
        now_ms = self.world.now_ms
        run.stage += 1
        run.in_queue = False
        run.status = "DEQUEUED"
        run.note(journal.DEQUEUED, now_ms)
        run.queue.take(run.concurrency_key)
        for limit in run.limits:
            limit.waiting -= 1
            limit.take(run.concurrency_key)
        run.env.running += 1
        if run.started_ms is None:
            run.started_ms = now_ms
        if run.version is None:
            deployment = run.env.deployment_at(now_ms)
            run.version = deployment.version if deployment else None
        if run.stall != NEVER_STARTS:
            self.world.at(now_ms + boot_ms(run, self.world.pace), self.begin, run)

    def release(self, run: Run) -> None:
        """Release the concurrency of a run, and start others."""
        env = run.env
        was_full = not env.has_room()
        run.queue.give_back(run.concurrency_key)
        for limit in run.limits:
            limit.give_back(run.concurrency_key)
        env.running -= 1
        if was_full or run.limits:
            self.pull_all(env)
        else:
            self.pull(env, run.queue)


def _equip(run: Run, spawn: Spawn) -> None:
    """Set up a new run from its trigger and its task."""
    env, task = run.env, run.task
    run.tags = spawn.tags
    if task is not None or spawn.queue is not None:
        run.queue = env.queue(spawn.queue or (task.queue_name if task else ""))
    else:  # a task that no worker has: its queue exists in name only
        run.queue = Queue(f"task/{spawn.task_id}", None, env.seed)
    run.concurrency_key = spawn.concurrency_key
    if task is not None and env.concurrency_limits:
        run.limits = held_by(env.concurrency_limits, task.id, task.concurrency, spawn.concurrency)
    run.priority_ms = spawn.priority_ms
    run.version = spawn.version
    if spawn.external_deployment is not None:
        env.pinned[run.id] = spawn.external_deployment
    run.ttl = spawn.ttl or ("10m" if env.type == "DEVELOPMENT" else None)
    run.max_attempts = spawn.max_attempts or run.max_attempts
    run.machine = spawn.machine or run.machine
    run.region = spawn.region or (env.id if env.type == "DEVELOPMENT" else "us-east-1")
    run.is_test = spawn.is_test
    run.trigger_function = spawn.trigger_function
    run.batch = spawn.batch
    run.schedule = spawn.schedule
    run.stall = spawn.stall
    if spawn.parent is not None:
        run.parent = spawn.parent
        run.anchor = spawn.anchor
        run.depth = spawn.parent.depth + 1
