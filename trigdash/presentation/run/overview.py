"""The overview of a run as lines: timeline, error and its recurrence, attempts, facts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from trigdash.model.attempts import Attempt, AttemptOutcome
from trigdash.model.clean import one_line
from trigdash.model.moment import NS_PER_MS, NS_PER_S, datetime_of, moment_of
from trigdash.model.span_event import StartStep, failure
from trigdash.model.status import Kind
from trigdash.presentation.cell import Cell, Piece, cell_text, cell_width, cut_cell, wrap_cell
from trigdash.presentation.failures import headline_cell, internal_code, meaning_of, stack_cells
from trigdash.presentation.run.blockers import NOWHERE, QueueBlockers, placement_facts
from trigdash.presentation.run.facts import fact_grid, facts_of
from trigdash.presentation.run.fields import Field, FieldLine
from trigdash.presentation.run.progress import now_lines
from trigdash.presentation.run.run_view import RunView
from trigdash.presentation.run.timeline import OUTCOME_ROLES, Stage, timeline_bar, timeline_legend
from trigdash.presentation.units import UNKNOWN, clock_time, count, date_time, duration, span

if TYPE_CHECKING:
    from trigdash.model.error_group import ErrorGroup
    from trigdash.model.run import ErrorCause, Run

_CHANGING = re.compile(r"(?<![0-9a-fA-F-])(?=[a-fA-F-]*\d)[0-9a-fA-F-]+")
"""Numbers and ids in a message: failures that differ in these alone are of one kind. Tried once
for each run of such characters: a message may have millions."""


def group_of(run: Run, groups: Iterable[ErrorGroup]) -> ErrorGroup | None:
    """The error group of a run's error. Runs have no fingerprint, so it is found by task, type and
    message; None if no group matches."""
    error = run.error
    if error is None:
        return None
    groups = [group for group in groups if group.task_identifier == run.task_identifier]
    if code := internal_code(error.message):
        return _only_one([group for group in groups if group.error_type == code], run)
    shape = message_shape(error.message)
    return next(
        (
            group
            for group in groups
            if message_shape(group.error_message) == shape
            and error.name in (None, group.error_type)
        ),
        None,
    )


def _only_one(groups: list[ErrorGroup], run: Run) -> ErrorGroup | None:
    """The only possible group of a platform failure. Recorded: it has the code as its type and its
    own text as its message (each exit code is a group), and counts from the creation of its first
    run to that of its last."""
    if len(groups) > 1:
        groups = [group for group in groups if _spans(group, run.created_at)]
    return groups[0] if len(groups) == 1 else None


def _spans(group: ErrorGroup, at: datetime) -> bool:
    first, last = group.first_seen or at, group.last_seen or at
    return first <= at <= last


def message_shape(message: str) -> str:
    """A message without what differs between failures of one kind: its numbers and ids."""
    return _CHANGING.sub("#", one_line(message))


def recurrence_line(group: ErrorGroup, now: datetime) -> FieldLine:
    """How often it occurred within the day that the server covers, the first time, and the last."""
    times = "once" if group.count == 1 else f"{count(group.count)} times"
    pieces = [("  this error ", "dim"), (times, "strong" if group.count > 1 else "text")]
    pieces.append((" in 24 h", "dim"))
    # Its first time may be long before the 24 hours that are counted.
    ago = [
        f"{word} {span((now - moment).total_seconds() * 1000)} ago"
        for word, moment in (("last", group.last_seen), ("first seen", group.first_seen))
        if moment is not None
    ]
    if group.count > 1 and ago:
        pieces.append((f", {', '.join(ago)}", "dim"))
    pieces.append(("  runs ›", "link"))
    cell: Cell = tuple(pieces)
    said = cell_text(cell).strip().removesuffix("  runs ›")
    return FieldLine(cell, (Field("same error", cell, said, ("error", group.id)),))


SLOW_START_NS = NS_PER_S
"""The parts of an attempt's start are listed from this length on."""
MAX_CAUSES = 10
"""Errors shown behind an error."""
MESSAGE_LINES = 30
"""Lines shown of an error's message below its first."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How an overview is worded."""

    all_frames: bool = False
    """With the stack's frames that are not the user's own."""
    is_low: bool = False
    """There is little height: what went wrong comes first."""


USUAL: Final = Shape()


