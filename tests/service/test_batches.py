"""Batches, found where they can be found; error groups; who we are."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.fakes.backend import FakeBackend, make_row
from tests.fakes.clock import START, FakeClock
from trigdash.backends.base import NotFound
from trigdash.model.batch import Batch, BatchSummary, summary_of_runs
from trigdash.model.environment import Identity
from trigdash.model.error_group import ErrorGroup
from trigdash.model.listing import Listing
from trigdash.service.batches import (
    MAX_KNOWN,
    BatchesQuery,
    BatchQuery,
    BatchSource,
    KnownBatches,
)
from trigdash.service.connection import Connection
from trigdash.service.environments import EnvironmentsQuery, IdentityQuery
from trigdash.service.runs.run_errors import ErrorGroupsQuery


def ignore(_: Any) -> None:
    pass


def make_batch(batch_id: str, status: str = "PENDING", runs: int = 3) -> Batch:
    at = (START - timedelta(minutes=5)).isoformat()
    told = {"id": batch_id, "status": status, "createdAt": at, "updatedAt": at, "runCount": runs}
    return Batch.model_validate(told)


async def test_batches_come_from_the_query_endpoint_where_it_answers(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    query = BatchesQuery(connection.known_batches)
    backend.answers["call"] = lambda _: Listing(
        (
            BatchSummary(id="batch_1", runs=3, first_at=START),
            BatchSummary(id="batch_2", runs=5, first_at=START + timedelta(minutes=1)),
        )
    )
    connection.watch(query, ignore)
    await clock.settle()
    first = connection.snapshot(query).data
    assert first is not None
    assert [batch.id for batch in first.rows] == ["batch_2", "batch_1"]
    assert first.source is BatchSource.QUERY
    await clock.advance(25)
    assert connection.snapshot(query).data is first


async def test_without_it_they_come_from_what_was_seen_and_the_list_says_so(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.answers["call"] = lambda _: NotFound("", status=404)
    backend.answers["batch"] = make_batch
    now_ms = int(START.timestamp() * 1000)
    for number, status in enumerate(("COMPLETED", "COMPLETED", "FAILED")):
        row = make_row(number, status, created_ms=now_ms, finished_ms=now_ms + number * 1000)
        backend.world[f"batch_1{number}"] = row.__class__(
            **{**{f: getattr(row, f) for f in row.__slots__}, "id": f"batch_1{number}"}
        )
    for number in range(1, 4):
        connection.known_batches.remember(f"batch_{number}")
    query = BatchesQuery(connection.known_batches)
    connection.watch(query, ignore)
    await clock.advance(25)
    found = connection.snapshot(query).data
    assert found is not None
    assert found.source is BatchSource.SEEN
    assert {batch.id for batch in found.rows} == {"batch_1", "batch_2", "batch_3"}
    [one] = [batch for batch in found.rows if batch.id == "batch_1"]
    assert (one.runs, one.succeeded, one.failed) == (3, 2, 1)
    assert one.ended_at == START + timedelta(seconds=2), "when the last of its runs did"
    assert connection.known_batches.settled == {"batch_1"}, "PENDING, but all its runs have ended"


async def test_a_batch_that_does_not_exist_is_forgotten(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.answers["call"] = lambda _: Listing()
    backend.answers["batch"] = lambda _: NotFound("", status=404)
    connection.known_batches.remember("batch_typo")
    connection.watch(BatchesQuery(connection.known_batches), ignore)
    await clock.settle()
    assert connection.known_batches.ids == ()


async def test_a_completed_batch_is_left_alone(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.answers["batch"] = lambda batch_id: make_batch(batch_id, "COMPLETED")
    connection.watch(BatchQuery("batch_1"), ignore)
    await clock.advance(60)
    assert len(backend.log) == 1


def test_progress_is_counted_from_the_runs() -> None:
    words = ["COMPLETED", "EXPIRED", "FAILED", "CANCELED", "EXECUTING", "WAITING", "DELAYED"]
    rows = [make_row(number, word) for number, word in enumerate(words)]
    found = summary_of_runs("batch_1", make_batch("batch_1", runs=9), rows)
    counted = (found.runs, found.succeeded, found.failed, found.canceled)
    assert counted == (9, 1, 2, 1)
    assert (found.running, found.queued, found.unseen) == (2, 1, 2)
    assert not found.ended
    assert summary_of_runs("batch_1", None, rows[:1] + rows[2:3]).ended


def test_remembered_ids_are_bounded_and_the_latest_come_first() -> None:
    known = KnownBatches(["old"])
    for number in range(250):
        known.remember(f"batch_{number}")
    assert len(known.ids) == 200
    assert known.ids[0] == "batch_249"
    assert not known.remember("batch_249")


async def test_error_groups_keep_what_did_not_change(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    counts = {"error_1": 5, "error_2": 3}
    backend.answers["error_groups"] = lambda: tuple(
        ErrorGroup.model_validate({"id": key, "count": count}) for key, count in counts.items()
    )
    query = ErrorGroupsQuery()
    connection.watch(query, ignore)
    await clock.settle()
    before = connection.snapshot(query).data
    assert before is not None
    counts["error_1"] = 6
    await clock.advance(12)
    after = connection.snapshot(query).data
    assert after is not None
    assert after[0].count == 6
    assert after[1] is before[1]


async def test_the_identity_is_known_once_it_was_asked(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.answers["identity"] = lambda: Identity(project_ref="proj_1", environment="prod")
    assert connection.identity is None
    connection.watch(IdentityQuery(), ignore)
    await clock.settle()
    assert connection.identity is not None
    assert connection.identity.is_production
    backend.answers["environments"] = lambda: ()
    connection.watch(EnvironmentsQuery(), ignore)
    await clock.advance(300)
    assert len(backend.asked("environments")) == 1


def test_ids_that_were_typed_are_known_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "batches" / "api.example.com-proj_x"
    known = KnownBatches(path=path)
    for number in range(MAX_KNOWN + 3):
        known.remember(f"batch_{number}")
    known.forget("batch_10")
    again = KnownBatches(path=path)
    assert again.ids == known.ids
    assert again.ids[0] == f"batch_{MAX_KNOWN + 2}"
    assert path.stat().st_mode & 0o077 == 0
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_file_of_ids_that_is_none_is_no_trouble(tmp_path: Path) -> None:
    path = tmp_path / "ids"
    path.write_bytes(b"batch_1\n../../x\n\x1b[31mbatch_2\n")
    assert KnownBatches(path=path).ids == ("batch_1",)
    path.write_bytes(b"\xff\xfe")
    assert KnownBatches(path=path).ids == ()
    blocked = KnownBatches(path=path / "below_a_file")
    assert blocked.remember("batch_3")
    assert blocked.ids == ("batch_3",)
