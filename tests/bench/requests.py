"""Requests a minute of each screen, at rest and in use: `python -m tests.bench.requests`.

The minutes are simulated, so the figures do not depend on the machine.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter

from tests.ui.live_harness import STILL
from tests.ui.request_meter import RequestMeter, metered_app
from trigdash.simulator.scenarios.definitions import BUSY
from trigdash.simulator.world.scenario import Scenario

PLACES = ("now", "runs", "queues", "batches", "errors", "tasks", "deployments", "schedules",
          "limits", "stuck", "health")  # fmt: skip

Minutes = dict[str, list[str]]


async def _places(scenario: Scenario, key: str) -> Minutes:
    async with metered_app(scenario) as meter:
        asked: Minutes = {}
        for place in PLACES:
            await meter.open(place)
            asked[place] = await meter.a_minute(key=key)
        asked.update(await _details(meter, key))
        return asked


async def _details(meter: RequestMeter, key: str) -> Minutes:
    env = meter.host.world.env
    runs = env.runs.all
    wanted = {
        "a final run": ("run", next(r.id for r in runs if r.is_final)),
        "an open run": ("run", next((r.id for r in runs if not r.is_final), "")),
    }
    asked: Minutes = {}
    for name, (kind, thing_id) in wanted.items():
        if thing_id:
            await meter.open_detail(kind, thing_id)
            asked[name] = await meter.a_minute(key=key)
            meter.app.pop_screen()
    return asked


async def main() -> None:
    """Print the table, and with `-v` what was asked."""
    columns = {
        "at rest": await _places(STILL, ""),
        "in use": await _places(STILL, "down"),
        "busy, at rest": await _places(BUSY, ""),
    }
    names = list(dict.fromkeys(name for minutes in columns.values() for name in minutes))
    sys.stdout.write("| screen | " + " | ".join(columns) + " |\n")
    for name in names:
        counts = [
            str(len(each.get(name, ()))) if name in each else "–" for each in columns.values()
        ]
        sys.stdout.write(f"| {name} | " + " | ".join(counts) + " |\n")
        if "-v" in sys.argv:
            for column, each in columns.items():
                sys.stdout.write(f"    {column}: {dict(Counter(each.get(name, ())))}\n")


if __name__ == "__main__":
    asyncio.run(main())
