"""Cells of a JSON row and of a log line."""

from __future__ import annotations

from datetime import tzinfo
from typing import TYPE_CHECKING

from trigdash.model.moment import LOCAL
from trigdash.model.span_event import SpanFlag
from trigdash.presentation.cell import Cell, Piece
from trigdash.presentation.failures import frame_cell
from trigdash.presentation.run.event_lines import TimeStyle
from trigdash.presentation.run.json_rows import JsonKind
from trigdash.presentation.run.outline import highlighted
from trigdash.presentation.run.spans import LEVEL_MARKS, LEVEL_ROLES, length_text, level_label
from trigdash.presentation.units import clock_time, duration

if TYPE_CHECKING:
    from trigdash.presentation.run.event_lines import EventLines
    from trigdash.presentation.run.json_rows import JsonRows
    from trigdash.service.filters.text_pattern import TextPattern

VALUE_ROLES = {
    JsonKind.NULL: "faint",
    JsonKind.BOOLEAN: "waiting",
    JsonKind.NUMBER: "running",
    JsonKind.STRING: "good",
    JsonKind.ARRAY: "faint",
    JsonKind.OBJECT: "faint",
    JsonKind.TEXT: "good",
    JsonKind.LINE: "good",
}
MAX_INDENT = 48
"""Columns that depth may take; below that rows keep one margin."""


def json_line(rows: JsonRows, row: int, *, top: int = 0) -> Cell:
    """One row of a JSON value; rows of depth `top` are at the margin, as headings if it is 1."""
    kind = rows.kind(row)
    depth = max(rows.depth[row] - top, 0)
    pieces: list[Piece] = [(" " * min(2 * depth, MAX_INDENT), "text"), _mark(rows, row)]
    if key := rows.key_text(row):
        role = "faint" if isinstance(rows.keys[row], int) else "dim"
        role = "strong" if top and not depth else role
        pieces += [*_found(key, role, rows.text), ("  ", "text")]
    if value := rows.value_text(row):
        pieces += _found(value, VALUE_ROLES[kind], rows.text)
    if note := rows.size_label(row):
        pieces.append((note, "faint"))
    return tuple(pieces)


def _mark(rows: JsonRows, row: int) -> Piece:
    if not rows.is_parent(row):
        return "  ", "text"
    return ("▸ ", "accent") if rows.is_folded(row) else ("▾ ", "faint")


def _found(text: str, role: str, needle: str) -> list[Piece]:
    return [(part, "match" if found else role) for part, found in highlighted(text, needle)]


TIME_WIDTH = 13


def time_text(lines: EventLines, index: int, start_ns: int, zone: tzinfo = LOCAL) -> str:
    """The time of a shown line in the style that is chosen, right-aligned."""
    if lines.time_style is TimeStyle.DELTA:
        return f"{f'+{length_text(max(lines.delta_ns(index), 0))}':>{TIME_WIDTH}}"
    entry = lines.entry(lines.shown[index])
    return _moment_text(lines.time_style, lines.log.start_ns[entry], start_ns, zone)


def _moment_text(style: TimeStyle, at_ns: int, start_ns: int, zone: tzinfo) -> str:
    if style is TimeStyle.ABSOLUTE:
        text = clock_time(at_ns / 1e6, zone, millis=True)
    else:
        text = relative_text(at_ns - start_ns)
    return f"{text:>{TIME_WIDTH}}"


def relative_text(ns: int) -> str:
    """Time since the start with one precision throughout: `12.345 s`; hours read as usual."""
    if abs(ns) < 3_600_000_000_000:
        return f"{ns / 1e9:.3f} s"
    return duration(ns / 1e6)


def event_line(lines: EventLines, index: int, start_ns: int, zone: tzinfo = LOCAL) -> Cell:
    """One shown line of a log."""
    line = lines.shown[index]
    entry, part = lines.entry(line), lines.part(line)
    if part:
        return _line_below(lines, line, start_ns, zone)
    log = lines.log
    level = log.level[entry]
    attempt = log.attempt[entry]
    pieces: list[Piece] = [
        (time_text(lines, index, start_ns, zone), "faint"),
        ("  × ", "bad")
        if log.has(entry, SpanFlag.ERROR)
        else (f"  {LEVEL_MARKS[level]} ", LEVEL_ROLES[level]),
        level_label(level),
        (f" {attempt:>2} " if attempt else "    ", "faint"),
        *_marked(lines.text(line), _role(lines, entry), lines.pattern),
    ]
    pieces += _ending(lines, entry)
    if log.has(entry, SpanFlag.CANCELED):
        pieces.append(("  – canceled", "done"))
    if note := log.notes.get(entry):
        pieces.append((f"  {note}", "faint"))
    return tuple(pieces)


def _ending(lines: EventLines, entry: int) -> list[Piece]:
    """How long an entry's span took, or that it never ended."""
    log = lines.log
    length = log.duration_ns[entry]
    if not log.has(entry, SpanFlag.PARTIAL):
        return [(f"  {length_text(length)}", "dim")] if length else []
    if lines.run_end_ns is None:
        return [("  ● running", "running")]
    open_ns = max(lines.run_end_ns - log.start_ns[entry], 0)
    return [(f"  ≈{length_text(open_ns)}", "dim"), ("  ◇ never closed", "unknown")]


def _line_below(lines: EventLines, line: int, start_ns: int, zone: tzinfo) -> Cell:
    part = lines.below(line)
    indent = TIME_WIDTH + 13
    if part.text.lstrip().startswith("at ") and lines.pattern is None:
        return frame_cell(part.text, indent + 2)
    time = ""
    if part.at_ns is not None and lines.time_style is not TimeStyle.DELTA:
        time = _moment_text(lines.time_style, part.at_ns, start_ns, zone)
    return ((f"{time:<{indent}}", "faint"), *_marked(part.text, part.role, lines.pattern))


def _role(lines: EventLines, entry: int) -> str:
    log = lines.log
    level = log.level[entry]
    if log.has(entry, SpanFlag.ERROR) and level < 5:
        return "bad"
    return ("text", "dim", "text", "text", "warn", "bad-strong")[level]


def _marked(text: str, role: str, pattern: TextPattern | None) -> list[Piece]:
    """A text with every match of the pattern highlighted."""
    if pattern is None:
        return [(text, role)]
    pieces: list[Piece] = []
    start = 0
    for first, end in pattern.spans(text):
        if first > start:
            pieces.append((text[start:first], role))
        pieces.append((text[first:end], "match"))
        start = end
    if start < len(text):
        pieces.append((text[start:], role))
    return pieces
