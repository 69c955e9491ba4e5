"""What an attempt is going to do, drawn from the run's own seed when it starts."""

import math
from statistics import NormalDist

from trigdash.simulator.world.content import fault
from trigdash.simulator.world.ids import mix
from trigdash.simulator.world.runs import Run
from trigdash.simulator.world.scenario import FOR_EVER_MS, HANGS, LATE_RETRY_MS, RETRIES_LATE
from trigdash.simulator.world.steps import STOPS, AttemptPlan, lay_out
from trigdash.simulator.world.tasks import Task

_UNIT = 1 / (1 << 64)
_NORMAL = NormalDist()


def unit(seed: int, salt: int) -> float:
    """A number in [0, 1) that belongs to a seed."""
    return mix(seed, salt) * _UNIT


def outcome_of(run: Run, task: Task) -> str:
    """How the run will end; decided for the run, not for each attempt."""
    luck = unit(run.seed, 5)
    for name, share in (
        ("crash", task.crash),
        ("timeout", task.timeout),
        ("system", 0.002),
        ("cancel", 0.012),
        ("error", task.failure),
        ("flaky", task.failure + 0.02 if task.attempts > 1 else 0.0),
    ):
        if luck < share:
            return name
        luck -= share
    return "ok"


def plan_attempt(run: Run, forced: int | str | None, pace: float) -> AttemptPlan:
    """Plan the run's current attempt. `forced` is the fault or the outcome that is forced on it.

    `pace` divides all times.
    """
    task = run.task
    if task is None:
        return AttemptPlan(1_000, "ok")
    outcome = outcome_of(run, task) if run.stall is None else "ok"
    if isinstance(forced, str):
        outcome = forced
    total_ms = max(20, int(_work_ms(run, task) / pace))
    luck = unit(run.seed, 110 + run.attempt)
    plan = AttemptPlan(total_ms, "ok")
    if run.stall == HANGS:
        plan = AttemptPlan(FOR_EVER_MS, "ok")
    elif run.stall == RETRIES_LATE:
        plan = AttemptPlan(max(20, total_ms // 2), "error", 0)
    elif isinstance(forced, int):
        plan = AttemptPlan(max(20, total_ms // 3), "error", forced)
    elif outcome == "error" or (outcome == "flaky" and run.attempt == 1):
        plan = AttemptPlan(max(20, int(total_ms * (0.2 + 0.7 * luck))), "error", _fault(run, task))
    elif outcome == "timeout" and task.max_duration_s is not None:
        most_ms = int(task.max_duration_s * 1000 / pace)
        plan = AttemptPlan(most_ms, outcome, whole_ms=whole_ms(run, run.attempt, most_ms, outcome))
    elif outcome in {"crash", "system", "cancel"}:
        share = _share_done(run, run.attempt, outcome)
        plan = AttemptPlan(max(20, int(total_ms * share)), outcome, whole_ms=total_ms)
    if task.has_stops:
        layout = lay_out(
            task.steps, run.seed, run.attempt, plan.whole_ms, broken_step(run, plan.error)
        )
        plan.stops = [
            item for item in layout if item.step.kind in STOPS and item.start_ms <= plan.total_ms
        ]
    return plan


def broken_step(run: Run, error: int | str | None) -> int | None:
    """The step of the run's body that a fault broke; none for errors of other kinds."""
    if run.task is None or not isinstance(error, int):
        return None
    return run.task.broken_step(fault(run, error))


def whole_ms(run: Run, attempt: int, done_ms: int, ends: str) -> int:
    """What the body of an attempt would have taken that ended before its time."""
    return int(done_ms / _share_done(run, attempt, ends))


def _share_done(run: Run, attempt: int, ends: str) -> float:
    luck = unit(run.seed, 110 + attempt)
    return 1 / (1.2 + luck) if ends == "timeout" else 0.3 + 0.6 * luck


def _work_ms(run: Run, task: Task) -> float:
    """The compute time of an attempt: lognormal around the task's median."""
    chance = min(max(unit(run.seed, 100 + run.attempt), 1e-6), 1 - 1e-6)
    return task.median_ms * math.exp(task.spread * _NORMAL.inv_cdf(chance))


def _fault(run: Run, task: Task) -> int:
    return int(unit(run.seed, 6) * len(task.faults)) if task.faults else 0


def boot_ms(run: Run, pace: float) -> int:
    """From dequeued to executing: short on a warm worker, seconds on a large cold machine."""
    luck = unit(run.seed, 40 + run.attempt)
    if run.machine.startswith(("large", "medium")):
        return int((700 + 4_000 * luck) / pace)
    return int((90 + 700 * luck * luck) / pace)


def retry_ms(run: Run, pace: float) -> int:
    """The delay before the next attempt: exponential with some jitter."""
    if run.stall == RETRIES_LATE:
        return LATE_RETRY_MS
    base = run.task.retry_ms if run.task else 1_000
    return int(base * 2 ** (run.attempt - 1) * (1 + 0.3 * unit(run.seed, 60 + run.attempt)) / pace)
