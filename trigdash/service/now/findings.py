"""What needs somebody now, from what was read. Pure: nothing is guessed, each finding has figures.

Codes: `failing_more_than_usual`, `error_new_in_deployment`, `schedule_failed`, `alert`,
`queue_blocked`, `stuck_runs`, `near_limit`, `promoted`, `paused`, `overridden`,
`ignored_error_back`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from math import comb
from typing import TYPE_CHECKING

from trigdash.service.now.readings import NOT_MOVING, RECENT, Readings, TaskFailures, Waiting
from trigdash.service.spans import span_text

if TYPE_CHECKING:
    from trigdash.model.queue import Queue

LEAST_FAILED = 3
"""Fewer failures in an hour are no trend."""
APART = 0.15
"""By so much the share of failures must exceed what is usual: a week of few runs tells it badly."""
APART_AFTER_MANY = 0.05
LONG_HISTORY = 500
"""After so many runs before, what is usual is known well."""
CHANCE = 1e-4
"""A task fails more than usual when so many failures had at most this chance."""
WEIGHT = 10.0
"""How many runs of the project's usual share a task with a short history borrows."""
NEAR = 0.85
"""The share of a limit from which on it is near."""
AFTER_DEPLOYMENT = timedelta(hours=2)
"""An error that first happens so long after a version became current began with it."""
NEW_FOR = timedelta(days=1)
CHANGED_FOR = timedelta(days=1)
"""A pause or an override is told however old; that it is new, for so long."""


class Section(Enum):
    """Where a finding stands, in the order of the screen."""

    FAILING = "failing more than usual"
    NOT_MOVING = "not moving"
    NEAR_LIMIT = "near a limit"
    CHANGED = "changed"


class Severity(Enum):
    """How much a finding needs somebody."""

    CRITICAL = "critical"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class NowFinding:
    """One thing that needs somebody, or that changed."""

    code: str
    kind: str
    """What the subject is: task, error, queue, limit, environment, deployment, schedule, alert."""
    subject: str
    section: Section
    severity: Severity
    evidence: str
    """Figures with their window, in words."""
    since: datetime | None = None
    act: str = ""
    """What can be done, in words; empty where only looking helps."""
    title: str = ""
    """What the subject is called, where its id says little."""
    write: str = ""
    """Name of the action that does what `act` says; empty where there is none."""
    row: object = field(default=None, compare=False, repr=False)
    """The subject as it was read."""

    @property
    def name(self) -> str:
        """What to call the subject."""
        kind = f"{self.kind} " if self.kind in ("queue", "limit", "environment") else ""
        return self.title or f"{kind}{self.subject}"


@dataclass(frozen=True, slots=True)
class LookedAt:
    """One thing that was looked at, or why it was not."""

    what: str
    said: str
    is_known: bool = True
    is_well: bool = True
    """False where what it says is a warning by itself."""


@dataclass(frozen=True, slots=True)
class Now:
    """The answer: what needs somebody, worst first in each section, and what was looked at."""

    at: datetime
    findings: tuple[NowFinding, ...]
    looked_at: tuple[LookedAt, ...]

    @property
    def is_critical(self) -> bool:
        """Whether somebody is needed at once."""
        return any(each.severity is Severity.CRITICAL for each in self.findings)

    @property
    def needing(self) -> tuple[NowFinding, ...]:
        """The findings that are more than news."""
        return tuple(each for each in self.findings if each.severity is not Severity.NOTICE)

    def of(self, section: Section) -> tuple[NowFinding, ...]:
        """The findings of a section."""
        return tuple(each for each in self.findings if each.section is section)


def now_of(readings: Readings) -> Now:
    """What the readings amount to."""
    found = [finding for check in _CHECKS for finding in check(readings)]
    order = list(Severity)
    found.sort(key=lambda each: (list(Section).index(each.section), order.index(each.severity)))
    return Now(readings.at, tuple(found), tuple(_looked_at(readings)))


# Failing


