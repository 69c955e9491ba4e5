"""What of a log is shown: by level, by text, below one span, with context, unfolded. Pure.

A shown line is one number: the entry shifted left, and which of its lines it is (0 the message's
first line, then its further lines, then the lines of its exceptions). A million lines are 8 MB.
"""

from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import chain, islice

from trigdash.model.event import SEPARATOR, EventLog
from trigdash.model.span_event import Failure, SpanEvent, SpanFlag
from trigdash.presentation.run.event_search import EventSearch
from trigdash.presentation.units import duration
from trigdash.service.filters.text_pattern import TextPattern

SHIFT = 12
"""Bits for the line within an entry."""
MAX_LINES = (1 << SHIFT) - 1
"""Lines shown of one entry; what is beyond can be copied, not read."""


FIRST_S = 0.03
"""Seconds that a search may hold up keys at once: most are over by then."""

_ERROR = SpanFlag.ERROR.value


class TimeStyle(Enum):
    """How the time of a line is written."""

    RELATIVE = "since start"
    ABSOLUTE = "clock"
    DELTA = "since the line before"

    def after(self) -> "TimeStyle":
        """The next style, round the end."""
        styles = list(TimeStyle)
        return styles[(styles.index(self) + 1) % len(styles)]


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What a log is narrowed to."""

    level: int = 0
    """The lowest level shown, an index into LEVELS."""
    text: str = ""
    """Looked for in the message, case ignored; `/…/` is a regular expression."""
    context: int = 0
    """Entries shown around each match."""
    span_id: str | None = None
    """Only this span and what is below it."""

    def is_set(self) -> bool:
        """Whether anything is set."""
        return self != EventFilter()

    @property
    def pattern(self) -> TextPattern | None:
        """What to look for; None for everything. Raises BadPattern."""
        return TextPattern(self.text) if self.text else None


@dataclass(frozen=True, slots=True)
class Part:
    """One line of an entry: of its message, or of what happened within it."""

    text: str
    role: str = "dim"
    at_ns: int | None = None
    """When it happened, where that is another time than the entry's own."""


