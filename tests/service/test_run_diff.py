"""Two runs compared: where they part, what takes longer, what changed in their documents."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from trigdash.model.trace import Trace, parse_trace
from trigdash.service.runs.diff import (
    MOST_CHANGES,
    Change,
    Divergence,
    align,
    first_divergence,
    json_changes,
    normalized,
    only_in,
    shape,
    slower_spans,
)


@dataclass
class Span:
    """A span of a story; it begins where the one before it ended."""

    message: str
    ms: int = 10
    failed: bool = False
    children: list[Span] = field(default_factory=list)
    level: str = "TRACE"


def trace(root: Span) -> Trace:
    numbers = iter(range(1, 1_000_000))

    def tell(span: Span, at_ms: int, parent: str | None) -> dict[str, Any]:
        span_id = f"{next(numbers):016x}"
        children, child_ms = [], at_ms
        for child in span.children:
            children.append(tell(child, child_ms, span_id))
            child_ms += child.ms
        return {
            "id": span_id,
            "parentId": parent,
            "runId": "run_a",
            "data": {
                "message": span.message,
                "startTime": f"2026-11-21T10:00:{at_ms // 1000 % 60:02}.{at_ms % 1000:03}Z",
                "duration": span.ms * 1_000_000,
                "isError": span.failed,
                "isPartial": False,
                "isCancelled": False,
                "level": span.level,
                "events": [],
            },
            "children": children,
        }

    body = {"trace": {"traceId": "t", "rootSpan": tell(root, 0, None)}}
    return parse_trace(json.dumps(body).encode())


def parting(a: Span, b: Span) -> Divergence | None:
    trace_a, trace_b = trace(a), trace(b)
    return first_divergence(trace_a, trace_b, align(trace_a, trace_b))


def run(*steps: Span, failed: bool = False) -> Span:
    body = Span("run()", 500, failed, list(steps))
    return Span("charge-invoice", 600, failed, [Span("Attempt 1", 550, failed, [body])])


def test_a_failure_is_told_where_it_began_and_what_follows_is_a_consequence() -> None:
    good = run(Span("SELECT invoices"), Span("POST charges"), Span("send mail"))
    bad = run(Span("SELECT invoices", failed=True), failed=True)
    found = parting(bad, good)
    assert found is not None
    assert (found.kind, found.path) == ("failed", ("Attempt 1", "run()", "SELECT invoices"))


def test_a_failure_without_a_span_of_its_own_is_that_of_the_span_it_happened_in() -> None:
    good = run(Span("SELECT invoices"), Span("POST charges"))
    bad = run(Span("SELECT invoices"), failed=True)
    found = parting(bad, good)
    assert found is not None
    assert (found.kind, found.path) == ("failed", ("Attempt 1", "run()"))


def test_an_error_line_below_a_failed_span_is_no_other_place() -> None:
    line = Span("TypeError: x", 0, failed=True, level="ERROR")
    bad = run(Span("SELECT invoices", failed=True, children=[line]), failed=True)
    found = parting(bad, run(Span("SELECT invoices")))
    assert found is not None
    assert found.path == ("Attempt 1", "run()", "SELECT invoices")


def test_another_way_through_the_code_is_told_before_the_failure_that_it_led_to() -> None:
    good = run(Span("read cache"), Span("POST charges"))
    bad = run(Span("rebuild cache"), Span("POST charges", failed=True), failed=True)
    found = parting(bad, good)
    assert found is not None
    assert (found.kind, found.path[-1]) == ("only_a", "rebuild cache")


def test_runs_that_went_alike_do_not_part_whatever_ids_and_numbers_say() -> None:
    a = run(Span("GET https://api.test/orders/1042"), Span("saved cms0mw8crg0000v6bfurajxc35"))
    b = run(Span("GET https://api.test/orders/77"), Span("saved cms0k13zx0000aaaabbbbccccd"))
    assert parting(a, b) is None


def test_numbers_of_attempts_are_no_noise() -> None:
    assert normalized("Attempt 2") == "Attempt 2"
    assert normalized("GET /orders/1042") == normalized("GET /orders/7")


def test_what_takes_longer_is_told_at_the_span_that_does_and_not_above_it() -> None:
    slow = run(Span("SELECT invoices", 20), Span("POST charges", 900))
    slow.ms, slow.children[0].ms, slow.children[0].children[0].ms = 1600, 1550, 1500
    fast = run(Span("SELECT invoices", 20), Span("POST charges", 100))
    a, b = trace(slow), trace(fast)
    slower = slower_spans(a, b, align(a, b))
    assert slower[0].path[-1] == "POST charges"
    assert (round(slower[0].a_ms), round(slower[0].b_ms)) == (900, 100)
    assert "SELECT invoices" not in [each.path[-1] for each in slower]


def test_spans_without_a_partner_are_counted_by_the_highest_of_them() -> None:
    extra = Span("retry", children=[Span("wait"), Span("wait")])
    a, b = trace(run(Span("one"), extra, Span("retry"))), trace(run(Span("one")))
    alignment = align(a, b)
    assert only_in(a, alignment.pairs) == [("retry", 2)]
    assert only_in(b, alignment.back) == []


@pytest.mark.parametrize("seed", range(20))
def test_a_planted_failure_is_found_in_any_tree(seed: int) -> None:
    """One leaf of a random tree fails, with all that is above it, and ends what would follow."""
    random = Random(seed)

    def grow(depth: int) -> list[Span]:
        count = random.randint(1, 4) if depth < 4 else 0
        return [Span(f"step {'abcd'[i]}{depth}", 10, False, grow(depth + 1)) for i in range(count)]

    steps = grow(0)
    good = run(*steps)
    path: list[str] = []

    def fail(spans: list[Span]) -> list[Span]:
        at = random.randrange(len(spans))
        span = spans[at]
        path.append(span.message)
        children = fail(span.children) if span.children else []
        return [*spans[:at], Span(span.message, 10, True, children)]

    bad = run(*fail(steps), failed=True)
    found = parting(bad, good)
    assert found is not None
    assert found.path == ("Attempt 1", "run()", *path)
    assert found.kind == "failed"


def test_documents_differ_by_path_in_the_order_of_the_first() -> None:
    a = {"region": None, "items": [{"price": 2}, {"price": 3}], "new": 1}
    b = {"region": "eu-west", "items": [{"price": 2}], "old": True}
    assert json_changes(a, b) == [
        Change("new", "added", 1),
        Change("old", "removed", None, True),
        Change("region", "changed", None, "eu-west"),
        Change("items.length", "changed", 2, 1),
    ]
    assert json_changes(1, True) == [Change("", "changed", 1, True)]
    assert json_changes({"a": [1]}, {"a": [1]}) == []


def test_documents_of_any_depth_and_size_are_compared_within_bounds() -> None:
    deep: Any = 1
    for _ in range(900):
        deep = {"a": deep}
    assert json_changes(deep, deep) == []
    assert json_changes({"x": deep}, {"x": 2})[0].path == "x"
    many = {str(number): number for number in range(5_000)}
    assert len(json_changes(many, {})) == MOST_CHANGES


def test_payloads_of_one_shape_have_the_same_keys_and_types() -> None:
    assert shape({"id": 1, "tags": ["a"]}) == shape({"tags": ["b", "c"], "id": 2})
    assert shape({"region": None}) != shape({"region": "eu"})
