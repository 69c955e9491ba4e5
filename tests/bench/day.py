"""A day of live running in 24 minutes: `python -m tests.bench.day [--minutes N]`.

The dashboard runs in a pseudo-terminal on a busy simulator at sixty times the speed, and goes round
all its screens meanwhile. Each half minute, half an hour of the world, a line says what it holds.
"""

import argparse
import asyncio
import contextlib
import gc
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

from tests.bench.simulated import simulator
from tests.terminal import Terminal

SPEED = 60
SAMPLE_S = 30.0
PAUSE_S = 1.5
"""Between keys: what is opened has time to load."""

COLUMNS = (
    *("hour", "memory MiB", "run rows", "other objects", "tasks", "timers", "widgets"),
    *("watched", "files", "connections"),
)  # fmt: skip
"""Run rows and other objects are those that the garbage collector follows."""

ROUND = (
    *("1", "down", "enter", "]", "]", "]", "esc", "end", "end", "home"),
    *("0", "2", "down", "enter", "esc", "3", "enter", "esc", "4", "enter", "esc"),
    *("5", "6", "7", "8"),
)  # fmt: skip
"""Keys of one round through the screens; the last place is left for the first."""


def main() -> None:
    """Run the day and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.day", description=__doc__)
    parser.add_argument("--minutes", type=float, default=24.0)
    parser.add_argument("--inside", metavar="FILE", help="be the dashboard, and tell this file")
    args = parser.parse_args()
    if args.inside:
        _dashboard(args.inside)
        return
    for line in _day(args.minutes * 60):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def _day(seconds: float) -> Iterator[str]:
    world = simulator("--scenario", "busy", "--speed", str(SPEED), "--port", "0")
    with world as at, tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told"
        env = {
            "TRIGGER_API_URL": at["url"],
            "TRIGGER_SECRET_KEY": at["secret_key"],
            "XDG_CONFIG_HOME": folder,
            "XDG_STATE_HOME": folder,
        }
        command = [sys.executable, "-m", "tests.bench.day", "--inside", str(told)]
        with Terminal(command, env=env, keep_screen=False) as terminal:
            yield f"| {' | '.join(COLUMNS)} |"
            yield f"| {' | '.join('-' * len(name) for name in COLUMNS)} |"
            keys, began_s, lines = cycle(ROUND), time.monotonic(), 0
            while time.monotonic() - began_s < seconds and terminal.exit_code is None:
                until_s = time.monotonic() + PAUSE_S
                while time.monotonic() < until_s:
                    terminal.read()
                terminal.press(next(keys))
                found = told.read_text().splitlines() if told.exists() else []
                yield from found[lines:]
                lines = len(found)
            if terminal.exit_code is not None:
                yield terminal.output[-2000:].decode("utf-8", "replace")


def _open_files() -> list[str]:
    found = []
    for each in os.listdir("/proc/self/fd"):
        # The listing's own is closed again.
        with contextlib.suppress(FileNotFoundError):
            found.append(str(Path(f"/proc/self/fd/{each}").readlink()))
    return found


def _dashboard(told: str) -> None:
    """The dashboard as it is run, which tells what it holds."""
    gc.disable()  # As the command does: the dashboard sets it up when it has opened.
    from textual.timer import Timer

    from trigdash.clock import SystemClock
    from trigdash.commands.dashboard import opener
    from trigdash.config.resolve import Flags, load_settings
    from trigdash.model.run_row import RunRow
    from trigdash.ui.app import TrigdashApp

    settings = load_settings(Flags(), os.environ)
    app = TrigdashApp(opener(lambda: settings, SystemClock()), settings.ui())

    def write(line: str) -> None:
        with Path(told).open("a") as file:
            file.write(line)

    def holding(hour: float) -> str:
        connection = app.session.connection
        tasks = asyncio.all_tasks()
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        files = _open_files()
        objects = gc.get_objects()
        rows = sum(type(each) is RunRow for each in objects)
        figures = (
            f"{hour:.1f}",
            f"{pages * os.sysconf('SC_PAGE_SIZE') / 2**20:.1f}",
            rows,
            len(objects) - rows,
            len(tasks),
            sum(task.get_coro().__qualname__ == Timer._run_timer.__qualname__ for task in tasks),  # type: ignore[union-attr]
            len(app._registry),
            len(connection.store.watched()) if connection is not None else 0,
            len(files),
            sum(each.startswith("socket:") for each in files),
        )
        return f"| {' | '.join(map(str, figures))} |\n"

    async def tell() -> None:
        began_s = time.monotonic()
        while True:
            await asyncio.sleep(SAMPLE_S)
            write(holding((time.monotonic() - began_s) * SPEED / 3600))

    async def begin() -> None:
        app.run_worker(tell(), exclusive=False)

    app.call_later(begin)
    app.run()


if __name__ == "__main__":
    main()
