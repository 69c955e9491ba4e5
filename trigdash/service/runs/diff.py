"""The differences of two runs: where they diverge, what takes longer, what changed. Pure.

Spans are aligned from the root down: a span matches that span of the other run with the same
parent, the same normalized message, and the same number of such siblings before it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from trigdash.model.span_event import LEVELS, SpanFlag

if TYPE_CHECKING:
    from trigdash.model.trace import Trace

SLOWER_MS = 50.0
"""Spans that differ by less count as equally fast."""
SLOWER_FACTOR = 1.5
MOST_CHANGES = 200
"""The most listed changes of one document."""
MAX_DEPTH = 100
"""Levels of a document that are compared part by part; deeper values are compared as a whole."""

_ID = re.compile(
    r"\b(?:[a-z]+_[A-Za-z0-9]{8,}|[0-9a-fA-F]{8,}(?:-[0-9a-fA-F]{4,})*|(?=\w*\d)[A-Za-z0-9]{16,})\b"
)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@lru_cache(maxsize=50_000)
def normalized(message: str) -> str:
    """A message without the parts that differ from run to run: ids and numbers, except attempt
    numbers."""
    if message.startswith("Attempt "):
        return message
    return _NUMBER.sub("#", _ID.sub("*", message))


@dataclass(frozen=True, slots=True)
class Alignment:
    """Which rows of two traces are the same span."""

    pairs: Mapping[int, int]
    """Row of A → row of B."""
    back: Mapping[int, int]
    """Row of B → row of A."""


def align(a: Trace, b: Trace) -> Alignment:
    """Align two traces from their roots down."""
    pairs: dict[int, int] = {}
    if len(a) and len(b):
        pairs[0] = 0
        stack = [(0, 0)]
        while stack:
            row_a, row_b = stack.pop()
            by_name: defaultdict[str, list[int]] = defaultdict(list)
            for child in reversed(list(b.children(row_b))):
                by_name[normalized(b.messages[child])].append(child)
            for child in a.children(row_a):
                alike = by_name[normalized(a.messages[child])]
                if alike:
                    pairs[child] = alike.pop()
                    stack.append((child, pairs[child]))
    return Alignment(pairs, {row_b: row_a for row_a, row_b in pairs.items()})


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where two runs diverge."""

    kind: str
    """`failed` (only A did), `recovered` (only B did), `only_a`, `only_b`."""
    path: tuple[str, ...]
    """Messages from below the root down to the span."""
    row_a: int | None
    row_b: int | None


def first_divergence(a: Trace, b: Trace, alignment: Alignment) -> Divergence | None:
    """The first place where the runs diverge, in the order of A; None where they do not. A failure
    is reported at the deepest failed span, where it began. What only B has after A failed is a
    consequence.
    """
    if not len(a) or not len(b):
        return None
    for kind, row_a, row_b in _steps(a, b, alignment):
        trace, row = (a, row_a) if row_a is not None else (b, row_b)
        if row is not None:
            return Divergence(kind, path_of(trace, row), row_a, row_b)
    return None


def path_of(trace: Trace, row: int) -> tuple[str, ...]:
    """Messages from below the root down to a row; the root's own for the root."""
    above = [trace.messages[each] for each in trace.ancestors(row)][-2::-1]
    return (*above, trace.messages[row])


def _steps(
    a: Trace, b: Trace, alignment: Alignment
) -> Iterator[tuple[str, int | None, int | None]]:
    """Differences in the order of A, inner ones before outer ones."""
    stack: list[tuple[bool, int]] = [(False, 0)]
    while stack:
        is_left, row = stack.pop()
        if is_left:
            yield from _ending(a, b, alignment, row)
        elif row not in alignment.pairs:
            yield _only_a(a, b, alignment, row)
        else:
            stack.append((True, row))
            children = [child for child in a.children(row) if not _is_noise(a, child)]
            stack += [(False, child) for child in reversed(children)]


def _ending(
    a: Trace, b: Trace, alignment: Alignment, row_a: int
) -> Iterator[tuple[str, int | None, int | None]]:
    """How the end of a span differs, after everything below it was compared."""
    row_b = alignment.pairs[row_a]
    failed_a, failed_b = _failed(a, row_a), _failed(b, row_b)
    if failed_a != failed_b:
        yield ("failed" if failed_a else "recovered", row_a, row_b)
    if not failed_a:
        for child in b.children(row_b):
            if child not in alignment.back and not _is_noise(b, child):
                yield ("only_b", None, child)


def _only_a(
    a: Trace, b: Trace, alignment: Alignment, row: int
) -> tuple[str, int | None, int | None]:
    """A span that only A has. One that records the error of its parent stands for the parent's
    failure."""
    parent = a.parent[row]
    row_b = alignment.pairs.get(parent)
    if row_b is not None and _failed(a, row) and _failed(a, parent) and not _failed(b, row_b):
        return "failed", parent, row_b
    return "only_a", row, None


