"""A look inside the program that is played with, for whoever asks what it does all the time.

    SOAK_LOOK=loop python -m tests.soak --minutes 5      # the long steps of the event loop
    SOAK_LOOK=memory python -m tests.soak --minutes 5    # who holds memory, and what grew

What is seen goes to files in `SOAK_LOOK_INTO`, or in the folder for temporary files.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import tempfile
import threading
import time
import tracemalloc
from collections import Counter
from pathlib import Path
from types import FrameType

LONG_S = 0.04
"""Processor time after which a step of the loop is looked at."""
SAMPLE_S = 0.01
FRAMES = 45
TOLD_EVERY_S = 20.0
HOLDERS = 40


def begin() -> None:
    """Look as the environment says, if it does."""
    looks = {"loop": _LoopLook, "memory": _MemoryLook}
    chosen = looks.get(os.environ.get("SOAK_LOOK", ""))
    if chosen is not None:
        threading.Thread(target=chosen().watch, daemon=True).start()


def _tell(name: str, text: str) -> None:
    folder = Path(os.environ.get("SOAK_LOOK_INTO", tempfile.gettempdir()))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.{os.getpid()}.txt").write_text(text, encoding="utf-8")


class _LoopLook:
    """Times each step of the event loop, and looks at those that take long where they are."""

    def __init__(self) -> None:
        self._main = threading.main_thread().ident
        self._clock = time.pthread_getcpuclockid(threading.get_ident())
        self._since_s: float | None = None
        self._step = 0
        self._took_ms: list[float] = []
        self._where: Counter[str] = Counter()
        self._steps: list[tuple[float, list[str]]] = []
        self._seen: list[str] = []
        self._collected_ms: dict[int, list[float]] = {0: [], 1: [], 2: []}
        self._collecting_s = 0.0
        gc.callbacks.append(self._collected)  # type: ignore[arg-type]
        run = asyncio.Handle._run

        def timed(handle: asyncio.Handle) -> None:
            began_s = self._cpu_s()
            self._seen = []
            self._since_s = began_s
            run(handle)
            self._since_s = None
            took_s = self._cpu_s() - began_s
            if took_s > LONG_S:
                self._took_ms.append(took_s * 1000)
                self._steps.append((took_s * 1000, self._seen))

        asyncio.Handle._run = timed  # type: ignore[method-assign]

    def _collected(self, phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            self._collecting_s = time.thread_time()
        else:
            took_ms = (time.thread_time() - self._collecting_s) * 1000
            self._collected_ms[info["generation"]].append(took_ms)

    def _cpu_s(self) -> float:
        return time.clock_gettime(self._clock)

    def watch(self) -> None:
        """Look now and then, until the program ends."""
        told_s = time.monotonic()
        while True:
            time.sleep(SAMPLE_S)
            since_s = self._since_s
            if since_s is not None and self._cpu_s() - since_s > LONG_S / 2:
                frame = sys._current_frames().get(self._main or 0)
                self._seen.append(_stack(frame))
            if time.monotonic() - told_s > TOLD_EVERY_S:
                told_s = time.monotonic()
                _tell("loop", self._text())

    def _text(self) -> str:
        longest = sorted(self._steps, key=lambda each: -each[0])[:60]
        total = sum(self._took_ms)
        lines = [f"{len(self._took_ms)} steps above {LONG_S * 1000:g} ms, {total:.0f} ms in all"]
        for generation, took_ms in self._collected_ms.items():
            told = f"{len(took_ms)} collections of generation {generation}: "
            lines.append(
                f"{told}{sum(took_ms):.0f} ms in all, {max(took_ms, default=0):.0f} at most"
            )
        for ms, stacks in longest:
            lines.append(f"=== {ms:.0f} ms")
            lines += [f"{times}× {stack}" for stack, times in Counter(stacks).most_common(3)]
        return "\n".join(lines)


def _stack(frame: FrameType | None) -> str:
    names: list[str] = []
    while frame is not None and len(names) < FRAMES:
        code = frame.f_code
        file = Path(code.co_filename)
        names.append(f"{file.parent.name}/{file.stem}:{frame.f_lineno}:{code.co_name}")
        frame = frame.f_back
    return " < ".join(names)


class _MemoryLook:
    """Snapshots of who holds memory, the first after the program has settled."""

    def __init__(self) -> None:
        tracemalloc.start(6)

    def watch(self) -> None:
        """Compare with the first one, now and then."""
        time.sleep(TOLD_EVERY_S)
        first = tracemalloc.take_snapshot()
        lines = []
        while True:
            time.sleep(3 * TOLD_EVERY_S)
            now = tracemalloc.take_snapshot()
            held, peak = tracemalloc.get_traced_memory()
            status = Path("/proc/self/status").read_text(encoding="ascii")
            resident = next(each for each in status.splitlines() if each.startswith("VmRSS"))
            lines.append(
                f"{time.monotonic():.0f} s: {held / 1e6:.1f} MB of {peak / 1e6:.1f}; {resident}"
            )
            grown = now.compare_to(first, "lineno")[:HOLDERS]
            deep = now.compare_to(first, "traceback")[:12]
            told = [*lines, "", *map(str, grown), ""]
            told += [f"{each}\n" + "\n".join(each.traceback.format()) for each in deep]
            _tell("memory", "\n".join(told))
