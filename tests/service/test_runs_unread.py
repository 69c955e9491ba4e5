"""What could not be read of a run list: remembered while it is so, and never taken for an end."""

from __future__ import annotations

from tests.fakes.backend import FakeBackend, make_row, make_rows
from tests.fakes.clock import FakeClock
from tests.service.test_runs import ALL, held, numbers, poll, watch
from trigdash.model.odd_row import OddRow
from trigdash.model.run_filter import RunFilter
from trigdash.model.run_row import RunsPage
from trigdash.service.connection import Connection

LOST = OddRow("run_000150", ("createdAt",))
PART = OddRow("run_000149", ("ttl",), is_shown=True)
NAMELESS = OddRow("?0")


class OddPages:
    """The lists of a backend, with odd rows among them."""

    def __init__(self, backend: FakeBackend) -> None:
        self._backend = backend
        self.on_top: tuple[OddRow, ...] = ()
        self.below: tuple[OddRow, ...] = ()
        self.cut_after: str | None = "never"
        """The cursor of the page after which it cannot be read how to go on; None for the first."""
        backend.runs = self.runs  # type: ignore[method-assign]

    async def runs(
        self, narrowed: RunFilter, *, after: str | None = None, size: int = 100
    ) -> RunsPage:
        page = await FakeBackend.runs(self._backend, narrowed, after=after, size=size)
        odd = self.on_top if after is None else self.below
        if after == self.cut_after:
            return RunsPage(page.rows, odd=odd, is_cut=True)
        return RunsPage(page.rows, next=page.next, odd=odd)


async def test_odd_runs_are_known_by_their_id_until_they_are_read(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add(make_rows([n for n in range(200) if n != 150]))
    pages = OddPages(backend)
    pages.on_top = (LOST, PART)
    first = await watch(connection, clock)
    assert first.odd == {LOST.key: LOST, PART.key: PART}
    await poll(clock, 2)
    assert held(connection) is first, "the same oddities are no news"
    pages.on_top = (LOST,)
    await poll(clock)
    assert held(connection).odd == {LOST.key: LOST}
    pages.on_top = ()
    backend.add([make_row(150)])
    await poll(clock)
    assert held(connection).odd == {}


async def test_those_without_an_id_are_told_anew_with_each_poll_and_do_not_pile_up(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add(make_rows(range(250)))
    pages = OddPages(backend)
    pages.on_top, pages.below = (NAMELESS, OddRow("?1")), (NAMELESS,)
    await watch(connection, clock)
    await poll(clock, 4)
    assert len(held(connection).odd) == 2
    for _ in range(2):
        connection.older(ALL)
        await clock.settle()
    assert len(held(connection).odd) == 4, "each older page has one of its own"
    pages.on_top = ()
    await poll(clock, 2)
    assert len(held(connection).odd) == 2, "those of the pages that were not read again stay"


async def test_a_list_that_is_read_whole_has_the_oddities_of_the_last_poll_alone(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add(make_rows(range(20)))
    pages = OddPages(backend)
    pages.on_top = (LOST, NAMELESS)
    await watch(connection, clock)
    assert len(held(connection).odd) == 2
    pages.on_top = ()
    await poll(clock)
    assert held(connection).odd == {}


async def test_where_it_cannot_be_read_how_the_list_goes_on_it_does_not_end(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add(make_rows(range(250)))
    pages = OddPages(backend)
    pages.cut_after = None
    runs = await watch(connection, clock)
    assert (len(runs), runs.complete, runs.next, runs.is_cut) == (100, False, None, True)
    await poll(clock, 3)
    runs = held(connection)
    assert (len(runs), runs.complete, runs.is_cut) == (100, False, True)
    pages.cut_after = "never"
    await poll(clock)
    runs = held(connection)
    assert (runs.is_cut, runs.next is not None) == (False, True)
    connection.older(ALL)
    await clock.settle()
    assert len(held(connection)) == 200


async def test_an_older_page_that_is_cut_is_told_for_as_long_as_nothing_goes_on_there(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add(make_rows(range(250)))
    pages = OddPages(backend)
    runs = await watch(connection, clock)
    pages.cut_after = runs.next
    connection.older(ALL)
    await clock.settle()
    await poll(clock, 2)
    runs = held(connection)
    assert (len(runs), runs.complete, runs.next, runs.is_cut) == (200, False, None, True)


async def test_a_poll_that_is_cut_takes_no_older_run_for_gone(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add(make_rows(range(250)))
    pages = OddPages(backend)
    await watch(connection, clock)
    for _ in range(2):
        connection.older(ALL)
        await clock.settle()
    assert held(connection).complete
    pages.cut_after = None
    await poll(clock, 4)
    assert numbers(held(connection)) == list(range(249, -1, -1))
    assert held(connection).is_cut
    assert held(connection).complete, "what was read to its end before is so still"


async def test_runs_that_come_late_are_seen_however_long_the_list_has_been_looked_at(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add(make_row(number, created_ms=100_000 + number) for number in range(150))
    await watch(connection, clock)
    for number in range(200, 210):
        backend.add([make_row(number, created_ms=99_000 + 10 * number)])
        await poll(clock)
    late = make_row(901, created_ms=100_020)
    backend.add([make_row(300, created_ms=101_150), late])
    await poll(clock)
    assert held(connection).find(late.id) is not None
