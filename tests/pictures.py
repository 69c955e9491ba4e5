"""Pictures of the screens, for the README: `python -m tests.pictures FOLDER` writes SVG files.

They are taken from the real program on a simulated project. Turn them into PNG with a browser:
other converters were seen to shift columns.
"""

import asyncio
import sys
from pathlib import Path

from textual.pilot import Pilot

from trigdash.backends import open_backend
from trigdash.backends.target import Secret, Target
from trigdash.clock import SystemClock
from trigdash.config.options import Destination, UiSettings
from trigdash.model.run_row import RunRow
from trigdash.service.connection import Connection
from trigdash.simulator.http.host import SimulatorHost
from trigdash.simulator.scenarios.definitions import SCENARIOS
from trigdash.ui.app import TrigdashApp
from trigdash.ui.widgets.row_table import RowTable

SIZE = (130, 36)
FAILED = ("/", *"status:failed", "enter")
STORIES: dict[str, tuple[str, tuple[str | float, ...]]] = {
    "runs": ("busy", (7.0, "to failed", 4.0)),
    "overview": ("incident", (*FAILED, 3.0, "enter", 3.0)),
    "trace": ("incident", (*FAILED, 3.0, "enter", 1.0, "t", 2.0, "exclamation_mark", 2.0)),
    "events": ("incident", (*FAILED, 3.0, "enter", 1.0, "e", 3.0)),
    "queues": ("busy", ("2", 75.0)),
    "cancel": ("busy", (*["j"] * 4, "C", 1.0)),
}
"""Name → scenario, and keys to press; numbers are seconds to wait; `to …` goes down to a status."""


async def take(name: str, folder: Path) -> None:
    """Live one story and write down how it ends."""
    scenario, steps = STORIES[name]
    async with SimulatorHost(scenario=SCENARIOS[scenario], runs=2_000) as host:
        target = Target(api_url=host.url, secret_key=Secret(host.secret_key))

        async def open_connection(_: Destination) -> Connection:
            return Connection(open_backend(target, SystemClock()), SystemClock())

        app = TrigdashApp(open_connection, UiSettings(environment="prod"))
        async with app.run_test(size=SIZE) as pilot:
            while "run_" not in app.export_screenshot(simplify=True):
                await pilot.pause(0.2)
            await _live(pilot, steps)
            (folder / f"{name}.svg").write_text(app.export_screenshot())


async def _live(pilot: Pilot[None], steps: tuple[str | float, ...]) -> None:
    for step in steps:
        if isinstance(step, float):
            await asyncio.sleep(step)
            await pilot.pause()
        elif step.startswith("to "):
            await _go_down_to(pilot, step.removeprefix("to "))
        else:
            await pilot.press({":": "colon", "/": "slash"}.get(step, step))


async def _go_down_to(pilot: Pilot[None], word: str) -> None:
    table = pilot.app.screen.query_one(RowTable)
    while not isinstance(table.cursor_row, RunRow) or table.cursor_row.status.word != word:
        await pilot.press("j")


if __name__ == "__main__":
    wanted = sys.argv[2:] or list(STORIES)
    for one in wanted:
        asyncio.run(take(one, Path(sys.argv[1])))
