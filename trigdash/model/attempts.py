"""The attempts of a run, combined from its trace and its log. The API's own list is always empty
today (recorded). Attempt spans have most of it; engine lines of the server have at least the start
of attempts whose worker died; the run has their number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from trigdash.model.event import SEPARATOR
from trigdash.model.moment import moment_of
from trigdash.model.span_event import Failure, SpanEvent, SpanFlag, SpanKind, StartStep, failure
from trigdash.model.status import Kind

if TYPE_CHECKING:
    from trigdash.model.event import EventLog
    from trigdash.model.run import Run, RunAttempt
    from trigdash.model.trace import Trace

MAX_ATTEMPTS = 1_000
"""Attempts listed; the platform allows far fewer."""


class AttemptOutcome(Enum):
    """How an attempt ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    RUNNING = "running"
    UNKNOWN = "unknown"
    """Unknown, or the worker died before it could report."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt. Times in nanoseconds; what is not known is None."""

    number: int
    outcome: AttemptOutcome = AttemptOutcome.UNKNOWN
    start_ns: int | None = None
    end_ns: int | None = None
    failure: Failure | None = None
    delay_ns: int | None = None
    """How long it was held back after the attempt before."""
    warm: bool | None = None
    """Whether its process was there already."""
    span_id: str | None = None
    """Its span in the trace."""
    steps: tuple[StartStep, ...] = ()
    """The steps of its start, in order, if its worker reported them."""

    def length_ns(self, now_ns: int) -> int | None:
        """How long it took, or has taken so far."""
        if self.start_ns is None or (
            self.end_ns is None and self.outcome is not AttemptOutcome.RUNNING
        ):
            return None
        return max(0, (self.end_ns or now_ns) - self.start_ns)


_NUMBER = re.compile(r"Attempt (\d{1,9})$")
_DELAY = re.compile(r"Retry #(\d{1,9}) delay")
_CREATED = "Attempt created"


def attempts_of(
    run: Run, trace: Trace | None = None, log: EventLog | None = None
) -> tuple[Attempt, ...]:
    """All attempts of a run, the first first."""
    found: dict[int, Attempt] = {}
    if trace is not None:
        found.update(_from_engine_lines(run, trace))
    if log is not None:
        found.update((attempt.number, attempt) for attempt in _from_log(log))
    if trace is not None:
        for attempt in _from_trace(run, trace):
            told = found.get(attempt.number)
            found[attempt.number] = replace(attempt, warm=told.warm) if told else attempt
        _mark_failed(run, trace, found)
    found.update(_from_list(run, found))
    for number in range(1, min(run.attempt_count, MAX_ATTEMPTS) + 1):
        found.setdefault(number, Attempt(number))
    delays = _delays(trace, run.id) if trace is not None else {}
    attempts = [replace(found[number], delay_ns=delays.get(number - 1)) for number in sorted(found)]
    return tuple(_closed_attempts(run, attempts))


def _from_trace(run: Run, trace: Trace) -> Iterator[Attempt]:
    for row in trace.rows_of_kind(SpanKind.ATTEMPT):
        if trace.run_id(row) != run.id:
            continue
        start = trace.start_ns[row]
        is_open = trace.has(row, SpanFlag.PARTIAL)
        yield Attempt(
            number=trace.attempt[row] or _number(trace.messages[row]),
            outcome=_outcome(SpanFlag(trace.flags[row])),
            start_ns=start,
            end_ns=None if is_open else start + trace.duration_ns[row],
            failure=_failure_of(trace, row),
            span_id=trace.ids[row],
            steps=_steps(trace.events.get(row, ())),
        )


def _mark_failed(run: Run, trace: Trace, found: dict[int, Attempt]) -> None:
    """Attempts that the pages of a trace say have failed, also those without a span."""
    for run_id, number in trace.failed_attempts:
        if run_id == run.id and 0 < number <= MAX_ATTEMPTS:
            told = found.get(number, Attempt(number))
            if told.outcome in (AttemptOutcome.RUNNING, AttemptOutcome.UNKNOWN):
                found[number] = replace(told, outcome=AttemptOutcome.FAILED)


def _steps(events: Iterable[SpanEvent]) -> tuple[StartStep, ...]:
    return tuple(event.start_step for event in events if event.start_step is not None)


def _failure_of(trace: Trace, row: int) -> Failure | None:
    """The exception of the attempt's span, or of a span right below it."""
    for at in (row, *trace.children(row)):
        for event in trace.events.get(at, ()):
            if event.failure is not None and trace.has(row, SpanFlag.ERROR):
                return event.failure
    return None


def _from_log(log: EventLog) -> Iterator[Attempt]:
    for entry, message in _attempt_entries(log):
        start = log.start_ns[entry]
        is_open = log.has(entry, SpanFlag.PARTIAL)
        events = log.events.get(entry, ())
        yield Attempt(
            number=log.attempt[entry] or _number(message),
            outcome=_outcome(SpanFlag(log.flags[entry])),
            start_ns=start,
            end_ns=None if is_open else start + log.duration_ns[entry],
            failure=next((event.failure for event in events if event.failure), None),
            warm=log.warm.get(entry),
            span_id=log.span_id(entry),
            steps=_steps(events),
        )


