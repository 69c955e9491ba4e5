"""The lifecycle of runs: queued, dequeued, executing, waiting, retrying, ended.

Each method is a transition at the world's current time. Later transitions go on the world's
calendar with the run's stage. Each transition raises the stage, which voids what was planned
before it.
"""

from functools import partial

from typing_extensions import override

from trigdash.simulator.world import runs as journal
from trigdash.simulator.world import waitpoints
from trigdash.simulator.world.dispatch import Dispatcher
from trigdash.simulator.world.environments import Spawn
from trigdash.simulator.world.ids import mix
from trigdash.simulator.world.plan import plan_attempt, retry_ms, unit
from trigdash.simulator.world.runs import EnvironmentBase, Run
from trigdash.simulator.world.scenario import CHILD_HANGS, FOR_EVER_MS, HANGS, WAITS_FOR_EVER
from trigdash.simulator.world.steps import Placed

# A worker keeps a run whose retry comes sooner than this (the engine's own threshold).
WARM_RETRY_MS = 30_000
OUT_OF_MEMORY = "TASK_PROCESS_OOM_KILLED"
EXITED = "TASK_PROCESS_EXITED_WITH_NON_ZERO_CODE"


class Engine(Dispatcher):
    """Moves runs through their lifecycle."""

    @override
    def begin(self, run: Run) -> None:
        if run.plan is None:
            self._start(run)
        else:
            self._come_back(run)

    # Executing

    def _start(self, run: Run) -> None:
        run.stage += 1
        run.status = "EXECUTING"
        run.attempt += 1
        now_ms = self.world.now_ms
        run.note(journal.STARTED, now_ms, min(run.attempt, 255))
        run.plan = plan_attempt(run, self.world.forced(run), self.world.pace)
        self._go_on(run)

    def _go_on(self, run: Run) -> None:
        """Continue to the next stop, or to the end of the attempt."""
        plan = run.plan
        assert plan is not None
        plan.resumed_ms = self.world.now_ms
        target, then = (
            (plan.stops[0].start_ms, self._stop) if plan.stops else (plan.total_ms, self._end)
        )
        self.world.at(self.world.now_ms + max(0, target - plan.done_ms), then, run)

    def hasten(self, run: Run, speed: float) -> None:
        """Let the rest of what a run executes take so much less time, unless it hangs."""
        if run.plan is None or not run.plan.resumed_ms or run.stall is not None:
            return
        run.stage += 1
        self._account(run)
        run.plan.hasten(speed)
        self._go_on(run)

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
            name = f"{placed.step.kind}:{placed.index}"
            self._block(run, {name})
            due_ms = self.world.now_ms + int(seconds * 1000 / self.world.pace)
            if run.stall == WAITS_FOR_EVER:
                due_ms = self.world.now_ms + FOR_EVER_MS
            if placed.step.kind == "token":
                self._wait_for_token(run, name, due_ms)
            else:
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

    def _wait_for_token(self, run: Run, name: str, answered_ms: int) -> None:
        seed = mix(run.seed, 73, run.attempt)
        token = waitpoints.answer_later(self.world, run.env.waitpoints, seed, answered_ms)
        token.tags = ("approval", run.id)
        token.run_id = run.id
        token.on_end = partial(self.wake, run, name)

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
                    stall=HANGS if run.stall == CHILD_HANGS and not n else None,
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
        """Suspend a run at a checkpoint; its concurrency is free meanwhile."""
        run.stage += 1
        run.status = "WAITING_TO_RESUME"
        run.note(journal.SUSPENDED, self.world.now_ms)
        self.release(run)

    def wake(self, run: Run, name: str) -> None:
        """One of the things that the run waits for ended."""
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
            self.wait_in_queue(run, run.created_ms)
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
            self._finish(run, "CRASHED", OUT_OF_MEMORY if runs_out_of_memory(run.seed) else EXITED)
        elif plan.ends == "timeout":
            self._finish(run, "TIMED_OUT", "MAX_DURATION_EXCEEDED")
        else:
            self._finish(run, "SYSTEM_FAILURE", "TASK_EXECUTION_ABORTED")

    def _fail(self, run: Run, error: int) -> None:
        """The attempt failed: retry after a short or a long delay, or end."""
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
            self.release(run)

    def _queue_again(self, run: Run) -> None:
        self.wait_in_queue(run, self.world.now_ms)

    def _finish(self, run: Run, status: str, error: int | str | None) -> None:
        run.stage += 1
        run.status = status
        run.error = error
        run.finished_ms = self.world.now_ms
        run.plan = None
        run.note(journal.ENDED, self.world.now_ms)
        self.release(run)
        self._close(run)

    def create_failed(self, env: EnvironmentBase, spawn: Spawn, error: str) -> Run:
        """A run for an item that could not be triggered (recorded)."""
        run = self._create_run(env, spawn)
        run.status = "SYSTEM_FAILURE"
        run.error = error
        run.finished_ms = self.world.now_ms
        run.note(journal.ENDED, self.world.now_ms)
        self._close(run)
        return run

    def _close(self, run: Run) -> None:
        """Notify what waits for this run."""
        run.env.on_run_ended(run)
        if run.batch is not None:
            run.batch.run_ended(self.world.now_ms)
        if run.parent is not None:
            self.wake(run.parent, run.id)

    @override
    def expire(self, run: Run) -> None:
        """The time to live is over: the run expires if it has not started."""
        if run.status not in {"PENDING", "PENDING_VERSION"} or run.started_ms is not None:
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
            for limit in run.limits:
                limit.waiting -= 1
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
        """The worker of a canceled run has stopped."""
        run.stage += 1
        run.finished_ms = self.world.now_ms
        run.note(journal.KILLED, self.world.now_ms)
        self.release(run)


def runs_out_of_memory(seed: int) -> bool:
    """How a run of this seed crashes: for want of memory, or with an exit code."""
    return unit(seed, 8) < 0.6
