"""Cells of a log line: time, level, attempt, message, and what the message's style adds."""

from __future__ import annotations

from datetime import tzinfo
from typing import TYPE_CHECKING

from trigdash.model.local_time import LOCAL
from trigdash.model.span_kind import SpanFlag
from trigdash.ui.cells.cell import Cell, Piece
from trigdash.ui.cells.failures import frame_cell
from trigdash.ui.cells.spans import LEVEL_MARKS, LEVEL_ROLES, length_text, level_word
from trigdash.ui.cells.units import clock_time, duration
from trigdash.ui.inside.event_lines import TimeStyle

if TYPE_CHECKING:
    from trigdash.service.text_pattern import TextPattern
    from trigdash.ui.inside.event_lines import EventLines

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
        level_word(level),
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
