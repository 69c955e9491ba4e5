"""A server to talk to and a clock that waits for nobody."""

from collections.abc import AsyncIterator

import pytest

from tests.backends.fake_server import FakeClock, FakeServer


@pytest.fixture
async def server() -> AsyncIterator[FakeServer]:
    async with FakeServer() as running:
        yield running


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()
