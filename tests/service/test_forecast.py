"""Queues of known rates: the estimate must be right within a fifth, and honest when it is not."""

from __future__ import annotations

from random import Random

import pytest

from trigdash.service.queues.forecast import DrainForecast, Flow, Trend, forecast
from trigdash.service.queues.net_rate import Triple, net_rate

T0 = 1_700_000_000.0


def simulated(
    minutes: float, in_per_min: float, out_per_min: float, depth: int, *, seed: int = 1
) -> list[Triple]:
    """A queue with random arrivals and starts, sampled each two seconds."""
    random = Random(seed)
    samples, queued = [], depth
    for tick in range(int(minutes * 30)):
        samples.append((T0 + tick * 2.0, queued, 10))
        arrivals = sum(random.random() < in_per_min / 300 for _ in range(10))
        starts = sum(random.random() < out_per_min / 300 for _ in range(10))
        queued = max(0, queued + arrivals - starts)
    return samples


def steady(minutes: float, per_minute: float, depth: float, start_s: float = T0) -> list[Triple]:
    """A queue that changes evenly."""
    ticks = int(minutes * 30)
    return [
        (start_s + tick * 2.0, round(depth + per_minute * tick / 30), 10) for tick in range(ticks)
    ]


def seen(samples: list[Triple]) -> DrainForecast:
    return forecast(samples, samples[-1][0])


def flow(samples: list[Triple]) -> Flow:
    return seen(samples).flow


@pytest.mark.parametrize(
    ("in_per_min", "out_per_min"), [(60, 120), (0, 30), (200, 280), (30, 60), (0, 250)]
)
def test_the_time_to_drain_is_right_within_a_fifth(in_per_min: float, out_per_min: float) -> None:
    right = 0
    for seed in range(100):
        samples = simulated(14, in_per_min, out_per_min, 4000, seed=seed)
        found = seen(samples)
        truth = samples[-1][1] / (out_per_min - in_per_min)
        assert found.minutes is not None
        right += abs(found.minutes - truth) <= truth / 5
    assert right >= 95


def test_growth_is_told_as_a_rate() -> None:
    found = seen(steady(5, 32, 100))
    assert found.kind is Trend.GROWING
    assert found.per_minute == pytest.approx(32, rel=0.05)
    assert found.label() == "growing +32/min"


def test_a_drain_is_told_as_a_time() -> None:
    found = seen(steady(5, -20, 380))
    assert found.kind is Trend.DRAINING
    assert found.minutes == pytest.approx(14, rel=0.05)
    assert found.label() == "drains in 14 m"


def test_a_new_trend_replaces_the_old_one_within_a_minute() -> None:
    up = steady(14, 60, 100)
    down = steady(1.2, -120, up[-1][1], up[-1][0] + 2)
    found = seen(up + down)
    assert found.kind is Trend.DRAINING
    assert found.per_minute == pytest.approx(-120, rel=0.2)


def test_a_batch_that_jumps_in_is_no_rate() -> None:
    calm = steady(5, -30, 400)
    after = steady(1, -30, calm[-1][1] + 3000, calm[-1][0] + 2)
    found = seen(calm + after)
    assert found.kind is Trend.DRAINING
    assert found.minutes == pytest.approx(after[-1][1] / 30, rel=0.2)


