"""The overview of a run as lines: timeline, error, attempts, facts. Pure, no terminal.

Every line may hold fields: what can be copied, and what it opens.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from trigdash.model.attempts import Attempt, Outcome
from trigdash.model.moment import datetime_of, moment_of
from trigdash.model.span_event import failure
from trigdash.model.status import Kind
from trigdash.ui.cells.cell import Cell, Piece, cell_text, cell_width
from trigdash.ui.cells.failures import headline_cell, stack_cells
from trigdash.ui.cells.run_line import explain
from trigdash.ui.cells.units import UNKNOWN, clock_time, duration
from trigdash.ui.fields import Field, FieldLine
from trigdash.ui.overview_facts import fact_grid, facts_of
from trigdash.ui.run_view import RunView
from trigdash.ui.timeline import OUTCOME_ROLES, timeline_bar, timeline_legend

if TYPE_CHECKING:
    from trigdash.model.run import Run


def overview_lines(
    view: RunView, now: datetime, width: int, *, environment: str = "", all_frames: bool = False
) -> list[FieldLine]:
    """The whole overview, for a width."""
    run = view.run
    if run is None:
        return []
    sections: list[tuple[str, list[FieldLine]]] = [
        ("timeline", _timeline(view, run, now, width)),
        ("now" if not run.status.is_final else "", _outlook(view, run, now)),
        ("error" if run.status.kind is not Kind.CANCELED else "why", _error(run, all_frames)),
        ("attempts", _attempts(view, now, width)),
        ("facts", fact_grid(facts_of(run, now, environment), width)),
    ]
    lines: list[FieldLine] = []
    for title, section in sections:
        if section and title:
            if lines:
                lines.append(FieldLine())
            lines += [FieldLine(((title.upper(), "title"),)), *section]
    return lines


# Timeline


def _timeline(view: RunView, run: Run, now: datetime, width: int) -> list[FieldLine]:
    stages = view.stages(moment_of(now))
    if not stages:
        return []
    start, end = stages[0].start_ns, stages[-1].end_ns
    begun = clock_time(start / 1e6, millis=True)
    until_text = clock_time(end / 1e6, millis=True) if run.status.is_final else "now"
    total: list[Piece] = [(f"   {duration((end - start) / 1e6)}", "strong")]
    if run.duration_ms:
        total.append((f"  compute {duration(run.duration_ms)}", "dim"))
    room = width - len(begun) - len(until_text) - cell_width(total) - 2
    if room < 20:
        total, room = total[:1], width - len(begun) - len(until_text) - cell_width(total[:1]) - 2
    bar = timeline_bar(stages, min(max(room, 4), 96))
    cell: Cell = ((f"{begun} ", "dim"), *bar, (f" {until_text}", "dim"), *total)
    fields = (Field("timeline", cell, _timeline_text(view, now)),)
    legend = timeline_legend(stages, width)
    return [FieldLine(cell, fields), *(FieldLine(line, fields) for line in legend)]


def _timeline_text(view: RunView, now: datetime) -> str:
    """The stages as lines, to take along."""
    return "\n".join(
        f"{datetime_of(stage.start_ns).isoformat()}  {stage.words}  {duration(stage.length_ms)}"
        for stage in view.stages(moment_of(now))
    )


def _outlook(view: RunView, run: Run, now: datetime) -> list[FieldLine]:
    if run.status.is_final:
        return []
    cell = explain(run.row(), now.timestamp() * 1000)
    # The facts that follow it stand further below anyway.
    cell = tuple(piece for piece in cell if not piece[0].startswith("   "))
    if waits := view.waits_on():
        cell = (*cell, ("   in ", "dim"), (waits, "text"))
    return [FieldLine(cell, (Field("now", cell, cell_text(cell)),))]


# Error and attempts


def _error(run: Run, all_frames: bool) -> list[FieldLine]:
    if run.error is None:
        return []
    told = failure(run.error.name, run.error.message, run.error.stack_trace)
    whole = run.error.stack_trace or told.headline
    field = (Field("error", (), whole),)
    is_calm = run.status.kind is Kind.CANCELED
    head: Cell = ((told.headline, "text"),) if is_calm else headline_cell(told)
    frames = stack_cells(told.stack, all_frames=all_frames)
    return [FieldLine(head, field), *(FieldLine(frame, field) for frame in frames)]


def _attempts(view: RunView, now: datetime, width: int) -> list[FieldLine]:
    return [
        FieldLine(_attempt_cell(attempt, now), (_attempt_field(attempt),))
        for attempt in view.attempts
    ]


_OUTCOME_MARKS = {
    Outcome.SUCCEEDED: "✓",
    Outcome.FAILED: "×",
    Outcome.CANCELED: "–",
    Outcome.RUNNING: "●",
    Outcome.UNKNOWN: "◇",
}


def _attempt_cell(attempt: Attempt, now: datetime) -> Cell:
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
    if attempt.failure is not None:
        pieces.append((f"{attempt.failure.type or attempt.failure.message}   ", "text"))
    if attempt.delay_ns is not None:
        pieces.append((f"after {duration(attempt.delay_ns / 1e6)}   ", "faint"))
    if attempt.warm is not None:
        pieces.append(("warm" if attempt.warm else "cold", "faint"))
    return tuple(pieces)


def _attempt_field(attempt: Attempt) -> Field:
    said = attempt.failure.headline if attempt.failure else attempt.outcome.value
    opens = ("attempt", attempt.span_id) if attempt.span_id else None
    return Field("attempt", (), f"attempt {attempt.number}: {said}", opens)
