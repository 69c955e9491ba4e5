"""A run in one line: its heading, the line that explains it below a list, and what holds it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from trigdash.model.run_row import RunRow
from trigdash.model.status import Kind
from trigdash.presentation.cell import Cell, Piece, linked
from trigdash.presentation.marks import status_mark, status_role
from trigdash.presentation.runs import duration_cell, duration_ms, ended_ms, queued_since_ms
from trigdash.presentation.units import HOUR_MS, MINUTE_MS, date_time, duration, plural, span, until

if TYPE_CHECKING:
    from trigdash.model.run import Run
    from trigdash.service.why.verdict import Why

_TTL = re.compile(r"(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)hr?)?(?:(\d+)m)?(?:(\d+)s)?")
_TTL_UNITS_MS = (7 * 24 * HOUR_MS, 24 * HOUR_MS, HOUR_MS, MINUTE_MS, 1000)

SOON_MS = 2 * MINUTE_MS
"""A queued run that expires within this time deserves a look."""

_ERROR = re.compile(r"([A-Za-z_$][\w$.]*): (.+)")


def explain(
    row: RunRow, now_ms: float, *, environment_paused: bool = False, why: Why | None = None
) -> Cell:
    """One line on why this run is where it is, what comes next, and what else there is to know.
    `why` is the last verdict on what holds it."""
    facts = " · ".join(_facts(row, now_ms))
    said = explain_progress(row, now_ms, environment_paused=environment_paused)
    if why is not None and why.cause is not None and why.status == row.status_name:
        said = (*said, (f"  {why.cause.evidence}", "warn"))
    return (*said, (f"   {facts}", "dim"))


def explain_progress(row: RunRow, now_ms: float, *, environment_paused: bool = False) -> Cell:
    """Why this run is where it is, and what comes next."""
    status = row.status
    head: list[Piece] = [(f"{status_mark(status)} ", status_role(status))]
    match status.kind:
        case Kind.FAILED | Kind.LAPSED:
            head += _failure(row)
        case Kind.QUEUED:
            head += _waits(row, now_ms)
            if environment_paused:
                head.append(("  the environment is paused", "warn"))
        case Kind.RUNNING:
            head += [("running ", "running"), (_took(row, now_ms), "text")]
        case Kind.WAITING:
            since = span(now_ms - row.updated_ms)
            head += [("waiting", "waiting"), (f" on something, no change for {since}", "text")]
        case Kind.SUCCEEDED:
            head += [("completed", "good"), (f" in {_took(row, now_ms)}", "text")]
        case Kind.CANCELED:
            ago = span(now_ms - ended_ms(row))
            head += [("canceled", "done"), (f" {ago} ago", "text")]
        case Kind.UNKNOWN:
            head += [(status.word, "unknown")]
    return tuple(head)


def _took(row: RunRow, now_ms: float) -> str:
    took = duration_ms(row, now_ms)
    return "unknown time" if took is None else duration(took)


def _failure(row: RunRow) -> list[Piece]:
    role = status_role(row.status)
    if row.error and (found := _ERROR.fullmatch(row.error)):
        return [(found[1], role), (f"  {found[2]}", "text")]
    if row.error:
        return [(row.status.word, role), (f"  {row.error}", "text")]
    if row.status.word == "expired":
        waited = duration(ended_ms(row) - queued_since_ms(row))
        limit = f" (ttl {row.ttl})" if row.ttl else ""
        return [("expired", role), (f"  waited {waited} and was not started{limit}", "text")]
    return [(row.status.word, role)]


def _waits(row: RunRow, now_ms: float) -> list[Piece]:
    word = row.status.word
    if word == "delayed" and row.delayed_until_ms is not None:
        left = row.delayed_until_ms - now_ms
        when = date_time(row.delayed_until_ms, now_ms)
        starts = f" starts in {until(left)}, at {when}" if left > 0 else f" was due at {when}"
        return [(word, status_role(row.status)), (starts, "text")]
    waited = span(now_ms - queued_since_ms(row))
    pieces: list[Piece] = [(word, status_role(row.status)), (f" {waited}", "text")]
    if word == "pending version":
        pieces.append(("  waits for a version that knows this task to be deployed", "text"))
    elif word == "queued" and (limit := ttl_ms(row.ttl)) is not None:
        left = queued_since_ms(row) + limit - now_ms
        role = "warn" if left < SOON_MS else "dim"
        pieces.append((f"  expires in {until(left)}" if left > 0 else "  about to expire", role))
    return pieces


def _facts(row: RunRow, now_ms: float) -> list[str]:
    facts = [row.task]
    if row.attempts is not None and row.attempts > 1:
        facts.append(f"{row.attempts} attempts")
    took = duration_ms(row, now_ms)
    if row.started_ms is not None and row.status.kind is not Kind.QUEUED:
        facts.append(f"queued {duration(row.started_ms - queued_since_ms(row))}")
    if took is not None and row.status.kind in (Kind.FAILED, Kind.LAPSED, Kind.CANCELED):
        facts.append(f"ran {duration(took)}")
    if row.compute_ms and row.status.is_final:
        facts.append(f"compute {duration(row.compute_ms)}")
    if row.version:
        facts.append(row.version)
    if row.is_test:
        facts.append("test")
    if row.restarted_from:
        facts.append(f"restart of {row.restarted_from}")
    return facts


def ttl_ms(ttl: str | None) -> int | None:
    """A time to live as the API writes it ("10m", "1h30m", "2d"); None for other texts."""
    found = _TTL.fullmatch(ttl) if ttl else None
    if found is None:
        return None
    parts = zip(found.groups(), _TTL_UNITS_MS, strict=True)
    return sum(int(number) * unit for number, unit in parts if number)


def run_head(run: Run | None, run_id: str, now: datetime, page: str | None = None) -> Cell:
    """Status, task, id, and how far it is; the id alone until the run is known. `page` is where the
    dashboard shows it."""
    named = linked(run.id if run else run_id, "dim", page)
    if run is None:
        return ((" ‹ ", "faint"), named)
    status = run.status
    pieces: list[Piece] = [
        (" ‹ ", "faint"),
        (f"{status_mark(status)} {status.word}   ", status_role(status)),
        (f"{run.task_identifier}  ", "strong"),
        named,
        ("   ", "dim"),
    ]
    facts = ["".join(text for text, _ in duration_cell(run.row(), now.timestamp() * 1000))]
    if run.attempt_count > 1:
        facts.append(plural(run.attempt_count, "attempt"))
    facts += [fact for fact in (run.version, *run.tags) if fact]
    pieces.append((" · ".join(facts), "dim"))
    if run.is_test:
        pieces.append(("  test", "waiting"))
    return tuple(pieces)


NOT_STARTED_MS = 30_000
"""A worker takes a dequeued run within seconds."""
TTL_SOON_MS = timedelta(minutes=15).total_seconds() * 1000


def held_text(
    row: RunRow, now_ms: float, *, environment_paused: bool = False, why: Why | None = None
) -> str:
    """What holds a run; empty if no loaded data says so. `why` is the last verdict."""
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
