"""Plays steps on the real program in a pseudo-terminal, and looks whether it bears them."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from time import monotonic, perf_counter

import pyte

from tests.soak.program import TASKS
from tests.soak.stage import Stage
from tests.soak.steps import Kind, Step
from tests.soak.tally import Tally, course_of
from tests.soak.writes import match, read_entries
from tests.storm import ENDS, LAST_WORDS
from tests.terminal import FRAME_END, KEYS, Terminal

PROGRAM = [sys.executable, "-m", "tests.soak.program"]
PATIENCE_S = 60.0
"""A program that draws nothing for this long after a change of size hangs."""
SILENCE_S = 2.0
"""A key that has drawn nothing by then draws nothing."""
QUIET_S, SETTLE_S = 0.15, 4.0
"""A key is timed once nothing was drawn for so long, or after so long all the same."""
RECOVERY_S = 60.0
"""Within this a list is live again after a server that was away for some seconds is back."""
TASKS_EVERY = 50
"""Steps between two looks at the tasks and at the machine's load."""
TOLD_S = 5.0
TASK_TOLD = "<Task "
LOOK = (120, 40)
TERMINAL_GIVEN_BACK = b"\x1b[?1049l"
KEPT_BYTES = 200_000
LONG_STEPS = 150
"""A program that took so many steps says something about memory."""


class SoakBroke(AssertionError):
    """The program failed."""

    done: tuple[Step, ...] = ()
    """What was done to it."""


