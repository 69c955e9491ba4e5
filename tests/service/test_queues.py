"""Queues: hundreds or thousands, what is looked at first, and an hour of depth."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from tests.fakes.backend import FakeBackend
from tests.fakes.clock import START, FakeClock
from trigdash.model.environment import Identity
from trigdash.model.queue import Queue, QueuePagination, QueuesPage
from trigdash.service.connection import Connection
from trigdash.service.environments import IdentityQuery
from trigdash.service.queues.depth import MAX_SAMPLES, SPARE, DepthHistory, DepthLine, Sample
from trigdash.service.queues.forecast import Trend
from trigdash.service.queues.query import QueueList, QueueMetricsQuery, QueueQuery, QueuesQuery

ALL = QueuesQuery()


def ignore(_: Any) -> None:
    pass


def make_queue(number: int, queued: int = 0, running: int = 0) -> Queue:
    name = f"q{number:04d}"
    told = {"id": f"queue_{name}", "name": name, "type": "task"}
    return Queue.model_validate({**told, "queued": queued, "running": running})


class FakeQueues:
    """The queues of a server, by pages."""

    def __init__(self, backend: FakeBackend, count: int) -> None:
        self.queues = {f"queue_q{number:04d}": make_queue(number) for number in range(count)}
        backend.answers["queues"] = self.page

    def page(self, number: int, size: int) -> QueuesPage:
        ordered = sorted(self.queues.values(), key=lambda queue: queue.name)
        pages = -(-len(ordered) // size)
        told = {"currentPage": number, "totalPages": pages, "count": len(ordered)}
        page = tuple(ordered[(number - 1) * size : number * size])
        return QueuesPage(page, QueuePagination.model_validate(told))

    def set(self, number: int, queued: int, running: int = 0) -> None:
        self.queues[f"queue_q{number:04d}"] = make_queue(number, queued, running)


def held(connection: Connection) -> QueueList:
    data = connection.snapshot(ALL).data
    assert data is not None
    return data


async def test_a_page_of_queues_costs_one_request_and_unchanged_ones_stay_the_same_objects(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    server = FakeQueues(backend, 80)
    connection.watch(ALL, ignore)
    await clock.settle()
    first = held(connection)
    assert (len(first), first.count, first.complete) == (80, 80, True)
    await clock.advance(4.5)
    assert held(connection) is first
    server.set(3, queued=9)
    await clock.advance(3.0)
    second = held(connection)
    assert [a is b for a, b in zip(first.queues, second.queues, strict=True)].count(False) == 1
    assert len(backend.log) == 4


async def test_a_queue_that_is_gone_leaves(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    server = FakeQueues(backend, 80)
    connection.watch(ALL, ignore)
    await clock.settle()
    del server.queues["queue_q0010"]
    await clock.advance(4.5)
    assert held(connection).find("queue_q0010") is None
    assert len(held(connection)) == 79


async def test_thousands_are_read_once_quickly_and_then_what_is_looked_at_first(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    server = FakeQueues(backend, 3000)
    connection.watch(ALL, ignore)
    await clock.advance(14)
    assert held(connection).complete
    assert len(held(connection)) == 3000
    await clock.advance(10)
    held(connection).prioritize(f"queue_q{number:04d}" for number in range(1210, 1250))
    backend.log.clear()
    await clock.advance(60)
    pages = Counter(page for page, _ in backend.asked("queues"))
    assert pages[13] >= 28, "the page on screen with every poll"
    assert len(pages) >= 13, "and the others in turn"
    assert pages.total() <= 50
    server.set(2999, queued=7)
    await clock.advance(150)
    found = held(connection).find("queue_q2999")
    assert found is not None
    assert found.queued == 7


async def test_a_queue_in_the_way_of_shifting_pages_is_not_lost(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    server = FakeQueues(backend, 300)
    connection.watch(ALL, ignore)
    await clock.advance(3)
    del server.queues["queue_q0000"]
    await clock.advance(16)
    assert held(connection).find("queue_q0100") is not None
    await clock.advance(60)
    assert held(connection).find("queue_q0000") is None
    assert len(held(connection)) == 299


async def test_every_poll_leaves_a_sample_and_the_outlook_follows(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    """A queue of known rates: 60 a minute in, 90 out, seen through the whole path."""
    server = FakeQueues(backend, 5)
    connection.watch(ALL, ignore)
    for second in range(300):
        server.set(2, queued=1000 - second // 2, running=10)
        await clock.advance(1)
    outlook = connection.depths.forecast("queue_q0002", clock.now())
    assert outlook.kind is Trend.DRAINING
    assert outlook.minutes is not None
    assert abs(outlook.minutes - 850 / 30) < 850 / 30 / 5
    assert connection.depths.forecast("queue_q0001", clock.now()).kind is Trend.EMPTY
    points = connection.depths.points("queue_q0002", clock.now(), 120, 13)
    depths = [point.queued if point else None for point in points]
    assert depths[-1] in (850, 851, 852)
    assert depths[0] in range(909, 914)


async def test_one_queue_is_sampled_too_and_metrics_are_asked_rarely(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.answers["queue"] = lambda name, kind: make_queue(1, queued=4)
    backend.answers["queue_metrics"] = lambda *_: "figures"
    connection.watch(QueueQuery("q0001", "task"), ignore)
    connection.watch(QueueMetricsQuery("q0001", "task"), ignore)
    await clock.advance(60)
    last = connection.depths.line("queue_q0001").last
    assert last is not None
    assert last.queued == 4
    assert 9 <= len(backend.asked("queue")) <= 13, "two seconds apart, then calmer: it stands still"
    assert len(backend.asked("queue_metrics")) <= 3


def test_a_still_queue_costs_two_samples_however_long() -> None:
    line = DepthLine()
    for tick in range(5000):
        line.add(Sample(tick * 2.0, 7, 1, 10))
    assert len(line) == 2
    assert line.under_these_conditions(9000.0) == [(0.0, 7, 1), (9998.0, 7, 1)]
    assert line.last == Sample(9998.0, 7, 1, 10)


def test_an_hour_is_kept_and_no_more() -> None:
    line = DepthLine()
    for tick in range(10_000):
        line.add(Sample(tick * 2.0, tick % 7, 1))
    assert MAX_SAMPLES <= len(line) <= MAX_SAMPLES + SPARE
    assert line.samples()[0].at_s <= 9_999 * 2.0 - 3590
    rare = DepthLine()
    for tick in range(1000):
        rare.add(Sample(tick * 60.0, tick % 3, 0))
    assert len(rare) <= 200


def test_a_queue_never_seen_has_no_past() -> None:
    history = DepthHistory()
    assert history.points("queue_x", START, 60, 3) == [None, None, None]
    assert history.forecast("queue_x", START).kind is Trend.UNKNOWN
    assert history.forecast("queue_x", START).flow.in_per_minute is None


def test_before_the_first_sample_there_is_nothing_and_after_the_last_it_holds() -> None:
    history = DepthHistory()
    history.record([make_queue(1, queued=5)], START)
    history.record([make_queue(1, queued=8)], START + timedelta(seconds=10))
    points = history.points("queue_q0001", START + timedelta(seconds=20), 40, 5)
    assert [point.queued if point else None for point in points] == [None, None, 5, 8, 8]


async def test_a_pause_of_the_environment_is_known_in_half_a_minute_and_explains_what_stands_still(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    server, identity = FakeQueues(backend, 3), Identity(project_ref="proj_1", environment="prod")
    backend.answers["identity"] = lambda: identity
    connection.watch(IdentityQuery(), ignore)
    connection.watch(ALL, ignore)
    for tick in range(60):
        server.set(1, queued=100 - tick, running=4)
        await clock.advance(2)
    watched = connection.depths.forecast("queue_q0001", clock.now())
    assert watched.kind is Trend.DRAINING
    identity = identity.model_copy(update={"paused": True})
    await clock.advance(34)
    assert connection.environment_paused
    last = connection.depths.line("queue_q0001").last
    assert last is not None
    assert last.paused
    identity = identity.model_copy(update={"paused": False})
    await clock.advance(34)
    resumed = connection.depths.forecast("queue_q0001", clock.now())
    assert resumed.kind is not Trend.DRAINING, "what was before the pause is no rate"
