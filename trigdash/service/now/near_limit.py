"""What is near a limit, or at it while something waits. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from trigdash.service.now.finding import NowFinding, Section, Severity, oldest_text
from trigdash.service.now.not_moving import oldest_by_queue
from trigdash.service.now.readings import Readings

NEAR = 0.85
"""The share of a limit from which on it is near."""


def near_environment(seen: Readings) -> Iterator[NowFinding]:
    """The environment, where nearly all of its places are taken."""
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
    """Queues whose places are all taken while something has waited for a while."""
    oldest = oldest_by_queue(seen)
    for queue in seen.queues or ():
        since, limit = oldest.get(queue.filter_name), queue.concurrency_limit
        if not limit or queue.running < limit or not queue.queued or queue.paused or since is None:
            continue
        yield NowFinding(
            "near_limit",
            "queue",
            queue.name,
            Section.NEAR_LIMIT,
            Severity.WARNING,
            f"{queue.running:,} of {limit:,} at work, {queue.queued:,} wait"
            f"{oldest_text(since, seen.at)}",
            since,
            "raise the limit",
            write="limit",
            row=queue,
        )


def full_limits(seen: Readings) -> Iterator[NowFinding]:
    """Named limits that are used up while something waits."""
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
    """The rate limit of the API, where little of it is left."""
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
