"""Cells of a span: its message as the trace shows it, how long it took, its bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trigdash.model.span_event import LEVELS, SpanFlag, SpanKind
from trigdash.presentation.cell import Cell, Piece, cut_cell
from trigdash.presentation.run.outline import highlighted
from trigdash.presentation.run.waterfall import Axis, Extent, bar
from trigdash.presentation.units import duration

if TYPE_CHECKING:
    from trigdash.model.span_times import SpanTimes
    from trigdash.presentation.run.trace_rows import TraceRows

LEVEL_ROLES = ("faint", "faint", "text", "text", "warn", "bad-strong")
"""Role of each log level's word, by its index."""
LEVEL_MARKS = ("·", "·", "•", "•", "▲", "×")
"""Mark of each log level: never color alone."""

NO_BAR_BELOW = 46
"""Columns below which there is no room for a waterfall."""


@dataclass(frozen=True, slots=True)
class TraceColumns:
    """How the width of a trace is shared out."""

    message: int
    bar: int
    length: int = 10

    @classmethod
    def of(cls, width: int) -> TraceColumns:
        """Shares of a width: the message needs some 30 columns, the bar lives on the rest."""
        if width < NO_BAR_BELOW:
            return cls(max(width - 10, 1), 0)
        room = width - 10 - 2
        message = min(max(room * 9 // 20, 28), 72)
        return cls(message, max(room - message, 0))


def level_label(level: int) -> Piece:
    """The word of a log level, five columns wide."""
    return f"{LEVELS[level]:<5}", LEVEL_ROLES[level]


def length_text(ns: int) -> str:
    """A span's duration; below a millisecond to the microsecond."""
    if 0 < ns < 1_000_000:
        return f"{ns / 1_000_000:.2f} ms" if ns >= 10_000 else f"{ns / 1_000:.0f} µs"
    return duration(ns / 1e6)


def message_cell(rows: TraceRows, times: SpanTimes, row: int, width: int) -> Cell:
    """Indent, fold mark, outcome mark and message of a span."""
    trace = rows.trace
    indent = min(2 * trace.depth[row], width // 2)
    pieces: list[Piece] = [(" " * indent, "text"), _fold_mark(rows, row)]
    kind = SpanKind(trace.kind[row])
    if kind is SpanKind.LOG:
        word, role = level_label(trace.level[row])
        pieces.append((f"{word} ", role))
    elif mark := _outcome_mark(times, row):
        pieces.append(mark)
    role = _message_role(rows, row, kind)
    pieces += [
        (text, "match" if found else role)
        for text, found in highlighted(trace.messages[row], rows.text)
    ]
    if opens_run(rows, row):
        pieces.append((" ›", "accent"))
    if rows.is_folded(row):
        pieces.append((f" +{rows.folded_below(row):,}", "faint"))
    return cut_cell(tuple(pieces), width)


def opens_run(rows: TraceRows, row: int) -> bool:
    """Whether the span is another run's own, which `enter` opens."""
    trace = rows.trace
    return trace.kind[row] == SpanKind.RUN and trace.run[row] != trace.run[0]


def _fold_mark(rows: TraceRows, row: int) -> Piece:
    if not rows.can_fold(row):
        return "  ", "text"
    return ("▸ ", "accent") if rows.is_folded(row) else ("▾ ", "faint")


def _outcome_mark(times: SpanTimes, row: int) -> Piece | None:
    trace = times.trace
    if trace.has(row, SpanFlag.ERROR):
        return "× ", "bad"
    if trace.has(row, SpanFlag.CANCELED):
        return "– ", "done"
    if times.is_open(row):
        return ("○ ", "queued") if row in times.queued else ("● ", "running")
    return ("◇ ", "unknown") if row in times.unclosed else None


def _message_role(rows: TraceRows, row: int, kind: SpanKind) -> str:
    trace = rows.trace
    if kind is SpanKind.RUN:
        return "strong"
    if kind is SpanKind.ENGINE:
        return "faint"
    if kind is SpanKind.LOG:
        return "bad-strong" if trace.level[row] == 5 else "dim" if trace.level[row] < 4 else "text"
    if kind in (SpanKind.WAIT, SpanKind.RETRY):
        return "dim"
    return "text"


def length_cell(times: SpanTimes, row: int, now_ns: int) -> Cell:
    """How long a span took; nothing for a moment, `≈` where the server's claim was overruled."""
    trace = times.trace
    length = times.length_ns(row, now_ns)
    kind = trace.kind[row]
    if kind in (SpanKind.LOG, SpanKind.ENGINE) or (length == 0 and not times.is_open(row)):
        return ()
    if row in times.corrected or row in times.unclosed:
        return ((f"≈{length_text(length)}", "dim"),)
    if times.is_open(row):
        return ((length_text(length), "queued" if row in times.queued else "running"),)
    return ((length_text(length), "dim"),)


def span_bar(times: SpanTimes, row: int, axis: Axis, width: int, now_ns: int) -> Cell:
    """The bar of a span on the axis."""
    trace = times.trace
    kind = trace.kind[row]
    is_moment = kind in (SpanKind.LOG, SpanKind.ENGINE)
    start = trace.start_ns[row]
    is_alarm = trace.level[row] >= 4 and kind == SpanKind.LOG
    end = start if is_moment else times.end_ns(row, now_ns)
    extent = Extent(
        start_ns=start,
        end_ns=end,
        role=bar_role(times, row),
        queued_until_ns=end if row in times.queued else times.queued_until.get(row),
        waits=kind in (SpanKind.WAIT, SpanKind.RETRY) or _waits_on_child(trace.messages[row], kind),
        is_open=times.is_open(row),
        alarm=is_alarm,
    )
    return bar(extent, axis, width)


def _waits_on_child(message: str, kind: int) -> bool:
    return kind == SpanKind.TRIGGER and "AndWait" in message


def bar_role(times: SpanTimes, row: int) -> str:
    """What a span's color says."""
    trace = times.trace
    kind = trace.kind[row]
    if kind == SpanKind.LOG:
        return LEVEL_ROLES[trace.level[row]] if trace.level[row] >= 4 else "dim"
    if kind == SpanKind.ENGINE:
        return "faint"
    if trace.has(row, SpanFlag.ERROR):
        return "bad"
    if trace.has(row, SpanFlag.CANCELED):
        return "done"
    if kind in (SpanKind.WAIT, SpanKind.RETRY) or _waits_on_child(trace.messages[row], kind):
        return "waiting"
    if row in times.unclosed:
        return "unknown"
    if times.is_open(row):
        return "queued" if row in times.queued else "running"
    return "good"
