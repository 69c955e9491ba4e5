"""How fresh the screen is, in words: for the bar and for the line of the last problem."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from trigdash.presentation.cell import EMPTY, Cell
from trigdash.presentation.units import span
from trigdash.service.cache.store import Problem, Snapshot, State

if TYPE_CHECKING:
    from trigdash.model.capability import RateBudget
    from trigdash.service.session import Session

OVERDUE_S = 10.0
"""Data older than this is not live, although nothing has failed yet: polling was slowed, or the
server takes its time to answer."""

UNANSWERED_S = 5.0
"""A request that waits longer for its answer than this is said to."""


def age_label(seconds: float) -> str:
    """A short age: `4 s`, `3 m`, `2 h`, `5 d`."""
    return span(seconds * 1000)


def state_cell(
    snapshot: Snapshot[Any],
    now: datetime,
    paused: bool,
    unanswered_s: float = 0.0,
    overdue_s: float = OVERDUE_S,
    is_pushed: bool | None = None,
) -> Cell:
    """Mark, word and age of a snapshot. `unanswered_s` are the seconds for which a request has had
    no answer, `overdue_s` is the age at which data is overdue, and `is_pushed` says whether the
    server pushes changes; None where it never does."""
    age, age_s = "", 0.0
    if snapshot.fetched_at is not None:
        age_s = (now - snapshot.fetched_at).total_seconds()
        age = f" · {age_label(age_s)}"
    silent = f"no answer for {age_label(unanswered_s)}" if unanswered_s > UNANSWERED_S else ""
    if snapshot.state is State.FAILED:
        return (("× ", "bad"), ("no data", "bad-strong"))
    if snapshot.state is State.STALE:
        if paused:
            return (("‖ ", "warn"), (f"paused, stale{age}", "warn-strong"))
        return (("◌ ", "warn"), (f"{_stale_label(snapshot)}{age}", "warn-strong"))
    if paused:
        return (("‖ ", "warn"), (f"paused{age}", "warn-strong"))
    if snapshot.state is State.LOADING:
        return (("○ ", "queued"), (f"loading, {silent}" if silent else "loading", "dim"))
    if snapshot.is_final:
        return (("✓ ", "good"), (f"final{age}", "dim"))
    if age_s > overdue_s:
        return (("◌ ", "warn"), (f"{silent or 'overdue'}{age}", "warn-strong"))
    source = "" if is_pushed is None else " pushed" if is_pushed else " polled"
    return (("● ", "good"), (f"live{source}{age}", "dim"))


def session_cell(session: Session) -> Cell:
    """The state of a session that has no connection."""
    if session.problem is not None:
        return (("× ", "bad"), ("not connected", "bad-strong"))
    return (("○ ", "queued"), ("connecting", "dim"))


def retry_label(problem: Problem, now: datetime) -> str:
    """When the next try is due."""
    if problem.retry_at is None:
        return "ctrl+r tries again"
    wait_s = (problem.retry_at - now).total_seconds()
    return f"next try in {age_label(wait_s)}" if wait_s >= 1 else "trying now"


def _stale_label(snapshot: Snapshot[Any]) -> str:
    kind = snapshot.problem.kind if snapshot.problem else ""
    return {"CannotReach": "reconnecting", "RateHeld": "held"}.get(kind, "stale")


def problem_message(snapshot: Snapshot[Any], now: datetime) -> str:
    """What went wrong, which data is shown instead, and when the next try is due."""
    problem = snapshot.problem
    if problem is None:
        return ""
    parts = [problem.message]
    if snapshot.fetched_at is not None:
        age = age_label((now - snapshot.fetched_at).total_seconds())
        parts.append(f"showing data of {age} ago")
    if problem.kind == "BadKey":
        parts.append("ctrl+e for another key")
    if problem.kind == "TooWide":
        parts.append("z narrows it")
    parts.append(retry_label(problem, now))
    return ", ".join(parts)


def rate_cell(budget: RateBudget | None, now: datetime) -> Cell:
    """What is left of the rate limit that all keys of the environment share, as of the last answer:
    with its age where that is not just now."""
    if budget is None or budget.limit is None or budget.remaining is None:
        return EMPTY
    role = "bad" if budget.stopped else "warn" if budget.slowdown > 1 else "dim"
    slowed = f" slowed ×{budget.slowdown:.0f}" if budget.slowdown >= 1.5 else ""
    age_s = (now - budget.told_at).total_seconds() if budget.told_at is not None else 0.0
    age = f" · {age_label(age_s)}" if age_s > OVERDUE_S else ""
    return ((f"rate {budget.remaining}/{budget.limit}{slowed}{age}", role),)
