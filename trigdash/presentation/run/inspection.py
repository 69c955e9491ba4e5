"""One span in detail: the data of the trace, then that of the span endpoint. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from trigdash.model.clean import clean
from trigdash.model.span_event import LEVELS
from trigdash.presentation.cell import Cell, Piece, cell_text, cell_width
from trigdash.presentation.failures import headline_cell, stack_cells
from trigdash.presentation.marks import status_mark, status_role
from trigdash.presentation.run.fields import Field, FieldLine, Target
from trigdash.presentation.run.json_rows import JsonRows, read_json
from trigdash.presentation.run.row_cells import VALUE_ROLES, json_line
from trigdash.presentation.run.spans import bar_role, length_text
from trigdash.presentation.units import count, date_time, duration

if TYPE_CHECKING:
    from trigdash.model.span import AiUsage, SpanDetail, StartedRun
    from trigdash.model.span_event import Failure, SpanEvent
    from trigdash.model.span_times import SpanTimes

MAX_PROPERTY_ROWS = 2_000
"""Lines of properties shown of one span: servers take up to 1,024 of them (4.8)."""
MAX_VALUE_ROWS = 300
"""Lines of one property: servers take 131,072 characters of each (4.8)."""
NAME = 30
"""Columns of a property's name; the value after a longer name is further right."""


def inspection(
    times: SpanTimes,
    row: int,
    detail: SpanDetail | None,
    now_ns: int,
    note: Cell = (),
    *,
    all_frames: bool = False,
) -> list[FieldLine]:
    """The lines of a span. `note` says what is the matter while `detail` is not there."""
    trace = times.trace
    told = [event.failure for event in trace.events.get(row, ()) if event.failure is not None]
    failure = told[0] if told else detail.failure if detail is not None else None
    events = trace.events.get(row, ())
    lines = [_title(times, row), _about(times, row, now_ns)]
    if failure is not None:
        lines += [FieldLine(), *_failure(failure, all_frames)]
    if detail is not None:
        lines += _section("properties", _properties(detail))
        lines += _section("model", _ai(detail.ai) if detail.ai is not None else [])
        lines += _section("triggered runs", [_triggered(run) for run in detail.triggered_runs])
        events = detail.events or events
    lines += _section("events", [_event(event, trace.start_ns[row]) for event in events])
    if note:
        lines += [FieldLine(), FieldLine(note)]
    return lines


def _section(title: str, lines: Sequence[FieldLine]) -> list[FieldLine]:
    if not lines:
        return []
    return [FieldLine(), FieldLine(((title.upper(), "title"),)), *lines]


def _title(times: SpanTimes, row: int) -> FieldLine:
    trace = times.trace
    message = trace.messages[row]
    cell: Cell = ((message, "strong"),)
    if level := trace.level[row]:
        role = "bad-strong" if level == 5 else "warn" if level == 4 else "dim"
        cell = ((f"{LEVELS[level]} ", role), *cell)
    return FieldLine(cell, (Field("message", cell, message),))


def _about(times: SpanTimes, row: int, now_ns: int) -> FieldLine:
    trace = times.trace
    start = trace.start_ns[row]
    pieces: list[Piece] = [(f"at {duration((start - trace.start_ns[0]) / 1e6)}", "dim")]
    pieces.append((f" · {date_time(start / 1e6, now_ns / 1e6, millis=True)}", "dim"))
    if length := times.length_ns(row, now_ns):
        pieces += [(" · ", "dim"), (length_text(length), bar_role(times, row))]
    if row in times.corrected:
        pieces.append((" by the run's own times; the span claims about 0", "faint"))
    elif row in times.unclosed:
        pieces.append((" never closed: its run ended", "faint"))
    elif times.is_open(row):
        pieces.append((" so far", "dim"))
    if trace.attempt[row]:
        pieces.append((f" · attempt {trace.attempt[row]}", "dim"))
    pieces.append((f" · span {trace.ids[row]}", "dim"))
    opens: Target | None = None
    if trace.run[row] != trace.run[0]:
        pieces += [(" · ", "dim"), (trace.run_id(row), "link")]
        opens = ("run", trace.run_id(row))
    return FieldLine(tuple(pieces), (Field("span", tuple(pieces), trace.ids[row], opens),))


def _failure(failure: Failure, all_frames: bool) -> list[FieldLine]:
    whole = "\n".join((failure.headline, *failure.stack))
    field = (Field("error", (), whole),)
    head = FieldLine(headline_cell(failure), field)
    frames = stack_cells(failure.stack, all_frames=all_frames)
    return [head, *(FieldLine(frame, field) for frame in frames)]


