"""The pane next to a run list: the highlighted run, why it has its status, its error. Pure. The
facts are above the error, which arrives a second later and has any length, so that nothing on
screen moves when it arrives.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from trigdash.model.run_row import RunRow
from trigdash.model.span_event import Failure
from trigdash.model.status import Kind
from trigdash.presentation.cell import EMPTY, Cell, cell_width, wrap_cell
from trigdash.presentation.failures import meaning_of, stack_cells
from trigdash.presentation.marks import status_mark, status_role
from trigdash.presentation.run_line import explain_progress
from trigdash.presentation.runs import ended_ms, queued_since_ms
from trigdash.presentation.units import UNKNOWN, cents, date_time, duration, span, until

LABEL: Final = 10


def aside_lines(
    row: RunRow,
    failure: Failure | None,
    now_ms: float,
    width: int,
    *,
    environment_paused: bool = False,
) -> list[Cell]:
    """All lines for a width. `failure` is the error in full, once it was read."""
    return [
        *wrap_cell(_head(row, now_ms, environment_paused), width),
        *wrap_cell(((row.task, "strong"),), width, indent=0),
        *wrap_cell(((row.id, "dim"),), width, indent=0),
        EMPTY,
        *(line for fact in _facts(row, now_ms) for line in wrap_cell(fact, width, indent=LABEL)),
        *_error(row, failure, width),
    ]


def _head(row: RunRow, now_ms: float, environment_paused: bool) -> Cell:
    """Mark, status and forecast; for a failure only mark and status, since the error is below."""
    if row.error or row.status.kind is Kind.FAILED:
        role = status_role(row.status)
        return ((f"{status_mark(row.status)} ", role), (row.status.word, role))
    return explain_progress(row, now_ms, environment_paused=environment_paused)


def _facts(row: RunRow, now_ms: float) -> Iterable[Cell]:
    """Times have their place whether there are any or not, so that one can compare row by row."""
    is_final, end = row.status.is_final, ended_ms(row) if row.status.is_final else now_ms
    begun = end if row.started_ms is None else row.started_ms
    yield _fact("created", _moment(row.created_ms, now_ms))
    yield _fact("queued", _length(queued_since_ms(row), begun))
    yield _fact("ran", _length(row.started_ms, end))
    yield _fact("ended", _moment(end, now_ms) if is_final else ((UNKNOWN, "faint"),))
    tries = "" if row.attempts is None else str(row.attempts)
    for label, text, role in (
        ("tries", tries, "warn" if row.attempts and row.attempts > 1 else "text"),
        ("compute", duration(row.compute_ms) if row.compute_ms else "", "text"),
        ("cost", cents(row.cost_cents) if row.cost_cents else "", "text"),
        ("version", row.version or "", "text"),
        ("tags", " ".join(row.tags), "text"),
        ("ttl", row.ttl or "", "text"),
        ("region", row.region or "", "text"),
        ("key", row.idempotency_key or "", "dim"),
        ("test", "test run" if row.is_test else "", "waiting"),
    ):
        if text:
            yield _fact(label, ((text, role),))


def _fact(label: str, value: Cell) -> Cell:
    return ((f"{label:<{LABEL}}", "dim"), *value)


def _length(start_ms: float | None, end_ms: float) -> Cell:
    """Time from a start that has been; nothing of one that has not."""
    if start_ms is None or start_ms > end_ms:
        return ((UNKNOWN, "faint"),)
    return ((duration(end_ms - start_ms), "text"),)


def _moment(at_ms: float, now_ms: float) -> Cell:
    """A time of day, and how far from now."""
    far = f"{span(now_ms - at_ms)} ago" if at_ms <= now_ms else f"in {until(at_ms - now_ms)}"
    return (date_time(at_ms, now_ms), "text"), (f"  {far}", "dim")


def _error(row: RunRow, failure: Failure | None, width: int) -> Iterable[Cell]:
    """What went wrong: in full where it was read, else what the list says."""
    told = failure or (Failure("", row.error) if row.error else None)
    if told is None:
        return
    canceled = row.status.kind is Kind.CANCELED
    yield EMPTY
    yield (("WHY" if canceled else "ERROR", "title"),)
    if told.type:
        yield from wrap_cell(((told.type, "bad-strong"),), width, indent=0)
    role = "text" if told.type or canceled else "bad"
    yield from wrap_cell(((told.message, role),), width, indent=0) if told.message else ()
    if meaning := meaning_of(told):
        yield from wrap_cell(((meaning, "dim"),), width, indent=0)
    if told.stack:
        yield EMPTY
    for frame in stack_cells(told.stack, indent=0):
        yield from _frame(frame, width)


def _frame(frame: Cell, width: int) -> list[Cell]:
    """A line of a stack; where it is too long its place goes below, in one piece if it can."""
    if cell_width(frame) <= width or len(frame) < 5:
        return wrap_cell(frame, width, indent=3)
    *what, path, at = frame
    return [tuple(what), *wrap_cell((("   ", "text"), path, at), width, indent=3)]
