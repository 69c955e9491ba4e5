"""What holds an unfinished run, in a few words, from what is known without asking. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from trigdash.model.run_row import RunRow
from trigdash.presentation.run_line import ttl_ms
from trigdash.presentation.runs import queued_since_ms
from trigdash.presentation.units import duration, span, until

if TYPE_CHECKING:
    from trigdash.service.why.verdict import Why

NOT_STARTED_MS = 30_000
"""A worker takes a dequeued run within seconds."""
TTL_SOON_MS = timedelta(minutes=15).total_seconds() * 1000


def held_text(
    row: RunRow, now_ms: float, *, environment_paused: bool = False, why: Why | None = None
) -> str:
    """What holds a run; empty where nothing that is at hand tells it. `why` is the last verdict."""
    if row.status.is_final:
        return ""
    if why is not None and why.cause is not None and why.status == row.status_name:
        return why.cause.evidence
    match row.status.word:
        case "pending version":
            return "no deployed version has its task"
        case "delayed" if row.delayed_until_ms is not None:
            left = row.delayed_until_ms - now_ms
            return f"delayed, due in {until(left)}" if left > 0 else "its delay is over"
        case "queued" | "dequeued" if environment_paused:
            return "the environment is paused"
        case "dequeued" if now_ms - row.updated_ms > NOT_STARTED_MS:
            return f"taken {span(now_ms - row.updated_ms)} ago, not started"
        case "queued" if (limit := ttl_ms(row.ttl)) is not None:
            left = queued_since_ms(row) + limit - now_ms
            return f"expires in {until(left)}" if 0 < left < TTL_SOON_MS else ""
    return ""


def ahead_text(why: Why) -> str:
    """How many wait before it, and for how long: "100 runs are ahead; about 4 m 00 s …"."""
    if why.ahead is None:
        return ""
    runs = f"{why.ahead:,} {'run is' if why.ahead == 1 else 'runs are'} ahead"
    if why.wait_s is None:
        return f"{runs}."
    return f"{runs}; about {duration(why.wait_s * 1000)} at the rate of the last hour."
