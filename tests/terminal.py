"""A real pseudo-terminal around a real command: what end-to-end stories and benchmarks look into.

It answers the queries that a terminal answers, keeps every byte that the program wrote, and shows
the screen as a person would see it.
"""

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyte

FRAME_END = b"\x1b[?2026l"
"""Textual closes each synchronized frame with this."""

_ANSWERS = {
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",
    b"\x1b[?2048$p": b"\x1b[?2048;0$y",
    b"\x1b[c": b"\x1b[?62;22c",
    b"\x1b[6n": b"\x1b[1;1R",
}

KEYS = {
    "enter": "\r",
    "esc": "\x1b",
    "tab": "\t",
    "space": " ",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "pagedown": "\x1b[6~",
    "pageup": "\x1b[5~",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "backspace": "\x7f",
    "f5": "\x1b[15~",
    "f6": "\x1b[17~",
    **{f"ctrl+{letter}": chr(ord(letter) - 96) for letter in "abcdefghijklmnopqrstuvwxyz"},
}


class TerminalTimeout(AssertionError):
    """What was waited for did not appear; carries the screen."""


class Terminal:
    """One command in a pseudo-terminal of a given size."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 120,
        rows: int = 40,
        env: Mapping[str, str] | None = None,
        keep_screen: bool = True,
    ) -> None:
        self.output = bytearray()
        self.exit_code: int | None = None
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._keep_screen = keep_screen
        environment = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("TRIGGER_", "TRIGDASH_", "TEXTUAL", "LC_"))
            and key not in _UNWANTED
        }
        environment |= {
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            **(env or {}),
        }
        self.pid, self._fd = pty.fork()
        if self.pid == 0:  # pragma: no cover: the child
            os.execvpe(command[0], list(command), environment)
        self._set_size(columns, rows)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _set_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, columns: int, rows: int) -> None:
        """Change the size, as dragging the window's corner does."""
        self._set_size(columns, rows)
        self._screen.resize(rows, columns)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGWINCH)

    def read(self, timeout_s: float = 0.05, most: int = 1 << 16) -> bytes:
        """What the program wrote within the timeout, at most so many bytes; empty when nothing or
        when it has ended."""
        ready, _, _ = select.select([self._fd], [], [], timeout_s)
        if not ready:
            return b""
        try:
            data = os.read(self._fd, most)
        except OSError:
            data = b""
        if not data:
            self._reap()
            return b""
        self.output += data
        if self._keep_screen:
            self._stream.feed(data)
        for question, answer in _ANSWERS.items():
            if question in data:
                self.write(answer)
        return data

    def _reap(self) -> None:
        if self.exit_code is None:
            _, status = os.waitpid(self.pid, 0)
            self.exit_code = os.waitstatus_to_exitcode(status)

    def write(self, data: bytes) -> None:
        """Send raw bytes, as typed."""
        os.write(self._fd, data)

    def press(self, *keys: str) -> None:
        """Press keys: names of KEYS, or the text itself."""
        for key in keys:
            self.write(KEYS.get(key, key).encode())

    @property
    def lines(self) -> list[str]:
        """The screen's lines, trailing spaces removed."""
        return [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(self.lines)

    def wait_for(self, wanted: str | Callable[[], bool], timeout_s: float = 60.0) -> None:
        """Read on until a text is on screen or a condition holds."""
        holds = (lambda: wanted in self.text) if isinstance(wanted, str) else wanted
        deadline = time.monotonic() + timeout_s
        while not holds():
            self.read()
            if holds():
                return
            if self.exit_code is not None or time.monotonic() > deadline:
                state = f"ended with {self.exit_code}" if self.exit_code is not None else "running"
                raise TerminalTimeout(f"no {wanted!r} in {timeout_s} s; {state}\n{self.text}")

    def wait_for_end(self, timeout_s: float = 30.0) -> int:
        """Read on until the program has ended; its exit code."""
        deadline = time.monotonic() + timeout_s
        while self.exit_code is None:
            self.read()
            if time.monotonic() > deadline:
                raise TerminalTimeout(f"still running after {timeout_s} s\n{self.text}")
        return self.exit_code

    def hang_up(self, timeout_s: float = 30.0) -> int:
        """Close the terminal under the program, as closing a window does; its exit code."""
        os.close(self._fd)
        deadline = time.monotonic() + timeout_s
        while self.exit_code is None:
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                self.exit_code = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > deadline:
                raise TerminalTimeout(f"still running {timeout_s} s after its terminal closed")
            else:
                time.sleep(0.01)
        return self.exit_code

    def cpu_s(self) -> float:
        """Processor seconds of all the program's threads, by the scheduler's own count."""
        return thread_cpu_s(self.pid)

    def close(self) -> None:
        """End the program, harshly if it must be."""
        if self.exit_code is None:
            for number in (signal.SIGTERM, signal.SIGKILL):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.pid, number)
                deadline = time.monotonic() + 3
                while time.monotonic() < deadline:
                    done, status = os.waitpid(self.pid, os.WNOHANG)
                    if done:
                        self.exit_code = os.waitstatus_to_exitcode(status)
                        break
                    self.read(0.02)
                    if self.exit_code is not None:
                        break
                if self.exit_code is not None:
                    break
        with contextlib.suppress(OSError):
            os.close(self._fd)


_UNWANTED = {"COLUMNS", "LINES", "NO_COLOR", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}


def thread_cpu_s(pid: int) -> float:
    """Processor seconds that all threads of a process have used, in nanosecond steps."""
    total_ns = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError):
            total_ns += int((task / "schedstat").read_text().split()[0])
    return total_ns / 1e9


def process_cpu_s(pid: int) -> float:
    """Processor seconds of a process with the threads that have ended, by its own clock."""
    # clock_getcpuclockid(3): the number of the clock is made of the process's.
    return time.clock_gettime((~pid << 3) | 2)
