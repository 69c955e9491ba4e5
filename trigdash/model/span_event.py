"""Levels, kinds and flags of spans, and what happened inside one. Shared by trace, log and span."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum, IntFlag
from functools import cached_property

from trigdash.model.clean import clean, clean_lines, one_line
from trigdash.model.moment import NS_PER_MS, moment_ns

LEVELS = ("TRACE", "DEBUG", "LOG", "INFO", "WARN", "ERROR")
"""Log levels as the API names them, least important first; columns hold the index."""


class EventStore(Enum):
    """Where a server keeps its spans. It decides the unit of durations."""

    CLICKHOUSE = "clickhouse"
    """Cloud. Nanoseconds; says `isTruncated`; adds `[engine]` lines."""
    POSTGRES = "postgres"
    """The default of a self-hosted server. Milliseconds; says `taskSlug` with each span."""


class SpanKind(IntEnum):
    """The kind of a span, derived from its message, level and position (the trace has no style)."""

    WORK = 0
    RUN = 1
    """A run's own span, from its creation to its end: the root, or a child run within the trace."""
    ATTEMPT = 2
    LOG = 3
    ENGINE = 4
    """A line of the platform itself: its engine's states, and what its worker polls for."""
    RETRY = 5
    """The delay before another attempt."""
    WAIT = 6
    """wait.for(), wait.until(), wait.forToken() …"""
    TRIGGER = 7
    """triggerAndWait() and its kin."""


class SpanFlag(IntFlag):
    """How a span ended."""

    ERROR = 1
    PARTIAL = 2
    """Not ended, as far as the server knows."""
    CANCELED = 4


MAX_STEP_MS = 1e9
"""About 12 days; a step of a start that claims more claims nothing."""
MAX_STACK_LINES = 400
"""Stack lines kept of one exception: V8 sends 10, long stack traces of a recursion send more."""


@dataclass(frozen=True)
class Failure:
    """An exception as it was reported: type, message and stack lines, all clean."""

    type: str
    """Class name; empty when something other than an error was thrown."""
    message: str
    """The first line of what was said; may be empty."""
    stack: tuple[str, ...] = ()
    """Stack lines below the message, indentation kept."""

    @property
    def headline(self) -> str:
        """`TypeError: no such thing`, or whichever half is known."""
        return ": ".join(part for part in (self.type, self.message) if part) or "an error"


def failure(kind: object, message: object, stack: object) -> Failure:
    """A failure of three loose values. Drops the stack's heading, which repeats the message.

    Recorded: ClickHouse sends the heading (`TypeError: …`) as the first stack line, Postgres not.
    """
    type_text = clean(kind) if isinstance(kind, str) else ""
    message_text = message if isinstance(message, str) else ""
    lines = clean_lines(stack)[:MAX_STACK_LINES] if isinstance(stack, str) else []
    first_frame = next((i for i, line in enumerate(lines) if line.lstrip().startswith("at ")), 0)
    return Failure(type_text, one_line(message_text), tuple(filter(str.strip, lines[first_frame:])))


@dataclass(frozen=True, slots=True)
class StartStep:
    """A step of the start of an attempt: what the platform did before the task's code began."""

    name: str
    """`dequeue`, `create attempt`, `fork`, `bootstrap`, `import` …"""
    start_ns: int
    duration_ns: int
    file: str = ""
    """What was imported."""

    @property
    def words(self) -> str:
        """`fork`, `import src/trigger/tasks.ts`."""
        return f"{self.name} {self.file}".rstrip()


