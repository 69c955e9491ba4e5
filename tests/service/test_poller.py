"""Watching is what polls: one request at a time, retried, paused, held, and ended as told."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from tests.fakes.backend import FakeBackend
from tests.fakes.clock import FakeClock
from trigdash.backends.base import (
    BackendError,
    BadKey,
    CannotReach,
    Misconfigured,
    RateLimited,
    ServerError,
    polling,
    retried_by_caller,
)
from trigdash.model.capability import RateBudget
from trigdash.service.cache.poll_job import HELD, PROBE_S
from trigdash.service.cache.poller import HANGING_S
from trigdash.service.cache.query import Query
from trigdash.service.cache.store import KEEP_S, Snapshot, State, Store
from trigdash.service.connection import Connection


@dataclass(frozen=True)
class Reading(Query[Any]):
    """A query of one value, which the fake's `identity` answers."""

    name: str = "x"
    seconds: float = 2.0
    last: Any = "never"

    def interval_s(self, data: Any) -> float:
        return self.seconds

    async def fetch(self, backend: Any, previous: Any) -> Any:
        value = await backend.identity()
        return previous if value == previous else value

    def is_final(self, data: Any, store: Store, now: datetime) -> bool:
        return bool(data == self.last)


class Watching:
    """A watcher that remembers."""

    def __init__(self) -> None:
        self.seen: list[Snapshot[Any]] = []

    def __call__(self, snapshot: Snapshot[Any]) -> None:
        self.seen.append(snapshot)


def counting(backend: FakeBackend) -> None:
    numbers = iter(range(1, 1000))
    backend.answers["identity"] = lambda: next(numbers)


