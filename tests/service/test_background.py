"""Tasks that go on hold nothing of whoever asked for them first: a screen that was closed."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from contextvars import ContextVar, copy_context
from weakref import ref

import pytest

from tests.fakes.clock import FakeClock
from tests.service.test_feeds import FeedingBackend, run
from trigdash.service.connection import Connection
from trigdash.service.runs.detail import RunQuery
from trigdash.service.watches import watched_runs


class Asker:
    """Somebody who asks, as a screen."""


asking: ContextVar[Asker] = ContextVar("asking")


def watch(connection: Connection) -> None:
    connection.watch(RunQuery("run_1"), lambda snapshot: None)


def begin_watch(connection: Connection) -> None:
    watched = watched_runs([run().row()], "done")
    assert watched is not None
    connection.watches.begin(watched)


@pytest.mark.parametrize(
    ("ask", "task"),
    [(watch, "poll RunQuery"), (watch, "feed "), (begin_watch, "watch send-email")],
)
async def test_who_asked_first_is_not_kept(ask: Callable[[Connection], None], task: str) -> None:
    clock = FakeClock()
    connection = Connection(FeedingBackend(), clock)
    asker = Asker()
    kept = ref(asker)
    context = copy_context()
    context.run(asking.set, asker)
    context.run(ask, connection)
    del asker, context
    await clock.advance(5)
    names = [each.get_name() for each in asyncio.all_tasks()]
    assert any(name.startswith(task) for name in names)
    gc.collect()
    assert kept() is None
    await connection.close()
