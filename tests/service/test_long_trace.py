"""A trace of 100,000 spans comes in ten pages: progress is told, all of it is held and drawn."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest

from tests.fakes.backend import FakeBackend
from tests.fakes.clock import START, FakeClock
from tests.model.test_trace import answer, span_json
from trigdash.backends.operation import Operation
from trigdash.model.span_times import SpanTimes
from trigdash.model.trace import Trace, parse_trace
from trigdash.presentation.cell import cell_text, cell_width
from trigdash.presentation.run.trace_lines import TraceLines
from trigdash.presentation.run.trace_rows import TraceRows
from trigdash.service.runs.trace_reading import whole_trace

SPANS, PAGE = 100_000, 10_000
FAMILY = 100
"""Spans of a branch: its head, below the root, and what is below that."""
NOW_NS = int(START.timestamp()) * 1_000_000_000


def parent_of(number: int) -> int:
    """The span that a span is below, by their numbers; the root is 0."""
    return 0 if number % FAMILY == 1 else number - (number - 1) % FAMILY


def record(number: int) -> dict[str, Any]:
    seconds, ms = divmod(number, 1000)
    told = {
        "id": f"{number:016x}",
        "runId": "run_long",
        "message": f"step {number}",
        "startTime": f"2026-11-21T22:{seconds // 60:02}:{seconds % 60:02}.{ms:03}Z",
        "duration": 1_000_000,
        "isError": number == SPANS - 7,
        "isPartial": False,
        "isCancelled": False,
        "level": "TRACE",
    }
    return told if number == 0 else {**told, "parentId": f"{parent_of(number):016x}"}


def paged(operation: Operation[Any]) -> Any:
    first = int(dict(operation.params).get("page[after]", "0"))
    after = first + PAGE
    # As they come from a store: not in the order of the tree.
    numbers = Random(first).sample(range(first, after), PAGE)
    next_page = {"next": str(after)} if after < SPANS else {}
    told = {"data": [record(number) for number in numbers], "pagination": next_page}
    return operation.parser(json.dumps(told).encode())


async def read(backend: FakeBackend) -> tuple[Trace, list[int]]:
    cut = parse_trace(answer(span_json(1), isTruncated=True))
    backend.answers |= {"trace": cut, "call": paged}
    progress: list[int] = []
    return await whole_trace(backend, "run_long", progress.append), progress


@pytest.mark.slow
async def test_a_hundred_thousand_spans_are_read_in_ten_pages_and_drawn_anywhere(
    backend: FakeBackend, clock: FakeClock
) -> None:
    trace, progress = await read(backend)
    assert progress == [PAGE * n for n in range(1, 10)]
    assert len(backend.asked("call")) == 10
    assert len(trace) == SPANS
    assert not trace.truncated
    assert trace.ids == [f"{number:016x}" for number in range(SPANS)], "by time, in the tree"
    assert all(trace.parent[number] == parent_of(number) for number in range(1, SPANS))
    lines = TraceLines(TraceRows(trace), SpanTimes(trace), NOW_NS)
    assert len(lines) == SPANS
    for at in (0, 1, SPANS // 2, SPANS - 1):
        text = cell_text(lines.line(at, 120))
        assert f"step {at}" in text
        assert cell_width(lines.line(at, 120)) <= 120
    assert lines.rows.next_error(0) == SPANS - 7