def _is_noise(trace: Trace, row: int) -> bool:
    """Whether the span is about the platform's own work, not the run's."""
    return LEVELS[trace.level[row]] == "DEBUG" and not trace.attempt[row]


def _failed(trace: Trace, row: int) -> bool:
    return trace.has(row, SpanFlag.ERROR)


@dataclass(frozen=True, slots=True)
class Slower:
    """A span that takes longer in one run than in the other."""

    path: tuple[str, ...]
    a_ms: float
    b_ms: float

    @property
    def delta_ms(self) -> float:
        return self.a_ms - self.b_ms

    @property
    def factor(self) -> float:
        """How many times as long as in B it takes in A."""
        return self.a_ms / max(self.b_ms, 1.0)


def slower_spans(a: Trace, b: Trace, alignment: Alignment, most: int = 10) -> list[Slower]:
    """Spans whose own durations differ, largest difference first. Differences explained by spans
    below are reported there."""
    deltas = {
        row_a: (a.duration_ns[row_a] - b.duration_ns[row_b]) / 1e6
        for row_a, row_b in alignment.pairs.items()
        if not (a.has(row_a, SpanFlag.PARTIAL) or b.has(row_b, SpanFlag.PARTIAL))
    }
    below: defaultdict[int, float] = defaultdict(float)
    for row_a, delta in deltas.items():
        below[a.parent[row_a]] += delta
    found = []
    for row_a, delta in deltas.items():
        own = delta - below[row_a]
        spans = Slower(
            path_of(a, row_a),
            a.duration_ns[row_a] / 1e6,
            b.duration_ns[alignment.pairs[row_a]] / 1e6,
        )
        grown = max(spans.a_ms, spans.b_ms) >= SLOWER_FACTOR * min(spans.a_ms, spans.b_ms)
        if abs(own) >= max(SLOWER_MS, abs(delta) / 2) and grown and row_a:
            found.append(spans)
    return sorted(found, key=lambda each: -abs(each.delta_ms))[:most]


def only_in(trace: Trace, matched: Mapping[int, int]) -> list[tuple[str, int]]:
    """Messages of spans without a counterpart, with counts: the topmost of each subtree."""
    alone = [
        trace.messages[row]
        for row in range(len(trace))
        if row not in matched and trace.parent[row] in matched and not _is_noise(trace, row)
    ]
    return Counter(alone).most_common()


@dataclass(frozen=True, slots=True)
class Change:
    """One difference of two documents."""

    path: str
    """`customer.items[2].price`; empty for the document itself."""
    kind: str
    """`added` (only in A), `removed` (only in B), `changed`."""
    a: Any = None
    b: Any = None


def json_changes(a: Any, b: Any) -> list[Change]:
    """The differences of two JSON values, in A's order, at most MOST_CHANGES."""
    found: list[Change] = []
    stack: list[tuple[str, Any, Any, int]] = [("", a, b, 0)]
    while stack and len(found) < MOST_CHANGES:
        path, left, right, depth = stack.pop()
        if isinstance(left, dict) and isinstance(right, dict) and depth < MAX_DEPTH:
            stack += reversed(list(_members(path, left, right, depth, found)))
        elif isinstance(left, list) and isinstance(right, list) and depth < MAX_DEPTH:
            pairs = zip(left, right, strict=False)
            inner = [(f"{path}[{i}]", x, y, depth + 1) for i, (x, y) in enumerate(pairs)]
            stack += reversed(inner)
            if len(left) != len(right):
                found.append(Change(f"{path}.length", "changed", len(left), len(right)))
        elif left != right or type(left) is not type(right):
            found.append(Change(path, "changed", left, right))
    return found[:MOST_CHANGES]


def _members(
    path: str, a: dict[str, Any], b: dict[str, Any], depth: int, found: list[Change]
) -> Iterator[tuple[str, Any, Any, int]]:
    for key, value in a.items():
        where = f"{path}.{key}" if path else key
        if key in b:
            yield where, value, b[key], depth + 1
        else:
            found.append(Change(where, "added", value))
    found += [Change(f"{path}.{k}" if path else k, "removed", None, b[k]) for k in b if k not in a]


def shape(value: Any, depth: int = 0) -> object:
    """The shape of a document: its keys and the types of their values. Hashable. Payloads of one
    shape usually take the same branch of the code."""
    if isinstance(value, dict) and depth < 6:
        return tuple(sorted((str(key), shape(each, depth + 1)) for key, each in value.items()))
    if isinstance(value, list):
        return ("list", shape(value[0], depth + 1) if value else None)
    return type(value).__name__


def differing(pairs: Sequence[tuple[str, Any, Any]]) -> list[Change]:
    """Facts that differ between two runs: version, machine, queue and the like."""
    return [Change(name, "changed", a, b) for name, a, b in pairs if a != b]
