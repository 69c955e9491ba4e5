"""A watch that feeds tell of: it looks as soon as something changes, and asks rarely meanwhile."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from tests.fakes.clock import FakeClock
from tests.service.test_feeds import FEED, FeedingBackend, change, run
from trigdash.backends.base import CannotReach, NotFound
from trigdash.model.feed import MOST_FEEDS, Feed
from trigdash.model.run_filter import RunFilter
from trigdash.service.cache.feed_pool import FeedPool
from trigdash.service.connection import Connection
from trigdash.service.runs.detail import RunQuery
from trigdash.service.runs.watch import FASTEST_S, SLOWEST_S, RunWatch, WatchTarget
from trigdash.service.watches import PAUSE_S, WatchEnd, watched_batch, watched_runs


@pytest.fixture
def backend() -> FeedingBackend:
    return FeedingBackend()


@pytest.fixture
def ends(connection: Connection) -> list[WatchEnd]:
    told: list[WatchEnd] = []
    connection.watches.on_end = told.append
    return told


def watching(connection: Connection, *numbers: int) -> None:
    rows = [run(run_id=f"run_{number}").row() for number in numbers]
    watched = watched_runs(rows, "")
    assert watched is not None
    connection.watches.begin(watched)


def ended(backend: FeedingBackend, run_id: str = "run_1") -> None:
    """What the server answers from now on; feeds tell of it when a test says so."""
    over = run("COMPLETED", change("COMPLETED").updated_at, run_id)
    backend.answers["run"] = lambda asked: over if asked == run_id else run(run_id=asked)


async def test_a_watch_ends_as_soon_as_the_feed_tells_of_it(
    connection: Connection, backend: FeedingBackend, clock: FakeClock, ends: list[WatchEnd]
) -> None:
    watching(connection, 1)
    await clock.advance(60)
    assert backend.held == [FEED]
    ended(backend)
    backend.tell(FEED, change("COMPLETED"))
    await clock.settle()
    assert [end.words for end in ends] == ["completed"]
    assert backend.held == []


async def test_a_live_feed_makes_a_watch_ask_twice_a_minute(
    connection: Connection, backend: FeedingBackend, clock: FakeClock
) -> None:
    watching(connection, 1)
    await clock.advance(30)
    before = len(backend.asked("run"))
    await clock.advance(300)
    assert len(backend.asked("run")) - before <= 10


async def test_a_silent_feed_is_not_believed(
    connection: Connection, backend: FeedingBackend, clock: FakeClock, ends: list[WatchEnd]
) -> None:
    watching(connection, 1)
    await clock.advance(30)
    ended(backend)
    await clock.advance(40)
    assert len(ends) == 1


async def test_without_feeds_a_watch_looks_as_often_as_ever_and_says_nothing(
    connection: Connection, backend: FeedingBackend, clock: FakeClock, ends: list[WatchEnd]
) -> None:
    backend.refused = NotFound("Not found", status=404)
    watching(connection, 1)
    await clock.advance(60)
    before = len(backend.asked("run"))
    await clock.advance(300)
    assert len(backend.asked("run")) - before == pytest.approx(300 / SLOWEST_S, abs=1)
    ended(backend)
    await clock.advance(SLOWEST_S + 1)
    assert [end.words for end in ends] == ["completed"]


async def test_a_feed_that_breaks_leaves_no_gap(
    connection: Connection, backend: FeedingBackend, clock: FakeClock, ends: list[WatchEnd]
) -> None:
    watching(connection, 1)
    await clock.advance(60)
    backend.refused = NotFound("Not found", status=404)
    backend.inboxes[FEED].put_nowait(backend.refused)
    ended(backend)
    await clock.advance(SLOWEST_S + 1)
    assert len(ends) == 1


async def test_a_feed_that_is_ahead_of_the_answers_is_followed_up_soon(
    connection: Connection, backend: FeedingBackend, clock: FakeClock, ends: list[WatchEnd]
) -> None:
    watching(connection, 1)
    await clock.advance(45)
    backend.tell(FEED, change("COMPLETED"))
    await clock.settle()
    assert ends == []
    ended(backend)
    await clock.advance(FASTEST_S)
    assert len(ends) == 1


async def test_a_look_that_fails_is_made_again_for_what_the_feed_told(
    connection: Connection, backend: FeedingBackend, clock: FakeClock, ends: list[WatchEnd]
) -> None:
    watching(connection, 1)
    await clock.advance(45)
    ended(backend)
    backend.failures["run"] = CannotReach("no answer")
    backend.tell(FEED, change("COMPLETED"))
    await clock.settle()
    assert ends == []
    del backend.failures["run"]
    await clock.advance(PAUSE_S + FASTEST_S)
    assert [end.words for end in ends] == ["completed"]


async def test_only_the_run_that_changed_is_read(
    connection: Connection, backend: FeedingBackend, clock: FakeClock
) -> None:
    watching(connection, 1, 2, 3)
    await clock.advance(35)
    before = len(backend.asked("run"))
    ended(backend, "run_2")
    backend.tell(Feed(run_id="run_2"), change("COMPLETED", run_id="run_2"))
    await clock.settle()
    assert backend.asked("run")[before:] == [("run_2",)]
    assert {feed.run_id for feed in backend.held} == {"run_1", "run_3"}


async def test_more_runs_than_connections_are_polled_until_few_are_left(
    connection: Connection, backend: FeedingBackend, clock: FakeClock
) -> None:
    watching(connection, *range(MOST_FEEDS + 1))
    await clock.advance(30)
    assert backend.held == []
    ended(backend, "run_0")
    await clock.advance(SLOWEST_S + 1)
    assert len(backend.held) == MOST_FEEDS


async def test_what_is_opened_comes_before_what_is_watched(
    connection: Connection, backend: FeedingBackend, clock: FakeClock
) -> None:
    for number in range(MOST_FEEDS):
        connection.watch(RunQuery(f"run_{number}"), lambda seen: None)
    watching(connection, 7)
    await clock.advance(5)
    assert {feed.run_id for feed in backend.held} == {f"run_{n}" for n in range(MOST_FEEDS)}


async def test_a_batch_is_told_of_by_its_feed_and_asks_no_more_than_without(
    connection: Connection, backend: FeedingBackend, clock: FakeClock, ends: list[WatchEnd]
) -> None:
    feed = Feed(batch_id="batch_1")
    backend.world = {}
    backend.add(run(run_id=f"batch_1_{number}").row() for number in range(3))
    connection.watches.begin(watched_batch("batch_1", ""))
    await clock.advance(60)
    assert backend.held == [feed]
    for number in range(3):
        backend.change(f"batch_1_{number}", status_name="COMPLETED")
    backend.tell(feed, change("COMPLETED", run_id="batch_1_0"))
    await clock.advance(FASTEST_S)
    assert [end.words for end in ends] == ["3 completed"]


async def test_a_batch_whose_runs_never_rest_is_read_as_often_as_if_it_were_polled(
    connection: Connection, backend: FeedingBackend, clock: FakeClock
) -> None:
    feed = Feed(batch_id="batch_1")
    backend.world = {}
    backend.add(run(run_id="batch_1_0").row() for _ in range(1))
    connection.watches.begin(watched_batch("batch_1", ""))
    await clock.advance(60)
    before = len(backend.asked("runs"))
    for number in range(40):
        backend.tell(feed, change(("WAITING", "QUEUED")[number % 2], number + 1, "batch_1_0"))
        await clock.advance(0.5)
    assert 20 / SLOWEST_S < len(backend.asked("runs")) - before <= 20 / FASTEST_S + 1


async def test_runs_of_a_filter_that_has_no_feed_are_told_of_one_by_one(
    backend: FeedingBackend, clock: FakeClock
) -> None:
    feeds = FeedPool(backend, clock, lambda task: None, Random(7))
    backend.world = {"run_1": run().row()}
    target = WatchTarget(run_filter=RunFilter(tasks=("send-email",)))
    seen: list[str] = []
    with RunWatch(backend, clock, target, feeds) as watch:

        async def look() -> None:
            async for each in watch.looks():
                seen.extend(row.status_name for row in each.changed)

        looking = asyncio.create_task(look())
        await clock.advance(25)
        assert backend.held == [FEED]
        backend.change("run_1", status_name="COMPLETED")
        backend.tell(FEED, change("COMPLETED"))
        await clock.settle()
        looking.cancel()
    assert seen == ["EXECUTING", "COMPLETED"]
    await clock.settle()
    assert backend.held == []
    await feeds.close()


async def test_closing_ends_the_feeds_of_watches(backend: FeedingBackend, clock: FakeClock) -> None:
    connection = Connection(backend, clock, random=Random(7))
    watching(connection, 1)
    await clock.advance(5)
    assert backend.held == [FEED]
    await connection.close()
    await clock.settle()
    assert backend.held == []
