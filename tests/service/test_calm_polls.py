"""Polls that bring nothing new come less often, down to a bound, until something is new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from typing_extensions import override

from tests.fakes.backend import FakeBackend
from tests.fakes.clock import FakeClock
from trigdash.service.cache.query import Query
from trigdash.service.connection import Connection


@dataclass(frozen=True)
class Calming(Query[Any]):
    """Two seconds between polls, five where nothing is new."""

    EVERY_S = 2.0

    @override
    def rest_s(self, data: Any) -> float:
        return 5.0

    @override
    async def read(self, backend: Any) -> Any:
        return await backend.identity()


async def asked_in(clock: FakeClock, backend: FakeBackend, seconds: float) -> int:
    before = len(backend.log)
    await clock.advance(seconds)
    return len(backend.log) - before


async def test_polls_calm_down_to_the_bound_and_news_or_a_wish_makes_them_quick_again(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    told = ["the same"]
    backend.answers["identity"] = lambda: told[0]
    connection.watch(Calming(), lambda _: None)
    await clock.advance(30)
    assert 10 <= await asked_in(clock, backend, 60) <= 14
    snapshot = connection.snapshot(Calming())
    assert snapshot.fetched_at is not None
    assert (clock.now() - snapshot.fetched_at).total_seconds() <= 5.5, "each answer confirms it"
    told[0] = "news"
    await clock.advance(5.5)
    assert connection.snapshot(Calming()).data == "news"
    assert await asked_in(clock, backend, 5) >= 2
    await clock.advance(30)
    connection.refresh()
    assert await asked_in(clock, backend, 6.5) >= 3, (
        "the one that was wished for, and two soon after"
    )


async def test_a_query_whose_answers_change_is_never_slowed(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    numbers = iter(range(1000))
    backend.answers["identity"] = lambda: next(numbers)
    connection.watch(Calming(), lambda _: None)
    assert await asked_in(clock, backend, 60) >= 27
