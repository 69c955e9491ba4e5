"""Reports waits of a command on standard error: on a terminal as a line that disappears again,
elsewhere as a note when they add up."""

from __future__ import annotations

import shutil
import sys
from typing import TextIO

from trigdash.model.clean import clean

SHOWN_S = 1.0
"""Shorter waits are not shown on a terminal."""
NOTED_S = 5.0
"""Seconds of waiting before the first note."""
AGAIN_S = 60.0
"""Seconds of waiting between notes."""


class WaitNotes:
    """A listener for waits; see `trigdash.backends.waits`."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._waited_s = 0.0
        self._noted_at_s = NOTED_S
        self._is_shown = False

    def __call__(self, seconds: float, why: str) -> None:
        self._waited_s += seconds
        if self._stream.isatty():
            self._show(seconds, why)
        elif self._waited_s >= self._noted_at_s:
            self._noted_at_s = self._waited_s + AGAIN_S
            print(clean(f"waiting {seconds:.0f} s: {why}"), file=self._stream)

    def _show(self, seconds: float, why: str) -> None:
        if self._is_shown:
            self._stream.write("\r\x1b[K")
        self._is_shown = seconds >= SHOWN_S
        if self._is_shown:
            line = clean(f"waiting {seconds:.0f} s: {why}")
            self._stream.write(line[: shutil.get_terminal_size().columns - 1])
        self._stream.flush()
