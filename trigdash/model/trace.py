"""A run's trace as columns in pre-order: a row a span, no object a span, no recursion.

100,000 spans are a dozen flat arrays. The subtree of span `i` is the rows from `i` to before
`subtree_end[i]`, so folding is a jump and an ancestor is a walk along `parent`.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from typing_extensions import override

from trigdash.model.span_event import EventStore, SpanEvent, SpanFlag, SpanKind
from trigdash.model.trace_reader import NO_RUN, TraceReader

if TYPE_CHECKING:
    from trigdash.model.trace_pages import PagesRead


class PreOrder:
    """A tree whose row `i` has its subtree in the rows from `i` to before `subtree_end[i]`."""

    parent: Sequence[int]
    """Row of the parent; -1 for the root."""
    subtree_end: Sequence[int]

    def is_parent(self, row: int) -> bool:
        """Whether a row has rows below it."""
        return self.subtree_end[row] > row + 1

    def ancestors(self, row: int) -> Iterator[int]:
        """Rows from the parent up to the root."""
        row = self.parent[row]
        while row >= 0:
            yield row
            row = self.parent[row]

    def children(self, row: int) -> Iterator[int]:
        """Rows right below, in order."""
        child, end = row + 1, self.subtree_end[row]
        while child < end:
            yield child
            child = self.subtree_end[child]


@dataclass(frozen=True, eq=False)
class Trace(PreOrder):
    """The spans of a run and of the runs below it that share its trace. Times in nanoseconds.

    Two traces are equal when they were read from equal answers.
    """

    trace_id: str
    store: EventStore
    truncated: bool
    """The server cut the trace: the rest can only be read page by page, if at all."""
    digest: int
    """Of the answer's bytes."""
    runs: tuple[str, ...]
    """Run ids, in the order met; `run[i]` is an index into it."""
    ids: list[str]
    messages: list[str]
    """Clean, one line, at most 256 characters (the server's limit)."""
    depth: array[int]
    parent: array[int]
    """Row of the parent span; -1 for the root."""
    subtree_end: array[int]
    start_ns: array[int]
    duration_ns: array[int]
    """As the server claims: 0 while partial; `SpanTimes` corrects roots that claim too little."""
    flags: bytearray
    kind: bytearray
    level: bytearray
    attempt: array[int]
    """Attempt number; 0 if unknown."""
    run: array[int]
    """Index within `runs`; NO_RUN if unknown."""
    events: Mapping[int, tuple[SpanEvent, ...]] = field(default_factory=dict)
    """Only of spans that have some."""
    unreadable: int = 0
    """Spans that could not be read, or not all of them."""
    failed_attempts: frozenset[tuple[str, int]] = frozenset()
    """Runs and numbers of attempts that pages say have failed."""
    pages: PagesRead | None = None
    """How far it is read by pages, where the server cut the tree."""

    def __len__(self) -> int:
        return len(self.ids)

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Trace) and self.digest == other.digest

    @override
    def __hash__(self) -> int:
        return self.digest

    def has(self, row: int, flag: SpanFlag) -> bool:
        """Whether the span ended (or did not end) that way."""
        return bool(self.flags[row] & flag)

    def run_id(self, row: int) -> str:
        """The run that a span belongs to; empty if unknown."""
        number = self.run[row]
        return "" if number == NO_RUN else self.runs[number]

    def row_of(self, span_id: str) -> int | None:
        """The row of a span id."""
        return self._rows.get(span_id)

    def is_engine_state(self, row: int) -> bool:
        """Whether a line of the platform reports a state of the run's engine."""
        return self.kind[row] == SpanKind.ENGINE and self.messages[row].startswith("[engine]")

    def rows_of_kind(self, kind: SpanKind) -> list[int]:
        """Rows of one kind, in order."""
        number = kind.value  # comparing plain ints, 100,000 of them, takes a third of the time
        return [row for row, value in enumerate(self.kind) if value == number]

    @cached_property
    def folded_messages(self) -> list[str]:
        """Messages ready for a search that ignores case."""
        return [message.casefold() for message in self.messages]

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {span_id: row for row, span_id in enumerate(self.ids)}


def parse_trace(body: bytes) -> Trace:
    """The trace of an answer `{"trace": {"traceId", "rootSpan", "isTruncated"?}}`.

    Raises ValueError when the answer is not that. About 10 µs a span.
    """
    reader = TraceReader(body.decode("utf-8", "replace"))
    reader.read()
    return Trace(
        trace_id=reader.trace_id,
        store=reader.store,
        truncated=bool(reader.truncated),
        digest=hash(body),
        runs=tuple(reader.runs),
        ids=reader.ids,
        messages=reader.messages,
        depth=reader.depth,
        parent=reader.parent,
        subtree_end=reader.subtree_end,
        start_ns=reader.start_ns,
        duration_ns=reader.durations_ns(),
        flags=reader.flags,
        kind=reader.kinds(),
        level=reader.level,
        attempt=reader.attempt,
        run=reader.run,
        events=reader.events,
        unreadable=reader.unreadable,
    )
