"""The life of runs: queued, dequeued, executing, waiting, retrying, ended.

Each method is a transition at the world's current time. What comes later is put on the world's
calendar together with the run's stage; a transition raises the stage, so that what was planned
before it is void.
"""

from functools import partial
from typing import TYPE_CHECKING

from trigdash.simulator import runs as journal
from trigdash.simulator.durations import duration_ms
from trigdash.simulator.environments import Environment, Spawn
from trigdash.simulator.ids import cuid, mix
from trigdash.simulator.plan import boot_ms, draw, retry_ms, unit
from trigdash.simulator.queues import Queue
from trigdash.simulator.runs import Run
from trigdash.simulator.steps import Placed

if TYPE_CHECKING:
    from trigdash.simulator.world import World

# A worker keeps a run whose retry comes sooner than this (the engine's own threshold).
WARM_RETRY_MS = 30_000
OUT_OF_MEMORY = "TASK_PROCESS_OOM_KILLED"


class Engine:
    """Moves runs through their lives."""

    def __init__(self, world: "World"):
        self.world = world

    # Born

    def trigger(self, env: Environment, spawn: Spawn) -> Run:
        """A new run: delayed, waiting for a version, or queued at once."""
        now_ms = self.world.now_ms if spawn.created_ms is None else spawn.created_ms
        run = Run(env, spawn.task_id, env.tasks.get(spawn.task_id), spawn.seed, now_ms)
        run.id = f"run_{cuid(now_ms - self.world.start_ms, spawn.seed >> 20, mix(spawn.seed, 9))}"
        _equip(run, spawn)
        env.runs.add(run)
        if run.batch is not None:
            run.batch.add(run)
        if spawn.parent is not None:
            children = spawn.parent.children
            if children is None:
                children = spawn.parent.children = []
            children.append(run)
        if spawn.delay_until_ms is not None and spawn.delay_until_ms > self.world.now_ms:
            run.status = "DELAYED"
            self.delay(run, spawn.delay_until_ms)
        else:
            self.enqueue(run)
        return run

    def delay(self, run: Run, until_ms: int) -> None:
        """Let a run wait for its time."""
        run.stage += 1
        run.delayed_ms = until_ms
        self.world.at(until_ms, self.enqueue, run)

    def enqueue(self, run: Run) -> None:
        """Into the queue, or into waiting for a version that has the task."""
        now_ms = self.world.now_ms
        env = run.env
        deployed = run.task is not None and self._is_deployed(run)
        if not deployed and env.type != "DEVELOPMENT":
            run.stage += 1
            run.status = "PENDING_VERSION"
            run.updated_ms = now_ms
            return
        run.note(journal.QUEUED, now_ms)
        if run.ttl is not None and run.attempt == 0 and (ttl_ms := duration_ms(run.ttl)):
            self.world.always(now_ms + ttl_ms, self.expire, run)
        self._wait_in_queue(run, now_ms)

    def _is_deployed(self, run: Run) -> bool:
        deployment = run.env.deployment_at(self.world.now_ms)
        return deployment is not None and run.task_id in deployment.tasks

    def _wait_in_queue(self, run: Run, since_ms: int) -> None:
        run.stage += 1
        run.status = "PENDING"
        if run.task is None:
            return  # nothing will ever pick it up
        run.in_queue = True
        run.queue.push(run, since_ms)
        self.pull(run.env, run.queue)

    # Dequeued

    def pull(self, env: Environment, queue: Queue) -> None:
        """Start what may start of one queue."""
        while env.has_room() and (run := queue.pop()) is not None:
            self._dequeue(run)

    def pull_all(self, env: Environment) -> None:
        """Start what may start of any queue, the environment's oldest runs first."""
        backlog = [queue for queue in env.queues.values() if queue.waiting_count]
        while backlog and env.has_room():
            started = False
            for queue in backlog:
                if env.has_room() and (run := queue.pop()) is not None:
                    self._dequeue(run)
                    started = True
            if not started:
                return

    def _dequeue(self, run: Run) -> None:
        now_ms = self.world.now_ms
        run.stage += 1
        run.in_queue = False
        run.status = "DEQUEUED"
        run.note(journal.DEQUEUED, now_ms)
        run.queue.take(run.concurrency_key)
        run.env.running += 1
        if run.started_ms is None:
            run.started_ms = now_ms
        if run.version is None:
            deployment = run.env.deployment_at(now_ms)
            run.version = deployment.version if deployment else None
        then = self._start if run.plan is None else self._come_back
        self.world.at(now_ms + boot_ms(run, self.world.pace), then, run)

    def _release(self, run: Run) -> None:
        """Give the concurrency back, and let others have it."""
        env = run.env
        was_full = not env.has_room()
        run.queue.give_back(run.concurrency_key)
        env.running -= 1
        if was_full:
            self.pull_all(env)
        else:
            self.pull(env, run.queue)

    # Executing

    def _start(self, run: Run) -> None:
        run.stage += 1
        run.status = "EXECUTING"
        run.attempt += 1
        now_ms = self.world.now_ms
        run.note(journal.STARTED, now_ms, min(run.attempt, 255))
        trouble = self.world.trouble(run)
        run.plan = draw(run, trouble, self.world.pace, self.world.rng)
        self._go_on(run)

    def _go_on(self, run: Run) -> None:
        """Until the next stop, or to the end of the attempt."""
        plan = run.plan
        assert plan is not None
        plan.resumed_ms = self.world.now_ms
        target, then = (
            (plan.stops[0].start_ms, self._stop) if plan.stops else (plan.total_ms, self._end)
        )
        self.world.at(self.world.now_ms + max(0, target - plan.done_ms), then, run)

    def _account(self, run: Run) -> None:
        """Count the compute time since the run last went on."""
        plan = run.plan
        if plan is None or not plan.resumed_ms:
            return
        spent_ms = self.world.now_ms - plan.resumed_ms
        run.active_ms += spent_ms
        plan.done_ms += spent_ms
        plan.resumed_ms = 0

    def _stop(self, run: Run) -> None:
        """At a step that waits or triggers."""
        plan = run.plan
        assert plan is not None
        self._account(run)
        placed = plan.stops.pop(0)
        if placed.step.kind in {"wait", "token"}:
            low, high = placed.step.low, placed.step.high
            seconds = low + (high - low) * unit(run.seed, 80 + placed.index)
            self._block(run, {f"{placed.step.kind}:{placed.index}"})
            due_ms = self.world.now_ms + int(seconds * 1000 / self.world.pace)
            name = f"{placed.step.kind}:{placed.index}"
            self.world.always(due_ms, partial(self.wake, name=name), run)
            return
        children = self._spawn_children(run, placed)
        if placed.step.kind == "fire":
            self._go_on(run)
        else:
            pending = {child.id for child in children if not child.is_final}
            self._block(run, pending)
            if not pending:
                self._resume(run)

    def _spawn_children(self, run: Run, placed: Placed) -> list[Run]:
        step = placed.step
        count = int(step.low + (step.high - step.low + 1) * unit(run.seed, 80 + placed.index))
        function = {"fire": "trigger", "child": "triggerAndWait", "batch": "batchTriggerAndWait"}
        batch = None
        if step.kind == "batch":
            seed = mix(run.seed, run.attempt, placed.index, 3)
            batch = self.world.new_batch(run.env, "v3", count, seed)
            batch.parent = run
            batch.sealed = True
            batch.processed_ms = self.world.now_ms
        return [
            self.trigger(
                run.env,
                Spawn(
                    step.task,
                    mix(run.seed, run.attempt, placed.index, n),
                    tags=run.tags[:1],
                    parent=run,
                    anchor=run.attempt << 8 | placed.index,
                    trigger_function=function[step.kind],
                    batch=batch,
                ),
            )
            for n in range(max(1, count))
        ]

    # Waiting

    def _block(self, run: Run, pending: set[str]) -> None:
        run.stage += 1
        run.waiting_on = pending
        run.note(journal.BLOCKED, self.world.now_ms)
        self.world.at(self.world.now_ms + int(1_050 / self.world.pace), self._suspend, run)

    def _suspend(self, run: Run) -> None:
        """A checkpoint is made; the concurrency is free for others meanwhile."""
        run.stage += 1
        run.status = "WAITING_TO_RESUME"
        run.note(journal.SUSPENDED, self.world.now_ms)
        self._release(run)

    def wake(self, run: Run, name: str) -> None:
        """One of the things that the run waits for is over."""
        if run.waiting_on is None or name not in run.waiting_on or run.is_final:
            return
        run.waiting_on.discard(name)
        if not run.waiting_on:
            self._resume(run)

    def _resume(self, run: Run) -> None:
        run.waiting_on = None
        run.stage += 1
        if run.status == "WAITING_TO_RESUME":
            run.note(journal.REQUEUED, self.world.now_ms)
            self._wait_in_queue(run, run.created_ms)
        else:
            run.note(journal.CONTINUED, self.world.now_ms)
            self._go_on(run)

    def _come_back(self, run: Run) -> None:
        run.stage += 1
        run.status = "EXECUTING"
        run.note(journal.RESUMED, self.world.now_ms)
        self._go_on(run)

    # Ended

    def _end(self, run: Run) -> None:
        plan = run.plan
        assert plan is not None
        self._account(run)
        if plan.ends == "ok":
            self._finish(run, "COMPLETED_SUCCESSFULLY", None)
        elif plan.ends == "error":
            self._fail(run, plan.error or 0)
        elif plan.ends == "cancel":
            self.cancel(run)
        elif plan.ends == "crash":
            self._finish(run, "CRASHED", OUT_OF_MEMORY if unit(run.seed, 8) < 0.6 else _EXITED)
        elif plan.ends == "timeout":
            self._finish(run, "TIMED_OUT", "MAX_DURATION_EXCEEDED")
        else:
            self._finish(run, "SYSTEM_FAILURE", "TASK_EXECUTION_ABORTED")

    def _fail(self, run: Run, error: int) -> None:
        """The attempt failed: again after a short or a long delay, or no more."""
        now_ms = self.world.now_ms
        run.note(journal.FAILED, now_ms, error)
        if run.attempt >= run.max_attempts:
            self._finish(run, "COMPLETED_WITH_ERRORS", error)
            return
        delay_ms = retry_ms(run, self.world.pace)
        run.stage += 1
        run.plan = None
        if delay_ms < WARM_RETRY_MS:
            run.note(journal.RETRY_SOON, now_ms)
            self.world.at(now_ms + delay_ms, self._start, run)
        else:
            run.note(journal.RETRY_LATER, now_ms)
            run.status = "PENDING"
            self.world.at(now_ms + delay_ms, self._queue_again, run)
            self._release(run)

    def _queue_again(self, run: Run) -> None:
        self._wait_in_queue(run, self.world.now_ms)

    def _finish(self, run: Run, status: str, error: int | str | None) -> None:
        run.stage += 1
        run.status = status
        run.error = error
        run.finished_ms = self.world.now_ms
        run.plan = None
        run.note(journal.ENDED, self.world.now_ms)
        self._release(run)
        self._close(run)

    def _close(self, run: Run) -> None:
        """Whoever waits for this run hears of its end."""
        run.env.runs.close(run)
        if run.batch is not None:
            run.batch.run_ended(self.world.now_ms)
        if run.parent is not None:
            self.wake(run.parent, run.id)

    def expire(self, run: Run) -> None:
        """The time to live is over: a run that never started never will."""
        if run.status != "PENDING" or run.started_ms is not None:
            return
        self._leave_queue(run)
        run.status = "EXPIRED"
        run.error = "Run expired because the TTL was reached"
        run.expired_ms = run.finished_ms = self.world.now_ms
        run.note(journal.EXPIRED, self.world.now_ms)
        self._close(run)

    def _leave_queue(self, run: Run) -> None:
        if run.in_queue:
            run.in_queue = False
            run.queue.withdraw()
        run.stage += 1

    def cancel(self, run: Run, reason: str = "Canceled by user") -> bool:
        """Cancel a run and its children; False when it had ended already.

        A run at work is CANCELED at once, but has no end until its worker has stopped (recorded).
        """
        if run.is_final:
            return False
        at_work = run.status in {"DEQUEUED", "EXECUTING"}
        now_ms = self.world.now_ms
        self._account(run)
        self._leave_queue(run)
        run.status = "CANCELED"
        run.error = reason
        run.waiting_on = None
        run.note(journal.CANCEL_ASKED if at_work else journal.CANCELED, now_ms)
        if at_work:
            self.world.at(now_ms + 400 + int(1_500 * unit(run.seed, 90)), self._stopped, run)
        self._close(run)
        for child in run.children or ():
            self.cancel(child, reason)
        return True

    def cancel_waiting(self, run: Run) -> None:
        """Cancel a run if it has not started yet."""
        if run.started_ms is None:
            self.cancel(run)

    def _stopped(self, run: Run) -> None:
        """The worker of a cancelled run has stopped."""
        run.stage += 1
        run.finished_ms = self.world.now_ms
        run.note(journal.KILLED, self.world.now_ms)
        self._release(run)


_EXITED = "TASK_PROCESS_EXITED_WITH_NON_ZERO_CODE"


def _equip(run: Run, spawn: Spawn) -> None:
    """Give a new run what its trigger and its task say."""
    env, task = run.env, run.task
    run.tags = spawn.tags
    if task is not None or spawn.queue is not None:
        run.queue = env.queue(spawn.queue or (task.queue_name if task else ""))
    else:  # a task that no worker has: its queue exists in name only
        run.queue = Queue(f"task/{spawn.task_id}", None, env.seed)
    run.concurrency_key = spawn.concurrency_key
    run.priority_ms = spawn.priority_ms
    run.ttl = spawn.ttl or ("10m" if env.type == "DEVELOPMENT" else None)
    run.max_attempts = spawn.max_attempts or run.max_attempts
    run.machine = spawn.machine or run.machine
    run.region = spawn.region or (env.id if env.type == "DEVELOPMENT" else "us-east-1")
    run.is_test = spawn.is_test
    run.trigger_function = spawn.trigger_function
    run.batch = spawn.batch
    run.schedule = spawn.schedule
    if spawn.parent is not None:
        run.parent = spawn.parent
        run.anchor = spawn.anchor
        run.depth = spawn.parent.depth + 1
