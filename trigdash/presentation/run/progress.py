"""Why an unfinished run is where it is: what it waits for, and whether anything moves. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from trigdash.model.attempts import AttemptOutcome
from trigdash.model.moment import moment_of
from trigdash.model.span_event import SpanKind
from trigdash.model.status import Kind
from trigdash.presentation.cell import Cell, Piece, cell_text
from trigdash.presentation.marks import status_mark, status_role
from trigdash.presentation.run.blockers import NOWHERE, QueueBlockers, blocker_lines, verdict_line
from trigdash.presentation.run.fields import Field, FieldLine
from trigdash.presentation.run_line import explain
from trigdash.presentation.runs import duration_cell
from trigdash.presentation.units import plural, span

if TYPE_CHECKING:
    from trigdash.model.inputs import WaitpointToken
    from trigdash.model.run import Run, RunFacts
    from trigdash.presentation.run.run_view import RunView

QUIET_MS = 60_000
"""A run at work of which nothing was heard for so long deserves a word."""
TOKEN_KEY = "i"
"""Opens the token that a run waits for."""
MAX_CHILDREN = 3
"""Open child runs that are named; the related tab has them all."""


def now_lines(
    view: RunView, run: Run, now: datetime, blockers: QueueBlockers = NOWHERE
) -> list[FieldLine]:
    """What an unfinished run does or waits for; nothing of one that is over."""
    if run.status.is_final:
        return []
    now_ms = now.timestamp() * 1000
    cell = (*_state(view, run, now_ms), *_reason(view, run), *_silence(view, run, now))
    lines = [FieldLine(cell, (Field("now", cell, cell_text(cell)),))]
    if run.status.word == "queued":
        lines += blocker_lines(blockers)
    if run.status.kind is Kind.WAITING:
        told = [
            *_children(run, now_ms),
            *(_token(token, now_ms) for token in blockers.tokens[:MAX_CHILDREN]),
        ]
        lines += told or verdict_line(blockers)
    if run.status.kind is Kind.RUNNING or run.status.word in ("dequeued", "pending version"):
        lines += verdict_line(blockers)
    return lines


def _token(token: WaitpointToken, now_ms: float) -> FieldLine:
    """A token that the run waits for; it opens, and `C` completes it there."""
    pieces: list[Piece] = [("  waits for token ", "dim"), (token.id, "link")]
    if token.timeout_at is not None:
        left = span(token.timeout_at.timestamp() * 1000 - now_ms)
        pieces.append((f"   times out in {left}", "dim"))
    pieces += [("   ", "text"), (TOKEN_KEY, "key"), (" opens it", "dim")]
    cell = tuple(pieces)
    return FieldLine(cell, (Field("token", cell, token.id, ("token", token.id)),))


def _state(view: RunView, run: Run, now_ms: float) -> Cell:
    """The status of the run; for a waiting one also the span, if the trace has it."""
    cell = explain(run.row(), now_ms)
    if run.status.kind is Kind.WAITING and (
        waits := view.innermost_message(SpanKind.WAIT, SpanKind.TRIGGER)
    ):
        since = span(now_ms - run.row().updated_ms)
        mark, word, *_ = cell
        return (mark, word, (f" in {waits}", "text"), (f"   no change for {since}", "dim"))
    # The facts that follow are further below anyway.
    return tuple(piece for piece in cell if not piece[0].startswith("   "))


def _reason(view: RunView, run: Run) -> list[Piece]:
    """What the run itself does not say and its trace does."""
    if run.status.word == "dequeued":
        return [("  a worker was found for it and has not begun", "text")]
    if run.status.word == "queued" and (tried := len(view.attempts)):
        last = view.attempts[-1]
        ended = "failed" if last.outcome is AttemptOutcome.FAILED else "ended"
        return [(f"  waits to try again: attempt {tried} {ended}", "text")]
    if run.status.kind is Kind.RUNNING:
        busy_in = view.innermost_message(
            SpanKind.WORK, SpanKind.WAIT, SpanKind.TRIGGER, SpanKind.RETRY
        )
        # Every run is in the task's own function: that says nothing.
        return [("   in ", "dim"), (busy_in, "text")] if busy_in not in ("", "run()") else []
    return []


def _silence(view: RunView, run: Run, now: datetime) -> list[Piece]:
    """For how long nothing was heard of a run that is at work."""
    if run.status.kind is not Kind.RUNNING or view.times is None:
        return []
    quiet_ms = (moment_of(now) - view.times.last_sign_ns) / 1e6
    if quiet_ms < QUIET_MS:
        return []
    return [(f"   nothing new in its trace for {span(quiet_ms)}", "text")]


def _children(run: Run, now_ms: float) -> list[FieldLine]:
    """The child runs that are not over yet: one of them may be what it waits for."""
    children = run.related_runs.children
    going = [child for child in children if not child.status.is_final]
    if not going:
        return []
    told = f"  {len(going)} of {plural(len(children), 'child run')} not over"
    head = FieldLine(((told, "dim"),), (Field("children", (), told.strip(), ("tab", "related")),))
    return [head, *(_child(child, now_ms) for child in going[:MAX_CHILDREN])]


def _child(child: RunFacts, now_ms: float) -> FieldLine:
    took = "".join(text for text, _ in duration_cell(child.row(), now_ms))
    mark = f"{status_mark(child.status)} {child.status.word}  "
    cell: Cell = (
        ("  ", "text"),
        (mark, status_role(child.status)),
        (f"{child.task_identifier}  ", "text"),
        (f"{took}  ", "dim"),
        (child.id, "link"),
    )
    return FieldLine(cell, (Field("child", cell, child.id, ("run", child.id)),))
