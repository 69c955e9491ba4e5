"""One run, large: `python -m tests.bench.inside` measures traces and logs in a bare app.

Times are processor milliseconds of this process, so that a busy machine does not blur them; memory
is what the process holds more than before. Each size is measured in a process of its own.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import Any

from textual.app import App, ComposeResult

from tests.bench.finding import Finding, markdown
from trigdash.model.event import parse_events
from trigdash.model.span_times import SpanTimes
from trigdash.model.trace import parse_trace
from trigdash.presentation.run.event_lines import EventFilter
from trigdash.ui.theme.paint import THEMES
from trigdash.ui.widgets.event_log import EventLogView
from trigdash.ui.widgets.line_list import LineList
from trigdash.ui.widgets.trace_view import TraceView

FAN_OUT = 8
PAGES = 50
RUN_ID = "run_cmwqzt5250035zw7dd25adim6"


class Bare(App[None]):
    """Nothing but one list of lines."""

    def __init__(self, lines: LineList) -> None:
        super().__init__()
        self.lines = lines
        self.animation_level = "none"
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = "trigdash-dark"

    def compose(self) -> ComposeResult:
        yield self.lines


def trace_body(count: int) -> bytes:
    """A trace of `count` spans, each with eight children, as ClickHouse tells it."""
    spans: list[dict[str, Any]] = [_span(number) for number in range(count)]
    for number in range(1, count):
        spans[(number - 1) // FAN_OUT]["children"].append(spans[number])
    whole = {"trace": {"traceId": "a" * 32, "rootSpan": spans[0], "isTruncated": False}}
    return json.dumps(whole, separators=(",", ":")).encode()


def _span(number: int) -> dict[str, Any]:
    second, ms = divmod(number, 1_000)
    is_log = number % 5 == 3
    data = {
        "message": f"step {number} fetch customer {number % 977}",
        "duration": 0 if is_log else 200_000_000,
        "isError": number % 97 == 5,
        "isPartial": False,
        "isCancelled": False,
        "startTime": f"2026-11-21T22:{second // 60 % 60:02}:{second % 60:02}.{ms:03}Z",
        "level": "INFO" if is_log else "TRACE",
        "events": [],
        "attemptNumber": 1,
    }
    above = {"parentId": f"{(number - 1) // FAN_OUT:016x}"} if number else {}
    return {"id": f"{number:016x}", **above, "runId": RUN_ID, "data": data, "children": []}


def events_body(count: int) -> bytes:
    """A log of `count` lines as ClickHouse tells it."""
    return b'{"events":[' + b",".join(_events(count)) + b"]}"


def _events(count: int) -> Iterator[bytes]:
    for number in range(count):
        entry = {
            "spanId": f"{number + 1:016x}",
            "parentId": f"{max(1, number // 50):016x}",
            "runId": RUN_ID,
            "message": f"processed record {number} of customer acme-{number % 977}",
            "style": {},
            "events": [],
            "startTime": str(1795300911592000000 + number * 1_000_000),
            "duration": 0,
            "isError": number % 5 == 4,
            "isPartial": False,
            "isCancelled": False,
            "kind": "UNSPECIFIED",
            "attemptNumber": 1,
            "level": ("INFO", "DEBUG", "WARN", "INFO", "ERROR")[number % 5],
        }
        yield json.dumps(entry, separators=(",", ":")).encode()


def _cpu_ms(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def _rss_mib() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20


def _page_ms(lines: LineList) -> float:
    lines.action_top()
    return _cpu_ms(lambda: [lines.action_page(1) for _ in range(PAGES)]) / PAGES


async def _measure_trace(count: int) -> dict[str, float]:
    body, view = trace_body(count), TraceView()
    async with Bare(view).run_test(size=(160, 45)):
        gc.collect()
        before = _rss_mib()

        def open_trace() -> None:
            trace = parse_trace(body)
            view.show_trace(trace, SpanTimes(trace), 0)

        figures = {"open": _cpu_ms(open_trace), "held": _rss_mib() - before}
        view.search("x")
        figures["find"] = _cpu_ms(lambda: view.search("customer 97"))
        view.search("")
        figures["page"] = _page_ms(view)
        figures["fold"] = _cpu_ms(lambda: view.action_fold_to(2))
        return figures


async def _measure_log(count: int) -> dict[str, float]:
    view = EventLogView()
    async with Bare(view).run_test(size=(160, 45)):
        gc.collect()
        before = _rss_mib()
        bodies, held = [events_body(count)], list[Any]()
        figures = {"read": _cpu_ms(lambda: held.append(parse_events(bodies[0])))}
        figures["show"] = _cpu_ms(lambda: view.show_log(held[0], 0, live=False))
        bodies.clear()
        gc.collect()
        figures["held"] = _rss_mib() - before
        figures["peak"] = getrusage(RUSAGE_SELF).ru_maxrss / 1024
        figures["find"] = _cpu_ms(lambda: view.narrow(EventFilter(text="acme-77")))
        view.narrow(EventFilter())
        figures["page"] = _page_ms(view)
        return figures


def measure_trace(count: int) -> dict[str, float]:
    """Figures of a trace of some size."""
    return asyncio.run(_measure_trace(count))


def measure_log(count: int) -> dict[str, float]:
    """Figures of a log of some size."""
    return asyncio.run(_measure_log(count))


def inside(rounds: int = 1) -> list[Finding]:
    """Lines of the table, one process a size."""
    findings = []
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as pool:
        for count in (1_000, 10_000, 100_000):
            told = pool.submit(measure_trace, count).result()
            what = f"{count:,} spans"
            findings += [
                Finding.alone("trace", f"open {what}, bytes to frame", told["open"], "ms", 2_000),
                Finding.alone("trace", f"find in {what}", told["find"], "ms", 300),
                Finding.alone("trace", f"page through {what}", told["page"], "ms", 16),
                Finding.alone("trace", f"memory of {what}", told["held"], "MiB", 100),
            ]
        for count in (10_000, 100_000, 1_000_000):
            told = pool.submit(measure_log, count).result()
            what = f"{count:,} lines"
            findings += [
                Finding.alone("log", f"read {what}", told["read"], "ms", 10_000),
                Finding.alone("log", f"show {what} in memory", told["show"], "ms", 200),
                Finding.alone("log", f"find in {what}", told["find"], "ms", 1_000),
                Finding.alone("log", f"page through {what}", told["page"], "ms", 16),
                Finding.alone("log", f"memory of {what}", told["held"], "MiB", 150),
                Finding.alone("log", f"peak with the answer of {what}", told["peak"], "MiB", 1_000),
            ]
    return findings


if __name__ == "__main__":
    sys.stdout.write(f"{markdown(inside())}\n")
