"""A calm hour raises no alarm, and a slow drip of failures does: the short form of
`python -m tests.calm_hour`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.calm_hour import live
from trigdash.simulator.scenarios.catalog import SEND_EMAIL
from trigdash.simulator.scenarios.definitions import CALM
from trigdash.simulator.world.scenario import Incident


@pytest.mark.parametrize(("speed", "seed"), [(1.0, 4), (60.0, 4)])
async def test_a_calm_hour_raises_no_alarm(speed: float, seed: int) -> None:
    found = await live(60, speed, every=6, runs=500, seed=seed)
    assert found.alarms == []
    assert found.looks == 11
    assert found.runs > 2_000, "much happened"


async def test_a_slow_drip_of_failures_among_calm_runs_is_found() -> None:
    """A quarter of a task's runs begin to fail, with an error that it knows."""
    drip = Incident(
        "send-email", SEND_EMAIL.faults[0], 0, 1e9, when=("locale", ("cs",)), is_new=False
    )
    found = await live(20, 1.0, every=10, runs=500, scenario=replace(CALM, incidents=(drip,)))
    assert found.alarms
    assert {alarm.split(": ")[1] for alarm in found.alarms} == {
        "failing_more_than_usual send-email"
    }