@dataclass(frozen=True)
class SpanEvent:
    """Something that happened at one moment of a span."""

    name: str
    """`exception`, `cancellation`, `attempt_failed`, `trigger.dev/start` or a user's own."""
    time_ns: int
    properties: Mapping[str, object]
    """As it came over the wire, not cleaned: clean it where it is shown."""

    @cached_property
    def failure(self) -> Failure | None:
        """The exception of this event, if it has one."""
        told = self.properties.get("exception") or self.properties.get("error")
        if not isinstance(told, Mapping):
            return None
        stack = told.get("stacktrace", told.get("stackTrace"))
        return failure(told.get("type", told.get("name")), told.get("message"), stack)

    @cached_property
    def start_step(self) -> StartStep | None:
        """The step of an attempt's start that this event reports, if any. Recorded from real
        workers: `trigger.dev/start` with `{event, duration (milliseconds), file}`."""
        name, took = self.properties.get("event"), self.properties.get("duration")
        if self.name != "trigger.dev/start" or not isinstance(name, str):
            return None
        took_ms = took if isinstance(took, int | float) and 0 <= took < MAX_STEP_MS else 0
        file = self.properties.get("file")
        return StartStep(
            name=one_line(name).replace("_", " "),
            start_ns=self.time_ns,
            duration_ns=round(took_ms * NS_PER_MS),
            file=one_line(file) if isinstance(file, str) else "",
        )

    @property
    def reason(self) -> str:
        """Why a run was canceled, where a `cancellation` event says so."""
        reason = self.properties.get("reason")
        return one_line(reason) if isinstance(reason, str) else ""


def span_events(raw: object, start_ns: int = 0) -> tuple[SpanEvent, ...]:
    """The events of a span; entries that are not events are left out.

    `start_ns` stands in for a missing or unreadable time.
    """
    if not isinstance(raw, Iterable) or isinstance(raw, str | Mapping):
        return ()
    return tuple(_event(entry, start_ns) for entry in raw if isinstance(entry, Mapping))


def _event(entry: Mapping[str, object], start_ns: int) -> SpanEvent:
    properties = entry.get("properties")
    time = entry.get("time")
    try:
        time_ns = moment_ns(time) if isinstance(time, str) else start_ns
    except ValueError:
        time_ns = start_ns
    name = entry.get("name")
    return SpanEvent(
        name=one_line(name) if isinstance(name, str) else "event",
        time_ns=time_ns,
        properties=properties if isinstance(properties, Mapping) else {},
    )


_WAITS = ("wait.for", "wait.until", "wait(", "waitFor", "Wait for", "wait for")
"""Not all of `wait.`: `wait.createToken()` and its kin make or look up what others wait for."""
_PLATFORM_LINE = 100
"""Recorded: each line that the platform writes into a trace has this duration (in nanoseconds, on
ClickHouse), the level DEBUG and no attempt number; a user's own `logger.debug` takes no time and
belongs to an attempt."""
_TRIGGERS = ("AndWait()", "trigger()", "Trigger()", "AndSubscribe()", "batch.triggerByTask()")
_DEBUG = 1


def span_kinds(
    messages: Sequence[str], levels: Sequence[int], parents: Sequence[int], runs: Sequence[int]
) -> bytearray:
    """The kinds of spans in pre-order. `parents` has rows, `runs` numbers of runs."""
    return bytearray(
        _kind(message, level, parents[row] < 0 or runs[row] != runs[parents[row]])
        for row, (message, level) in enumerate(zip(messages, levels, strict=True))
    )


def mark_platform_lines(
    kinds: bytearray, levels: Sequence[int], lengths: Sequence[float], attempts: Sequence[int]
) -> None:
    """Mark the platform's own lines, as they are in ClickHouse. Durations in nanoseconds."""
    for row, (level, length) in enumerate(zip(levels, lengths, strict=True)):
        if level == _DEBUG and length == _PLATFORM_LINE and not attempts[row]:
            kinds[row] = _ENGINE


def _kind(message: str, level: int, starts_run: bool) -> int:
    """The kind of a span, as a plain int: 100,000 enum look-ups would cost more than everything
    else."""
    if starts_run:
        return _RUN
    if level > 0:
        return _LOG
    if message.startswith("Attempt ") and message[8:].isdecimal():
        return _ATTEMPT
    if message.startswith("Retry #") and " delay" in message:
        return _RETRY
    if message.startswith(_WAITS):
        return _WAIT
    return _TRIGGER if message.endswith(_TRIGGERS) else _WORK


_WORK, _RUN, _ATTEMPT, _LOG, _ENGINE, _RETRY, _WAIT, _TRIGGER = (kind.value for kind in SpanKind)
