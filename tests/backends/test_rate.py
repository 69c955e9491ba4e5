"""The rate governor: a small share, slower when the bucket empties, still when it is nearly so."""

from datetime import timedelta

import pytest

from tests.backends.fake_server import FakeClock
from trigdash.backends.rate import PROBE_S, Governor, Urgency


async def spend(governor: Governor, urgency: Urgency, times: int) -> None:
    for _ in range(times):
        await governor.admit(urgency)


async def sent_at(governor: Governor, clock: FakeClock, urgency: Urgency, n: int) -> list[float]:
    times = []
    for _ in range(n):
        await governor.admit(urgency)
        times.append(clock.monotonic())
    return times


def busiest_minute(times: list[float]) -> int:
    return max(sum(1 for t in times if start <= t < start + 60) for start in times)


async def test_no_minute_sees_more_polls_than_the_share(clock: FakeClock) -> None:
    governor = Governor(clock, share=0.1)
    governor.observe(750, 750, None)
    assert governor.allowance == 75
    assert busiest_minute(await sent_at(governor, clock, Urgency.POLL, 300)) == 60


async def test_beyond_the_share_the_user_gets_a_read_every_two_seconds_and_polls_nothing(
    clock: FakeClock,
) -> None:
    governor = Governor(clock, share=0.1)
    governor.observe(750, 750, None)
    times = await sent_at(governor, clock, Urgency.READ, 80)
    assert times[:76] == [0.0] * 76
    assert times[76:] == [2.0, 4.0, 6.0, 8.0]
    await governor.admit(Urgency.POLL)
    assert clock.monotonic() >= 60


async def test_before_the_server_says_anything_a_small_bucket_is_assumed(clock: FakeClock) -> None:
    governor = Governor(clock)
    assert governor.allowance == 75
    assert governor.budget.limit is None
    assert governor.budget.slowdown == 1


async def test_polls_leave_room_for_what_the_user_opens(clock: FakeClock) -> None:
    governor = Governor(clock, share=0.1)
    governor.observe(100, 100, None)
    await spend(governor, Urgency.POLL, 8)
    await spend(governor, Urgency.READ, 2)
    assert clock.waits == []
    await governor.admit(Urgency.POLL)
    assert sum(clock.waits) == pytest.approx(60)


async def test_an_action_of_the_user_never_waits_and_counts(clock: FakeClock) -> None:
    governor = Governor(clock, share=0.1)
    governor.observe(100, 1, clock.now() + timedelta(seconds=60))
    await spend(governor, Urgency.WRITE, 30)
    assert clock.waits == []
    assert governor.budget.spent == 30


@pytest.mark.parametrize(
    ("remaining", "slowdown", "stopped"),
    [(750, 1, False), (375, 1, False), (300, 1.25, False), (150, 2.5, False), (74, 5, True)],
)
def test_polls_slow_down_as_the_bucket_empties_and_stop_below_a_tenth(
    clock: FakeClock, remaining: int, slowdown: float, stopped: bool
) -> None:
    governor = Governor(clock)
    governor.observe(750, remaining, None)
    assert governor.budget.slowdown == pytest.approx(slowdown, rel=0.02)
    assert governor.budget.stopped is stopped
    assert governor.budget.remaining == remaining


async def test_while_stopped_one_poll_at_a_time_asks_whether_the_bucket_refilled(
    clock: FakeClock,
) -> None:
    governor = Governor(clock)
    governor.observe(750, 10, clock.now() + timedelta(seconds=5))
    await governor.admit(Urgency.READ)
    assert clock.waits == []
    await governor.admit(Urgency.POLL)
    assert sum(clock.waits) == pytest.approx(5)
    governor.observe(750, 20, clock.now() + timedelta(seconds=5))
    await governor.admit(Urgency.POLL)
    assert sum(clock.waits) == pytest.approx(5 + PROBE_S)
    governor.observe(750, 700, None)
    assert not governor.budget.stopped


async def test_our_own_spending_slows_polls_before_the_share_is_gone(clock: FakeClock) -> None:
    governor = Governor(clock)
    governor.observe(750, 750, None)
    await spend(governor, Urgency.READ, 70)
    assert governor.budget.slowdown > 2


@pytest.mark.parametrize("limit", [0, -1, None])
def test_a_bucket_without_room_at_all_divides_nothing(clock: FakeClock, limit: int | None) -> None:
    governor = Governor(clock)
    governor.observe(limit, 0, None)
    budget = governor.budget
    assert (budget.limit, budget.slowdown, budget.stopped) == (None, 1, False)


@pytest.mark.parametrize("resets_in_s", [-120.0, 0.0, None, 3600.0])
async def test_the_first_probe_is_at_most_a_quarter_of_a_minute_away(
    clock: FakeClock, resets_in_s: float | None
) -> None:
    governor = Governor(clock)
    resets_at = None if resets_in_s is None else clock.now() + timedelta(seconds=resets_in_s)
    governor.observe(750, 10, resets_at)
    await governor.admit(Urgency.POLL)
    assert sum(clock.waits) == pytest.approx(PROBE_S)


def test_remaining_below_nothing_is_nothing(clock: FakeClock) -> None:
    governor = Governor(clock)
    governor.observe(750, -1, None)
    assert governor.budget.remaining == 0
    assert governor.budget.slowdown == pytest.approx(5)


async def test_a_server_that_takes_no_request_holds_nothing_here_and_is_told(
    clock: FakeClock,
) -> None:
    governor = Governor(clock)
    until = clock.now() + timedelta(seconds=120)
    governor.close_until(until, "server says 503")
    for urgency in Urgency:
        await governor.admit(urgency)
    assert clock.waits == []
    assert (governor.budget.closed_until, governor.budget.closed_because) == (
        until,
        "server says 503",
    )
    governor.open()
    assert (governor.budget.closed_until, governor.budget.closed_because) == (None, "")
