"""From the bytes of a trace answer to its columns, span by span, at any depth."""

from __future__ import annotations

import re
from array import array
from typing import Any

from trigdash.model.clean import one_line
from trigdash.model.json_walk import Walk
from trigdash.model.moment import NS_PER_MS, moment_ns
from trigdash.model.span_event import (
    LEVELS,
    EventStore,
    SpanEvent,
    SpanFlag,
    mark_platform_lines,
    span_events,
    span_kinds,
)

MAX_ATTEMPT = 1 << 31
UNTOLD = -(1 << 62)
"""A placeholder for a start, until the position of the span is known."""
MAX_DURATION_NS = 1e18
"""About 31 years; what claims more (or is not a number) claims nothing."""

_LEVEL_INDEX = {name: index for index, name in enumerate(LEVELS)}
_NUMBER = (int, float)
_ORDINARY = re.compile(
    r'\{"id":"(T*)",(?:"parentId":"T*",)?"runId":"(T*)",'
    r'"data":\{"message":"(T*)","duration":(\d{1,18}),'
    r'"isError":(true|false),"isPartial":(true|false),"isCancelled":(true|false),'
    r'"startTime":"(T*)","level":"(T*)","events":\[\]'
    r'(?:,"attemptNumber":(?:(\d{1,9})|null))?\},"children":\[(\]\})?'.replace(
        "T", r'[^"\\\x00-\x1f]'
    )
)
"""A span in the form of nearly all spans from ClickHouse (recorded), without events and escapes:
parsed at a third of the cost. Others are parsed as general JSON."""
_CHILDREN = '"children":['
"""Can not occur within a JSON text, where a quotation mark has a backslash before it."""


NO_RUN = -1
"""In the place of a run's number: the span, and none around it, says which run it belongs to."""


