"""Checks for runs that are not queued: delayed, waiting, executing, or without a version."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from trigdash.model.moment import datetime_of, span_text
from trigdash.model.span_event import SpanKind

if TYPE_CHECKING:
    from trigdash.model.inputs import WaitpointToken
    from trigdash.model.trace import Trace

from trigdash.service.why.check import Check, Finding, Surroundings, is_open, unknown

SILENT_AT_LEAST = timedelta(minutes=2)
"""An executing run that is silent for less than this is not reported, however short its task
usually is."""


def pending_version(around: Surroundings) -> tuple[Check, ...]:
    task = around.run.task_identifier
    evidence = f"No deployed version has the task {task}."
    if around.run.version:
        evidence = f"Version {around.run.version} is not deployed, or lacks the task {task}."
    return (Check("pending_version", Finding.HOLDS, evidence, task, "deploy the task"),)


def delayed(around: Surroundings) -> Check:
    until = around.run.delayed_until
    if until is None:
        return Check("delayed", Finding.HOLDS, "It is delayed; the server does not say until when.")
    evidence = (
        f"It is delayed until {until:%Y-%m-%d %H:%M:%S} UTC (in {span_text(until - around.now)})."
    )
    return Check("delayed", Finding.HOLDS, evidence, act="reschedule it")


def waits(around: Surroundings) -> list[Check]:
    """The checks of a waiting run: children first, since they are certain."""
    run, trace = around.run, around.trace
    going = [child for child in run.related_runs.children if not child.status.is_final]
    wait = _open_wait(trace)
    if going and "token" not in wait.casefold():
        child = going[0]
        more = f" and {len(going) - 1} more" if len(going) > 1 else ""
        evidence = f"It waits for {child.task_identifier} {child.id} ({child.status.word}){more}."
        return [Check("waits_for_child", Finding.HOLDS, evidence, child.id, "open the child run")]
    if token := _token_of(around):
        ends = (
            f", expires in {span_text(token.timeout_at - around.now)}" if token.timeout_at else ""
        )
        evidence = f"It waits for token {token.id}{ends}."
        return [Check("waits_for_token", Finding.HOLDS, evidence, token.id, "complete the token")]
    if "token" in wait.casefold():
        return [Check("waits_for_token", Finding.HOLDS, f"It waits in {wait}.", act="complete it")]
    if wait:
        since = span_text(around.now - run.updated_at)
        return [Check("waits_until", Finding.HOLDS, f"It waits in {wait}, for {since} so far.")]
    return [unknown(around, "waits", "trace")]


def _open_wait(trace: Trace | None) -> str:
    """The message of the innermost open wait; empty if none is known."""
    if trace is None:
        return ""
    rows = [*trace.rows_of_kind(SpanKind.WAIT), *trace.rows_of_kind(SpanKind.TRIGGER)]
    still_open = [row for row in sorted(rows) if is_open(trace, row)]
    return trace.messages[still_open[-1]] if still_open else ""


def _token_of(around: Surroundings) -> WaitpointToken | None:
    """The token that names the run in its tags; the API links them in no other way."""
    waiting = [each for each in around.tokens or () if each.status == "WAITING"]
    return next((each for each in waiting if around.run.id in each.tags), None)


def silence(around: Surroundings) -> Check:
    last = _last_sign(around)
    if last is None:
        return unknown(around, "silent", "trace")
    quiet = around.now - last
    allowed = SILENT_AT_LEAST
    if around.usual_ms is not None:
        allowed = max(allowed, timedelta(milliseconds=around.usual_ms))
    usual = (
        f" (its task usually takes {span_text(timedelta(milliseconds=around.usual_ms))} at most)"
        if around.usual_ms
        else ""
    )
    evidence = f"It has said nothing for {span_text(quiet)}{usual}."
    if quiet > allowed:
        return Check("silent", Finding.HOLDS, evidence, act="read its log, or cancel it")
    return Check("silent", Finding.RULED_OUT, f"at work, last sign {span_text(quiet)} ago")


def _last_sign(around: Surroundings) -> datetime | None:
    trace = around.trace
    if trace is None or not len(trace):
        return None
    ends = (trace.start_ns[row] + trace.duration_ns[row] for row in range(len(trace)))
    return datetime_of(max(ends))