async def test_watching_polls_and_leaving_stops_it(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    counting(backend)
    watching = Watching()
    assert connection.watch(Reading(), watching).state is State.LOADING
    await clock.advance(6.5)
    assert [snapshot.data for snapshot in watching.seen] == [1, 2, 3, 4]
    connection.unwatch(Reading(), watching)
    await clock.advance(60)
    assert len(backend.log) == 4


async def test_the_second_watcher_starts_no_second_task_and_the_last_one_out_ends_it(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    counting(backend)
    one, two = Watching(), Watching()
    connection.watch(Reading(), one)
    await clock.settle()
    assert connection.watch(Reading(), two).data == 1
    connection.unwatch(Reading(), one)
    await clock.advance(2.3)
    assert [snapshot.data for snapshot in two.seen] == [2]
    assert [snapshot.data for snapshot in one.seen] == [1]


async def test_requests_of_a_query_never_overlap_however_often_it_is_woken(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    counting(backend)
    backend.gate = asyncio.Event()
    connection.watch(Reading(), Watching())
    await clock.settle()
    for _ in range(5):
        connection.refresh()
        await clock.advance(3)
    assert backend.most_busy["identity"] == 1
    assert len(backend.log) == 1
    backend.gate.set()
    await clock.settle()
    assert len(backend.log) == 2, "five wakes during a request are one poll after it"


async def test_a_query_that_was_woken_waits_once_and_does_not_spin(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    counting(backend)
    connection.watch(Reading(), Watching())
    await clock.settle()
    connection.refresh()
    await clock.settle()
    await clock.settle()
    assert clock.waits == 2


async def test_a_query_left_and_entered_again_waits_for_its_old_request_to_end(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    counting(backend)
    backend.gate, backend.stubborn = asyncio.Event(), True
    for _ in range(3):
        watching = Watching()
        connection.watch(Reading(), watching)
        await clock.settle()
        connection.unwatch(Reading(), watching)
    connection.watch(Reading(), watching)
    await clock.settle()
    assert backend.most_busy["identity"] == 1
    backend.gate.set()
    await clock.settle()
    assert backend.most_busy["identity"] == 1
    assert [snapshot.data for snapshot in watching.seen] == [2], "the abandoned answer is not shown"


async def test_a_failure_keeps_the_data_and_backs_off_and_success_clears_it_at_once(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    counting(backend)
    watching = Watching()
    connection.watch(Reading(), watching)
    await clock.settle()
    backend.failure = CannotReach("refused")
    await clock.advance(100)
    stale = watching.seen[-1]
    assert (stale.state, stale.data) == (State.STALE, 1)
    assert stale.problem is not None
    assert stale.problem.message == "cannot reach the server (refused)"
    assert stale.problem.kind == "CannotReach"
    first = next(snapshot for snapshot in watching.seen if snapshot.problem)
    assert first.problem is not None
    assert stale.problem.since == first.problem.since, "since the first failure in a row"
    waits = [
        (s.problem.retry_at - s.problem.since).total_seconds()
        for s in watching.seen
        if s.problem and s.problem.retry_at
    ]
    gaps = [later - sooner for sooner, later in pairwise(waits)]
    assert all(gap <= 30.0 for gap in gaps)
    assert gaps[-1] > 20.0, "in the end about half a minute apart"
    assert 5 <= len(waits) <= 9, "a hundred seconds of failures are few requests"
    backend.failure = None
    await clock.advance(30)
    assert watching.seen[-1].state is State.READY
    polls = len(backend.log)
    await clock.advance(10)
    assert len(backend.log) - polls >= 4, "back to the interval without easing in"


async def test_nothing_yet_and_a_problem_is_failed_and_heals_by_itself(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    counting(backend)
    backend.failure = CannotReach()
    connection.watch(Reading(), Watching())
    await clock.advance(1)
    assert connection.snapshot(Reading()).state is State.FAILED
    backend.failure = None
    await clock.advance(2)
    assert connection.snapshot(Reading()).state is State.READY


async def test_when_the_server_is_back_for_one_query_the_others_do_not_wait(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    counting(backend)
    for name in "abc":
        connection.watch(Reading(name), Watching())
    backend.failure = CannotReach()
    await clock.advance(200)
    backend.failure = None
    connection.refresh(Reading("a"))
    await clock.settle()
    assert [connection.snapshot(Reading(name)).state for name in "abc"] == [State.READY] * 3


async def test_a_refused_key_is_asked_about_rarely(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.failure = BadKey("no", status=401)
    connection.watch(Reading(), Watching())
    await clock.advance(61)
    assert len(backend.log) <= 3


async def test_a_spent_rate_limit_is_waited_out(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    limited = RateLimited("slow down", status=429)
    limited.retry_at = clock.now() + timedelta(seconds=120)
    backend.failure = limited
    connection.watch(Reading(), Watching())
    await clock.advance(119)
    assert len(backend.log) == 1
    await clock.advance(2)
    assert len(backend.log) == 2


async def test_a_bug_in_a_query_reaches_the_crash_hook(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    crashes: list[BaseException] = []
    connection.on_crash = crashes.append

    def broken() -> None:
        raise ZeroDivisionError("a bug")

    backend.answers["identity"] = broken
    connection.watch(Reading(), Watching())
    await clock.settle()
    assert [str(crash) for crash in crashes] == ["a bug"]


async def test_a_bug_in_a_watcher_reaches_the_event_loop_when_there_is_no_hook(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    told: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))

    def broken(_: Snapshot[Any]) -> None:
        raise LookupError("a bug in a screen")

    counting(backend)
    connection.watch(Reading(), broken)
    await clock.settle()
    assert [str(context["exception"]) for context in told] == ["a bug in a screen"]


async def test_pause_stands_still_resume_polls_at_once(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    counting(backend)
    connection.watch(Reading(), Watching())
    await clock.settle()
    connection.pause()
    await clock.advance(600)
    assert (len(backend.log), connection.paused) == (1, True)
    connection.resume()
    await clock.settle()
    assert len(backend.log) == 2
    await clock.advance(2.3)
    assert len(backend.log) == 3


async def test_paused_still_loads_what_is_new_and_what_is_asked_for(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    counting(backend)
    connection.pause()
    connection.watch(Reading(), Watching())
    await clock.advance(20)
    assert connection.snapshot(Reading()).data == 1
    connection.refresh()
    await clock.advance(20)
    assert connection.snapshot(Reading()).data == 2


async def test_a_settled_query_is_left_alone_until_it_is_woken(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    counting(backend)
    query = Reading(last=2)
    watching = Watching()
    connection.watch(query, watching)
    await clock.advance(60)
    assert [snapshot.data for snapshot in watching.seen] == [1, 2]
    assert watching.seen[-1].is_final
    connection.unwatch(query, watching)
    await clock.advance(10 * KEEP_S)
    assert connection.watch(query, watching).data == 2
    await clock.advance(60)
    assert len(backend.log) == 2
    connection.refresh(query)
    await clock.advance(1)
    assert watching.seen[-1].data == 3
    await clock.advance(2)
    assert watching.seen[-1].data == 4, "unsettled now, so polling goes on"


async def test_coming_back_shows_the_old_snapshot_at_once_unless_it_is_too_old(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    counting(backend)
    watching = Watching()
    connection.watch(Reading(), watching)
    await clock.settle()
    connection.unwatch(Reading(), watching)
    await clock.advance(KEEP_S - 10)
    assert connection.watch(Reading(), watching).data == 1
    await clock.settle()
    assert connection.snapshot(Reading()).data == 2
    connection.unwatch(Reading(), watching)
    await clock.advance(KEEP_S + 10)
    assert connection.watch(Reading(), watching).state is State.LOADING


async def test_a_shrinking_rate_limit_slows_every_poll(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    counting(backend)
    backend.budget = RateBudget(limit=750, remaining=300, slowdown=5.0)
    connection.watch(Reading(), Watching())
    await clock.advance(40)
    assert 4 <= len(backend.log) <= 6


async def test_below_a_tenth_polling_is_held_and_says_until_when(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    counting(backend)
    for name in "ab":
        connection.watch(Reading(name), Watching())
    await clock.settle()
    resets_at = clock.now() + timedelta(seconds=40)
    backend.budget = RateBudget(limit=750, remaining=20, resets_at=resets_at, stopped=True)
    await clock.advance(39)
    assert len(backend.log) == 2
    held = connection.snapshot(Reading("a"))
    assert (held.state, held.data) == (State.STALE, 1)
    assert held.problem is not None
    assert (held.problem.kind, held.problem.retry_at) == (HELD, resets_at)
    await clock.advance(2)
    assert len(backend.log) == 3, "one probe, not all at once"
    backend.budget = RateBudget(limit=750, remaining=700)
    await clock.advance(20)
    assert connection.snapshot(Reading("a")).state is State.READY
    assert connection.snapshot(Reading("b")).state is State.READY


async def test_what_somebody_waits_for_goes_even_when_polling_is_held(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    counting(backend)
    connection.watch(Reading("polled"), Watching())
    await clock.settle()
    resets_at = clock.now() + timedelta(seconds=40)
    backend.budget = RateBudget(limit=750, remaining=20, resets_at=resets_at, stopped=True)
    connection.watch(Reading("opened"), Watching())
    await clock.settle()
    assert connection.snapshot(Reading("opened")).state is State.READY, "a first load"
    connection.refresh(Reading("polled"))
    await clock.settle()
    assert len(backend.log) == 3, "a refresh that was asked for"
    await clock.advance(20)
    assert len(backend.log) == 3, "and no poll by itself"


async def test_an_answer_that_arrives_after_closing_is_published_to_nobody(
    backend: FakeBackend, clock: FakeClock
) -> None:
    connection = Connection(backend, clock)
    counting(backend)
    watching = Watching()
    connection.watch(Reading(), watching)
    await clock.settle()
    backend.gate, backend.stubborn = asyncio.Event(), True
    connection.refresh()
    await clock.settle()
    closing = asyncio.create_task(connection.close())
    await clock.settle()
    backend.gate.set()
    await closing
    assert len(backend.log) == 2
    assert [snapshot.data for snapshot in watching.seen] == [1]
    assert connection.snapshot(Reading()).data == 1
    assert backend.closed
    assert len(asyncio.all_tasks()) == 1, "nothing is left running"


async def test_a_task_that_was_canceled_ends_although_its_request_swallowed_that(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    counting(backend)
    connection.watch(Reading(), Watching())
    await clock.settle()
    backend.gate, backend.stubborn = asyncio.Event(), True
    connection.refresh()
    await clock.settle()
    (polling,) = [task for task in asyncio.all_tasks() if task.get_name().startswith("poll")]
    polling.cancel()
    await clock.settle()
    backend.gate.set()
    await clock.settle()
    assert polling.done()


async def test_steps_run_between_polls_and_asking_twice_is_once(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    counting(backend)
    connection.watch(Reading(), Watching())
    await clock.settle()
    backend.gate = asyncio.Event()

    async def add_a_thousand(asked: Any, data: int) -> int:
        await asked.identity()
        return data + 1000

    assert connection.poller.run_step(Reading(), add_a_thousand)
    await clock.settle()
    assert not connection.poller.run_step(Reading(), add_a_thousand), "it is under way"
    connection.refresh()
    await clock.advance(10)
    assert backend.most_busy["identity"] == 1
    backend.gate.set()
    await clock.settle()
    assert connection.snapshot(Reading()).data == 3
    assert not connection.poller.run_step(Reading("unwatched"), add_a_thousand)


async def test_a_step_that_fails_says_so_and_does_not_disturb_the_polls(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    counting(backend)
    watching = Watching()
    connection.watch(Reading(), watching)
    await clock.settle()

    async def fail(asked: Any, data: int) -> int:
        raise CannotReach("cut off")

    connection.poller.run_step(Reading(), fail)
    await clock.settle()
    assert watching.seen[-1].problem is not None
    assert watching.seen[-1].problem.retry_at is None
    await clock.advance(2.3)
    assert watching.seen[-1].state is State.READY


async def test_polls_are_marked_as_such_for_the_rate_gate_and_first_loads_are_not(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    marks: list[bool] = []

    def note() -> int:
        marks.append(polling.get())
        return len(marks)

    backend.answers["identity"] = note
    connection.watch(Reading(), Watching())
    await clock.advance(2.3)
    connection.refresh()
    await clock.settle()
    assert marks == [False, True, False]


async def test_the_age_of_a_snapshot_counts_from_its_last_confirmation(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    counting(backend)
    assert connection.age(Reading()) is None
    connection.watch(Reading(seconds=100), Watching())
    await clock.advance(30)
    assert connection.age(Reading(seconds=100)) == timedelta(seconds=30)


async def test_unwatched_snapshots_leave_least_recently_used_first() -> None:
    store = Store(max_snapshots=3)
    watching = Watching()
    store.add_watcher(Reading("kept"), watching)
    for name in ("kept", "a", "b"):
        store.put(Reading(name), Snapshot(name))
    store.add_watcher(Reading("a"), watching)
    store.remove_watcher(Reading("a"), watching)
    store.put(Reading("c"), Snapshot("c"))
    assert [query.name for query in store.cached_queries()] == ["kept", "a", "c"]


async def test_unwatched_snapshots_are_bounded_by_their_rows_too() -> None:
    store = Store(max_rows_kept=250)
    for name in "abc":
        store.put(Reading(name), Snapshot((0,) * 100))
    assert [query.name for query in store.cached_queries()] == ["b", "c"]


async def test_every_poll_refreshes_the_age_but_keeps_the_data_object(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.answers["identity"] = lambda: ("same",) * 2
    watching = Watching()
    connection.watch(Reading(), watching)
    await clock.advance(4.5)
    first, *_, last = watching.seen
    assert last.data is first.data
    assert last.fetched_at != first.fetched_at
    assert replace(last) is not last


# Pausing, with a problem


async def test_what_failed_before_a_pause_is_not_promised_to_be_tried_again(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    counting(backend)
    connection.watch(Reading(), Watching())
    await clock.settle()
    backend.failure = CannotReach()
    await clock.advance(2.3)
    problem = connection.snapshot(Reading()).problem
    assert problem is not None
    assert problem.retry_at is not None
    connection.pause()
    await clock.advance(60)
    paused = connection.snapshot(Reading())
    assert paused.state is State.STALE
    assert paused.problem == replace(problem, retry_at=None)
    polls = len(backend.log)

    connection.refresh()
    await clock.advance(60)
    asked = connection.snapshot(Reading()).problem
    assert asked is not None
    assert asked.retry_at is None, "asked for once, and once it was tried"
    assert len(backend.log) == polls + 1

    backend.failure = None
    connection.resume()
    await clock.settle()
    assert connection.snapshot(Reading()).state is State.READY


async def test_what_was_never_loaded_is_tried_again_also_while_paused(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    counting(backend)
    backend.failure = CannotReach()
    connection.pause()
    connection.watch(Reading(), Watching())
    await clock.settle()
    problem = connection.snapshot(Reading()).problem
    assert problem is not None
    assert problem.retry_at is not None
    backend.failure = None
    await clock.advance(3)
    assert connection.snapshot(Reading()).data == 1


# A server that does not answer, or asks to wait


async def test_a_hanging_poll_is_sent_anew_when_it_is_asked_for(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    counting(backend)
    backend.gate = asyncio.Event()
    watching = Watching()
    connection.watch(Reading(), watching)
    await clock.advance(HANGING_S - 1)
    assert connection.unanswered_s([Reading()]) == HANGING_S - 1
    connection.refresh()
    await clock.settle()
    assert len(backend.log) == 1, "a slow one is waited for"
    await clock.advance(1)
    connection.refresh()
    await clock.settle()
    assert len(backend.log) == 2
    assert connection.unanswered_s([Reading()]) == 0
    assert backend.most_busy["identity"] == 1, "in its place, not beside it"
    backend.gate.set()
    await clock.settle()
    assert [snapshot.data for snapshot in watching.seen] == [1]
    assert watching.seen[0].problem is None


async def test_a_server_owes_no_answer_between_polls(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    counting(backend)
    connection.watch(Reading(seconds=100), Watching())
    await clock.advance(50)
    assert connection.unanswered_s([Reading(seconds=100), Reading("unwatched")]) == 0
    assert connection.unanswered_s([]) == 0


@pytest.mark.parametrize("error", [RateLimited("", status=429), ServerError("", status=503)])
async def test_a_server_that_asks_to_wait_is_not_asked_before(
    connection: Connection, backend: FakeBackend, clock: FakeClock, error: BackendError
) -> None:
    error.retry_at = clock.now() + timedelta(seconds=120)
    backend.failure = error
    connection.watch(Reading(), Watching())
    await clock.advance(119)
    assert len(backend.log) == 1
    problem = connection.snapshot(Reading()).problem
    assert problem is not None
    assert (problem.message, problem.retry_at) == (error.message(), error.retry_at)
    await clock.advance(2)
    assert len(backend.log) == 2


async def test_a_server_that_takes_no_request_is_spared_by_all_and_says_until_when(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    counting(backend)
    connection.watch(Reading("polled"), Watching())
    await clock.settle()
    until = clock.now() + timedelta(seconds=120)
    backend.budget = RateBudget(closed_until=until, closed_because="server says 503")
    connection.watch(Reading("opened"), Watching())
    await clock.advance(60)
    assert len(backend.log) == 1
    for name, state in (("polled", State.STALE), ("opened", State.FAILED)):
        known = connection.snapshot(Reading(name))
        assert known.state is state
        assert known.problem is not None
        assert (known.problem.message, known.problem.retry_at) == ("server says 503", until)
    connection.refresh(Reading("opened"))
    await clock.settle()
    assert len(backend.log) == 2, "what is asked for by name is asked"
    await clock.advance(59)
    assert len(backend.log) == 2
    await clock.advance(2)
    assert len(backend.log) == 4
    assert connection.snapshot(Reading("polled")).state is State.READY


async def test_the_client_knows_that_a_poll_is_repeated_and_a_step_is_not(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    marks: list[bool] = []

    def note() -> int:
        marks.append(retried_by_caller.get())
        return len(marks)

    async def step(asked: Any, data: int) -> int:
        await asked.identity()
        return data

    backend.answers["identity"] = note
    connection.watch(Reading(), Watching())
    await clock.settle()
    connection.run_step(Reading(), step)
    await clock.advance(2.3)
    assert marks == [True, False, True]


async def test_a_setting_that_cannot_be_used_is_looked_at_rarely(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.failure = Misconfigured("SSL_CERT_FILE cannot be used")
    connection.watch(Reading(), Watching())
    await clock.advance(61)
    assert len(backend.log) <= 3


# A nearly spent rate limit


@pytest.mark.parametrize("resets_in_s", [None, -30.0, 0.0])
async def test_a_nearly_empty_bucket_without_a_reset_ahead_is_looked_at_once_a_probe(
    connection: Connection, backend: FakeBackend, clock: FakeClock, resets_in_s: float | None
) -> None:
    counting(backend)
    crashes: list[BaseException] = []
    connection.on_crash = crashes.append
    for name in "ab":
        connection.watch(Reading(name), Watching())
    await clock.settle()
    resets_at = None if resets_in_s is None else clock.now() + timedelta(seconds=resets_in_s)
    backend.budget = RateBudget(limit=750, remaining=20, resets_at=resets_at, stopped=True)
    polls = []
    for _ in range(4):
        await clock.advance(PROBE_S)
        polls.append(len(backend.log) - 2)
    assert crashes == []
    assert polls in ([0, 1, 2, 3], [1, 2, 3, 4])


async def test_a_held_query_does_not_turn_before_the_time_that_it_says(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    counting(backend)
    connection.watch(Reading(), Watching())
    await clock.settle()
    resets_at = clock.now() + timedelta(seconds=40)
    backend.budget = RateBudget(limit=750, remaining=20, resets_at=resets_at, stopped=True)
    await clock.advance(3)
    waits = clock.waits
    await clock.advance(36)
    assert clock.waits == waits, "its task sleeps"


async def test_a_slow_server_gets_a_rest_of_half_the_interval(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    times: list[float] = []

    async def slow(asked: Any, previous: Any) -> float:
        times.append(clock.monotonic())
        await clock.wait(5)
        return clock.monotonic()

    @dataclass(frozen=True)
    class Slow(Reading):
        async def fetch(self, backend: Any, previous: Any) -> Any:
            return await slow(backend, previous)

    connection.watch(Slow(), Watching())
    await clock.advance(30)
    gaps = [later - sooner for sooner, later in pairwise(times)]
    assert all(5.9 <= gap <= 6.1 for gap in gaps), "five seconds of answering, one of rest"