def overview_lines(
    view: RunView,
    now: datetime,
    width: int,
    *,
    environment: str = "",
    blockers: QueueBlockers = NOWHERE,
    group: ErrorGroup | None = None,
    shape: Shape = USUAL,
    note: Cell = (),
) -> list[FieldLine]:
    """The whole overview, for a width. `group` has the failures like this run's; `note` says why
    the attempts may be incomplete."""
    run = view.run
    if run is None:
        return []
    title, error = _error(view, run, group, shape.all_frames)
    if error and group is not None:
        error.append(recurrence_line(group, now))
    identity = blockers.identity
    page = identity.url("runs", run.id) if identity is not None else None
    facts = facts_of(run, now, environment, placement_facts(blockers), page)
    sections: list[tuple[str, list[FieldLine]]] = [
        ("timeline", _timeline(view, run, now, width)),
        ("now", _wrapped(now_lines(view, run, now, blockers), width)),
        (title, _wrapped(error, width)),
        ("attempts", [*_attempts(view, now, width), *([FieldLine(note)] if note else [])]),
        ("facts", fact_grid(facts, width)),
    ]
    if shape.is_low and error:
        sections.insert(0, sections.pop(2))
    lines: list[FieldLine] = []
    for title, section in sections:
        if section and title:
            if lines:
                lines.append(FieldLine())
            lines += [FieldLine(((title.upper(), "title"),)), *section]
    return lines


def _wrapped(lines: list[FieldLine], width: int) -> list[FieldLine]:
    """Long lines wrap, so that the whole error can be read."""
    return [
        FieldLine(cell, line.fields)
        for line in lines
        for cell in wrap_cell(line.cell, width, indent=4)
    ]


# Timeline


def _timeline(view: RunView, run: Run, now: datetime, width: int) -> list[FieldLine]:
    stages = view.stages(moment_of(now))
    if not stages:
        return []
    start, end = stages[0].start_ns, stages[-1].end_ns
    begun = date_time(start / 1e6, now.timestamp() * 1000, millis=True)
    until_text = clock_time(end / 1e6, millis=True) if run.status.is_final else "now"
    total: list[Piece] = [(f"   {duration((end - start) / 1e6)}", "strong")]
    if run.duration_ms:
        total.append((f"  compute {duration(run.duration_ms)}", "dim"))
    room = width - len(begun) - len(until_text) - cell_width(total) - 2
    if room < 20:
        total, room = total[:1], width - len(begun) - len(until_text) - cell_width(total[:1]) - 2
    bar = timeline_bar(stages, min(max(room, 4), 96))
    cell: Cell = ((f"{begun} ", "dim"), *bar, (f" {until_text}", "dim"), *total)
    fields = (Field("timeline", cell, _timeline_text(stages)),)
    legend = timeline_legend(stages, width)
    lines = [FieldLine(cell, fields), *(FieldLine(line, fields) for line in legend)]
    return lines + _wrapped(list(filter(None, map(_start_line, view.attempts))), width)


def _start_line(attempt: Attempt) -> FieldLine | None:
    """What the start of an attempt consisted of, where it took long enough to ask."""
    steps = [step for step in attempt.steps if step.duration_ns >= NS_PER_MS]
    if sum(step.duration_ns for step in steps) < SLOW_START_NS:
        return None
    told = " · ".join(f"{step.words} {duration(step.duration_ns / 1e6)}" for step in steps)
    cell: Cell = ((f"  start of attempt {attempt.number}  ", "dim"), (told, "text"))
    return FieldLine(cell, (Field("start", cell, "\n".join(map(_step_text, attempt.steps))),))


def _step_text(step: StartStep) -> str:
    """A step of a start as a line, to take along."""
    at = datetime_of(step.start_ns).isoformat()
    return f"{at}  {step.words}  {duration(step.duration_ns / 1e6)}"


def _timeline_text(stages: Sequence[Stage]) -> str:
    """The stages as lines, to take along."""
    return "\n".join(
        f"{datetime_of(stage.start_ns).isoformat()}  {stage.words}  {duration(stage.length_ms)}"
        for stage in stages
    )


# Error and attempts