class EventLines:
    """A log and what its viewer did to it."""

    def __init__(self, log: EventLog, run_end_ns: int | None = None) -> None:
        self.log = log
        self.run_end_ns = run_end_ns
        """When the run ended; None while it has not. What is open then was never closed."""
        self.filter = EventFilter()
        self.time_style = TimeStyle.RELATIVE
        self.pattern: TextPattern | None = None
        self.matching: array[int] | None = None
        """Entries that match the search text, as far as they were searched; without their
        context."""
        self.search: EventSearch | None = None
        """The search for the text, where one is set."""
        self.unfolds = True
        """Whether further lines and exceptions are shown below an entry."""
        self._shown: array[int] | range | None = None
        self._scope: set[int] | None = None

    @property
    def shown(self) -> "array[int] | range":
        """Lines to show, in order of time; see `entry` and `part`."""
        if self._shown is None:
            self._shown = self._lines(self._entries())
        return self._shown

    @staticmethod
    def entry(line: int) -> int:
        """The entry that a line belongs to."""
        return line >> SHIFT

    @staticmethod
    def part(line: int) -> int:
        """Which of its entry's lines this is."""
        return line & MAX_LINES

    def replace(self, log: EventLog, entry: int = 0) -> int:
        """Show a newer log of the same run; returns the new index of an entry, since late ones may
        be inserted before it."""
        span = self.log.span[entry] if entry < len(self.log) else 0
        if entry >= len(log) or log.span[entry] != span:
            found = log.entry_of(f"{span:016x}")
            entry = entry if found is None else found
        self.log = log
        for derived in ("_telling", "_wrong"):
            self.__dict__.pop(derived, None)
        self._refind()
        return entry

    def narrow(self, event_filter: EventFilter) -> None:
        """Show something else. A text that is no pattern raises BadPattern and changes nothing.

        A search that takes longer than a moment is not over then, see `search_on`.
        """
        self.pattern = event_filter.pattern
        self.filter = event_filter
        self._refind()

    @property
    def is_searching(self) -> bool:
        """Whether more may be found."""
        return self.search is not None and not self.search.is_over

    def search_on(self, for_s: float) -> bool:
        """Go on searching for so many seconds of work; whether the search is over now.
        `show_found` shows what came of it."""
        if self.search is not None:
            self.search.run(for_s)
        return not self.is_searching

    def show_found(self) -> None:
        """Show what was found by now."""
        self._shown = None

    def toggle_unfolding(self) -> None:
        """Show or hide further lines and exceptions."""
        self.unfolds = not self.unfolds
        self._shown = None

    def index_of(self, entry: int, part: int = 0) -> int:
        """The index of a line of an entry, by default its first one; or of the nearest after it."""
        line = entry << SHIFT | part
        return min(bisect_left(self.shown, line), max(len(self.shown) - 1, 0))

    def next_match(self, index: int, step: int) -> int | None:
        """Index of the next match after or before a shown line, round the end."""
        shown = self.shown
        if not self.matching:
            return None
        entry = self.entry(shown[index])
        at = bisect_left(self.matching, entry + (step > 0)) - (step < 0)
        return self.index_of(self.matching[at % len(self.matching)])

    def next_error(self, index: int) -> int | None:
        """Index of the next shown entry that went wrong, round the end; None without any."""
        shown, wrong = self.shown, self._wrong
        if not len(shown):
            return None
        first = bisect_right(wrong, self.entry(shown[index]))
        for entry in chain(islice(wrong, first, None), islice(wrong, first)):
            place = bisect_left(shown, entry << SHIFT)
            if place < len(shown) and shown[place] == entry << SHIFT:
                return place
        return None

    @cached_property
    def _wrong(self) -> "array[int]":
        """Entries that went wrong, in order; of spans around one another the innermost."""
        told = enumerate(zip(self.log.level, self.log.flags, strict=True))
        wrong = [entry for entry, (level, flags) in told if level == 5 or flags & _ERROR]
        spans = [entry for entry in wrong if not self.log.is_log(entry)]
        around = set(spans) - self.log.deepest([spans]) if len(spans) > 1 else ()
        return array("q", (entry for entry in wrong if entry not in around))

    # The text of a line

    def text(self, line: int) -> str:
        """The text of a line, without time, level and attempt."""
        entry, part = self.entry(line), self.part(line)
        if part == 0 and "\n" not in (message := self.log.messages[entry]):
            return message
        return self._parts(entry)[part].text

    def below(self, line: int) -> Part:
        """A line below the first of its entry."""
        return self._parts(self.entry(line))[self.part(line)]

    def _parts(self, entry: int) -> list[Part]:
        """All lines of an entry: its message, then what happened within it."""
        parts = [Part(text) for text in self.log.messages[entry].split("\n")]
        for event in self.log.events.get(entry, ()):
            if event.failure is None or (entry, event.failure) in self._telling:
                parts += _event_parts(event)
        return parts[:MAX_LINES]

    def _further_lines(self, entry: int) -> list[str]:
        return [part.text for part in self._parts(entry)[1:]]

    @cached_property
    def _telling(self) -> set[tuple[int, Failure]]:
        """Entries with their own exceptions. Recorded: all spans around the one that threw an
        exception repeat it; only the innermost counts."""
        groups: dict[tuple[int, Failure], list[int]] = {}
        for entry, events in self.log.events.items():
            for failure in dict.fromkeys(each.failure for each in events):
                if failure is not None:
                    groups.setdefault((self.log.attempt[entry], failure), []).append(entry)
        deepest = self.log.deepest(groups.values()) if groups else set()
        return {
            (entry, failure)
            for (_, failure), entries in groups.items()
            for entry in entries
            if entry in deepest
        }

    # Which lines

    def _refind(self) -> None:
        span_id = self.filter.span_id
        self._scope = None if span_id is None else self.log.below(span_id)
        self.matching = None
        self._shown = None
        self.search = None
        if self.pattern is not None:
            self.search = EventSearch(self.log, self.pattern, self._further_lines)
            self.search.run(FIRST_S)

    def _entries(self) -> "array[int] | range":
        """Entries to show, in order."""
        event_filter, log = self.filter, self.log
        if not event_filter.is_set():
            return range(len(log))
        level, scope = event_filter.level, self._scope
        allowed = bytearray(b"\1") * len(log)
        if scope is not None:
            allowed = bytearray(entry in scope for entry in range(len(log)))
        if level:
            # A failed span has no level of its own, and still is an error.
            told = zip(allowed, log.level, log.flags, strict=True)
            allowed = bytearray(yes and (at >= level or flag & _ERROR) for yes, at, flag in told)
        if self.search is None:
            return array("q", (entry for entry, yes in enumerate(allowed) if yes))
        self.matching = array("q", (entry for entry in sorted(self.search.found) if allowed[entry]))
        return self._with_context(allowed)

    def _with_context(self, allowed: bytearray) -> "array[int]":
        around, matching = self.filter.context, self.matching
        assert matching is not None
        if not around:
            return matching
        shown = array("q", (entry for entry, yes in enumerate(allowed) if yes))
        keep = bytearray(len(shown))
        for entry in matching:
            at = bisect_left(shown, entry)
            low, high = max(at - around, 0), min(at + around + 1, len(shown))
            keep[low:high] = b"\1" * (high - low)
        return array("q", (entry for entry, yes in zip(shown, keep, strict=True) if yes))

    def _lines(self, entries: "array[int] | range") -> "array[int] | range":
        extra = self._longer() if self.unfolds else {}
        if isinstance(entries, range) and not extra:
            # A whole log of single lines, the usual one, needs no list of them.
            return range(0, len(entries) << SHIFT, 1 << SHIFT)
        lines = array("q", (entry << SHIFT for entry in entries))
        if not extra:
            return lines
        shown = array("q")
        for line in lines:
            shown.append(line)
            shown.extend(range(line + 1, line + extra.get(line >> SHIFT, 1)))
        return shown

    def _longer(self) -> dict[int, int]:
        """How many lines each entry has that has more than one."""
        longer = dict.fromkeys(self.log.events, 0)
        for first, block in self.log.messages.blocks():
            if "\n" in block:
                messages = block.split(SEPARATOR)
                longer.update((at, 0) for at, text in enumerate(messages, first) if "\n" in text)
        return {entry: len(self._parts(entry)) for entry in longer}

    def delta_ns(self, index: int) -> int:
        """Nanoseconds since the entry shown before the one at an index; 0 for the first."""
        entry = self.entry(self.shown[index])
        first = self.index_of(entry)
        if first == 0:
            return 0
        before = self.entry(self.shown[first - 1])
        return self.log.start_ns[entry] - self.log.start_ns[before]


def _event_parts(event: SpanEvent) -> list[Part]:
    """The lines of something that happened within an entry."""
    if (failure := event.failure) is not None:
        return [Part(line, "bad") for line in (failure.headline, *failure.stack)]
    if (step := event.start_step) is not None:
        took = f"  {duration(step.duration_ns / 1e6)}" if step.duration_ns else ""
        return [Part(f"{step.words}{took}", "dim", step.start_ns)]
    words = f"{event.name}: {event.reason}" if event.reason else event.name
    return [Part(words, "dim", event.time_ns)]
