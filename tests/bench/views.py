"""B8 to B11: a trace of 100,000 spans beside a Tree, a log of a million lines beside a Log."""

import sys

from tests.bench.finding import Finding
from tests.bench.measure import Ratio, cpu_over, drain, frame_after, settled_after
from tests.terminal import Terminal

SPANS = 100_000
LINES = 1_000_000

F5, F6, F7, F8 = "\x1b[15~", "\x1b[17~", "\x1b[18~", "\x1b[19~"

Pairs = list[tuple[float, float]]


def traces(rounds: int) -> list[Finding]:
    """Each round in programs of its own, since a tree is built once."""
    first: Pairs = []
    last: Pairs = []
    unfold: Pairs = []
    toggle: Pairs = []
    for _ in range(min(rounds, 3)):
        with (
            _view("span_views", "trace", SPANS) as ours,
            _view("stock_views", "trace", SPANS) as theirs,
        ):
            both = (ours, theirs)
            loads = [settled_after(each, F5) for each in both]
            first.append((loads[0][0], loads[1][0]))
            last.append((loads[0][1], loads[1][1]))
            unfolds = [settled_after(each, F6) for each in both]
            unfold.append((unfolds[0][1], unfolds[1][1]))
            for terminal in both:
                terminal.press("home", "down")
                drain(terminal, 1.0)
            for _ in range(rounds):
                for _ in range(2):
                    toggle.append((frame_after(ours, F7), frame_after(theirs, F7)))
                    drain(ours, 0.3)
                    drain(theirs, 0.3)
    spans = f"{SPANS:,} spans"
    return [
        _finding("B8", f"build and show {spans}, to first frame", first, "ms", 0.1, 0.05),
        _finding("B8", f"build and show {spans}, to last frame", last, "ms", 0.1, 0.05),
        _finding("B8", f"unfold all of {spans}, to last frame", unfold, "ms", 1 / 30, 0.01),
        _finding("B9", f"fold or unfold one of {spans}, to frame", toggle, "ms", 1 / 15, 1 / 40),
    ]


def logs(rounds: int) -> list[Finding]:
    """Each round in programs of its own."""
    shows: Pairs = []
    grows: Pairs = []
    for _ in range(min(rounds, 4)):
        with (
            _view("span_views", "log", LINES) as ours,
            _view("stock_views", "log", LINES) as theirs,
        ):
            both = (ours, theirs)
            shows.append((frame_after(ours, F5), frame_after(theirs, F5)))
            for terminal in both:
                drain(terminal, 1.0)
                terminal.press(F8)
                terminal.wait_for(lambda t=terminal: b"updating" in t.output, 120)  # type: ignore[misc]
                drain(terminal, 0.1)
                grows_one = cpu_over(terminal, 6.0)
                if terminal is ours:
                    ours_ms = grows_one
            grows.append((ours_ms, grows_one))
    lines = f"{LINES:,} lines"
    return [
        _finding("B10", f"show {lines} in memory, to first frame", shows, "ms", 0.25, 0.125, "Log"),
        _finding("B11", f"100 more a second at {lines}", grows, "ms/s", 0.6, 0.35, "Log"),
    ]


def _view(module: str, what: str, count: int) -> Terminal:
    command = [sys.executable, "-m", f"tests.bench.{module}", what, str(count)]
    terminal = Terminal(command, columns=160, rows=45, keep_screen=False)
    terminal.wait_for(lambda: b"ready" in terminal.output, 120)
    drain(terminal, 0.5)
    return terminal


def _finding(
    bar: str, what: str, pairs: Pairs, unit: str, must: float, stretch: float, stock: str = "Tree"
) -> Finding:
    ratio = Ratio(tuple(ours for ours, _ in pairs), tuple(theirs for _, theirs in pairs))
    return Finding.of(bar, what, stock, ratio, unit, must, stretch)
