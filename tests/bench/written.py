"""B16: bytes a second that a busy run list writes to the terminal: a slow line must keep up."""

import sys
import tempfile
import time

from tests.bench.finding import Finding
from tests.terminal import Terminal

SIZES = ((120, 40), (80, 24))
SETTLE_S = 5.0
"""The list fills and its first columns come before anything is counted."""


def written(rounds: int) -> list[Finding]:
    """The demo's busy environment, watched without touching a key."""
    return [
        Finding.alone(
            "B16", f"written, busy list at {columns}×{rows}", _rate(columns, rows, rounds),
            "KB/s", *((8.0, 4.0) if columns == SIZES[0][0] else (None,)),
        )
        for columns, rows in SIZES
    ]  # fmt: skip


def _rate(columns: int, rows: int, rounds: int) -> float:
    """Kilobytes a second, over four seconds a round."""
    command = [sys.executable, "-m", "trigdash", "demo", "--scenario", "busy"]
    with tempfile.TemporaryDirectory() as folder:
        env = {"XDG_CONFIG_HOME": folder, "XDG_STATE_HOME": folder}
        with Terminal(command, columns=columns, rows=rows, env=env) as terminal:
            terminal.wait_for("live", 60)
            _read_for(terminal, SETTLE_S)
            before, began_s = len(terminal.output), time.perf_counter()
            _read_for(terminal, 4.0 * rounds)
            took_s = time.perf_counter() - began_s
            return (len(terminal.output) - before) / 1000 / took_s


def _read_for(terminal: Terminal, seconds: float) -> None:
    end_s = time.perf_counter() + seconds
    while time.perf_counter() < end_s:
        terminal.read()
