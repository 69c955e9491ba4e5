"""Paired measurements: both sides in turn, ratios pair by pair, medians quoted."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from tests.terminal import FRAME_END, Terminal, process_cpu_s

QUIET_S = 0.5
"""A program that wrote nothing for this long, and hardly ran, has settled."""
BUSY_S = 0.02
"""Processor time within which a program counts as resting."""


@dataclass(frozen=True)
class Ratio:
    """Ours against the comparator over several interleaved rounds."""

    ours: tuple[float, ...]
    theirs: tuple[float, ...]

    @property
    def value(self) -> float:
        """Median of the pairwise ratios."""
        return median(a / b for a, b in zip(self.ours, self.theirs, strict=True))

    @property
    def medians(self) -> tuple[float, float]:
        """The median of each side."""
        return median(self.ours), median(self.theirs)


def interleaved(ours: Callable[[], float], theirs: Callable[[], float], rounds: int) -> Ratio:
    """Run both in turn, one warm-up pair first."""
    pairs = [(ours(), theirs()) for _ in range(rounds + 1)][1:]
    return Ratio(tuple(a for a, _ in pairs), tuple(b for _, b in pairs))


def frame_after(terminal: Terminal, keys: str, timeout_s: float = 60.0) -> float:
    """Milliseconds from a key to the end of the first frame drawn after it."""
    seen = len(terminal.output)
    start = time.perf_counter()
    terminal.press(keys)
    deadline = start + timeout_s
    while FRAME_END not in terminal.output[seen:]:
        terminal.read(0.005)
        if time.perf_counter() > deadline:
            raise TimeoutError(f"no frame after {keys!r}")
    return (time.perf_counter() - start) * 1000


def drain(terminal: Terminal, quiet_s: float = 0.15) -> None:
    """Read until the program has been quiet for a while."""
    while terminal.read(quiet_s):
        pass


def cpu_of_keys(terminal: Terminal, key: str, times: int) -> float:
    """Processor milliseconds of the program for one press of a key, over many presses."""
    drain(terminal)
    before_s = terminal.cpu_s()
    for _ in range(times):
        frame_after(terminal, key)
    drain(terminal, 0.05)
    return (terminal.cpu_s() - before_s) * 1000 / times


def settled_cpu_ms(terminal: Terminal, key: str, quiet_s: float = 0.05) -> float:
    """Processor milliseconds of one key, with all that it set going and what fell into its time.
    A key that changes nothing draws no frame: a second is waited for one."""
    cpu_s, seen = process_cpu_s(terminal.pid), len(terminal.output)
    terminal.press(key)
    until_s = time.perf_counter() + 1.0
    while FRAME_END not in terminal.output[seen:] and time.perf_counter() < until_s:
        terminal.read(0.01)
    drain(terminal, quiet_s)
    return (process_cpu_s(terminal.pid) - cpu_s) * 1000


def cpu_over(terminal: Terminal, seconds: float) -> float:
    """Processor milliseconds a second while nobody touches the keyboard."""
    drain(terminal, 0.02)
    before_s, start = terminal.cpu_s(), time.perf_counter()
    while time.perf_counter() - start < seconds:
        terminal.read(0.05)
    return (terminal.cpu_s() - before_s) * 1000 / (time.perf_counter() - start)


def settled_after(terminal: Terminal, keys: str, timeout_s: float = 120.0) -> tuple[float, float]:
    """Milliseconds from a key to the first and to the last frame: nothing is written any more and
    the program rests."""
    start = time.perf_counter()
    first_ms = frame_after(terminal, keys, timeout_s)
    last_ms, quiet_since, cpu_s = first_ms, time.perf_counter(), terminal.cpu_s()
    while time.perf_counter() - quiet_since < QUIET_S:
        if FRAME_END in terminal.read(0.02):
            last_ms = (time.perf_counter() - start) * 1000
            quiet_since = time.perf_counter()
        if terminal.cpu_s() - cpu_s > BUSY_S:
            quiet_since, cpu_s = time.perf_counter(), terminal.cpu_s()
        if time.perf_counter() - start > timeout_s:
            raise TimeoutError(f"still busy after {keys!r}")
    return first_ms, last_ms
