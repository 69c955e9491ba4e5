"""A backend in memory and a clock that a test moves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from random import Random

import pytest

from tests.fakes.backend import FakeBackend
from tests.fakes.clock import FakeClock
from trigdash.service.connection import Connection


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def backend() -> FakeBackend:
    return FakeBackend()


@pytest.fixture
async def connection(backend: FakeBackend, clock: FakeClock) -> AsyncIterator[Connection]:
    opened = Connection(backend, clock, random=Random(7))
    yield opened
    await opened.close()
