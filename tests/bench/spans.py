"""A trace and a log of a given size, made in memory, for both sides of the comparisons."""

from array import array

from trigdash.model.event import EventLog, MessageBlocks
from trigdash.model.span_event import EventStore, SpanKind
from trigdash.model.trace import Trace

START_NS = 1_795_300_000_000_000_000
FAMILY = 100
"""Spans of a branch: its head and what is below it."""
MS = 1_000_000


def trace_of(count: int) -> Trace:
    """A root, branches of 99 children each below it: `count` spans in three levels."""
    depth = array("i", [0])
    parent = array("i", [-1])
    end = array("i", [count])
    for row in range(1, count):
        head = row - (row - 1) % FAMILY
        depth.append(1 if row == head else 2)
        parent.append(0 if row == head else head)
        end.append(min(head + FAMILY, count) if row == head else row + 1)
    return Trace(
        trace_id="0" * 32,
        store=EventStore.CLICKHOUSE,
        truncated=False,
        digest=count,
        runs=("run_bench",),
        ids=[f"{row:016x}" for row in range(count)],
        messages=[message(row) for row in range(count)],
        depth=depth,
        parent=parent,
        subtree_end=end,
        start_ns=array("q", range(START_NS, START_NS + count * MS, MS)),
        duration_ns=array("q", [5 * MS]) * count,
        flags=bytearray(count),
        kind=bytearray([SpanKind.WORK]) * count,
        level=bytearray(count),
        attempt=array("i", [1]) * count,
        run=array("i", [0]) * count,
    )


def message(number: int) -> str:
    """What a span or an entry says."""
    return f"{number:07} query orders of customer {number % 7919}"


def log_of(count: int, messages: MessageBlocks | None = None) -> EventLog:
    """A log of `count` entries, a millisecond apart, each of one line."""
    return EventLog(
        digest=count,
        size_bytes=count * 300,
        run_id="run_bench",
        dropped=0,
        start_ns=array("q", range(START_NS, START_NS + count * MS, MS)),
        duration_ns=array("q", [0]) * count,
        span=array("Q", range(1, count + 1)),
        parent=array("Q", [0]) * count,
        level=bytearray([3]) * count,
        flags=bytearray(count),
        attempt=array("i", [1]) * count,
        icon=bytearray(count),
        icons=("",),
        messages=messages or MessageBlocks([message(number) for number in range(count)]),
    )
