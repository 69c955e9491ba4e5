"""Looking for a text in a log, a little at a time, so that keys are answered meanwhile. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from time import thread_time

from trigdash.model.event import SEPARATOR, EventLog
from trigdash.service.filters.text_pattern import TextPattern, TooSlow

MAX_S = 3.0
"""Seconds of work after which a search is given up: a million lines take about that long."""


class EventSearch:
    """A search under way: what it found so far, and how far it came."""

    def __init__(
        self, log: EventLog, pattern: TextPattern, further: Callable[[int], Sequence[str]]
    ) -> None:
        """`further` gives the lines of an entry below its message, those of exceptions."""
        self.found: set[int] = set()
        """Entries whose message or exception has the text."""
        self.searched = 0
        """Entries whose message was searched."""
        self.too_slow: set[int] = set()
        """Entries that could not be searched in time, and are not among those found."""
        self.is_over = False
        self.gave_up = False
        """Whether it ended before all was searched."""
        self._log = log
        self._pattern = pattern
        self._further = further
        self._steps = self._all_steps()
        self._spent_s = 0.0

    def run(self, for_s: float) -> None:
        """Go on for so many seconds of work, or to the end."""
        began_s = thread_time()
        while not self.is_over:
            self.is_over = next(self._steps, None) is None
            worked_s = thread_time() - began_s
            if self._spent_s + worked_s > MAX_S and not self.is_over:
                self.is_over = self.gave_up = True
            if worked_s >= for_s:
                break
        self._spent_s += thread_time() - began_s

    def _all_steps(self) -> Iterator[int]:
        """Search; yields the index of the entry after each step."""
        blocks = self._search_texts if self._pattern.is_regex else self._search_block
        for first, block in self._log.messages.blocks():
            yield from blocks(first, block)
        for entry in self._log.events:
            if entry not in self.found:
                for line in self._further(entry):
                    self._look_at(entry, line)
                    yield entry

    def _search_texts(self, first: int, block: str) -> Iterator[int]:
        """Message by message: an anchor means the ends of a message."""
        for entry, text in enumerate(block.split(SEPARATOR), first):
            self._look_at(entry, text)
            self.searched = entry + 1
            yield entry

    def _search_block(self, first: int, block: str) -> Iterator[int]:
        """The messages at once: what is looked for has no separator in it."""
        entry, at = first, 0
        while (at := self._pattern.find(block, before := at)) >= 0:
            entry += block.count(SEPARATOR, before, at)
            self.found.add(entry)
            at = block.find(SEPARATOR, at)
            if at < 0:
                break
        self.searched = first + block.count(SEPARATOR) + 1
        yield entry

    def _look_at(self, entry: int, text: str) -> None:
        try:
            if self._pattern.matches(text):
                self.found.add(entry)
                self.too_slow.discard(entry)
        except TooSlow:
            if entry not in self.found:
                self.too_slow.add(entry)
