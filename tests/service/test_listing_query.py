"""Lists that come in pages: the head stays fresh, nothing is lost or shown twice."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, cast

import pytest

from tests.fakes.clock import FakeClock
from trigdash.backends.base import Backend, BackendError, Forbidden, Unsupported
from trigdash.backends.operation import Operation, nothing
from trigdash.model.capability import Capability, RateBudget
from trigdash.model.listing import Listing
from trigdash.service.cache.listing_query import MAX_ROWS, HeldList, ListingQuery
from trigdash.service.cache.poller import Poller
from trigdash.service.cache.store import Store

SIZE = 5


@dataclass(frozen=True)
class Thing:
    id: int
    word: str = ""


@dataclass
class Server:
    """Things, newest first, in pages behind the id of the last thing of the page before."""

    things: list[Thing] = field(default_factory=list)
    asked: list[str | None] = field(default_factory=list)

    async def call(self, operation: Operation[Any]) -> Listing[Thing]:
        after = dict(operation.params).get("after")
        self.asked.append(after)
        older = [t for t in self.things if after is None or t.id < int(after)]
        rows = tuple(older[:SIZE])
        more = len(older) > SIZE
        return Listing(rows, str(rows[-1].id) if more else None, len(self.things))

    @property
    def backend(self) -> Backend:
        return cast(Backend, self)


def page(after: str | None) -> Operation[Listing[Thing]]:
    params = (("after", after),) if after else ()
    return Operation(Capability.SCHEDULES, ("things",), nothing, params=params)  # type: ignore[arg-type]


QUERY: ListingQuery[Thing] = ListingQuery("things", page, lambda thing: thing.id)


def server(count: int) -> Server:
    return Server([Thing(number) for number in range(count, 0, -1)])


def ids(held: HeldList[Thing]) -> list[int]:
    return [thing.id for thing in held.rows]


async def loaded(world: Server, pages: int) -> HeldList[Thing]:
    held = await QUERY.fetch(world.backend, None)
    for _ in range(pages - 1):
        held = await QUERY.load_more(world.backend, held)
    return held


async def test_a_poll_without_news_gives_the_same_list_back() -> None:
    world = server(12)
    held = await loaded(world, 2)
    again = await QUERY.fetch(world.backend, held)
    assert again is held


async def test_a_poll_reads_the_head_and_one_loaded_page_in_turn() -> None:
    world = server(20)
    held = await loaded(world, 4)
    world.asked.clear()
    for _ in range(4):
        held = await QUERY.fetch(world.backend, held)
    assert world.asked == [None, "16", None, "11", None, "6", None, "16"]


async def test_new_rows_come_at_the_head_and_nothing_is_lost_below() -> None:
    world = server(12)
    held = await loaded(world, 2)
    world.things = [Thing(14), Thing(13), *world.things]
    held = await QUERY.fetch(world.backend, held)
    assert ids(held) == [14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3]
    assert held.total == 14


async def test_a_row_that_leaves_in_the_middle_goes_when_its_page_is_read() -> None:
    world = server(15)
    held = await loaded(world, 3)
    world.things = [thing for thing in world.things if thing.id != 8]
    for _ in range(2):
        held = await QUERY.fetch(world.backend, held)
    assert ids(held) == [thing.id for thing in world.things]


async def test_a_changed_row_is_a_new_object_and_the_others_stay() -> None:
    world = server(4)
    held = await loaded(world, 1)
    world.things[1] = Thing(world.things[1].id, "changed")
    young = await QUERY.fetch(world.backend, held)
    assert young.rows[1].word == "changed"
    assert young.rows[0] is held.rows[0]


async def test_a_head_without_anything_known_begins_the_list_anew() -> None:
    world = server(10)
    held = await loaded(world, 2)
    world.things = [Thing(number) for number in range(40, 30, -1)] + world.things
    held = await QUERY.fetch(world.backend, held)
    assert ids(held) == [40, 39, 38, 37, 36]
    assert held.next == "36"
    assert not held.is_complete


async def test_no_more_than_the_cap_is_held() -> None:
    full = HeldList(tuple(Thing(n) for n in range(MAX_ROWS)), next="1")
    world = server(3)
    assert await QUERY.load_more(world.backend, full) is full
    assert world.asked == []


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_happens_the_list_comes_to_agree_with_the_server(seed: int) -> None:
    """Rows arrive, change and leave while pages are read; at rest a round shows the truth."""
    random = Random(seed)
    world = server(23)
    held = await loaded(world, 3)
    newest = 23
    for _ in range(30):
        if random.random() < 0.4:
            newest += 1
            world.things.insert(0, Thing(newest))
        if random.random() < 0.3 and world.things:
            world.things.pop(random.randrange(len(world.things)))
        held = await QUERY.fetch(world.backend, held)
        assert len(set(ids(held))) == len(ids(held))
        assert ids(held) == sorted(ids(held), reverse=True)
    while held.next is not None:
        held = await QUERY.load_more(world.backend, held)
    for _ in range(2 * len(held) // SIZE):
        held = await QUERY.fetch(world.backend, held)
    assert ids(held) == [thing.id for thing in world.things]


@pytest.mark.parametrize("error", [Forbidden("no", status=403), Unsupported("no such thing here")])
async def test_a_list_that_is_refused_is_asked_for_again_only_on_request(
    error: BackendError,
) -> None:
    """What a key may not do is said once, and costs nothing more."""
    refusing = Refusing(error)
    clock = FakeClock()
    store = Store()
    poller = Poller(cast(Backend, refusing), store, clock)
    poller.watch(QUERY, lambda snapshot: None)
    await clock.advance(600)
    snapshot = store.get(QUERY)
    assert refusing.asked == 1
    assert snapshot.problem is not None
    assert (snapshot.problem.message, snapshot.problem.retry_at) == (error.message(), None)
    poller.wake(QUERY)
    await clock.advance(1)
    assert refusing.asked == 2
    await poller.close()


@dataclass
class Refusing:
    """A server that refuses."""

    error: BackendError
    asked: int = 0
    budget: RateBudget = field(default_factory=RateBudget)

    async def call(self, operation: Operation[Any]) -> Any:
        self.asked += 1
        raise self.error


async def test_a_page_that_does_not_tell_how_it_goes_on_is_no_end_and_loses_nothing() -> None:
    class Odd(Server):
        is_cut = False

        async def call(self, operation: Operation[Any]) -> Listing[Thing]:
            listing = await super().call(operation)
            return replace(listing, next=None, is_cut=True) if self.is_cut else listing

    odd = Odd(server(12).things)
    held = await QUERY.fetch(odd.backend, None)
    held = await QUERY.load_more(odd.backend, held)
    odd.is_cut = True
    cut = await QUERY.fetch(odd.backend, held)
    assert [thing.id for thing in cut.rows] == list(range(12, 2, -1))
    assert cut.next == held.next, "the pages below are still known"
    fresh = await QUERY.fetch(odd.backend, None)
    assert len(fresh) == SIZE
    assert not fresh.is_complete
    assert fresh.is_cut