def more_than_usual(tasks: Iterable[TaskFailures]) -> list[TaskFailures]:
    """The tasks whose failures of the last hour are too many for chance, the least likely first.

    What is usual is the task's own share of the week before, steadied by that of all tasks."""
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
    """The chance of a window's failures; 1 where they are few, or hardly more than usual."""
    usual = (task.before_failed + WEIGHT * share) / (task.before + WEIGHT)
    apart = APART if task.before < LONG_HISTORY else APART_AFTER_MANY
    if failed < LEAST_FAILED or failed / runs < usual + apart:
        return 1.0
    return _chance(runs, failed, usual)


def _windows(task: TaskFailures) -> tuple[tuple[int, int], tuple[int, int]]:
    """Runs and failures of the last hour, and of its second half."""
    return (task.recent, task.recent_failed), (task.latest, task.latest_failed)


def _chance(runs: int, failed: int, usual: float) -> float:
    """How likely that many failures or more are where each run fails with a usual share."""
    if runs > 500:  # The same share of fewer runs: large binomials are slow and say no more.
        runs, failed = 500, round(failed * 500 / runs)
    usual = min(max(usual, 1e-6), 1.0)
    below = sum(comb(runs, k) * usual**k * (1 - usual) ** (runs - k) for k in range(failed))
    return max(0.0, 1.0 - below)


def _failing(seen: Readings) -> Iterator[NowFinding]:
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
            said = f"its task {task.task}: {said}"
            yield NowFinding(
                "schedule_failed",
                "schedule",
                schedule.id,
                Section.FAILING,
                Severity.WARNING,
                said,
                title=f"schedule {schedule.generator.expression or schedule.id}",
            )


