"""B3 to B7: 100,000 rows in our table beside a DataTable, and sorted beside a bare sort."""

import sys
from collections.abc import Callable
from functools import cache
from statistics import median
from time import perf_counter

from tests.bench.finding import Finding
from tests.bench.measure import Ratio, cpu_of_keys, cpu_over, drain, frame_after
from tests.bench.rows import run_rows
from tests.terminal import Terminal
from trigdash.model.run_row import RunRow

COUNT = 100_000
_STOCK = "DataTable"


def tables(rounds: int) -> list[Finding]:
    """Loading takes DataTable ten seconds, so it is done at most three times."""
    loads: list[tuple[float, float]] = []
    keys: dict[str, list[tuple[float, float]]] = {"down": [], "pagedown": []}
    updates: list[tuple[float, float]] = []
    for _ in range(min(rounds, 3)):
        with _table("tests.bench.row_table") as ours, _table("tests.bench.stock") as theirs:
            both = (ours, theirs)
            loads.append(_each(both, lambda each: frame_after(each, "l")))
            for terminal in both:
                drain(terminal, 1.0)
                terminal.press("pagedown")
            for _ in range(rounds):
                keys["pagedown"].append(_each(both, lambda each: cpu_of_keys(each, "pagedown", 10)))
                # DataTable's cursor is at the bottom after paging; ours keeps its line.
                ours.press(*["down"] * 45)
                drain(ours)
                keys["down"].append(_each(both, lambda each: cpu_of_keys(each, "down", 30)))
            for terminal in both:
                terminal.press("u")
            updates.extend(_each(both, lambda each: cpu_over(each, 3.0)) for _ in range(rounds))
    return [
        _finding("B3", f"{COUNT:,} rows in memory to first frame", loads, "ms", 0.01, 0.002),
        _finding("B4", "cursor down that scrolls, processor", keys["down"], "ms", 0.45, 0.3),
        _finding("B5", "page down, processor", keys["pagedown"], "ms", 0.3, 0.18),
        _finding("B6", "100 cells a second, processor", updates, "ms/s", 0.1, 1 / 30),
    ]


def sorting(rounds: int) -> list[Finding]:
    """Sorting by a key against the bare sort of the same rows."""
    with _table("tests.bench.row_table") as ours:
        frame_after(ours, "l")
        drain(ours, 1.0)
        sorts: list[tuple[float, float]] = []
        for _ in range(2 * rounds):
            sorts.append((frame_after(ours, "c"), _bare_sort()))
            drain(ours, 0.2)
    return [_finding("B7", "sort by a number, to frame", sorts, "ms", 2.0, 1.3, "bare sorted()")]


def _table(module: str) -> Terminal:
    command = [sys.executable, "-m", module, str(COUNT)]
    terminal = Terminal(command, columns=160, rows=45, keep_screen=False)
    terminal.wait_for(lambda: b"ready" in terminal.output, 60)
    drain(terminal, 0.5)
    return terminal


def _each(
    both: tuple[Terminal, Terminal], measured: Callable[[Terminal], float]
) -> tuple[float, float]:
    return measured(both[0]), measured(both[1])


def _bare_sort() -> float:
    """Milliseconds of what no table can do without, the median of three."""
    rows = _rows()
    took = []
    for _ in range(3):
        start = perf_counter()
        sorted(rows, key=lambda row: row.cost_cents, reverse=True)
        took.append((perf_counter() - start) * 1000)
    return median(took)


@cache
def _rows() -> list[RunRow]:
    return run_rows(COUNT)


def _finding(
    bar: str,
    what: str,
    pairs: list[tuple[float, float]],
    unit: str,
    must: float,
    stretch: float,
    stock: str = _STOCK,
) -> Finding:
    ratio = Ratio(tuple(ours for ours, _ in pairs), tuple(theirs for _, theirs in pairs))
    return Finding.of(bar, what, stock, ratio, unit, must, stretch)
