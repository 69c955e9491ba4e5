"""An hour of the calm scenario: `python -m tests.calm_hour` asks what needs somebody, a minute of
the simulated time apart, and counts false alarms. Exits with 1 when there is one.

    python -m tests.calm_hour --minutes 60 --speed 60
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from typing_extensions import override

from tests.fakes.clock import BETWEEN_SCHEDULES
from trigdash.backends import open_backend
from trigdash.backends.target import Secret, Target
from trigdash.clock import SystemClock
from trigdash.service.now.finding import Now
from trigdash.service.now.query import NowQuery
from trigdash.simulator.http.host import SimulatorHost
from trigdash.simulator.http.ratelimit import Rate
from trigdash.simulator.scenarios.definitions import CALM
from trigdash.simulator.world.scenario import Scenario


@dataclass
class CalmHour:
    """What was found."""

    looks: int = 0
    runs: int = 0
    """Runs that the simulated project has at the end."""
    requests: int = 0
    alarms: list[str] = field(default_factory=list)
    """Findings that are more than news: there is nothing to be alarmed about."""

    def note(self, minute: float, now: Now) -> None:
        self.looks += 1
        self.alarms += [
            f"minute {minute:.0f}: {each.code} {each.subject}: {each.evidence}"
            for each in now.needing
        ]

    def __str__(self) -> str:
        told = "\n".join([*self.alarms, f"{len(self.alarms)} false alarms"])
        return f"{self.looks} looks, {self.requests} requests, {self.runs} runs\n{told}"


class SteppedClock(SystemClock):
    """A clock that moves when it is told to; who waits waits as long as on the machine's."""

    def __init__(self, start: datetime = BETWEEN_SCHEDULES) -> None:
        self._now = start

    @override
    def now(self) -> datetime:
        return self._now

    def step(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


async def live(
    minutes: int = 60,
    speed: float = 60.0,
    every: int = 1,
    runs: int = 500,
    seed: int = 1,
    scenario: Scenario = CALM,
) -> CalmHour:
    """Let so many minutes of the scenario pass, and look each `every` of them. At speed 1 the
    simulated clock moves as far; at speed 60 as much happens in a sixtieth of its time."""
    found, rate, clock = CalmHour(), Rate(0, 0), SteppedClock()
    async with SimulatorHost(
        scenario=scenario, runs=runs, speed=speed, seed=seed, clock=clock, rate=rate
    ) as host:
        target = Target(api_url=host.url, secret_key=Secret(host.secret_key), rate_share=1.0)
        backend = open_backend(target, clock)
        for minute in range(0, minutes + 1, every):
            found.note(minute, await NowQuery(clock).fetch(backend, None))
            for _ in range(every):  # The world lives through each minute by itself.
                clock.step(60 / speed)
                host.state.catch_up()
        found.requests, found.runs = backend.budget.spent, len(host.world.env.runs.all)
        await backend.aclose()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description="count false alarms of a calm hour")
    parser.add_argument("--minutes", type=int, default=60, help="of the scenario")
    parser.add_argument("--speed", type=float, default=60.0, help="of the simulator")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    found = asyncio.run(live(args.minutes, args.speed, seed=args.seed))
    print(found)  # noqa: T201  a command speaks
    return 1 if found.alarms else 0


if __name__ == "__main__":
    sys.exit(main())