def _properties(detail: SpanDetail) -> list[FieldLine]:
    """Attributes as they were set, by their dotted names; lists and long texts below theirs."""
    value = detail.properties
    if not isinstance(value, dict):
        return []
    # The error has its own place above.
    value = {key: each for key, each in value.items() if key != "error" or detail.ai}
    told = [(name, JsonRows(each, name)) for name, each in _flat(value)]
    widest = max((cell_width(((name, "dim"),)) for name, _ in told), default=0)
    lines = []
    for name, rows in told:
        rows.unfold_all()
        for row in range(min(len(rows), MAX_VALUE_ROWS)):
            is_alone = len(rows) == 1
            cell = _property(name, rows, min(widest, NAME)) if is_alone else json_line(rows, row)
            path = name + rows.path(row).removeprefix("$")
            lines.append(FieldLine(cell, (Field(path, cell, rows.copied(row)),)))
        if len(rows) > MAX_VALUE_ROWS:
            lines.append(_left_out(len(rows) - MAX_VALUE_ROWS))
    if len(lines) > MAX_PROPERTY_ROWS:
        lines[MAX_PROPERTY_ROWS:] = [_left_out(len(lines) - MAX_PROPERTY_ROWS)]
    return lines


def _left_out(lines: int) -> FieldLine:
    return FieldLine(((f"  … {lines:,} more lines", "warn"),))


def _property(name: str, rows: JsonRows, width: int) -> Cell:
    """A name and its value on one line."""
    label: Piece = (name, "dim")
    blank = " " * (max(width - cell_width((label,)), 0) + 2)
    value = (rows.value_text(0), VALUE_ROLES[rows.kind(0)])
    return (("  ", "text"), label, (blank, "text"), value)


def _flat(value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What is in nested objects, in order, by dotted names (recorded: the server nests attributes
    whose names have dots)."""
    left = [(clean(str(key)), each) for key, each in reversed(value.items())]
    while left:
        name, each = left.pop()
        each = _opened(each)
        if isinstance(each, dict) and each:
            left += [(f"{name}.{clean(str(key))}", sub) for key, sub in reversed(each.items())]
        else:
            yield name, each


def _opened(value: object) -> object:
    """Recorded: arrays may arrive as JSON text."""
    if isinstance(value, str) and value[:1] in ("[", "{"):
        return read_json(value)[0]
    return value


def _ai(ai: AiUsage) -> list[FieldLine]:
    tokens = f"{count(ai.input_tokens)} in · {count(ai.output_tokens)} out"
    facts = [
        ("model", " ".join(filter(None, (ai.model, ai.provider)))),
        ("tokens", f"{tokens} · {count(ai.total_tokens)} in all"),
        ("cached", count(ai.cached_tokens) if ai.cached_tokens else ""),
        ("reasoning", count(ai.reasoning_tokens) if ai.reasoning_tokens else ""),
        ("cost", f"${ai.total_cost:.6f}" if ai.total_cost is not None else ""),
        ("speed", f"{ai.tokens_per_second:.0f} tokens/s" if ai.tokens_per_second else ""),
        ("first chunk", duration(ai.ms_to_first_chunk) if ai.ms_to_first_chunk else ""),
        ("ended by", ai.finish_reason or ""),
    ]
    lines = []
    for label, text in facts:
        if text:
            cell: Cell = ((f"  {label:<12}", "dim"), (text, "text"))
            lines.append(FieldLine(cell, (Field(label, cell, text),)))
    if ai.response_text:
        rows = JsonRows(ai.response_text, "response")
        lines += [
            FieldLine(json_line(rows, row), (Field("response", (), ai.response_text),))
            for row in range(min(len(rows), MAX_PROPERTY_ROWS))
        ]
    return lines


def _triggered(run: StartedRun) -> FieldLine:
    cell: Cell = (
        (f"  {status_mark(run.status)} {run.status.word:<11}", status_role(run.status)),
        (f"{run.task_identifier}  ", "text"),
        (run.run_id, "link"),
    )
    return FieldLine(cell, (Field("run", cell, run.run_id, ("run", run.run_id)),))


def _event(event: SpanEvent, start_ns: int) -> FieldLine:
    said = event.failure.headline if event.failure else event.reason
    name, step = event.name, event.start_step
    if step is not None:
        name, said = step.words, duration(step.duration_ns / 1e6) if step.duration_ns else ""
    # An attempt's start is reported within the attempt, whose own time begins after it.
    since_ns = event.time_ns - start_ns
    sign = "−" if since_ns < 0 else "+"
    pieces: list[Piece] = [
        (f"  {sign}{length_text(abs(since_ns)):<10}", "faint"),
        (name, "bad" if event.failure else "text"),
    ]
    if said:
        pieces.append((f"  {said}", "dim"))
    cell = tuple(pieces)
    copied = cell_text(cell).strip() if step is not None else said or cell_text(cell)
    return FieldLine(cell, (Field("event", cell, copied),))
