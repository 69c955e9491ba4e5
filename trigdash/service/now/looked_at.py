"""What was checked and what it showed, or why it was not. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from trigdash.service.now.finding import LookedAt
from trigdash.service.now.readings import NOT_MOVING, Readings


def looked_at(seen: Readings) -> Iterator[LookedAt]:
    """Every part, in a fixed order."""
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
    """How many of a part were checked: "17 queues", "the first 20 deployments"."""

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
"""The summary of each part."""
