"""The drain estimate against a simulated queue over real HTTP: what was said must come true."""

from __future__ import annotations

import httpx
import pytest

from tests.fakes.clock import FakeClock
from trigdash.model.queue import Queue
from trigdash.service.queues.depth import DepthHistory
from trigdash.service.queues.forecast import Trend
from trigdash.simulator.http.host import SimulatorHost
from trigdash.simulator.http.ratelimit import Rate
from trigdash.simulator.scenarios.catalog import CATALOG
from trigdash.simulator.world.scenario import Scenario, ScenarioEvent

TASK = "resize-image"
PLACES = 10
"""A run takes six seconds or so with all that belongs to it: about a hundred leave a minute."""

SAMPLE_S = 2.0
LOOK_AT = 180
"""Samples until the estimate is asked for: six minutes."""


def draining(arrival_every_s: float, backlog: int) -> Scenario:
    """One task alone: a backlog at once, and arrivals at a rate."""
    alone = {name: 1.0 if name == TASK else 0.0 for name in CATALOG}
    at_once = (
        ScenarioEvent(0.01, "limit", f"task/{TASK}", PLACES),
        ScenarioEvent(0.02, "trigger", TASK, backlog),
    )
    return Scenario(
        "draining",
        "one queue that drains",
        interval_s=arrival_every_s,
        batch_every_s=1e9,
        weights=alone,
        events=at_once,
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(("arrival_every_s", "backlog"), [(1e9, 1500), (3.0, 1200)])
async def test_a_queue_is_empty_when_it_was_said_to_be(
    seed: int, arrival_every_s: float, backlog: int
) -> None:
    clock, depths = FakeClock(), DepthHistory()
    scenario = draining(arrival_every_s, backlog)
    said_min = said_at_s = None
    async with (
        SimulatorHost(scenario=scenario, seed=seed, runs=10, clock=clock, rate=Rate(0, 0)) as host,
        httpx.AsyncClient(
            base_url=host.url, headers={"authorization": f"Bearer {host.secret_key}"}
        ) as client,
    ):
        for tick in range(1500):
            await clock.advance(SAMPLE_S)
            answer = await client.get(f"/api/v1/queues/{TASK}", params={"type": "task"})
            queue = Queue.model_validate_json(answer.content)
            depths.record([queue], clock.now())
            if tick == LOOK_AT:
                found = depths.forecast(queue.id, clock.now())
                assert found.kind is Trend.DRAINING
                said_min, said_at_s = found.minutes, clock.monotonic()
            if tick > LOOK_AT and not queue.queued:
                break
    assert said_min is not None
    assert said_at_s is not None
    took_min = (clock.monotonic() - said_at_s) / 60
    assert took_min > 2
    assert said_min == pytest.approx(took_min, rel=0.2)
