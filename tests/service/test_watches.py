"""Watches that run beside the dashboard: told once at the end, patient with the server, closed."""

from __future__ import annotations

import pytest

from tests.fakes.backend import FakeBackend
from tests.fakes.clock import FakeClock
from tests.service.test_queues import make_queue
from tests.ui.harness import run_row
from trigdash.backends.base import BadKey, CannotReach
from trigdash.service.connection import Connection
from trigdash.service.watches import (
    Watched,
    WatchEnd,
    check_condition,
    watched_batch,
    watched_queue,
    watched_runs,
)

LONG_S = 60.0
"""Longer than the slowest watch rests between two looks."""


@pytest.fixture
def ends(connection: Connection) -> list[WatchEnd]:
    told: list[WatchEnd] = []
    connection.watches.on_end = told.append
    return told


def watching(connection: Connection, *rows: int, until: str = "") -> Watched:
    watched = watched_runs([run_row(number, "EXECUTING") for number in rows], until)
    assert watched is not None
    connection.watches.begin(watched)
    return watched


async def test_the_end_of_a_run_is_told_once_in_its_own_words(
    connection: Connection, backend: FakeBackend, clock: FakeClock, ends: list[WatchEnd]
) -> None:
    backend.add([run_row(1, "EXECUTING")])
    watched = watching(connection, 1)
    await clock.advance(LONG_S)
    assert (connection.watches.running, ends) == ((watched,), [])
    backend.change("run_0001", status_name="FAILED", error="card declined")
    await clock.advance(LONG_S)
    assert [(end.is_good, end.words) for end in ends] == [(False, "failed: card declined")]
    assert watched.words == "send-email run_0001 until done"
    assert connection.watches.running == ()
    asked = len(backend.log)
    await clock.advance(LONG_S)
    assert (len(ends), len(backend.log)) == (1, asked)


async def test_many_runs_end_when_the_last_one_has(
    connection: Connection, backend: FakeBackend, clock: FakeClock, ends: list[WatchEnd]
) -> None:
    backend.add([run_row(1, "EXECUTING"), run_row(2, "EXECUTING")])
    watching(connection, 1, 2)
    backend.change("run_0001", status_name="COMPLETED")
    await clock.advance(LONG_S)
    assert ends == []
    backend.change("run_0002", status_name="COMPLETED")
    await clock.advance(LONG_S)
    assert [(end.watched.label, end.is_good, end.words) for end in ends] == [
        ("2 runs", True, "2 completed")
    ]


async def test_a_queue_and_a_batch_are_watched_by_the_same_engine(
    connection: Connection, backend: FakeBackend, clock: FakeClock, ends: list[WatchEnd]
) -> None:
    backend.answers["queue"] = make_queue(1, queued=12)
    backend.add([run_row(1, "COMPLETED")])
    connection.watches.begin(watched_queue("task/send-email", "queued<10"))
    connection.watches.begin(watched_batch("batch_1", ""))
    await clock.advance(1.0)
    assert [end.watched.label for end in ends] == ["batch batch_1"]
    backend.answers["queue"] = make_queue(1, queued=9, running=2)
    await clock.advance(LONG_S)
    assert ends[1].words == "queued<10: 9 queued, 2 running"
    assert ends[1].is_good


async def test_a_server_that_is_away_for_a_moment_ends_no_watch_and_a_refusal_does(
    connection: Connection, backend: FakeBackend, clock: FakeClock, ends: list[WatchEnd]
) -> None:
    backend.add([run_row(1, "EXECUTING")])
    watching(connection, 1)
    await clock.advance(1.0)
    backend.failure = CannotReach("no answer")
    await clock.advance(4.0)
    assert ends == []
    backend.failure = BadKey("key refused", status=401)
    await clock.advance(LONG_S)
    assert [end.is_good for end in ends] == [False]
    assert "cannot be watched any more" in ends[0].words


async def test_what_is_stopped_or_left_is_told_of_to_nobody(
    connection: Connection, backend: FakeBackend, clock: FakeClock, ends: list[WatchEnd]
) -> None:
    backend.add([run_row(1, "EXECUTING"), run_row(2, "EXECUTING")])
    stopped = watching(connection, 1)
    watching(connection, 2)
    await clock.advance(1.0)
    connection.watches.stop(stopped)
    assert [each.run_ids for each in connection.watches.running] == [("run_0002",)]
    await connection.close()
    backend.change("run_0001", status_name="COMPLETED")
    backend.change("run_0002", status_name="COMPLETED")
    await clock.advance(LONG_S)
    assert (ends, connection.watches.running) == ([], ())


@pytest.mark.parametrize(
    "watched",
    [
        Watched("a run", "nonsense", run_ids=("run_1",)),
        Watched("a queue", "failed", queue="q"),
        Watched("a batch", "paused", batch="batch_1"),
        Watched("a run", "oldest>5", run_ids=("run_1",)),
    ],
)
def test_a_condition_that_means_nothing_there_is_refused_in_words(watched: Watched) -> None:
    with pytest.raises(ValueError, match=r"no condition|takes a duration"):
        check_condition(watched)
