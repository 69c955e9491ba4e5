"""The same tour of every screen again and again: where memory goes, and that it levels.

    python -m tests.soak.tour --rounds 40

Prints the resident megabytes of the program after each round, and how much one round adds in the
last quarter. Without chaos, so that every round does the same.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
from pathlib import Path
from random import Random
from statistics import median
from time import monotonic

from tests.soak.player import LOOK, PROGRAM
from tests.soak.stage import Stage, staged
from tests.soak.steps import NARROWEST, OPEN_A_RUN, VISITS, WIDEST
from tests.terminal import FRAME_END, Terminal

QUIET_S, MOST_S, REST_S = 0.15, 1.0, 6.0


def tour(terminal: Terminal) -> None:
    """Every place, a run with all its parts, help, and the smallest and widest sizes."""
    for keys in (*((visit,) for visit in VISITS), *OPEN_A_RUN, ("?",), ("ctrl+p",)):
        for key in ("esc", "esc", "esc", "1", *keys):
            terminal.press(key)
        _settle(terminal)
    for size in (NARROWEST, WIDEST, LOOK):
        terminal.resize(*size)
        _settle(terminal)
    _rest(terminal)
    terminal.output.clear()


def _settle(terminal: Terminal) -> None:
    """Read until nothing is drawn for a moment."""
    end = monotonic() + MOST_S
    while terminal.read(QUIET_S) and monotonic() < end:
        pass


def _rest(terminal: Terminal) -> None:
    """Look at what is there, as people do."""
    end = monotonic() + REST_S
    while monotonic() < end:
        terminal.read(0.1)


def memory_of(stage: Stage, rounds: int) -> list[float]:
    """The resident megabytes after each round."""
    columns, rows = LOOK
    terminal = Terminal(PROGRAM, columns=columns, rows=rows, env=stage.environ, keep_screen=False)
    with contextlib.closing(terminal):
        while FRAME_END not in terminal.output and terminal.exit_code is None:
            terminal.read()
        found = []
        for number in range(rounds):
            tour(terminal)
            if terminal.exit_code is not None:
                raise AssertionError(f"it ended with {terminal.exit_code} in round {number}")
            found.append(_resident_mb(terminal.pid))
            sys.stdout.write(f"{found[-1]:.1f} ")
            sys.stdout.flush()
    return found


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.tour", description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    args = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as home,
        staged(Path(home), Random(7), 0, 0.0) as stage,
    ):
        found = memory_of(stage, args.rounds)
    quarter = max(1, args.rounds // 4)
    before, last = median(found[-2 * quarter : -quarter]), median(found[-quarter:])
    sys.stdout.write(
        f"\nfirst round {found[0]:.0f} MB, third quarter {before:.1f} MB, last {last:.1f} MB: "
        f"{(last - before) / quarter * 1000:.0f} kB for each round\n"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
