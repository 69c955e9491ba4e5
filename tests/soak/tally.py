"""The figures of a soak, added up over its stretches and told as text."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median, quantiles
from typing import Any

from tests.soak.writes import Match, counts_text

SLOWEST = 5
BAR_MS = 250
"""Within which a key is to be answered."""


@dataclass
class Tally:
    """What was done to the program, and what it did."""

    stretches: int = 0
    starts: int = 0
    failures: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    keys: int = 0
    seconds: float = 0.0
    requests: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    latencies_ms: list[float] = field(default_factory=list)
    worked_ms: list[float] = field(default_factory=list)
    """Of the same keys, the program's processor time within: what does not depend on the load."""
    calm_ms: list[float] = field(default_factory=list)
    """Of the same keys, those while the machine had not more to do than it has processors."""
    slowest: list[tuple[float, str]] = field(default_factory=list)
    """The keys that took longest, and what was done before."""
    recoveries_s: list[float] = field(default_factory=list)
    unjudged: list[str] = field(default_factory=list)
    """Outages that could not be judged, by what the screen said before them."""
    peak_mb: float = 0.0
    memory_mb: list[tuple[float, ...]] = field(default_factory=list)
    """The course of each program that ran for long: resident megabytes, tenth by tenth."""
    open_files: int = 0
    tasks: list[int] = field(default_factory=list)
    """Of the event loop, looked at now and then."""
    writes: Match = field(default_factory=Match)
    confirmed: Counter[str] = field(default_factory=Counter)
    """Entries of the action log by result: what was confirmed."""
    commands: Counter[str] = field(default_factory=Counter)
    """Headless commands by how they ended."""
    loads: list[float] = field(default_factory=list)

    def note_load(self) -> None:
        """Keep the machine's load, without which no latency means anything."""
        self.loads.append(os.getloadavg()[0])

    def add_latency(self, ms: float, worked_ms: float, what: str) -> None:
        """How long a key took to be answered by a frame."""
        self.latencies_ms.append(ms)
        self.worked_ms.append(worked_ms)
        if os.getloadavg()[0] <= (os.cpu_count() or 1):
            self.calm_ms.append(ms)
        self.slowest = sorted([*self.slowest, (ms, what)], reverse=True)[:SLOWEST]

    def add_faults(self, told: dict[str, Any]) -> None:
        """What a simulator injected."""
        self.requests += told["requests"]
        self.faults.update(told["injected"])

    def text(self) -> str:
        """The figures as a table for `docs/reliability.md`."""
        rows = {
            "Played": f"{self.seconds / 60:.1f} min in {self.stretches} stretches, "
            f"{self.starts} starts of the program",
            "Failures": f"{self.failures} tracebacks, hangs, wrong exit codes, lost rows, lists "
            "that stay stale, or writes that differ",
            "Steps": f"{self.keys} keys; {counts_text(self.steps)}",
            "Requests": f"{self.requests}, of which {self.faults.total()} met a fault",
            "Faults": counts_text(self.faults),
            "Key to frame": f"{_latencies(self.latencies_ms)}; {self._answered_in_time()}",
            "The same, while the machine was not overloaded": _latencies(self.calm_ms),
            "Processor time of a key": _latencies(self.worked_ms),
            "Load of the machine": f"median {median(self.loads or [0]):.1f}, "
            f"most {max(self.loads or [0]):.1f}, {os.cpu_count()} processors",
            "Recoveries": f"{len(self.recoveries_s)} by itself"
            + (f", the longest after {max(self.recoveries_s):.1f} s" if self.recoveries_s else "")
            + f"; {len(self.unjudged)} outages not judged: not live before",
            "Memory": f"peak {self.peak_mb:.0f} MB; {_courses(self.memory_mb)}",
            "Open files, tasks": f"at most {self.open_files} files; tasks: "
            f"median {median(self.tasks or [0]):.0f}, most {max(self.tasks or [0])}",
            "Writes": self.writes.text(),
            "Confirmed writes ended": counts_text(self.confirmed),
            "Commands": counts_text(self.commands),
        }
        return "\n".join(
            [
                "| What | Figure |",
                "|---|---|",
                *(f"| {what} | {told} |" for what, told in rows.items()),
            ]
        )

    def notes(self) -> str:
        """What the figures do not say: the slowest keys, and why outages were not judged."""
        slow = [f"  {ms:.0f} ms: {what}" for ms, what in self.slowest]
        return "\n".join(
            [*slow, *(f"  not live before: {_first_line(screen)}" for screen in self.unjudged)]
        )

    def _answered_in_time(self) -> str:
        in_time = sum(ms <= BAR_MS for ms in self.latencies_ms)
        return f"{in_time} of {len(self.latencies_ms)} within {BAR_MS} ms"


def _first_line(screen: str) -> str:
    return " ".join(screen.partition("\n")[0].split())


def _latencies(samples: list[float]) -> str:
    if len(samples) < 20:
        return f"{len(samples)} samples: too few"
    parts = quantiles(samples, n=100)
    told = (f"{word} {parts[at]:.0f} ms" for word, at in (("median", 49), ("p95", 94), ("p99", 98)))
    return f"{', '.join(told)} of {len(samples)}"


def course_of(samples: Sequence[float]) -> tuple[float, ...]:
    """The medians of ten parts of a series."""
    ends = [len(samples) * part // 10 for part in range(11)]
    return tuple(median(samples[start:end]) for start, end in pairwise(ends))


def _courses(courses: Sequence[Sequence[float]]) -> str:
    """Of the programs that ran for long, the mean course."""
    if not courses:
        return "no program ran for long"
    means = [sum(part) / len(part) for part in zip(*courses, strict=True)]
    return f"{len(courses)} long programs, by tenths: {' '.join(f'{mb:.0f}' for mb in means)} MB"
