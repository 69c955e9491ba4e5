"""Findings of what is near a limit, or at it while something waits. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from trigdash.model.moment import span_text
from trigdash.service.now.finding import NowFinding, Section, Severity, oldest_text
from trigdash.service.now.not_moving import oldest_by_queue
from trigdash.service.now.readings import Readings

if TYPE_CHECKING:
    from trigdash.model.queue import Queue

NEAR = 0.85
"""The fraction of a limit that counts as near it."""
LONG_WAIT = timedelta(minutes=4)
"""A full queue with shorter waits is merely busy, which is normal for a queue with a limit."""
TIMES_USUAL = 2
"""A wait is long when it is this many times the usual wait of the waiting tasks."""
TIMES_WORK = 12
"""Long runs wait long: up to this many times their run time is normal."""


def near_environment(seen: Readings) -> Iterator[NowFinding]:
    """The environment, when nearly all of its concurrency is in use."""
    here = seen.identity
    limit = here.concurrency_limit if here is not None else None
    if here is None or not limit or seen.running is None or seen.running < limit * NEAR:
        return
    yield NowFinding(
        "near_limit",
        "environment",
        here.environment or "environment",
        Section.NEAR_LIMIT,
        Severity.WARNING,
        f"{seen.running:,} of {limit:,} runs at work",
    )


def full_queues(seen: Readings) -> Iterator[NowFinding]:
    """Queues at their concurrency limit, where runs wait for long or will."""
    oldest = oldest_by_queue(seen)
    for queue in seen.queues or ():
        since, limit = oldest.get(queue.filter_name), queue.concurrency_limit
        if not limit or queue.running < limit or not queue.queued or queue.paused or since is None:
            continue
        clears, bearable = _outlook(queue, limit, seen)
        if max(seen.at - since, clears) < bearable:
            continue
        outlook = f"; clears in about {span_text(clears)}" if clears else ""
        yield NowFinding(
            "near_limit",
            "queue",
            queue.name,
            Section.NEAR_LIMIT,
            Severity.WARNING,
            f"{queue.running:,} of {limit:,} at work, {queue.queued:,} wait"
            f"{oldest_text(since, seen.at)}{outlook}",
            since,
            "raise the limit",
            write="limit",
            row=queue,
        )


def _outlook(queue: Queue, limit: int, seen: Readings) -> tuple[timedelta, timedelta]:
    """How long a queue needs for all waiting runs, 0 while unknown; and the longest wait that is
    still normal for the waiting tasks."""
    known = {task.task: task for task in seen.tasks or ()}
    held = [each for each in seen.waiting or () if each.queue == queue.filter_name]
    tasks = [(each.runs, known[each.task]) for each in held if each.task in known]
    timed = [(runs, task.works) for runs, task in tasks if task.works is not None]
    work = sum((runs * each for runs, each in timed), timedelta())
    works = work / (sum(runs for runs, _ in timed) or 1)
    waits = [task.usual_wait for _, task in tasks if task.usual_wait is not None]
    bearable = max(LONG_WAIT, TIMES_WORK * works, *(TIMES_USUAL * each for each in waits))
    return works * queue.queued / limit, bearable


def full_limits(seen: Readings) -> Iterator[NowFinding]:
    """Named limits that are used up while runs wait."""
    for limit in seen.limits or ():
        if limit.paused or not limit.is_full or not limit.queued:
            continue
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


def near_rate(seen: Readings) -> Iterator[NowFinding]:
    """The rate limit of the API, when little of it is left."""
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
