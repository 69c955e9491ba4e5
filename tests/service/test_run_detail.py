"""An opened run is followed to its end, and its trace a little further; then it is quiet."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from tests.fakes.backend import FakeBackend
from tests.fakes.clock import FakeClock
from trigdash.backends.base import NotFound
from trigdash.model.run import Run
from trigdash.service.connection import Connection
from trigdash.service.runs.detail import EventsQuery, RunQuery, SpanQuery, TraceQuery

RUN = RunQuery("run_1")


def ignore(_: Any) -> None:
    pass


def run(
    status: str, at: datetime, *, ended: datetime | None = None, children: tuple[str, ...] = ()
) -> Run:
    def facts(name: str, run_id: str) -> dict[str, Any]:
        return {
            "id": run_id,
            "taskIdentifier": "send-email",
            "status": name,
            "createdAt": at.isoformat(),
            "updatedAt": (ended or at).isoformat(),
            **({"finishedAt": ended.isoformat()} if ended else {}),
        }

    related = {"children": [facts(name, f"run_c{i}") for i, name in enumerate(children)]}
    return Run.model_validate({**facts(status, "run_1"), "relatedRuns": related})


def told(size: int, **more: Any) -> Any:
    """A trace or an event log, as far as the queries look at it."""

    class Told(SimpleNamespace):
        def __len__(self) -> int:
            return size

    return Told(**{"pages": None, "truncated": False, **more})


async def test_an_unfinished_run_is_polled_and_a_finished_one_is_left_alone(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    start = clock.now()
    backend.answers["run"] = lambda _: run("EXECUTING", start)
    backend.world["run_1"] = run("EXECUTING", start).row()
    connection.watch(RUN, ignore)
    await clock.advance(9)
    assert len(backend.log) == 4, "two seconds apart, and calmer where nothing is new"
    first = connection.snapshot(RUN).data
    await clock.advance(2.5)
    assert connection.snapshot(RUN).data is first, "an equal answer keeps the object"
    backend.answers["run"] = lambda _: run("TIMED_OUT", start, ended=clock.now())
    await clock.advance(6)
    asked = len(backend.log)
    await clock.advance(60)
    assert connection.snapshot(RUN).is_final
    assert len(backend.log) == asked


async def test_a_canceled_run_without_an_end_is_followed_for_ten_minutes(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    start = clock.now()
    backend.world["run_1"] = run("CANCELED", start).row()
    backend.answers["run"] = lambda _: run("CANCELED", start)
    connection.watch(RUN, ignore)
    await clock.advance(9 * 60)
    assert not connection.snapshot(RUN).is_final
    await clock.advance(2 * 60)
    assert connection.snapshot(RUN).is_final


async def test_a_run_whose_children_go_on_is_followed_slowly(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    start = clock.now()
    backend.world["run_1"] = run("COMPLETED", start).row()
    backend.answers["run"] = lambda _: run(
        "COMPLETED", start, ended=start, children=("COMPLETED", "EXECUTING")
    )
    connection.watch(RUN, ignore)
    await clock.advance(21)
    assert 4 <= len(backend.log) <= 5
    backend.answers["run"] = lambda _: run("COMPLETED", start, ended=start, children=("EXPIRED",))
    await clock.advance(6)
    assert connection.snapshot(RUN).is_final


async def test_trace_and_events_are_read_a_little_longer_than_the_run(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    start = clock.now()
    backend.world["run_1"] = run("EXECUTING", start).row()
    backend.answers["run"] = lambda _: run("EXECUTING", start)
    backend.answers["trace"] = lambda _: told(10)
    backend.answers["events"] = lambda _: told(10, size_bytes=1000)
    queries = (RUN, TraceQuery("run_1"), EventsQuery("run_1"))
    for query in queries:
        connection.watch(query, ignore)
    await clock.advance(20)
    ended = clock.now()
    backend.answers["run"] = lambda _: run("COMPLETED", start, ended=ended)
    await clock.advance(2.5)
    assert connection.snapshot(RUN).is_final
    assert not connection.snapshot(TraceQuery("run_1")).is_final
    await clock.advance(12)
    assert all(connection.snapshot(query).is_final for query in queries)
    asked = len(backend.log)
    await clock.advance(100)
    assert len(backend.log) == asked


async def test_a_run_that_ended_long_ago_is_read_once(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    start = clock.now() - timedelta(hours=1)
    backend.world["run_1"] = run("FAILED", start, ended=start).row()
    backend.answers["run"] = lambda _: run("FAILED", start, ended=start)
    backend.answers["trace"] = lambda _: told(10)
    backend.answers["events"] = lambda _: told(10, size_bytes=1000)
    connection.watch(RUN, ignore)
    await clock.settle()
    connection.watch(TraceQuery("run_1"), ignore)
    connection.watch(EventsQuery("run_1"), ignore)
    await clock.advance(100)
    assert [entry[0] for entry in backend.log] == ["run", "trace", "events"]


async def test_large_answers_are_asked_for_rarely(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.answers["trace"] = lambda _: told(5000)
    backend.answers["events"] = lambda _: told(11_000, size_bytes=3_300_000)
    connection.watch(TraceQuery("run_1"), ignore)
    connection.watch(EventsQuery("run_1"), ignore)
    await clock.advance(60)
    assert 4 <= len(backend.asked("trace")) <= 5
    assert 4 <= len(backend.asked("events")) <= 5
    assert EventsQuery("run_1").interval_s(told(1, size_bytes=10**9)) == 60.0


async def test_a_trace_that_is_not_written_yet_is_asked_again(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    query = TraceQuery("run_1")
    backend.failure = NotFound("Trace not found", status=404)
    connection.watch(query, ignore)
    await clock.settle()
    assert connection.snapshot(query).problem is not None
    backend.failure = None
    backend.answers["trace"] = lambda _: told(1)
    await clock.advance(3)
    assert connection.snapshot(query).problem is None


async def test_a_span_is_read_until_it_is_closed_or_its_run_is_over(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    span = SimpleNamespace(is_partial=True)
    query = SpanQuery("run_1", "span_1")
    backend.answers["span"] = lambda *_: span
    connection.watch(query, ignore)
    await clock.advance(10)
    assert len(backend.asked("span")) == 4
    start = clock.now() - timedelta(hours=1)
    backend.world["run_1"] = run("CANCELED", start, ended=start).row()
    backend.answers["run"] = lambda _: run("CANCELED", start, ended=start)
    connection.watch(RUN, ignore)
    await clock.advance(4)
    assert connection.snapshot(query).is_final, "recorded: a cancelled run's span stays partial"


async def test_the_batch_of_an_opened_run_is_remembered(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    opened = run("EXECUTING", clock.now()).model_copy(update={"batch_id": "batch_7"})
    backend.world["run_1"] = opened.row()
    backend.answers["run"] = lambda _: opened
    connection.watch(RUN, ignore)
    await clock.settle()
    assert connection.known_batches.ids == ("batch_7",)


async def test_a_run_that_is_over_follows_those_above_it_slowly_but_not_its_trace(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    ended = clock.now() - timedelta(hours=1)
    child = run("COMPLETED", ended, ended=ended)
    parent = run("WAITING", ended)
    above = child.related_runs.model_copy(update={"parent": parent})
    backend.answers["run"] = lambda _: child.model_copy(update={"related_runs": above})
    backend.answers["trace"] = told(3)
    backend.world["run_1"] = child.row()
    connection.watch(RUN, ignore)
    await clock.advance(0.1)
    connection.watch(TraceQuery("run_1"), ignore)
    await clock.advance(19)
    assert len(backend.asked("run")) == 4
    assert len(backend.asked("trace")) == 1
    parent = run("COMPLETED", ended, ended=ended)
    above = child.related_runs.model_copy(update={"parent": parent})
    await clock.advance(40)
    assert len(backend.asked("run")) == 5
