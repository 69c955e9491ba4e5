"""A line of 9,600 baud: how long after a key its screen has come through."""

import sys
import tempfile
import time

from tests.bench.finding import Finding
from tests.bench.written import SIZES
from tests.terminal import Terminal

BYTES_PER_S = 960
STEP_S = 0.05
WAIT_S = 20.0
"""Busy time in which a backlog grows before the key is pressed."""


def slow_line(_: int) -> list[Finding]:
    """The demo's busy environment, read at the pace of the line."""
    columns, rows = SIZES[0]
    command = [sys.executable, "-m", "trigdash", "demo", "--scenario", "busy"]
    with tempfile.TemporaryDirectory() as folder:
        env = {"XDG_CONFIG_HOME": folder, "XDG_STATE_HOME": folder}
        with Terminal(command, columns=columns, rows=rows, env=env) as terminal:
            terminal.wait_for("live", 60)
            _trickle(terminal, WAIT_S)
            terminal.press("?")
            took_s = _trickle(terminal, 120, "search keys")
    return [Finding.alone("", "9,600 baud, busy list: help is there", took_s, "s", None)]


def _trickle(terminal: Terminal, seconds: float, until: str = "") -> float:
    began_s = time.perf_counter()
    while (passed_s := time.perf_counter() - began_s) < seconds:
        time.sleep(STEP_S)
        terminal.read(0, most=int(BYTES_PER_S * STEP_S))
        if until and until in terminal.text:
            break
    return passed_s
