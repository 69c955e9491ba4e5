"""What fails more than usual: tasks compared with their own week, errors with the deployment before
them, and the alerts of the server. Pure: each finding has figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from math import comb, exp, lgamma

from trigdash.model.moment import span_text
from trigdash.service.now.finding import NowFinding, Section, Severity
from trigdash.service.now.readings import Readings, TaskFailures
from trigdash.service.triage.beginning import beginning_of

LEAST_FAILED = 3
"""Fewer failures in an hour are no trend."""
APART = 0.1
"""The failure rate must exceed the usual one by this much, since a week of few runs is a poor
estimate."""
APART_AFTER_MANY = 0.05
LONG_HISTORY = 500
"""After this many earlier runs, the usual rate is known well."""
CHANCE = 5e-4
"""A task fails more than usual when the probability of that many failures is at most this."""
MOST_RUNS = 500
WEIGHT = 10.0
"""The weight, in runs, of the project's usual failure rate for a task with a short history."""
NEW_FOR = timedelta(days=1)


def more_than_usual(tasks: Iterable[TaskFailures]) -> list[TaskFailures]:
    """The tasks with more failures in the last hour than chance explains, least likely first. The
    usual rate is the task's own of the week before, smoothed by that of all tasks."""
    known = list(tasks)
    runs = sum(task.before for task in known)
    share = (sum(task.before_failed for task in known) + 1) / (runs + 20)
    chances = {
        task.task: min(_unlikely(task, *window, share) for window in _windows(task))
        for task in known
    }
    bad = [task for task in known if chances.get(task.task, 1.0) < CHANCE]
    return sorted(bad, key=lambda task: chances[task.task])


def _unlikely(task: TaskFailures, runs: int, failed: int, share: float) -> float:
    """The probability of a window's failures; 1 where they are few, or hardly more than usual."""
    bad, runs_before = task.before_failed + WEIGHT * share, task.before + WEIGHT
    usual = bad / runs_before
    apart = APART if task.before < LONG_HISTORY else APART_AFTER_MANY
    if failed < LEAST_FAILED or failed / runs < usual + apart:
        return 1.0
    return _chance(runs, failed, bad, runs_before - bad)


def _windows(task: TaskFailures) -> tuple[tuple[int, int], tuple[int, int]]:
    """Runs and failures of the last hour, and of its second half."""
    return (task.recent, task.recent_failed), (task.latest, task.latest_failed)


def _chance(runs: int, failed: int, bad: float, good: float) -> float:
    """The probability of that many failures or more after a history of bad and good runs: the tail
    of a beta-binomial distribution, so that a short history gives no small probability."""
    if runs > MOST_RUNS:  # The same rate in fewer runs: as good an estimate, in less time.
        runs, failed = MOST_RUNS, round(failed * MOST_RUNS / runs)
    whole = _log_beta(bad, good)
    return sum(
        comb(runs, k) * exp(_log_beta(k + bad, runs - k + good) - whole)
        for k in range(failed, runs + 1)
    )


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def failing_tasks(seen: Readings) -> Iterator[NowFinding]:
    """Tasks that fail more than usual, and the schedules whose runs those are."""
    scheduled = {each.task: each for each in seen.schedules or () if each.active}
    for task in more_than_usual(seen.tasks or ()):
        usual = f"usual {task.before_failed:,} of {task.before:,} in 7 d"
        said = f"{task.recent_failed:,} of {task.recent:,} failed in 1 h; {usual}"
        yield NowFinding(
            "failing_more_than_usual",
            "task",
            task.task,
            Section.FAILING,
            Severity.CRITICAL,
            said,
            act="look at its errors",
        )
        if task.task in scheduled:
            schedule = scheduled[task.task]
            said = f"{task.task}: {said}"
            yield NowFinding(
                "schedule_failed",
                "schedule",
                schedule.id,
                Section.FAILING,
                Severity.WARNING,
                said,
                title=f"schedule {schedule.generator.expression or schedule.id}",
            )


def new_errors(seen: Readings) -> Iterator[NowFinding]:
    """Errors that were first seen soon after a version became current."""
    for error in seen.errors or ():
        first = error.first_seen
        if first is None or seen.at - first > NEW_FOR or error.status_name != "unresolved":
            continue
        began = beginning_of(first, seen.deployments or ())
        if began.after is None or not began.began_with_it or error.count < LEAST_FAILED:
            continue
        version = began.deployment.version if began.deployment is not None else ""
        said = (
            f"new in {version}: {error.count:,}, none before; first "
            f"{span_text(began.after)} after it"
        )
        message = next(iter(error.error_message.splitlines()), "")
        name = f"{error.error_type} {message[:80]}".strip()
        yield NowFinding(
            "error_new_in_deployment",
            "error",
            error.id,
            Section.FAILING,
            Severity.CRITICAL,
            said,
            first,
            "roll back, or fix and replay",
            name,
        )


def alerts(seen: Readings) -> Iterator[NowFinding]:
    """Alerts of the server that need attention."""
    for alert in seen.alerts or ():
        if alert.attention == "needs_attention":
            yield NowFinding(
                "alert",
                "alert",
                alert.id,
                Section.FAILING,
                Severity.WARNING,
                f"{alert.capability_key} needs attention",
                alert.updated_at,
                "resolve it",
                alert.name or alert.id,
                "resolve",
                alert,
            )
