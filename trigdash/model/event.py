"""A run's log as columns: a million entries held in flat arrays and blocks of text.

The endpoint has no paging and no "since": every answer is the whole log. Entries are kept in order
of time, regardless of the order in which they came (recorded: Postgres sends them unsorted).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from typing_extensions import override

from trigdash.model.event_reader import EventReader
from trigdash.model.span_event import LEVELS, SpanEvent, SpanFlag

BLOCK = 4_096
"""Entries whose messages share one text; splitting one takes about 0.2 ms."""
SEPARATOR = "\x1e"
"""Between messages of a block. A control character, so no clean message has it."""


class MessageBlocks:
    """A sequence of texts that costs little more than their characters."""

    def __init__(self, messages: Sequence[str]) -> None:
        self._blocks = [
            SEPARATOR.join(messages[start : start + BLOCK])
            for start in range(0, len(messages), BLOCK)
        ]
        self._count = len(messages)
        self._split = lru_cache(maxsize=8)(self._split_block)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> str:
        return self._split(index // BLOCK)[index % BLOCK]

    def __iter__(self) -> Iterator[str]:
        for block in self._blocks:
            yield from block.split(SEPARATOR)

    def blocks(self) -> Iterator[tuple[int, str]]:
        """Number of the first entry of each block, and the block's text."""
        return ((number * BLOCK, block) for number, block in enumerate(self._blocks))

    def _split_block(self, number: int) -> list[str]:
        return self._blocks[number].split(SEPARATOR)


@dataclass(frozen=True, eq=False)
class EventLog:
    """The entries of one run, oldest first; entry numbers index every column.

    Two logs are equal when they were read from equal answers.
    """

    digest: int
    """Of the answer's bytes."""
    size_bytes: int
    """The size of the answer, so that large ones are polled less often."""
    run_id: str
    dropped: int
    """Entries beyond what is held."""
    start_ns: array[int]
    duration_ns: array[int]
    span: array[int]
    """Span ids as numbers (they are 16 hex digits)."""
    parent: array[int]
    """Span id of the parent; 0 for none."""
    level: bytearray
    flags: bytearray
    attempt: array[int]
    """Attempt number; 0 if unknown."""
    icon: bytearray
    """Index into `icons`; 0 for none."""
    icons: tuple[str, ...]
    messages: MessageBlocks
    """Clean; line ends are kept as line feeds."""
    events: Mapping[int, tuple[SpanEvent, ...]] = field(default_factory=dict)
    """Only of entries that have some."""
    notes: Mapping[int, str] = field(default_factory=dict)
    """What the style adds to the message: a model's name, a source file."""

    warm: Mapping[int, bool] = field(default_factory=dict)
    """Whether an attempt's process was warm, if its style says so."""

    unreadable: int = 0
    """Entries that could not be read, or not all of them."""

    def __len__(self) -> int:
        return len(self.start_ns)

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, EventLog) and self.digest == other.digest

    @override
    def __hash__(self) -> int:
        return self.digest

    def span_id(self, entry: int) -> str:
        """The span id as the API writes it."""
        return f"{self.span[entry]:016x}"

    def level_name(self, entry: int) -> str:
        """TRACE, DEBUG, LOG, INFO, WARN or ERROR."""
        return LEVELS[self.level[entry]]

    def has(self, entry: int, flag: SpanFlag) -> bool:
        """Whether the span ended (or did not end) that way."""
        return bool(self.flags[entry] & flag)

    def is_log(self, entry: int) -> bool:
        """Whether this is a moment and not a span with a duration."""
        return self.level[entry] > 0 or not self.duration_ns[entry]

    def entry_of(self, span_id: str) -> int | None:
        """The entry of a span id."""
        return self._entries.get(_number(span_id))

    def below(self, span_id: str) -> set[int]:
        """The entries of a span and of all that is below it; empty when it is not in the log."""
        scope: dict[int, bool] = {0: False, _number(span_id): True}
        parents = dict(zip(self.span, self.parent, strict=True))
        for span in self.span:
            path = []
            while span not in scope:
                path.append(span)
                scope[span] = False  # a cycle ends here
                span = parents.get(span, 0)
            scope.update(dict.fromkeys(path, scope[span]))
        return {entry for entry, span in enumerate(self.span) if scope[span]}

    def deepest(self, groups: Iterable[Sequence[int]]) -> set[int]:
        """Of each group of entries those that have none of the others of it below them."""
        parents = dict(zip(self.span, self.parent, strict=True))
        found: set[int] = set()
        for entries in groups:
            above: set[int] = set()
            for entry in entries if len(entries) > 1 else ():
                span = self.parent[entry]
                while span and span not in above:
                    above.add(span)
                    span = parents.get(span, 0)
            found.update(entry for entry in entries if self.span[entry] not in above)
        return found

    @cached_property
    def _entries(self) -> dict[int, int]:
        return {span: entry for entry, span in enumerate(self.span)}


def _number(span_id: str) -> int:
    try:
        return int(span_id, 16)
    except ValueError:
        return 0


def parse_events(body: bytes) -> EventLog:
    """The log of an answer `{"events": [...]}`; ValueError when it is not one. 6 µs an entry."""
    reader = EventReader()
    reader.read(body)
    order = reader.order()
    return EventLog(
        digest=hash(body),
        size_bytes=len(body),
        run_id=reader.run_id,
        dropped=reader.dropped,
        unreadable=reader.unreadable,
        start_ns=array("q", map(reader.start_ns.__getitem__, order)),
        duration_ns=array("q", map(reader.duration_ns.__getitem__, order)),
        span=array("Q", map(reader.span.__getitem__, order)),
        parent=array("Q", map(reader.parent.__getitem__, order)),
        level=bytearray(map(reader.level.__getitem__, order)),
        flags=bytearray(map(reader.flags.__getitem__, order)),
        attempt=array("i", map(reader.attempt.__getitem__, order)),
        icon=bytearray(map(reader.icon.__getitem__, order)),
        icons=tuple(reader.icons),
        messages=MessageBlocks([reader.messages[number] for number in order]),
        events={at: reader.events[n] for at, n in enumerate(order) if n in reader.events},
        notes={at: reader.notes[n] for at, n in enumerate(order) if n in reader.notes},
        warm={at: reader.warm[n] for at, n in enumerate(order) if n in reader.warm},
    )
