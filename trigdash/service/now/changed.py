"""Recent changes: versions, overrides, errors that came back. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from trigdash.model.moment import span_text
from trigdash.service.now.finding import NowFinding, Section, Severity
from trigdash.service.now.readings import RECENT, Readings

CHANGED_FOR = timedelta(days=1)
"""How long an override or a returned error is shown; a pause is shown however old it is."""


def overridden_queues(seen: Readings) -> Iterator[NowFinding]:
    """Queues whose limit was overridden within CHANGED_FOR."""
    for queue in seen.queues or ():
        at = queue.concurrency.overridden_at
        if queue.concurrency.override is None or at is None or seen.at - at > CHANGED_FOR:
            continue
        base = "none" if queue.concurrency.base is None else f"{queue.concurrency.base:,}"
        yield NowFinding(
            "overridden",
            "queue",
            queue.name,
            Section.CHANGED,
            Severity.NOTICE,
            f"limit {queue.concurrency.override:,} instead of {base}",
            at,
            "remove the override",
            write="unlimit",
            row=queue,
        )


def promoted(seen: Readings) -> Iterator[NowFinding]:
    """Versions that became current within the last hour."""
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


def errors_back(seen: Readings) -> Iterator[NowFinding]:
    """Errors that were resolved or ignored and occur again."""
    for error in seen.errors or ():
        ended = error.resolved_at or error.ignored_at
        if error.status_name != "unresolved" or ended is None or error.last_seen is None:
            continue
        if error.last_seen <= ended or seen.at - error.last_seen > CHANGED_FOR:
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
