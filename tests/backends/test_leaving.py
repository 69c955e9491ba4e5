"""What is asked for and not wanted any more: leaving a screen while it loads costs nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from random import Random

import httpx
import pytest

from tests.backends.fake_server import FakeClock, FakeServer, Reply
from trigdash.backends.base import CannotReach
from trigdash.backends.exchange import Outgoing
from trigdash.backends.http import ANSWER_S, MAX_BODY_BYTES, Access, HttpClient, Request
from trigdash.backends.rate import Governor
from trigdash.backends.target import Secret
from trigdash.backends.transport import LIMITS, MOST_LINGERING, Transport

PLACES = LIMITS.max_connections or 0
ROUTES = {
    "/quick": Reply(body=b'{"a": 1}'),
    "/slow": Reply(body=b'{"a": 1}', stalls=True),
    "/silent": Reply(hangs=True),
}


@pytest.fixture
def access(clock: FakeClock) -> Access:
    return Access(Secret("tr_prod_TESTONLYA00000000000"), Governor(clock, share=1.0))


@pytest.fixture
async def http(server: FakeServer, clock: FakeClock) -> AsyncIterator[HttpClient]:
    for path, reply in ROUTES.items():
        server.answer("GET", path, reply)
    client = HttpClient(server.url, clock)
    yield client
    await client.aclose()


def outgoing(server: FakeServer, path: str, within_s: float = ANSWER_S) -> Outgoing:
    return Outgoing("GET", server.url + path, {}, None, MAX_BODY_BYTES, within_s)


async def turns(number: int) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


async def leave(asking: asyncio.Task[bytes]) -> None:
    asking.cancel()
    await asyncio.wait([asking])


@pytest.mark.parametrize("seed", range(2))
async def test_requests_that_are_left_at_any_moment_keep_no_connection(
    server: FakeServer, http: HttpClient, access: Access, seed: int
) -> None:
    random = Random(seed)
    for _ in range(120):
        path = random.choice(list(ROUTES))
        asking = asyncio.create_task(http.send(Request("GET", path), access))
        await turns(random.randrange(60))
        await leave(asking)

    # Each place of the pool is free: as many requests as it has are there at the same time.
    server.gate = asyncio.Barrier(PLACES)
    async with asyncio.timeout(5):
        every = [http.send(Request("GET", "/quick"), access) for _ in range(PLACES)]
        assert set(await asyncio.gather(*every)) == {b'{"a": 1}'}
    assert server.connections <= PLACES


async def test_a_connection_whose_answer_is_not_wanted_is_used_again(
    server: FakeServer, http: HttpClient, access: Access
) -> None:
    for _ in range(20):
        asking = asyncio.create_task(http.send(Request("GET", "/quick"), access))
        await server.until(lambda: bool(server.seen))
        await leave(asking)
        await http.send(Request("GET", "/quick"), access)
        server.seen.clear()
    assert server.connections <= 2


async def test_what_is_left_before_it_is_sent_is_not_sent(
    server: FakeServer, http: HttpClient, access: Access
) -> None:
    for _ in range(20):
        asking = asyncio.create_task(http.send(Request("GET", "/quick"), access))
        await turns(2)
        await leave(asking)
    await http.send(Request("GET", "/quick"), access)
    assert len(server.seen) == 1
    assert access.governor.budget.spent == 1, "what was not sent is not counted"


async def test_answers_that_nobody_waits_for_hold_few_connections(
    server: FakeServer, http: HttpClient, access: Access
) -> None:
    for _ in range(2 * MOST_LINGERING):
        asking = asyncio.create_task(http.send(Request("GET", "/silent"), access))
        await server.until(lambda: bool(server.seen))
        await leave(asking)
        server.seen.clear()
    await http.send(Request("GET", "/quick"), access)
    assert server.connections <= MOST_LINGERING + 1


async def test_an_exhausted_pool_is_opened_anew_and_what_it_does_goes_on(
    server: FakeServer,
) -> None:
    server.answer("GET", "/quick", ROUTES["/quick"])
    server.answer("GET", "/gated", ROUTES["/quick"])
    transport = Transport(server.url, httpx.Timeout(5.0, pool=0.05))
    server.gate = asyncio.Barrier(PLACES + 1)
    stuck = [asyncio.create_task(transport.exchange(outgoing(server, "/gated"))) for _ in range(10)]
    await server.until(lambda: len(server.seen) == PLACES)

    # The eleventh finds no place, gets a new pool, and with it the gate opens for all.
    assert (await transport.exchange(outgoing(server, "/quick"))).body == b'{"a": 1}'
    assert {answer.status for answer in await asyncio.gather(*stuck)} == {200}
    await transport.aclose()


@pytest.mark.parametrize("reply", [ROUTES["/slow"], ROUTES["/silent"]])
async def test_an_answer_has_a_time_as_a_whole(server: FakeServer, reply: Reply) -> None:
    server.answer("GET", "/x", reply)
    transport = Transport(server.url)
    with pytest.raises(CannotReach) as caught:
        await transport.exchange(outgoing(server, "/x", within_s=0.05))
    assert caught.value.text == "the answer did not end within 0.05 s"
    assert caught.value.outcome_unknown, "it was sent"
    await transport.aclose()


async def test_closing_ends_what_is_under_way(
    server: FakeServer, http: HttpClient, access: Access
) -> None:
    asking = asyncio.create_task(http.send(Request("GET", "/silent"), access))
    await server.until(lambda: bool(server.seen))
    async with asyncio.timeout(5):
        await leave(asking)
        await http.aclose()
        await server.until(lambda: server.connections == 0)
