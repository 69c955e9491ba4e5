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
    entry = lines.entry(lines.shown[index])
    at = lines.log.start_ns[entry]
    if lines.time_style is TimeStyle.ABSOLUTE:
        text = clock_time(at / 1e6, zone, millis=True)
    elif lines.time_style is TimeStyle.DELTA:
        text = f"+{length_text(max(lines.delta_ns(index), 0))}"
    else:
        text = relative_text(at - start_ns)
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
        return _further_line(lines, line)
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
    if length := log.duration_ns[entry]:
        pieces.append((f"  {length_text(length)}", "dim"))
    elif log.has(entry, SpanFlag.PARTIAL):
        pieces.append(("  ● running", "running"))
    if log.has(entry, SpanFlag.CANCELED):
        pieces.append(("  – canceled", "done"))
    if note := log.notes.get(entry):
        pieces.append((f"  {note}", "faint"))
    return tuple(pieces)


def _further_line(lines: EventLines, line: int) -> Cell:
    text = lines.text(line)
    indent = TIME_WIDTH + 13
    if text.lstrip().startswith("at ") and lines.pattern is None:
        return frame_cell(text, indent + 2)
    role = "bad" if lines.is_exception(line) else "dim"
    return ((" " * indent, "text"), *_marked(text, role, lines.pattern))


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
