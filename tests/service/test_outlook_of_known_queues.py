"""What is said of queues whose ways are known must be so: paused, blocked, jumped, drained."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.fakes.clock import START
from tests.service.queue_world import QueueWorld
from trigdash.model.queue import Queue
from trigdash.presentation.queue_readings import KEPT_S, QueueReadings, Reading
from trigdash.service.queues.depth import DepthHistory
from trigdash.service.queues.forecast import Trend
from trigdash.service.queues.net_rate import LEAST_S
from trigdash.service.queues.query import block_of

SEEDS = range(12)


class Watch:
    """Polls a queue and reads it after each poll, as the screen does."""

    def __init__(self, world: QueueWorld, every_s: float = 2.0) -> None:
        self.world = world
        self.every_s = every_s
        self.depths = DepthHistory()
        self.readings = QueueReadings(self.depths)
        self.seen: list[Reading] = []

    @property
    def now(self) -> datetime:
        return START + timedelta(seconds=self.world.now_s)

    def go(self, seconds: float) -> list[Reading]:
        """Watch for some time; what was read in it. What holds always is asserted each time."""
        first = len(self.seen)
        for told in self.world.polls(seconds, self.every_s):
            self.depths.record([told], self.now)
            reading = self.readings.reading_of(told, self.now)
            self.readings.flow(told, self.now)
            self.seen.append(reading)
            assert_consistent(reading, told)
        return self.seen[first:]


def assert_consistent(reading: Reading, told: Queue) -> None:
    """What is said of one queue at one time does not contradict itself."""
    outlook = reading.forecast
    came, went = outlook.flow.in_per_minute, outlook.flow.out_per_minute
    assert (outlook.kind is Trend.EMPTY) == (told.queued == 0)
    if block_of(told, environment_paused=False) is not None:
        assert outlook.kind in (Trend.BLOCKED, Trend.EMPTY)
        assert not went, "nothing starts where nothing may"
    else:
        assert outlook.kind is not Trend.BLOCKED
    if came is None or went is None or outlook.kind in (Trend.BLOCKED, Trend.EMPTY):
        return
    assert came >= 0
    assert went >= 0
    match outlook.kind:
        case Trend.DRAINING:
            assert went > came
        case Trend.GROWING:
            assert came > went
        case Trend.STALLED:
            assert came == went == 0
        case Trend.STEADY:
            # Balance is two flows within the noise of their difference, or none at all.
            assert came == went or (came > 0 and went > 0)


def kinds(readings: list[Reading]) -> set[Trend]:
    return {reading.forecast.kind for reading in readings}


def after(readings: list[Reading], seconds: float, every_s: float = 2.0) -> list[Reading]:
    return readings[int(seconds / every_s) :]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_queue_that_may_start_nothing_never_drains_and_is_said_so_at_once(seed: int) -> None:
    world = QueueWorld(arrivals=20, queued=40, limit=2, takes_s=4, seed=seed)
    watch = Watch(world)
    watch.go(240)
    for change, back in (("paused", False), ("limit", 2)):
        setattr(world, change, not back if change == "paused" else 0)
        world.queued += 3
        assert kinds(watch.go(200)) == {Trend.BLOCKED}
        setattr(world, change, back)
        watch.go(60)


@pytest.mark.parametrize("seed", SEEDS)
def test_after_a_pause_the_drain_is_seen_within_half_a_minute(seed: int) -> None:
    world = QueueWorld(queued=18, limit=2, takes_s=6, seed=seed)
    watch = Watch(world)
    world.paused = True
    watch.go(150)
    world.paused = False
    resumed = watch.go(54)
    draining = [reading for reading in after(resumed, LEAST_S + KEPT_S) if reading.queue.queued]
    assert Trend.STEADY not in kinds(resumed)
    assert Trend.STALLED not in kinds(resumed)
    assert kinds(draining) <= {Trend.DRAINING}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_batch_is_no_rate_and_its_drain_is_foretold_from_its_own_time(seed: int) -> None:
    world = QueueWorld(arrivals=4, limit=3, takes_s=5, seed=seed)
    watch = Watch(world)
    watch.go(200)
    world.queued += 40
    jumped = watch.go(160)
    for reading, queued in [(reading, reading.queue.queued) for reading in jumped]:
        assert reading.forecast.kind is not Trend.GROWING or queued < 5
        assert (reading.forecast.flow.in_per_minute or 0) < 15, "they did not come in one by one"
    told = [r for r in after(jumped, 50) if r.queue.queued > 4]
    assert told
    right = [r for r in told if r.forecast.minutes and 0.4 < truth(r, world) < 2.5]
    assert len(right) >= 0.8 * len(told)


def truth(reading: Reading, world: QueueWorld) -> float:
    """How many times as long as it will take is foretold."""
    expected = reading.queue.queued / (world.starts_per_min - world.arrivals)
    return (reading.forecast.minutes or 0.0) / expected


@pytest.mark.parametrize("seed", SEEDS)
def test_runs_that_are_taken_out_at_once_are_no_drain(seed: int) -> None:
    world = QueueWorld(arrivals=36, queued=300, limit=3, takes_s=5, seed=seed)
    watch = Watch(world)
    watch.go(300)
    world.queued -= 200
    said = watch.go(300)
    assert all(reading.forecast.per_minute > -25 for reading in said)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_queue_that_was_drained_and_holds_a_run_or_two_is_not_called_draining(seed: int) -> None:
    world = QueueWorld(queued=120, limit=10, takes_s=5, seed=seed)
    watch = Watch(world)
    while world.queued:
        watch.go(2)
    world.arrivals = 90
    said = [reading for reading in watch.go(240) if reading.queue.queued]
    assert len([r for r in said if r.forecast.kind is Trend.DRAINING]) <= 0.1 * len(said)


@pytest.mark.parametrize("every_s", [2.0, 5.0, 30.0])
@pytest.mark.parametrize("seed", SEEDS)
def test_noise_is_neither_growth_nor_drain(seed: int, every_s: float) -> None:
    world = QueueWorld(arrivals=60, queued=400, limit=10, takes_s=10, seed=seed)
    watch = Watch(world, every_s)
    said = after(watch.go(1800), 600, every_s)
    assert len([r for r in said if r.forecast.kind is Trend.STEADY]) >= 0.4 * len(said)
    assert len([r for r in said if r.forecast.kind is Trend.UNKNOWN]) <= 0.1 * len(said)


@pytest.mark.parametrize("every_s", [2.0, 30.0])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_batch_is_no_rate_where_polls_are_far_apart_either(seed: int, every_s: float) -> None:
    world = QueueWorld(arrivals=10, queued=50, limit=2, takes_s=12, seed=seed)
    watch = Watch(world, every_s)
    watch.go(600)
    world.queued += 60
    jumped = watch.go(240)
    assert all((r.forecast.flow.in_per_minute or 0) < 25 for r in jumped)


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_happens_to_a_queue_nothing_that_is_said_contradicts_itself(seed: int) -> None:
    from random import Random

    chance = Random(seed)
    world = QueueWorld(arrivals=30, queued=20, limit=4, takes_s=6, seed=seed)
    watch = Watch(world)
    for _ in range(40):
        match chance.randrange(7):
            case 0:
                world.paused = not world.paused
            case 1:
                world.limit = chance.choice((0, 1, 4, 20))
            case 2:
                world.queued += chance.choice((3, 12, 60, 1000))
            case 3:
                world.queued = chance.randrange(world.queued + 1)
            case 4:
                world.arrivals = chance.choice((0, 0.2, 5, 60, 300))
            case _:
                pass
        watch.go(chance.choice((4, 20, 60, 200)))