def _new_errors(seen: Readings) -> Iterator[NowFinding]:
    """Errors that were never seen before a version became current, and soon after it were."""
    deployed = sorted(
        ((each.deployed_at, each) for each in seen.deployments or () if each.deployed_at),
        key=lambda pair: pair[0],
    )
    for error in seen.errors or ():
        first = error.first_seen
        if first is None or seen.at - first > NEW_FOR or error.status_name != "unresolved":
            continue
        before = [pair for pair in deployed if pair[0] <= first]
        if not before or first - before[-1][0] > AFTER_DEPLOYMENT or error.count < LEAST_FAILED:
            continue
        at, version = before[-1]
        said = (
            f"new in {version.version}: {error.count:,}, none before; first "
            f"{span_text(first - at)} after it"
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


def _errors_back(seen: Readings) -> Iterator[NowFinding]:
    for error in seen.errors or ():
        ended = error.resolved_at or error.ignored_at
        if error.status_name != "unresolved" or ended is None or error.last_seen is None:
            continue
        if error.last_seen <= ended or seen.at - error.last_seen > NEW_FOR:
            continue
        was = "resolved" if error.resolved_at else "ignored"
        yield NowFinding(
            "ignored_error_back",
            "error",
            error.id,
            Section.CHANGED,
            Severity.WARNING,
            f"was {was} and is back; last {span_text(seen.at - error.last_seen)} ago",
            error.last_seen,
            "resolve it",
            error.error_type,
            "resolve",
            error,
        )


def _alerts(seen: Readings) -> Iterator[NowFinding]:
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


# Not moving


def _environment(seen: Readings) -> Iterator[NowFinding]:
    here = seen.identity
    if here is None:
        return
    name = here.environment or "environment"
    if here.paused:
        yield NowFinding(
            "paused",
            "environment",
            name,
            Section.NOT_MOVING,
            Severity.CRITICAL,
            "the environment is paused: nothing starts",
            act="resume the environment",
        )
    limit = here.concurrency_limit
    if limit and seen.running is not None and seen.running >= limit * NEAR:
        yield NowFinding(
            "near_limit",
            "environment",
            name,
            Section.NEAR_LIMIT,
            Severity.WARNING,
            f"{seen.running:,} of {limit:,} runs at work",
        )


def _queues(seen: Readings) -> Iterator[NowFinding]:
    oldest = _oldest(seen)
    for queue in seen.queues or ():
        since = oldest.get(queue.filter_name)
        yield from _queue_held(queue, since, seen.at)
        limit = queue.concurrency_limit
        is_full = bool(limit) and limit is not None and queue.running >= limit
        if is_full and queue.queued and not queue.paused and since is not None:
            yield NowFinding(
                "near_limit",
                "queue",
                queue.name,
                Section.NEAR_LIMIT,
                Severity.WARNING,
                f"{queue.running:,} of {limit:,} at work, {queue.queued:,} wait"
                f"{_oldest_text(since, seen.at)}",
                since,
                "raise the limit",
                write="limit",
                row=queue,
            )


def _queue_held(queue: Queue, since: datetime | None, at: datetime) -> Iterator[NowFinding]:
    wait = f"{queue.queued:,} wait{_oldest_text(since, at)}"
    if queue.paused:
        yield NowFinding(
            "paused",
            "queue",
            queue.name,
            Section.NOT_MOVING if queue.queued else Section.CHANGED,
            Severity.WARNING if queue.queued else Severity.NOTICE,
            f"paused; {wait}" if queue.queued else "paused; nothing waits",
            since,
            "resume the queue",
            write="pause",
            row=queue,
        )
    blocked = queue.concurrency_limit == 0 and queue.queued
    if blocked:
        yield NowFinding(
            "queue_blocked",
            "queue",
            queue.name,
            Section.NOT_MOVING,
            Severity.WARNING,
            f"limit 0; {wait}",
            since,
            "remove the override",
            write="unlimit",
            row=queue,
        )
    overridden = queue.concurrency.overridden_at
    if queue.concurrency.override is not None and overridden and at - overridden <= CHANGED_FOR:
        base = "none" if queue.concurrency.base is None else f"{queue.concurrency.base:,}"
        yield NowFinding(
            "overridden",
            "queue",
            queue.name,
            Section.CHANGED,
            Severity.NOTICE,
            f"limit {queue.concurrency.override:,} instead of {base}",
            overridden,
            "remove the override",
            write="unlimit",
            row=queue,
        )


def _limits(seen: Readings) -> Iterator[NowFinding]:
    for limit in seen.limits or ():
        if limit.paused:
            yield NowFinding(
                "paused",
                "limit",
                limit.name,
                Section.NOT_MOVING if limit.queued else Section.CHANGED,
                Severity.WARNING if limit.queued else Severity.NOTICE,
                f"limit paused; {limit.queued:,} wait",
                act="resume the limit",
                write="resume",
                row=limit,
            )
        elif limit.is_full and limit.queued:
            yield NowFinding(
                "near_limit",
                "limit",
                limit.name,
                Section.NEAR_LIMIT,
                Severity.WARNING,
                f"{limit.running:,} of {limit.total.current:,} in use, {limit.queued:,} wait",
                act="raise the limit",
                write="override",
                row=limit,
            )


def _stuck(seen: Readings) -> Iterator[NowFinding]:
    """Runs that no queue and no limit explains."""
    said = {
        "Pending version": ("need a version with it", "deploy the task"),
        "Dequeued": ("taken and not started", "look at the workers"),
    }
    for (status, task), groups in _by_task(seen.waiting or ()).items():
        if status in said:
            why, act = said[status]
            runs = sum(each.runs for each in groups)
            since = min((each.since for each in groups if each.since), default=None)
            yield NowFinding(
                "stuck_runs",
                "task",
                task,
                Section.NOT_MOVING,
                Severity.WARNING,
                f"{runs:,} {why}{_oldest_text(since, seen.at)}",
                since,
                act,
            )


def _by_task(waiting: Iterable[Waiting]) -> dict[tuple[str, str], list[Waiting]]:
    groups: dict[tuple[str, str], list[Waiting]] = {}
    for each in waiting:
        groups.setdefault((each.status, each.task), []).append(each)
    return groups


def _oldest(seen: Readings) -> dict[str, datetime]:
    """Queue → since when its oldest run that does not move waits."""
    oldest: dict[str, datetime] = {}
    for each in seen.waiting or ():
        if each.status == "Queued" and each.since and seen.at - each.since > NOT_MOVING:
            oldest[each.queue] = min(each.since, oldest.get(each.queue, each.since))
    return oldest


def _oldest_text(since: datetime | None, at: datetime) -> str:
    return f", oldest {span_text(at - since)}" if since is not None else ""


# Near a limit, changed


def _rate(seen: Readings) -> Iterator[NowFinding]:
    rate = seen.rate
    if rate is None or not rate.limit or rate.remaining is None:
        return
    if rate.remaining < rate.limit * (1 - NEAR):
        yield NowFinding(
            "near_limit",
            "rate",
            "API rate limit",
            Section.NEAR_LIMIT,
            Severity.WARNING,
            f"{rate.remaining:,} of {rate.limit:,} requests left",
        )


def _promoted(seen: Readings) -> Iterator[NowFinding]:
    current = [each for each in seen.deployments or () if each.deployed_at]
    current.sort(key=lambda each: each.deployed_at or seen.at)
    for before, each in zip([None, *current], current, strict=False):
        if each.deployed_at is None or not timedelta() <= seen.at - each.deployed_at <= RECENT:
            continue
        was = f", was {before.version}" if before is not None else ""
        commit = each.git.commit_sha[:7] or (each.commit_sha or "")[:7]
        message = each.git.commit_message.splitlines()[:1]
        about = " ".join(part for part in (commit, *message) if part)
        yield NowFinding(
            "promoted",
            "deployment",
            each.version,
            Section.CHANGED,
            Severity.NOTICE,
            f"promoted{was}" + (f"; {about}" if about else ""),
            each.deployed_at,
            "roll back" if before is not None else "",
            write="promote" if before is not None else "",
            row=before,
        )


_CHECKS: tuple[Callable[[Readings], Iterator[NowFinding]], ...] = (
    _new_errors,
    _failing,
    _alerts,
    _environment,
    _queues,
    _limits,
    _stuck,
    _rate,
    _promoted,
    _errors_back,
)


# What was looked at


def _looked_at(seen: Readings) -> Iterator[LookedAt]:
    for part, say in _SAID.items():
        if getattr(seen, part) is not None:
            alarming = part == "health" and seen.health is not None and seen.health.severity != "ok"
            yield LookedAt(part, say(seen), is_well=not alarming)
        else:
            yield LookedAt(part, seen.refused.get(part, "not told"), is_known=False)


def _identity_said(seen: Readings) -> str:
    here = seen.identity
    if here is None:
        return ""
    paused = "paused" if here.paused else "not paused"
    if seen.running is None:
        return f"environment {paused}"
    places = f" of {here.concurrency_limit:,}" if here.concurrency_limit else ""
    return f"environment {paused}, {seen.running:,}{places} at work"


def _tasks_said(seen: Readings) -> str:
    tasks = seen.tasks or ()
    runs, failed = sum(each.recent for each in tasks), sum(each.recent_failed for each in tasks)
    before, bad = sum(each.before for each in tasks), sum(each.before_failed for each in tasks)
    usual = f" (usual {bad / before:.1%})" if before else ""
    share = f", {failed / runs:.1%} failed{usual}" if runs else ""
    return f"{runs:,} runs of the last hour finished{share}"


def _count(part: str, word: str) -> Callable[[Readings], str]:
    """How many of a part were looked at: "17 queues", "the first 20 deployments"."""

    def said(seen: Readings) -> str:
        count = f"{len(getattr(seen, part)):,} {word}"
        return f"the first {count}; the server has more" if part in seen.cut else count

    return said


def _health_said(seen: Readings) -> str:
    return f"the server's health report: {seen.health.severity if seen.health else 'unknown'}"


def _waiting_said(seen: Readings) -> str:
    runs = sum(each.runs for each in seen.waiting or ())
    return f"{runs:,} runs wait for over {NOT_MOVING // timedelta(minutes=1)} m"


_SAID: dict[str, Callable[[Readings], str]] = {
    "identity": _identity_said,
    "health": _health_said,
    "tasks": _tasks_said,
    "waiting": _waiting_said,
    "errors": _count("errors", "error groups of 7 days"),
    "queues": _count("queues", "queues"),
    "limits": _count("limits", "limits"),
    "deployments": _count("deployments", "deployments"),
    "schedules": _count("schedules", "schedules"),
    "alerts": _count("alerts", "alerts"),
}
"""Each part, and what it said."""