def test_jumps_that_are_a_habit_are_part_of_the_rate() -> None:
    """300 runs each minute on the minute, 200 started in between: no drain between two jumps."""
    samples = [
        (T0 + tick * 2.0, 1000 + 300 * (tick // 30) - 200 * tick // 30, 10)
        for tick in range(30 * 12)
    ]
    found = seen(samples)
    assert found.kind is not Trend.DRAINING
    assert found.per_minute == pytest.approx(100, rel=0.2)


def test_nothing_moves_for_minutes_is_stalled_since_the_last_change() -> None:
    samples = [*steady(3, -30, 200), (T0 + 180, 110, 10), (T0 + 540, 110, 10)]
    found = forecast(samples, T0 + 540)
    assert (found.kind, found.since_s) == (Trend.STALLED, T0 + 180)
    assert found.flow == Flow(0, 0), "nothing comes or goes where nothing changes"
    assert found.label() == "stalled 6 m"


def test_a_queue_whose_runs_take_minutes_is_not_stalled_between_two_of_them() -> None:
    # A run is started each four minutes; three and a half have passed since the last one.
    changes = [(T0 + 240.0 * number, 30 - number, 1) for number in range(6)]
    samples = [each for at, q, r in changes for each in ((at, q, r), (at + 238, q, r))][:-1]
    end_s = samples[-1][0]
    slow = forecast([*samples, (end_s + 210, 25, 1)], end_s + 210)
    assert slow.kind is Trend.DRAINING
    assert slow.minutes == pytest.approx(25 * 4, rel=0.4)
    stuck = forecast([*samples, (end_s + 720, 25, 1)], end_s + 720)
    assert (stuck.kind, stuck.label()) == (Trend.STALLED, "stalled 12 m")
    idle = forecast([*samples, (end_s + 2, 24, 0), (end_s + 130, 24, 0)], end_s + 130)
    assert idle.kind is Trend.STALLED, "where nothing is at work, nothing is waited for"


def test_in_as_fast_as_out_is_steady() -> None:
    kinds = [seen(simulated(10, 100, 100, 3000, seed=seed)).kind for seed in range(40)]
    assert kinds.count(Trend.STEADY) >= 30
    assert Trend.STALLED not in kinds


def test_few_old_or_no_samples_say_nothing() -> None:
    assert forecast([], T0).kind is Trend.UNKNOWN
    assert seen([(T0, 5, 1), (T0 + 2, 6, 1)]).kind is Trend.UNKNOWN
    assert forecast(steady(5, -20, 380), T0 + 3000).kind is Trend.UNKNOWN
    assert seen([(T0, 5, 1)]).label() == ""


def test_an_empty_queue_is_empty() -> None:
    assert seen(simulated(5, 0, 200, 100)).kind is Trend.EMPTY


def test_a_queue_sampled_rarely_is_estimated_too() -> None:
    samples = [(T0 + 200.0 * number, 5000 - 100 * number, 10) for number in range(8)]
    assert seen(samples).per_minute == pytest.approx(-30, rel=0.05)


def test_a_gap_in_the_samples_is_bridged_by_its_average() -> None:
    before, after = steady(3, -30, 1000), steady(1, -30, 760, T0 + 480)
    assert seen(before + after).per_minute == pytest.approx(-30, rel=0.1)


def test_flow_from_samples_is_a_lower_bound() -> None:
    found = flow(simulated(5, 60, 90, 4000))
    assert found.in_per_minute is not None
    assert found.out_per_minute is not None
    assert 10 <= found.in_per_minute <= 62
    assert 40 <= found.out_per_minute <= 92
    assert found.out_per_minute - found.in_per_minute == pytest.approx(30, abs=12)


def test_running_that_rises_came_through_the_queue() -> None:
    samples = [(T0 + 2.0 * tick, 0, tick) for tick in range(31)]
    found = flow(samples)
    assert found.in_per_minute == found.out_per_minute == pytest.approx(30)


def test_a_batch_before_the_trend_is_no_part_of_what_comes_in() -> None:
    drained = steady(5, -30, 900)
    end_s, queued, running = drained[-1]
    batch = [(end_s + 2.0 * tick, queued + 500 - tick, running) for tick in range(1, 31)]
    found = seen([*drained, *batch])
    assert found.per_minute == pytest.approx(-30, rel=0.1)
    assert found.flow.in_per_minute == pytest.approx(0, abs=1)
    assert found.flow.out_per_minute == pytest.approx(30, rel=0.1)


def test_nothing_comes_and_goes_while_nothing_changes() -> None:
    found = flow([(T0, 0, 0), (T0 + 1200.0, 0, 0)])
    assert (found.in_per_minute, found.out_per_minute) == (0, 0)


def test_no_rate_without_a_span() -> None:
    assert net_rate([]) is None
    assert net_rate([(T0, 1, 1)]) is None


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0.5, "drains in 30 s"), (89, "drains in 89 m"), (150, "drains in 2.5 h"),
     (4320, "drains in 3.0 d")],
)  # fmt: skip
def test_durations_read_well(minutes: float, words: str) -> None:
    assert DrainForecast(Trend.DRAINING, -1.0, minutes).label() == words


@pytest.mark.parametrize(
    ("drops", "kind"), [(1, Trend.UNKNOWN), (2, Trend.UNKNOWN), (3, Trend.DRAINING)]
)
def test_one_or_two_runs_that_left_are_no_trend_and_three_are(drops: int, kind: Trend) -> None:
    samples = [(T0 + 2.0 * tick, 9 - min(tick // 8, drops), 2) for tick in range(30)]
    found = seen(samples)
    assert found.kind is kind
    assert found.flow.in_per_minute == 0
    assert found.flow.out_per_minute == pytest.approx(drops, rel=0.25)


@pytest.mark.parametrize(("came", "kind"), [(2, Trend.UNKNOWN), (3, Trend.GROWING)])
def test_runs_that_only_came_grow_a_queue_from_the_third_on(came: int, kind: Trend) -> None:
    samples = [(T0 + 2.0 * tick, 9 + min(tick // 8, came), 2) for tick in range(30)]
    found = seen(samples)
    assert found.kind is kind
    assert found.flow.out_per_minute == 0
