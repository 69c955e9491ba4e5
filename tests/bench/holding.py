"""B15 and the service: what 100,000 runs cost held, and a poll merged into them.

Each way of holding is measured in a process of its own: `python -m tests.bench.holding WAY`.
"""

import gc
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import thread_time

from tests.bench.finding import Finding
from tests.bench.measure import Ratio
from tests.bench.server import PAGE_SIZE, Runs
from tests.bench.simulated import child_environment
from trigdash.backends.trigger.parsers import parse_runs
from trigdash.model.run_page import RunItemsPage
from trigdash.service.runs.run_list import RunList

COUNT = 100_000
POLLS = 40
POLLED = 10
"""Rows that a poll changes."""


def holding(rounds: int) -> list[Finding]:
    """Rows beside the models that they are read from."""
    pairs = [(_measure("rows"), _measure("models")) for _ in range(min(rounds, 2))]
    ratio = Ratio(
        tuple(ours["mib"] for ours, _ in pairs), tuple(theirs["mib"] for _, theirs in pairs)
    )
    polls = [ours["merge_ms"] for ours, _ in pairs]
    page = [ours["parse_ms"] for ours, _ in pairs]
    return [
        Finding.of("B15", f"{COUNT:,} runs held", "pydantic models", ratio, "MiB", 0.25, 0.125),
        Finding.alone("", f"a poll merged into {COUNT:,} rows", median(polls), "ms", None),
        Finding.alone("", "a page of 75 KB read into rows", median(page), "ms", None),
    ]


def _measure(way: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.holding", way],
        capture_output=True,
        env=child_environment(),
        check=True,
    )
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def _hold_models() -> dict[str, float]:
    runs = Runs(COUNT)
    bodies = (runs.page(start) for start in range(0, COUNT, PAGE_SIZE))
    first = next(bodies)
    RunItemsPage.model_validate_json(first)
    gc.collect()
    before = _resident_mib() - _size_of_pages(runs)
    held = [RunItemsPage.model_validate_json(first)]
    held += [RunItemsPage.model_validate_json(body) for body in bodies]
    gc.collect()
    return {"mib": _resident_mib() - _size_of_pages(runs) - before, "runs": len(held) * PAGE_SIZE}


def _hold_rows() -> dict[str, float]:
    runs = Runs(COUNT)
    first = runs.page(0)
    parse_runs(first)
    gc.collect()
    before = _resident_mib() - _size_of_pages(runs)
    held = RunList()
    for start in range(0, COUNT, PAGE_SIZE):
        held = held.merge(parse_runs(runs.page(start)).rows)
    gc.collect()
    mib = _resident_mib() - _size_of_pages(runs) - before
    return {"mib": mib, "merge_ms": _merge_ms(held), "parse_ms": _parse_ms(first)}


def _size_of_pages(runs: Runs) -> float:
    """The bench's own pages are not what is measured."""
    return sum(map(len, runs.made())) / 2**20


def _merge_ms(held: RunList) -> float:
    took = []
    for number in range(POLLS):
        page = [
            replace(row, cost_cents=number, updated_ms=row.updated_ms + number + 1)
            for row in held.rows[:POLLED]
        ]
        page += held.rows[POLLED:PAGE_SIZE]
        start = thread_time()
        held = held.merge(page)
        took.append((thread_time() - start) * 1000)
    return median(took)


def _parse_ms(body: bytes) -> float:
    took = []
    for _ in range(POLLS):
        start = thread_time()
        parse_runs(body)
        took.append((thread_time() - start) * 1000)
    return median(took)


if __name__ == "__main__":
    way = {"rows": _hold_rows, "models": _hold_models}[sys.argv[1]]
    sys.stdout.write(json.dumps(way()))
