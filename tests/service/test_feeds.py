"""Feeds as a second source of the watched queries; a test says what the feeds tell."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from tests.fakes.backend import FakeBackend
from tests.fakes.clock import START, FakeClock
from trigdash.backends.base import CannotReach, NotFound, Unreadable
from trigdash.model.capability import Capability
from trigdash.model.feed import MOST_FEEDS, Feed, FeedAnswer, FeedPosition, RunChange
from trigdash.model.run import Run
from trigdash.model.run_filter import RunFilter
from trigdash.service.connection import Connection
from trigdash.service.runs.detail import RunQuery
from trigdash.service.runs.query import RunsQuery


def run(status: str = "EXECUTING", at: datetime = START, run_id: str = "run_1") -> Run:
    return Run(
        id=run_id,
        task_identifier="send-email",
        status_name=status,
        created_at=START,
        updated_at=at,
    )


def change(status: str, after_s: float = 1.0, run_id: str = "run_1") -> RunChange:
    return RunChange(run_id, status, START, START + timedelta(seconds=after_s))


class FeedingBackend(FakeBackend):
    """Answers feeds as a test tells: what waits is answered, else the request is held."""

    def __init__(self) -> None:
        super().__init__(capabilities=frozenset(Capability))
        self.inboxes: defaultdict[Feed, asyncio.Queue[Any]] = defaultdict(asyncio.Queue)
        self.held: list[Feed] = []
        self.most_held = 0
        self.answers["run"] = lambda run_id: run(run_id=run_id)
        self.answers["trace"] = lambda run_id: CannotReach("no trace here")
        self.refused: Exception | None = None
        self.add(run(run_id=f"run_{number}").row() for number in range(8))

    async def listen(self, feed: Feed, after: FeedPosition | None) -> FeedAnswer:
        self.log.append(("listen", feed, after))
        if self.refused is not None:
            raise self.refused
        if after is None:
            return FeedAnswer(FeedPosition("0", "h", is_current=True), (), is_current=True)
        self.held.append(feed)
        self.most_held = max(self.most_held, len(self.held))
        try:
            told = await self.inboxes[feed].get()
        finally:
            self.held.remove(feed)
        if isinstance(told, Exception):
            raise told
        return FeedAnswer(after, told, is_current=True)

    def tell(self, feed: Feed, *changes: RunChange) -> None:
        self.inboxes[feed].put_nowait(changes)


@pytest.fixture
def backend() -> FeedingBackend:
    return FeedingBackend()


FEED = Feed(run_id="run_1")
QUERY = RunQuery("run_1")


async def opened(connection: Connection, clock: FakeClock) -> list[str]:
    """The statuses of an open run that a screen is told, once its feed is live."""
    told: list[str] = []
    connection.watch(QUERY, lambda seen: told.append(seen.data.status_name))
    await clock.settle()
    assert connection.pushed.is_pushed(QUERY)
    return told


async def test_a_change_is_shown_before_anything_is_polled(
    connection: Connection, backend: FeedingBackend, clock: FakeClock
) -> None:
    told = await opened(connection, clock)
    backend.gate = asyncio.Event()  # polls are not answered any more
    backend.tell(FEED, change("COMPLETED"))
    await clock.settle()
    assert told[-1] == "COMPLETED"


async def test_an_open_run_that_is_pushed_asks_a_tenth(
    connection: Connection, backend: FeedingBackend, clock: FakeClock
) -> None:
    await opened(connection, clock)
    await clock.advance(300)
    pushed = len(backend.asked("run"))
    backend.refused = NotFound("Not found", status=404)
    backend.inboxes[FEED].put_nowait(backend.refused)
    await clock.advance(300)
    polled = len(backend.asked("run")) - pushed
    at_every_interval = 300 / QUERY.interval_s(run())
    assert pushed * 10 <= at_every_interval
    assert pushed * 4 <= polled, "a poll that brings nothing new grows rare by itself"


async def test_what_the_feed_leaves_out_is_asked_once(
    connection: Connection, backend: FeedingBackend, clock: FakeClock
) -> None:
    await opened(connection, clock)
    await clock.advance(10)
    before = len(backend.asked("run"))
    backend.answers["run"] = lambda run_id: run("WAITING", START + timedelta(seconds=1))
    backend.tell(FEED, change("WAITING"))
    await clock.advance(10)
    assert len(backend.asked("run")) == before + 1


@pytest.mark.parametrize(
    "trouble",
    [
        NotFound("Not found", status=404),
        CannotReach("the connection broke"),
        Unreadable("the feed begins anew"),
    ],
)
async def test_a_feed_that_fails_is_polled_without_a_gap_and_comes_back(
    connection: Connection, backend: FeedingBackend, clock: FakeClock, trouble: Exception
) -> None:
    await opened(connection, clock)
    await clock.advance(20)
    before = len(backend.asked("run"))
    backend.refused = trouble
    backend.inboxes[FEED].put_nowait(trouble)
    await clock.advance(1)
    assert not connection.pushed.is_pushed(QUERY)
    assert len(backend.asked("run")) > before
    assert connection.snapshot(QUERY).problem is None
    await clock.advance(600)
    # Each rest is longer than the one before.
    assert len(backend.asked("listen")) < 14
    backend.refused = None
    await clock.advance(400)
    assert connection.pushed.is_pushed(QUERY)


async def test_a_silent_feed_is_not_believed(
    connection: Connection, backend: FeedingBackend, clock: FakeClock
) -> None:
    await opened(connection, clock)
    backend.answers["run"] = lambda run_id: run("CANCELED", START + timedelta(seconds=1))
    await clock.advance(34)
    data = connection.snapshot(QUERY).data
    assert data is not None
    assert data.status_name == "CANCELED"


async def test_an_answer_without_news_confirms_the_run(
    connection: Connection, backend: FeedingBackend, clock: FakeClock
) -> None:
    await opened(connection, clock)
    await clock.advance(20)
    backend.tell(FEED)
    await clock.settle()
    assert connection.age(QUERY) == timedelta(0)


async def test_a_server_that_does_not_hold_requests_is_left(
    connection: Connection, backend: FeedingBackend, clock: FakeClock
) -> None:
    await opened(connection, clock)
    for _ in range(10):
        backend.tell(FEED)
    await clock.advance(6)
    assert not connection.pushed.is_pushed(QUERY)


async def test_an_older_row_changes_nothing(
    connection: Connection, backend: FeedingBackend, clock: FakeClock
) -> None:
    told = await opened(connection, clock)
    backend.tell(FEED, change("QUEUED", after_s=-1))
    await clock.settle()
    assert set(told) == {"EXECUTING"}


async def test_leaving_a_run_ends_its_feed(
    connection: Connection, backend: FeedingBackend, clock: FakeClock
) -> None:
    def watcher(seen: object) -> None: ...

    connection.watch(QUERY, watcher)
    await clock.settle()
    assert backend.held == [FEED]
    connection.unwatch(QUERY, watcher)
    await clock.settle()
    assert backend.held == []
    await clock.advance(60)
    assert len(backend.asked("listen")) == 2


async def test_a_run_that_is_over_has_no_feed(
    connection: Connection, backend: FeedingBackend, clock: FakeClock
) -> None:
    await opened(connection, clock)
    at = START + timedelta(seconds=1)
    backend.answers["run"] = lambda run_id: run("CANCELED", at)
    backend.tell(FEED, change("CANCELED"))
    await clock.settle()
    assert backend.held == []
    assert connection.pushed.is_pushed(QUERY) is None


async def test_at_most_four_are_listened_to_the_latest_first(
    connection: Connection, backend: FeedingBackend, clock: FakeClock
) -> None:
    for number in range(8):
        connection.watch(RunQuery(f"run_{number}"), lambda seen: None)
        await clock.settle()
    assert backend.most_held == MOST_FEEDS
    assert {feed.run_id for feed in backend.held} == {f"run_{number}" for number in range(4, 8)}


async def test_pausing_ends_feeds_and_resuming_begins_them(
    connection: Connection, backend: FeedingBackend, clock: FakeClock
) -> None:
    await opened(connection, clock)
    connection.pause()
    await clock.settle()
    assert backend.held == []
    connection.resume()
    await clock.settle()
    assert backend.held == [FEED]


async def test_the_list_of_a_tag_shows_changes_and_asks_for_new_runs(
    backend: FeedingBackend, clock: FakeClock
) -> None:
    connection = Connection(backend, clock, random=Random(7))
    query, feed = RunsQuery(RunFilter(tags=("vip",))), Feed(tag="vip")
    backend.world = {"run_1": run().row()}
    connection.watch(query, lambda seen: None)
    await clock.settle()
    assert backend.held == [feed]
    await clock.advance(10)
    before = len(backend.asked("runs"))
    backend.change("run_1", status_name="WAITING")
    backend.tell(feed, change("WAITING"))
    await clock.settle()
    held = connection.snapshot(query).data
    assert held is not None
    assert [row.status_name for row in held] == ["WAITING"]
    assert len(backend.asked("runs")) == before
    backend.add([run(run_id="run_2").row()])
    backend.tell(feed, change("EXECUTING", run_id="run_2"))
    await clock.advance(3)
    held = connection.snapshot(query).data
    assert held is not None
    assert len(held) == 2
    await connection.close()
