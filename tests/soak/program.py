"""The program as it is; on SIGUSR1 it tells in a file where it is and what its tasks wait for."""

from __future__ import annotations

import asyncio
import os
import signal
import traceback
from pathlib import Path
from types import FrameType

from tests.soak import looks
from trigdash.cli import main

TASKS = "tasks.txt"
"""In the program's home."""


def _tell(number: int, frame: FrameType | None) -> None:
    path = Path(os.environ["HOME"]) / TASKS
    young = path.with_suffix(".new")
    with young.open("w", encoding="utf-8") as file:
        traceback.print_stack(frame, file=file)
        try:
            tasks = asyncio.all_tasks()
        except RuntimeError:  # no loop: it begins or ends
            tasks = set()
        for task in tasks:
            task.print_stack(file=file)
    young.replace(path)


def run() -> int:
    """The program; its exit code."""
    looks.begin()
    signal.signal(signal.SIGUSR1, _tell)
    try:
        return main()
    finally:
        # Its handler is gone before the process is.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})


if __name__ == "__main__":
    raise SystemExit(run())
