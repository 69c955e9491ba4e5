"""All queues together, simulated: what is said of the whole is so of each of its parts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

import pytest

from tests.fakes.clock import START
from tests.service.queue_world import QueueWorld
from trigdash.presentation.cell import cell_text, cell_width
from trigdash.presentation.queue_readings import QueueReadings, Reading
from trigdash.presentation.queue_totals import totals_of
from trigdash.presentation.queues import totals_cell
from trigdash.service.queues.depth import DepthHistory
from trigdash.service.queues.forecast import DrainForecast, Trend


class Watch:
    """Polls several queues at once."""

    def __init__(self, *worlds: QueueWorld) -> None:
        self.worlds = worlds
        self.depths = DepthHistory()
        self.readings = QueueReadings(self.depths)

    @property
    def now(self) -> datetime:
        return START + timedelta(seconds=self.worlds[0].now_s)

    def go(self, seconds: float) -> list[Reading]:
        """Watch for some time; the readings at its end."""
        for _ in range(int(seconds / 2)):
            for world in self.worlds:
                world.move(2)
            told = [world.told() for world in self.worlds]
            self.depths.record(told, self.now)
        return [self.readings.reading_of(world.told(), self.now) for world in self.worlds]


def said(readings: Sequence[Reading], width: int = 200) -> str:
    return cell_text(totals_cell(readings, 24, width)).strip()


def test_what_does_not_move_is_counted_and_the_rest_is_foretold() -> None:
    paused = QueueWorld("crm", queued=265, paused=True)
    shut = QueueWorld("moderate", queued=51, limit=0)
    draining = QueueWorld("email", queued=170, limit=4, takes_s=6)
    readings = Watch(paused, shut, draining).go(120)
    left = draining.queued / draining.starts_per_min
    words = said(readings)
    assert f"queued {316 + draining.queued}   running" in words
    found = re.search(r"2 queues do not move \(316 runs\); the rest drains in ≈ (\d+) m", words)
    assert found, words
    assert float(found[1]) == pytest.approx(left, abs=1)
    narrow = said(readings, 78)
    assert "2 do not move (316); rest drains in ≈" in narrow
    assert len(narrow) <= 78


def test_one_queue_that_does_not_move_is_one_queue() -> None:
    readings = Watch(QueueWorld(queued=1, limit=0)).go(30)
    assert said(readings).endswith("1 queue does not move (1 run)")


def test_the_last_queue_to_be_empty_decides() -> None:
    quick = QueueWorld("quick", queued=900, limit=40, takes_s=6)
    slow = QueueWorld("slow", queued=300, limit=2, takes_s=6)
    readings = Watch(quick, slow).go(100)
    foretold = totals_of(readings).rest
    assert foretold.kind is Trend.DRAINING
    assert foretold.minutes == pytest.approx(slow.queued / slow.starts_per_min, rel=0.35)


def test_the_growth_of_what_does_not_move_is_said() -> None:
    paused = QueueWorld("crm", queued=150, paused=True, arrivals=12)
    words = said(Watch(paused, QueueWorld("email", arrivals=30)).go(300))
    grows = re.search(r"1 queue does not move \(\d+ runs, \+([\d.]+)/min\)", words)
    assert grows, words
    assert float(grows[1]) == pytest.approx(12, rel=0.4)
    assert "steady" not in words


def test_a_paused_environment_is_the_whole_of_it() -> None:
    depths = DepthHistory()
    readings = QueueReadings(depths, lambda: True)
    world = QueueWorld(queued=12, limit=4, paused=False)
    reading = readings.reading_of(world.told(), START)
    cell = totals_cell([reading], 24, environment_paused=True)
    assert "environment paused: nothing starts" in cell_text(cell)
    assert "drains" not in cell_text(cell)


@pytest.mark.parametrize("seed", range(8))
def test_the_whole_is_never_said_to_drain_while_a_part_does_not(seed: int) -> None:
    chance = Random(seed)
    worlds = [
        QueueWorld(
            f"queue-{number}",
            arrivals=chance.choice((0, 2, 30)),
            takes_s=chance.choice((2, 6, 30)),
            limit=chance.choice((0, 1, 4, 20)),
            queued=chance.choice((0, 3, 50, 400)),
            paused=chance.random() < 0.25,
            seed=seed,
        )
        for number in range(5)
    ]
    watch = Watch(*worlds)
    for _ in range(30):
        one = chance.choice(worlds)
        one.paused = chance.random() < 0.25
        one.limit = chance.choice((0, 1, 4, 20))
        readings = watch.go(chance.choice((10, 40, 150)))
        words, totals = said(readings), totals_of(readings)
        blocked = [world for world in worlds if world.queued and world.is_blocked]
        runs = sum(world.queued for world in blocked)
        assert len(totals.stuck) >= len(blocked)
        assert totals.stuck_runs >= runs
        assert ("not move" in words) == bool(totals.stuck)
        if totals.stuck:
            assert "all together" not in words
        if "drains" in words:
            moving = [r for r in readings if r.queue.queued and r.forecast.moves]
            draining = [r for r in moving if r.forecast.kind is Trend.DRAINING]
            assert sum(r.queue.queued for r in draining) >= 0.8 * sum(
                r.queue.queued for r in moving
            )
            assert totals.rest.minutes == max(r.forecast.minutes or 0 for r in draining)
            assert ("most of" in words) == (len(draining) < len(moving))
        assert cell_width(totals_cell(readings, 24, 78)) <= 78


def reading(kind: Trend, net: float, sigma: float, queued: int = 10, minutes: float = 0) -> Reading:
    told = QueueWorld(queued=queued).told()
    return Reading(told, DrainForecast(kind, net, minutes or None, sigma=sigma))


def test_the_noise_of_many_queues_adds_up_like_noise() -> None:
    steady = [reading(Trend.STEADY, 0.22, 0.5) for _ in range(9)]
    together = totals_of(steady).rest
    assert (together.kind, together.sigma) == (Trend.STEADY, pytest.approx(1.5))
    growing = [reading(Trend.STEADY, 0.3, 0.5) for _ in range(9)]
    assert totals_of(growing).rest.kind is Trend.GROWING


def test_what_stands_still_without_growing_has_no_growth() -> None:
    stuck = [reading(Trend.BLOCKED, net, 1.0) for net in (0.2, -4.0, 0.0)]
    assert totals_of(stuck).stuck_growth == 0
    assert "min" not in said(stuck)
