"""A trace in pages of flat spans (from 4.7.4), and the tree that they make. The rules are those of
the official client: a span may occur twice, as it started and as it ended, on any pages; and open
spans are closed by their ancestors.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from trigdash.model.clean import one_line
from trigdash.model.json_walk import read_json
from trigdash.model.span_event import LEVELS, EventStore, SpanFlag, mark_platform_lines, span_kinds
from trigdash.model.trace import Trace
from trigdash.model.trace_reader import MAX_ATTEMPT, MAX_DURATION_NS, UNTOLD, start_of

Failed = tuple[str, str, int]
"""A failed attempt: the span that reports it, its run, its number."""


class PagedSpan(NamedTuple):
    """A record of a span. Times in nanoseconds."""

    id: str
    parent: str
    """Empty for a root."""
    run: str
    message: str
    start_ns: int
    duration_ns: int
    flags: int
    level: int
    attempt: int
    """0 if unknown."""


@dataclass(frozen=True)
class TracePage:
    """One page of a trace."""

    spans: tuple[PagedSpan, ...]
    failed: tuple[Failed, ...]
    next: str | None
    """The cursor of the page after it."""
    truncated: bool
    digest: int
    """Of the answer's bytes."""
    unreadable: int = 0
    """Spans that could not be read."""


@dataclass(frozen=True)
class PagesRead:
    """How far a trace that the server cut has been read by pages."""

    pages: tuple[TracePage, ...] = ()
    """Those that wait for the last one. None are kept once the tree is made."""
    number: int = 0
    next: str | None = ""
    """The cursor of the next page: empty for the first one, None when there is none."""
    refused: str | None = None
    """Why the server gives no pages; empty when it does not say."""

    @property
    def is_under_way(self) -> bool:
        """Whether there are more pages to read."""
        return self.next is not None and self.refused is None

    @property
    def spans(self) -> int:
        """Records read so far."""
        return sum(len(page.spans) for page in self.pages)

    def with_page(self, page: TracePage) -> PagesRead:
        """One page further."""
        return PagesRead((*self.pages, page), self.number + 1, page.next)