def _error(
    view: RunView, run: Run, group: ErrorGroup | None, all_frames: bool
) -> tuple[str, list[FieldLine]]:
    """The error, under its title: the run's, or until it has one the last attempt's. For a platform
    failure the run has only a code, and its error group has more."""
    more: list[str] = []
    if run.error is not None:
        first, *more = list(filter(str.strip, run.error.message.split("\n"))) or [""]
        told = failure(run.error.name, first.strip(), run.error.stack_trace)
        title = "error" if run.status.kind is not Kind.CANCELED else "why"
    else:
        failures = [attempt for attempt in view.attempts if attempt.failure is not None]
        if not failures or run.status.kind is Kind.SUCCEEDED or failures[-1].failure is None:
            return "", []
        told, title = failures[-1].failure, f"error of attempt {failures[-1].number}"
    field = (Field("error", (), "\n".join((told.headline, *more, *told.stack))),)
    head: Cell = ((told.headline, "text"),) if title == "why" else headline_cell(told)
    lines = [FieldLine(head, field)]
    lines += [FieldLine(((f"  {line}", "text"),), field) for line in more[:MESSAGE_LINES]]
    if len(more) > MESSAGE_LINES:
        rest = f"  … {len(more) - MESSAGE_LINES:,} more lines, "
        lines.append(FieldLine(((rest, "faint"), ("y", "key"), (" copies all", "faint")), field))
    if group is not None and internal_code(told.message) and group.error_message:
        lines.append(FieldLine(((f"  {_group_words(group)}", "strong"),), field))
    if meaning := meaning_of(told) or _lapse(run):
        lines.append(FieldLine((("  ", "text"), (meaning, "text")), field))
    frames = stack_cells(told.stack, all_frames=all_frames)
    lines += [FieldLine(frame, field) for frame in frames]
    causes = run.error.causes[:MAX_CAUSES] if run.error is not None else ()
    return title, lines + [line for each in causes for line in _cause(each, all_frames)]


def _cause(cause: ErrorCause, all_frames: bool) -> list[FieldLine]:
    """The cause of an error: its headline, and its frames if all are shown."""
    told = failure(cause.name, cause.message, cause.stack_trace)
    field = (Field("cause", (), "\n".join((told.headline, *told.stack))),)
    frames = stack_cells(told.stack, all_frames=True) if all_frames else []
    head = (("caused by  ", "dim"), *headline_cell(told))
    return [FieldLine(head, field), *(FieldLine(frame, field) for frame in frames)]


def _group_words(group: ErrorGroup) -> str:
    """What a group says of its failure; recorded: `Process exited with code 7 after signal null.`
    of a process that no signal ended."""
    return one_line(group.error_message).removesuffix(".").removesuffix(" after signal null")


def _lapse(run: Run) -> str:
    """How long a run that expired had waited; empty for all others."""
    if run.status.word != "expired":
        return ""
    since = run.delayed_until or run.created_at
    waited = ((run.expired_at or run.updated_at) - since).total_seconds() * 1000
    within = f" within its ttl of {run.ttl}" if run.ttl else ""
    return f"it waited {duration(waited)} and was not started{within}"


def _attempts(view: RunView, now: datetime, width: int) -> list[FieldLine]:
    attempts = view.attempts
    delays = any(attempt.delay_ns is not None for attempt in attempts)
    starts = any(attempt.warm is not None for attempt in attempts)
    return [
        FieldLine(
            cut_cell(_attempt_cell(attempt, now, delays=delays, starts=starts), width),
            (_attempt_field(attempt),),
        )
        for attempt in attempts
    ]


_OUTCOME_MARKS = {
    AttemptOutcome.SUCCEEDED: "✓",
    AttemptOutcome.FAILED: "×",
    AttemptOutcome.CANCELED: "–",
    AttemptOutcome.RUNNING: "●",
    AttemptOutcome.UNKNOWN: "◇",
}


def _attempt_cell(attempt: Attempt, now: datetime, *, delays: bool, starts: bool) -> Cell:
    """A row of the attempts; `delays` and `starts` say whether those columns are there."""
    role = OUTCOME_ROLES[attempt.outcome]
    start = clock_time(attempt.start_ns / 1e6, millis=True) if attempt.start_ns else UNKNOWN
    length = attempt.length_ns(moment_of(now))
    took = duration(length / 1e6) if length is not None else UNKNOWN
    pieces: list[Piece] = [
        (f"{attempt.number:<3}", "text"),
        (f"{_OUTCOME_MARKS[attempt.outcome]} {attempt.outcome.value:<10}", role),
        (f"{start:<14}", "dim"),
        (f"{took:>10}   ", "text"),
    ]
    if delays:
        delay = duration(attempt.delay_ns / 1e6) if attempt.delay_ns is not None else ""
        pieces.append((f"{f'delay {delay}' if delay else '':<15}", "dim"))
    if starts:
        word = "" if attempt.warm is None else "warm" if attempt.warm else "cold"
        pieces.append((f"{word:<7}", "dim"))
    if attempt.failure is not None:
        pieces.append((attempt.failure.headline, "text"))
    return tuple(pieces)


def _attempt_field(attempt: Attempt) -> Field:
    said = attempt.failure.headline if attempt.failure else attempt.outcome.value
    opens = ("attempt", attempt.span_id) if attempt.span_id else None
    return Field("attempt", (), f"attempt {attempt.number}: {said}", opens)