class Player:
    """One stretch on one stage; the program is started anew where a key ended it."""

    def __init__(self, stage: Stage, tally: Tally) -> None:
        self._stage = stage
        self._tally = tally
        self._size = LOOK
        self._terminal = self._start()
        self._memory_mb: list[float] = []
        self.done: list[Step] = []

    def play(self, steps: Iterable[Step], may_go_on: Callable[[], bool] = lambda: True) -> None:
        """Play steps while it may go on. Raises SoakBroke."""
        try:
            for step in steps:
                if not may_go_on():
                    break
                self.done.append(step)
                self._act(step)
                self._measure()
                self._check()
            self._end()
        finally:
            self._terminal.close()
            self._note_memory()

    # The program

    def _start(self) -> Terminal:
        self._tally.starts += 1
        self._size, self._memory_mb = LOOK, []
        columns, rows = LOOK
        terminal = Terminal(
            PROGRAM, columns=columns, rows=rows, env=self._stage.environ, keep_screen=False
        )
        end = monotonic() + PATIENCE_S
        while FRAME_END not in terminal.output:
            terminal.read()
            if terminal.exit_code is not None or monotonic() > end:
                raise SoakBroke(f"it does not start\n{_end_of(terminal)}")
        return terminal

    def _end(self) -> None:
        """End it as a system that shuts down does."""
        if self._terminal.exit_code is None:
            os.kill(self._terminal.pid, signal.SIGTERM)
            end = monotonic() + PATIENCE_S
            while self._terminal.exit_code is None and monotonic() < end:
                self._terminal.read()
            self._check((*ENDS[1:], 128 + signal.SIGTERM))

    def _check(self, ends: Iterable[int | None] = ENDS) -> None:
        """Look for a traceback, and start the program again where it ended well."""
        terminal = self._terminal
        if terminal.exit_code is not None:
            while terminal.read(0.05):
                pass
        # One that is ending already may have no handler any more.
        is_ending = TERMINAL_GIVEN_BACK in terminal.output
        died = (-signal.SIGINT, -signal.SIGTERM) if is_ending else ()
        failed = terminal.exit_code not in (*ends, *died)
        if failed or any(words in terminal.output for words in LAST_WORDS):
            when = "" if ends is ENDS else "told to end: "
            raise SoakBroke(f"{when}exit code {terminal.exit_code}\n{_end_of(terminal)}")
        del terminal.output[:-KEPT_BYTES]
        if terminal.exit_code is not None and ends is ENDS:
            terminal.close()
            self._note_memory()
            self._terminal = self._start()

    # Steps

    def _act(self, step: Step) -> None:
        self._tally.steps[step.kind] += 1
        self._tally.keys += sum(1 if key in KEYS else len(key) for key in step.keys)
        # The program may have ended meanwhile.
        with contextlib.suppress(OSError):
            match step.kind:
                case Kind.SIZE:
                    self._resize(step.size)
                case Kind.STOP:
                    self._stop(step.pause_s)
                case Kind.PROBE:
                    self._probe(step.keys[0])
                case Kind.OUTAGE:
                    self._outage(step)
                case Kind.KEYS | Kind.SWITCH:
                    self._press(step)
        self._read_for(step.pause_s if step.kind is not Kind.OUTAGE else 0.0)

    def _press(self, step: Step) -> None:
        for key in step.keys:
            self._terminal.press(key)
            if step.gap_s:
                self._read_for(step.gap_s)

    def _resize(self, size: tuple[int, int]) -> None:
        """Another size, which must be drawn."""
        self._size = size
        seen = len(self._terminal.output)
        self._terminal.resize(*size)
        self._read_until(lambda: len(self._terminal.output) > seen, "nothing is drawn any more")

    def _stop(self, seconds: float) -> None:
        if self._terminal.exit_code is not None:
            return
        os.kill(self._terminal.pid, signal.SIGSTOP)
        try:
            self._read_for(seconds)
        finally:
            os.kill(self._terminal.pid, signal.SIGCONT)

    def _probe(self, key: str) -> None:
        """Press a key and wait for its frame; one that draws nothing is followed by another size,
        whose frame tells whether the program hears at all."""
        end = monotonic() + SETTLE_S
        while self._terminal.read(QUIET_S) and monotonic() < end:
            pass
        del self._terminal.output[:-KEPT_BYTES]
        seen = len(self._terminal.output)
        began_s, cpu_s = perf_counter(), self._terminal.cpu_s()
        self._terminal.press(key)
        while FRAME_END not in self._terminal.output[seen:]:
            self._terminal.read(0.005)
            if self._terminal.exit_code is not None:
                return
            if perf_counter() - began_s > SILENCE_S:
                began_s, cpu_s = perf_counter(), self._terminal.cpu_s()
                columns, rows = self._size
                self._resize((columns + 1, rows))
                break
        last = self.done[-2] if len(self.done) > 1 else None
        wall_ms = (perf_counter() - began_s) * 1000
        cpu_ms = (self._terminal.cpu_s() - cpu_s) * 1000
        self._tally.add_latency(wall_ms, cpu_ms, f"{key!r} after {last}")

    def _outage(self, step: Step) -> None:
        """Let every request meet one fault, then none, and see the run list live by itself."""
        self._stage.set_chaos(0.0)
        try:
            self._go_to_the_run_list()
            before = self._wait_for_live(25.0)
            if before is not None:
                self._tally.unjudged.append(before)
                return
            met = self._stage.told("faults")["injected"].get(step.fault, 0)
            self._stage.set_chaos(0.0, [{"fault": step.fault, "times": 100_000}])
            self._read_for(step.pause_s)
            self._stage.set_chaos(0.0)
            began_s = monotonic()
            seen = self._wait_for_live(RECOVERY_S)
            if seen is not None and self._terminal.exit_code is None:
                raise SoakBroke(f"not live {RECOVERY_S:g} s after {step.fault} has ended\n{seen}")
            if self._stage.told("faults")["injected"].get(step.fault, 0) > met:
                self._tally.recoveries_s.append(monotonic() - began_s)
        finally:
            self._stage.set_chaos(self._stage.chaos)

    def _go_to_the_run_list(self) -> None:
        for key in ("esc", "esc", "esc", "esc", "esc", "esc", "1", "esc", "1"):
            self._terminal.press(key)
            self._read_for(0.15)

    def _wait_for_live(self, seconds: float) -> str | None:
        """Read on until the screen says that its data is live; None, or the screen otherwise."""
        screen = pyte.Screen(*LOOK)
        stream = pyte.ByteStream(screen)
        if self._size == LOOK:
            self._resize((LOOK[0] - 1, LOOK[1]))
            self._read_for(0.1)
        self._size = LOOK
        self._terminal.resize(*LOOK)
        end = monotonic() + seconds
        has_resumed = False
        while monotonic() < end and self._terminal.exit_code is None:
            stream.feed(self._terminal.read(0.1))
            text = "\n".join(screen.display)
            if "● live" in text:
                return None
            if "‖ paused" in text and not has_resumed:
                has_resumed = True
                self._terminal.press("a")
        return "\n".join(line.rstrip() for line in screen.display)

    # Reading

    def _read_for(self, seconds: float) -> None:
        end = monotonic() + seconds
        while True:
            left_s = end - monotonic()
            self._terminal.read(max(0.0, min(0.05, left_s)))
            if left_s <= 0 or self._terminal.exit_code is not None:
                return

    def _read_until(self, holds: Callable[[], bool], otherwise: str) -> None:
        end = monotonic() + PATIENCE_S
        while not holds() and self._terminal.exit_code is None:
            self._terminal.read(0.01)
            if monotonic() > end:
                raise SoakBroke(f"{otherwise}\n{_end_of(self._terminal)}\n{self._tasks()}")

    # Figures

    def _measure(self) -> None:
        process = Path(f"/proc/{self._terminal.pid}")
        with contextlib.suppress(OSError):
            told = dict(
                line.split(":", 1) for line in (process / "status").read_text().splitlines()
            )
            if "VmRSS" not in told:
                return
            self._memory_mb.append(int(told["VmRSS"].split()[0]) / 1024)
            self._tally.peak_mb = max(self._tally.peak_mb, int(told["VmHWM"].split()[0]) / 1024)
            files = len(list((process / "fd").iterdir()))
            self._tally.open_files = max(self._tally.open_files, files)
        if len(self.done) % TASKS_EVERY == 0:
            self._tally.note_load()
            if tasks := self._tasks().count(TASK_TOLD):
                self._tally.tasks.append(tasks)

    def _tasks(self) -> str:
        """Where the program is and what its tasks wait for, in its own words; nothing of one that
        is ending, which hears no more."""
        if TERMINAL_GIVEN_BACK in self._terminal.output:
            return ""
        told = self._stage.home / TASKS
        told.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            os.kill(self._terminal.pid, signal.SIGUSR1)
        end = monotonic() + TOLD_S
        while not told.exists() and monotonic() < end and self._terminal.exit_code is None:
            self._terminal.read(0.02)
        return told.read_text(encoding="utf-8") if told.exists() else ""

    def _note_memory(self) -> None:
        if len(self._memory_mb) >= LONG_STEPS:
            self._tally.memory_mb.append(course_of(self._memory_mb))

    def compare_writes(self) -> None:
        """See that the server received what was confirmed. Raises SoakBroke."""
        writes = self._stage.told("writes")["writes"]
        entries = read_entries(self._stage.action_log)
        self._tally.confirmed.update(entry["result"] for entry in entries)
        found = match(writes, entries)
        self._tally.writes.add(found)
        if found.wrong:
            raise SoakBroke("writes differ:\n" + "\n".join(found.wrong))


def _end_of(terminal: Terminal) -> str:
    return bytes(terminal.output[-6_000:]).decode(errors="replace")
