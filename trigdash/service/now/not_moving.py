"""Findings of what does not move, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from trigdash.service.now.finding import NowFinding, Section, Severity, oldest_text
from trigdash.service.now.readings import NOT_MOVING, Readings, Waiting

if TYPE_CHECKING:
    from trigdash.model.queue import Queue


def paused_environment(seen: Readings) -> Iterator[NowFinding]:
    """The environment, when it is paused."""
    here = seen.identity
    if here is not None and here.paused:
        yield NowFinding(
            "paused",
            "environment",
            here.environment or "environment",
            Section.NOT_MOVING,
            Severity.CRITICAL,
            "the environment is paused: nothing starts",
            act="resume the environment",
        )


def queues_held(seen: Readings) -> Iterator[NowFinding]:
    """Queues that are paused, or whose limit lets nothing through."""
    oldest = oldest_by_queue(seen)
    for queue in seen.queues or ():
        yield from _queue_held(queue, oldest.get(queue.filter_name), seen.at)


def _queue_held(queue: Queue, since: datetime | None, at: datetime) -> Iterator[NowFinding]:
    wait = f"{queue.queued:,} wait{oldest_text(since, at)}"
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


def paused_limits(seen: Readings) -> Iterator[NowFinding]:
    """Named limits that are paused."""
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


def stuck_runs(seen: Readings) -> Iterator[NowFinding]:
    """Stuck runs that no queue and no limit explains."""
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
                f"{runs:,} {why}{oldest_text(since, seen.at)}",
                since,
                act,
            )


def _by_task(waiting: Iterable[Waiting]) -> dict[tuple[str, str], list[Waiting]]:
    groups: dict[tuple[str, str], list[Waiting]] = {}
    for each in waiting:
        groups.setdefault((each.status, each.task), []).append(each)
    return groups


def oldest_by_queue(seen: Readings) -> dict[str, datetime]:
    """Queue → since when its oldest stuck run has waited."""
    oldest: dict[str, datetime] = {}
    for each in seen.waiting or ():
        if each.status == "Queued" and each.since and seen.at - each.since > NOT_MOVING:
            oldest[each.queue] = min(each.since, oldest.get(each.queue, each.since))
    return oldest