def parse_trace_page(body: bytes) -> TracePage | None:
    """A page `{data, attemptFailures, pagination}`; None for a server that sends the tree instead.

    Raises ValueError when the answer is neither.
    """
    told = read_json(body)
    if not isinstance(told, dict):
        raise ValueError("no page of a trace in the answer")
    data = told.get("data")
    if not isinstance(data, list):
        if "trace" in told:
            return None
        raise ValueError("no page of a trace in the answer")
    spans = [span for each in data if (span := _span(each)) is not None]
    pagination = _mapping(told.get("pagination"))
    after = pagination.get("next")
    return TracePage(
        spans=tuple(spans),
        failed=tuple(_failures(told.get("attemptFailures"))),
        next=after if isinstance(after, str) and after else None,
        truncated=pagination.get("truncated") is True,
        digest=hash(body),
        unreadable=len(data) - len(spans),
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _span(told: object) -> PagedSpan | None:
    span = _mapping(told)
    start, name = start_of(span.get("startTime")), span.get("id")
    if start == UNTOLD or not isinstance(name, str):
        return None
    attempt, length = span.get("attemptNumber"), span.get("duration")
    is_number = isinstance(length, int | float) and 0 < length < MAX_DURATION_NS
    return PagedSpan(
        id=one_line(name),
        parent=_line(span.get("parentId")),
        run=_line(span.get("runId")),
        message=_line(span.get("message")),
        start_ns=start,
        duration_ns=round(length) if is_number and length is not None else 0,
        flags=(_ERROR if span.get("isError") is True else 0)
        | (_PARTIAL if span.get("isPartial") is True else 0)
        | (_CANCELED if span.get("isCancelled") is True else 0),
        level=_LEVEL_INDEX.get(str(span.get("level")), 0),
        attempt=attempt if isinstance(attempt, int) and 0 < attempt < MAX_ATTEMPT else 0,
    )


def _line(told: object) -> str:
    return one_line(told) if isinstance(told, str) else ""


def _failures(told: object) -> Iterator[Failed]:
    for each in map(_mapping, told if isinstance(told, list) else ()):
        span, run, number = each.get("spanId"), each.get("runId"), each.get("attemptNumber")
        if isinstance(span, str) and isinstance(run, str) and isinstance(number, int):
            yield one_line(span), one_line(run), number


def assemble_trace(pages: Sequence[TracePage], trace_id: str = "") -> Trace:
    """The tree of all spans of some pages, in the order of the pages. About 10 µs a span.

    The first root comes first; spans whose parent no page has are further roots.
    """
    spans = _merged(pages)
    failed = {each for page in pages for each in page.failed}
    order = sorted(spans, key=lambda name: (spans[name].start_ns, name))
    _close_by_ancestors(spans, order, failed)
    rows, depth, parent, ends = _in_pre_order(spans, order)
    runs: dict[str, int] = {}
    run = array("i", (runs.setdefault(span.run, len(runs)) for span in rows))
    messages = [span.message for span in rows]
    level = bytearray(span.level for span in rows)
    attempt = array("i", (span.attempt for span in rows))
    durations = array("q", (span.duration_ns for span in rows))
    # A further root opens a run only where it belongs to another one than the first.
    kinds = span_kinds(messages, level, [-1, *(max(at, 0) for at in parent[1:])], run)
    mark_platform_lines(kinds, level, durations, attempt)
    return Trace(
        trace_id=trace_id,
        store=EventStore.CLICKHOUSE,
        truncated=any(page.truncated for page in pages),
        digest=hash(tuple(page.digest for page in pages)),
        runs=tuple(runs),
        ids=[span.id for span in rows],
        messages=messages,
        depth=depth,
        parent=parent,
        subtree_end=ends,
        start_ns=array("q", (span.start_ns for span in rows)),
        duration_ns=durations,
        flags=bytearray(span.flags for span in rows),
        kind=kinds,
        level=level,
        attempt=attempt,
        run=run,
        unreadable=sum(page.unreadable for page in pages),
        failed_attempts=frozenset((run_id, number) for _, run_id, number in failed),
        pages=PagesRead(number=len(pages), next=None),
    )


def _merged(pages: Sequence[TracePage]) -> dict[str, PagedSpan]:
    """One span for each id: the finished record, the earliest start, the first known attempt."""
    spans: dict[str, PagedSpan] = {}
    for page in pages:
        for span in page.spans:
            known = spans.get(span.id)
            spans[span.id] = span if known is None else _joined(known, span)
    return spans


def _joined(known: PagedSpan, again: PagedSpan) -> PagedSpan:
    is_news = known.flags & _PARTIAL and not again.flags & _PARTIAL
    return (again if is_news else known)._replace(
        start_ns=min(known.start_ns, again.start_ns), attempt=known.attempt or again.attempt
    )


def _close_by_ancestors(
    spans: dict[str, PagedSpan], order: Sequence[str], failed: set[Failed]
) -> None:
    """Close partial spans below one that was canceled, or that reports that their attempt
    failed."""
    told = set(failed)
    above: dict[str, str] = {}
    for name in order:
        span = spans[name]
        if span.level or not span.flags & _PARTIAL:
            continue
        nearest = spans.get(_nearest_closed(spans, name, above))
        flags = 0 if nearest is None else _inherited(span, nearest, told)
        if nearest is not None and flags:
            if flags & _ERROR:
                told.add((name, span.run, span.attempt))
            end_ns = nearest.start_ns + nearest.duration_ns
            length = max(0, end_ns - span.start_ns)
            spans[name] = span._replace(flags=flags, duration_ns=length)


def _nearest_closed(spans: Mapping[str, PagedSpan], name: str, above: dict[str, str]) -> str:
    """The nearest ancestor that is no log line and has ended; empty for none. What was found for
    an ancestor that stays open holds for what is below it."""
    met = {name}
    at = spans[name].parent
    while at in spans and at not in met:
        span = spans[at]
        if not span.level and not span.flags & _PARTIAL:
            break
        if at in above:
            at = above[at]
            break
        met.add(at)
        at = span.parent
    found = at if at in spans and at not in met else ""
    above[name] = found
    return found


def _inherited(span: PagedSpan, nearest: PagedSpan, failed: set[Failed]) -> int:
    """The flags that an open span has from the one that ended above it; 0 for none."""
    if nearest.flags & _CANCELED:
        return _CANCELED
    is_told = span.attempt and (nearest.id, span.run, span.attempt) in failed
    return _ERROR if nearest.flags & _ERROR and is_told else 0


def _in_pre_order(
    spans: Mapping[str, PagedSpan], order: Sequence[str]
) -> tuple[list[PagedSpan], array[int], array[int], array[int]]:
    """Spans, depths, rows of parents and ends of subtrees."""
    in_cycles = _in_cycles(spans)
    below: dict[str, list[str]] = {}
    roots: list[str] = []
    for name in order:
        parent = spans[name].parent
        is_root = parent not in spans or name in in_cycles
        (roots if is_root else below.setdefault(parent, [])).append(name)
    # The root of the trace has no parent: it is first, even if other spans started before it.
    roots.sort(key=lambda name: bool(spans[name].parent))
    rows: list[PagedSpan] = []
    depth, parents = array("i"), array("i")
    waiting = [(name, 0, -1) for name in reversed(roots)]
    while waiting:
        name, deep, parent_row = waiting.pop()
        row = len(rows)
        rows.append(spans[name])
        depth.append(deep)
        parents.append(parent_row)
        waiting += [(child, deep + 1, row) for child in reversed(below.get(name, ()))]
    return rows, depth, parents, _subtree_ends(parents)


def _subtree_ends(parents: array[int]) -> array[int]:
    ends = array("i", range(1, len(parents) + 1))
    for row in range(len(parents) - 1, -1, -1):
        parent = parents[row]
        if parent >= 0 and ends[parent] < ends[row]:
            ends[parent] = ends[row]
    return ends


def _in_cycles(spans: Mapping[str, PagedSpan]) -> set[str]:
    """Spans that are their own ancestors."""
    done: set[str] = set()
    found: set[str] = set()
    for name in spans:
        path: dict[str, None] = {}
        at = name
        while at in spans and at not in done and at not in path:
            path[at] = None
            at = spans[at].parent
        if at in path:
            walked = list(path)
            found.update(walked[walked.index(at) :])
        done.update(path)
    return found


_ERROR, _PARTIAL, _CANCELED = (flag.value for flag in SpanFlag)
_LEVEL_INDEX = {name: index for index, name in enumerate(LEVELS)}