def _attempt_entries(log: EventLog) -> Iterator[tuple[int, str]]:
    """By message: recorded, an attempt's icon may be missing. Blocks without any are skipped."""
    for first, block in log.messages.blocks():
        if "Attempt " not in block:
            continue
        for entry, message in enumerate(block.split(SEPARATOR), first):
            if log.level[entry] == 0 and _NUMBER.match(message):
                yield entry, message


def _from_engine_lines(run: Run, trace: Trace) -> dict[int, Attempt]:
    """Attempts by the engine's lines: each begins with one and ends with the next retry delay,
    requeue or attempt. Recorded of a run whose worker died three times without a span."""
    rows = trace.rows_of_kind(SpanKind.ENGINE) + trace.rows_of_kind(SpanKind.RETRY)
    found: dict[int, Attempt] = {}
    number, running = 0, False
    for row in sorted(rows, key=trace.start_ns.__getitem__):
        if trace.run_id(row) != run.id:
            continue
        start, message = trace.start_ns[row], trace.messages[row]
        is_next = _CREATED in message
        if running and (is_next or trace.kind[row] == SpanKind.RETRY or "Requeued" in message):
            found[number] = replace(found[number], outcome=AttemptOutcome.FAILED, end_ns=start)
            running = False
        if is_next:
            number += 1
            running = True
            found[number] = Attempt(number, AttemptOutcome.RUNNING, start)
    return found


def _from_list(run: Run, found: dict[int, Attempt]) -> Iterator[tuple[int, Attempt]]:
    """The API's own list, if a server still sends one; its values take precedence."""
    for number, told in enumerate(run.attempts, 1):
        base = found.get(number, Attempt(number))
        start = told.started_at or told.created_at
        yield (
            number,
            replace(
                base,
                outcome=_OUTCOMES.get(told.status_name, AttemptOutcome.UNKNOWN),
                start_ns=moment_of(start),
                end_ns=moment_of(told.completed_at) if told.completed_at else None,
                failure=_reported_failure(told) or base.failure,
            ),
        )


def _reported_failure(told: RunAttempt) -> Failure | None:
    if told.error is None:
        return None
    return failure(told.error.name, told.error.message, told.error.stack_trace)


def _delays(trace: Trace, run_id: str) -> dict[int, int]:
    """Length of each retry delay, by the number of the attempt before it."""
    delays = {}
    for row in trace.rows_of_kind(SpanKind.RETRY):
        told = _DELAY.match(trace.messages[row])
        if told and trace.run_id(row) == run_id and not trace.has(row, SpanFlag.PARTIAL):
            delays[int(told[1])] = trace.duration_ns[row]
    return delays


def _closed_attempts(run: Run, attempts: list[Attempt]) -> Iterator[Attempt]:
    """Closes attempts that were left open, by what came after them."""
    end_ns = moment_of(run.finished_at) if run.finished_at and run.status.is_final else None
    error = run.error
    for at, attempt in enumerate(attempts):
        is_last = at == len(attempts) - 1
        closed = attempt
        if attempt.outcome in (AttemptOutcome.RUNNING, AttemptOutcome.UNKNOWN):
            if not is_last:
                closed = replace(closed, outcome=AttemptOutcome.FAILED)
            elif run.status.is_final:
                outcome = _FINAL.get(run.status.kind, AttemptOutcome.UNKNOWN)
                closed = replace(closed, outcome=outcome, end_ns=closed.end_ns or end_ns)
            elif attempt.outcome is AttemptOutcome.UNKNOWN and run.status.kind is not Kind.QUEUED:
                closed = replace(closed, outcome=AttemptOutcome.RUNNING)
        if is_last and closed.outcome is AttemptOutcome.FAILED and closed.failure is None and error:
            told = failure(error.name, error.message, error.stack_trace)
            closed = replace(closed, failure=told)
        yield closed


def _outcome(flags: SpanFlag) -> AttemptOutcome:
    if flags & SpanFlag.CANCELED:
        return AttemptOutcome.CANCELED
    if flags & SpanFlag.ERROR:
        return AttemptOutcome.FAILED
    return AttemptOutcome.RUNNING if flags & SpanFlag.PARTIAL else AttemptOutcome.SUCCEEDED


def _number(message: str) -> int:
    told = _NUMBER.match(message)
    return int(told[1]) if told else 1


_FINAL = {
    Kind.SUCCEEDED: AttemptOutcome.SUCCEEDED,
    Kind.FAILED: AttemptOutcome.FAILED,
    Kind.LAPSED: AttemptOutcome.FAILED,
    Kind.CANCELED: AttemptOutcome.CANCELED,
}

_OUTCOMES = {
    "COMPLETED": AttemptOutcome.SUCCEEDED,
    "FAILED": AttemptOutcome.FAILED,
    "CANCELED": AttemptOutcome.CANCELED,
    "EXECUTING": AttemptOutcome.RUNNING,
    "PAUSED": AttemptOutcome.RUNNING,
}
"""Words of the API's own attempt list; PENDING and others say nothing yet."""
