"""Where a run stands: asked of the query endpoint, sparingly, and with plain texts only."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.backend import FakeBackend
from tests.fakes.clock import FakeClock
from tests.recorded import recorded
from tests.service.test_run_detail import run
from trigdash.backends.base import Forbidden
from trigdash.service.connection import Connection
from trigdash.service.runs.detail import RunQuery
from trigdash.service.runs.placement import (
    Capacity,
    CapacityQuery,
    RunPlacement,
    RunPlacementQuery,
    period_since,
)

PLACE = RunPlacementQuery("run_1", "1d")


def ignore(_: Any) -> None:
    pass


async def test_a_recorded_row_tells_queue_and_machine(backend: FakeBackend) -> None:
    row = recorded("query__runs_rows").data["results"][2]
    backend.answers["query"] = [{**row, "concurrency_key": "", "max_duration": None}]
    place = await PLACE.fetch(backend, None)  # type: ignore[arg-type]
    assert place == RunPlacement("task/child-task", "small-1x")
    assert (place.queue_name, place.queue_kind) == ("child-task", "task")
    assert await PLACE.fetch(backend, place) is place  # type: ignore[arg-type]


async def test_a_run_that_the_tables_do_not_have_yet_is_asked_for_again(
    backend: FakeBackend, connection: Connection, clock: FakeClock
) -> None:
    backend.answers["run"] = lambda _: run("QUEUED", clock.now())
    backend.world["run_1"] = run("QUEUED", clock.now()).row()
    backend.answers["query"] = []
    connection.watch(RunQuery("run_1"), ignore)
    connection.watch(PLACE, ignore)
    await clock.advance(1)
    assert connection.snapshot(PLACE).data == RunPlacement()
    backend.answers["query"] = [{"queue": "crm", "machine": ""}]
    await clock.advance(12)
    found = connection.snapshot(PLACE).data
    assert found == RunPlacement("crm")
    backend.answers["query"] = []
    await clock.advance(12)
    assert connection.snapshot(PLACE).data is found


async def test_a_server_that_refuses_is_not_asked_again(
    backend: FakeBackend, connection: Connection, clock: FakeClock
) -> None:
    backend.failures["query"] = Forbidden("no", status=403)
    connection.watch(PLACE, ignore)
    await clock.advance(120)
    assert len(backend.asked("query")) == 1
    assert connection.snapshot(PLACE).data == RunPlacement(is_refused=True)


async def test_a_run_that_is_long_over_is_asked_for_once(
    backend: FakeBackend, connection: Connection, clock: FakeClock
) -> None:
    ended = clock.now() - timedelta(hours=1)
    backend.answers["run"] = lambda _: run("COMPLETED", ended, ended=ended)
    backend.world["run_1"] = run("COMPLETED", ended, ended=ended).row()
    backend.answers["query"] = [{"queue": "task/send-email", "machine": "micro"}]
    connection.watch(RunQuery("run_1"), ignore)
    await clock.advance(0.1)
    connection.watch(PLACE, ignore)
    await clock.advance(60)
    assert len(backend.asked("query")) == 1


@pytest.mark.parametrize("run_id", ["run_1' OR '1'='1", "run_\\", "", "run 1"])
async def test_an_id_that_is_none_never_enters_a_statement(
    run_id: str, backend: FakeBackend
) -> None:
    place = await RunPlacementQuery(run_id, "1d").fetch(backend, None)  # type: ignore[arg-type]
    assert place.is_refused
    assert not backend.asked("query")


async def test_the_room_of_a_key_that_cannot_be_asked_for_is_that_of_the_environment(
    backend: FakeBackend,
) -> None:
    backend.answers["query"] = [{"at_work": 7, "alike": 2}]
    plain = await CapacityQuery("crm", "user:12").fetch(backend, None)  # type: ignore[arg-type]
    assert plain == Capacity(7, 2)
    backend.answers["query"] = [{"at_work": 7, "alike": 0}]
    odd = await CapacityQuery("crm", "it's").fetch(backend, None)  # type: ignore[arg-type]
    assert odd == Capacity(7, 0)
    asked = [statement for statement, _ in backend.asked("query")]
    assert "countIf(queue = 'crm' AND concurrency_key = 'user:12') AS alike" in asked[0]
    assert "it's" not in asked[1]


def test_a_period_reaches_back_to_the_creation(clock: FakeClock) -> None:
    now = clock.now()
    assert period_since(now - timedelta(hours=3), now) == "1d"
    assert period_since(now - timedelta(days=2, hours=3), now) == "3d"
    # The clocks of two machines differ.
    assert period_since(now + timedelta(seconds=3), now) == "1d"
