"""A server to talk to, a clock that waits for nobody, and a backend on both."""

from collections.abc import AsyncIterator

import pytest

from tests.backends.fake_server import FakeClock, FakeServer
from trigdash.backends import open_backend
from trigdash.backends.base import Backend
from trigdash.backends.target import Secret, Target

KEY = "tr_prod_TESTONLYA00000000000"


@pytest.fixture
async def server() -> AsyncIterator[FakeServer]:
    async with FakeServer() as running:
        yield running


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def target(server: FakeServer) -> Target:
    return Target(api_url=server.url, secret_key=Secret(KEY))


@pytest.fixture
async def backend(target: Target, clock: FakeClock) -> AsyncIterator[Backend]:
    opened = open_backend(target, clock)
    yield opened
    await opened.aclose()