class TraceReader:
    """Columns under construction. Durations stay in the server's unit until that is known."""

    def __init__(self, text: str) -> None:
        self._walk = Walk(text)
        self._odd: set[int] = set()
        """Rows of spans of which something could not be read."""
        self._strays = 0
        """Children that are no spans at all."""
        self._open: list[int] = []
        self.runs: dict[str, int] = {}
        """Run ids and their numbers, in the order met."""
        self.trace_id = ""
        self.truncated: bool | None = None
        self._says_slug = False
        self.ids: list[str] = []
        self.messages: list[str] = []
        self.depth = array("i")
        self.parent = array("i")
        self.subtree_end = array("i")
        self.start_ns = array("q")
        self._durations = array("d")
        self.flags = bytearray()
        self.level = bytearray()
        self.attempt = array("i")
        self.run = array("i")
        self.events: dict[int, tuple[SpanEvent, ...]] = {}

    def read(self) -> None:
        """Walk the envelope; the spans are walked when `rootSpan` is met."""
        walk = self._walk
        walk.enter("{")
        found = False
        while walk.another("}"):
            if walk.key() == "trace":
                self._read_envelope()
                found = True
            else:
                walk.value()
        if not found:
            raise ValueError("no trace in the answer")
        if walk.peek():
            raise ValueError("more than one answer")
        self._place_startless()

    @property
    def unreadable(self) -> int:
        """Spans that could not be read, or not all of them."""
        return len(self._odd) + self._strays

    def _place_startless(self) -> None:
        """Have spans that do not say when they began begin with their parent; the root with the
        first of all."""
        starts = self.start_ns
        lost = [row for row, start in enumerate(starts) if start == UNTOLD]
        if not lost:
            return
        self._odd.update(lost)
        first = min((start for start in starts if start != UNTOLD), default=UNTOLD)
        if first == UNTOLD:
            raise ValueError("no span says when it began")
        for row in lost:
            parent = self.parent[row]
            starts[row] = starts[parent] if parent >= 0 else first

    def _read_envelope(self) -> None:
        walk = self._walk
        walk.enter("{")
        while walk.another("}"):
            key = walk.key()
            if key == "rootSpan" and walk.peek() == "{":
                self._read_spans()
                continue
            value = walk.value()
            if key == "traceId" and isinstance(value, str):
                self.trace_id = one_line(value)
            elif key == "isTruncated":
                self.truncated = value not in (None, False)

    def _read_spans(self) -> None:
        """The root span and all below it: a stack of open spans in place of recursion."""
        walk = self._walk
        before_child = self._enter_span()
        while self._open:
            if before_child and walk.another("]"):
                before_child = self._enter_span()
            elif self._read_members():
                before_child = True
            else:
                self.subtree_end[self._open.pop()] = len(self.ids)
                before_child = True

    def _enter_span(self) -> bool:
        """Step into a span: a new row. True when all but its children was read at once."""
        walk = self._walk
        if walk.peek() != "{":
            walk.value()
            self._strays += 1
            return True
        if told := _ORDINARY.match(walk.text, walk.at):
            self._add_ordinary(told)
            walk.at = told.end()
            return True
        row = self._add_blank()
        self._open.append(row)
        if head := walk.value_before(_CHILDREN, "}"):
            for key, value in head.items():
                self._take(row, key, value)
            return True
        walk.enter("{")
        return False

    def _add_ordinary(self, told: re.Match[str]) -> None:
        """A row with all that is known at once; a span without children is not even entered."""
        span, run, message, duration, error, partial, canceled, start, level, attempt, leaf = (
            told.groups()
        )
        row, opened = len(self.ids), self._open
        self.depth.append(len(opened))
        self.parent.append(opened[-1] if opened else -1)
        self.ids.append(one_line(span))
        self.messages.append(one_line(message))
        self.subtree_end.append(row + 1)
        self.start_ns.append(start_of(start))
        self._durations.append(float(duration))
        self.flags.append(
            (_ERROR if error == "true" else 0)
            | (_PARTIAL if partial == "true" else 0)
            | (_CANCELED if canceled == "true" else 0)
        )
        self.level.append(_LEVEL_INDEX.get(level, 0))
        self.attempt.append(int(attempt) if attempt else 0)
        self.run.append(self.runs.setdefault(one_line(run), len(self.runs)))
        if not leaf:
            opened.append(row)

    def _add_blank(self) -> int:
        row, innermost = len(self.ids), self._open[-1] if self._open else -1
        self.depth.append(len(self._open))
        self.parent.append(innermost)
        self.ids.append("")
        self.messages.append("")
        self.subtree_end.append(0)
        self.start_ns.append(UNTOLD)
        self._durations.append(0.0)
        self.flags.append(0)
        self.level.append(0)
        self.attempt.append(0)
        self.run.append(self.run[innermost] if innermost >= 0 else NO_RUN)
        return row

    def _read_members(self) -> bool:
        """Members of the innermost open span; True when it stopped before its children."""
        walk, row = self._walk, self._open[-1]
        while walk.another("}"):
            key = walk.key()
            if key == "children" and walk.peek() == "[":
                walk.enter("[")
                return True
            self._take(row, key, walk.value())
        return False

    def _take(self, row: int, key: str, value: Any) -> None:
        if key == "data":
            self._take_data(row, value)
        elif key == "id" and self._fits(row, isinstance(value, str)):
            self.ids[row] = one_line(value)
        elif key == "runId" and value is not None and self._fits(row, isinstance(value, str)):
            self.run[row] = self.runs.setdefault(one_line(value), len(self.runs))
        elif key == "children":
            self._fits(row, value is None)

    def _take_data(self, row: int, data: Any) -> None:
        if not self._fits(row, isinstance(data, dict)):
            return
        message = data.get("message", "")
        if self._fits(row, isinstance(message, str)):
            self.messages[row] = one_line(message)
        self.start_ns[row] = start_ns = start_of(data.get("startTime"))
        self._durations[row] = self._length_of(row, data.get("duration"))
        self.level[row] = _LEVEL_INDEX.get(str(data.get("level")), 0)
        self.flags[row] = (
            (_ERROR if data.get("isError") is True else 0)
            | (_PARTIAL if data.get("isPartial") is True else 0)
            | (_CANCELED if data.get("isCancelled") is True else 0)
        )
        attempt = data.get("attemptNumber")
        if isinstance(attempt, int) and 0 < attempt < MAX_ATTEMPT:
            self.attempt[row] = attempt
        if "taskSlug" in data:
            self._says_slug = True
        events = data.get("events")
        if events and (told := span_events(events, start_ns)):
            self.events[row] = told

    def _fits(self, row: int, is_fit: bool) -> bool:
        """Whether a value fits; a span with one that does not is counted as odd."""
        if not is_fit:
            self._odd.add(row)
        return is_fit

    def _length_of(self, row: int, told: object) -> float:
        """The duration in the server's unit; 0 for absurd values."""
        if isinstance(told, _NUMBER) and -MAX_DURATION_NS < told < MAX_DURATION_NS:
            return float(told)
        self._fits(row, told is None)
        return 0.0

    @property
    def store(self) -> EventStore:
        """Recorded: only ClickHouse says `isTruncated`, only Postgres says `taskSlug`. An answer
        that says neither is read as the API documents it, in nanoseconds."""
        by_slug = self.truncated is None and self._says_slug
        return EventStore.POSTGRES if by_slug else EventStore.CLICKHOUSE

    def durations_ns(self) -> array[int]:
        """Durations in nanoseconds, whatever the server's unit."""
        scale = NS_PER_MS if self.store is EventStore.POSTGRES else 1
        longest = MAX_DURATION_NS / scale
        return array(
            "q",
            (round(value * scale) if 0 < value < longest else 0 for value in self._durations),
        )

    def kinds(self) -> bytearray:
        """The kind of each span."""
        kinds = span_kinds(self.messages, self.level, self.parent, self.run)
        if self.store is EventStore.CLICKHOUSE:
            mark_platform_lines(kinds, self.level, self._durations, self.attempt)
        return kinds


def start_of(told: object) -> int:
    """A start in nanoseconds; UNTOLD where it cannot be read."""
    try:
        return moment_ns(told) if isinstance(told, str) else UNTOLD
    except ValueError:
        return UNTOLD


_ERROR, _PARTIAL, _CANCELED = (flag.value for flag in SpanFlag)
