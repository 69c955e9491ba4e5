"""Realtime feeds: what the recorded answers of a real server tell, and what is no feed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.backends.fake_server import FakeServer, Reply
from tests.recorded import recorded
from trigdash.backends.base import Backend, BackendError, NotFound
from trigdash.model.feed import Feed, FeedAnswer

RUN = "run_cmx0wr77h00iujc7d2bsde6s7"
FEED = Feed(run_id=RUN)
WHERE = f"/realtime/v1/runs/{RUN}"
FIRST = recorded("realtime__run_live_first")
CHANGE = recorded("realtime__run_live_change")


async def heard(backend: Backend, server: FakeServer, *replies: Reply) -> FeedAnswer:
    """The last of several answers of one feed."""
    server.answer("GET", WHERE, *replies)
    position = None
    for _ in replies:
        answer = await backend.listen(FEED, position)
        position = answer.position
    return answer


async def test_the_first_answer_and_a_change_of_a_run(server: FakeServer, backend: Backend) -> None:
    server.answer("GET", WHERE, Reply.of(FIRST), Reply.of(CHANGE))
    first = await backend.listen(FEED, None)
    assert [change.status_name for change in first.changes] == ["EXECUTING"]
    assert first.is_current
    changed = await backend.listen(FEED, first.position)
    (change,) = changed.changes
    assert (change.run_id, change.status_name, change.compute_ms) == (RUN, "COMPLETED", 6023)
    assert change.completed_at == datetime(2026, 11, 28, 21, 14, 10, 719_000, UTC)
    asked = dict(server.seen[-1].params)
    assert asked["live"] == "true"
    assert asked["handle"] == asked["shape_id"] == FIRST.headers["electric-shape-id"]
    assert asked["offset"] == FIRST.headers["electric-chunk-last-offset"]


async def test_the_same_rows_again_are_no_change(server: FakeServer, backend: Backend) -> None:
    again = await heard(backend, server, Reply.of(FIRST), Reply.of(FIRST))
    assert again.is_current
    assert not again.changes


async def test_electric_tells_changed_columns_under_other_names(
    server: FakeServer, backend: Backend
) -> None:
    names = {"electric-offset": "9_1", "electric-handle": "h-1"}
    message = FIRST.data[0]
    part = {
        "key": message["key"],
        "value": {"status": "CANCELED", "updatedAt": "2026-11-28 21:15:00.5+00"},
        "headers": {"operation": "update"},
    }
    up_to_date = {"headers": {"control": "up-to-date"}}
    server.answer(
        "GET",
        WHERE,
        Reply.of(FIRST.data, 200, **names),
        Reply.of([part, up_to_date], 200, **names),
    )
    first = await backend.listen(FEED, None)
    (change,) = (await backend.listen(FEED, first.position)).changes
    assert (change.run_id, change.status_name) == (RUN, "CANCELED")
    assert change.updated_at == datetime(2026, 11, 28, 21, 15, 0, 500_000, UTC)
    assert change.created_at == first.changes[0].created_at


@pytest.mark.parametrize(
    "name", ["realtime__runs_by_tag_initial_native", "realtime__batch_initial"]
)
async def test_runs_of_a_tag_and_of_a_batch(
    server: FakeServer, backend: Backend, name: str
) -> None:
    answer = recorded(name)
    feed = Feed(batch_id="batch_1") if "batch" in name else Feed(tag="quick")
    where = "/realtime/v1/batches/batch_1" if "batch" in name else "/realtime/v1/runs"
    server.answer("GET", where, Reply.of(answer))
    told = await backend.listen(feed, None)
    rows = [message["value"] for message in answer.data if "value" in message]
    assert [change.run_id for change in told.changes] == [row["friendlyId"] for row in rows]
    assert all(change.status_name for change in told.changes)


async def test_an_unknown_run_is_not_found(server: FakeServer, backend: Backend) -> None:
    server.answer("GET", WHERE, Reply.of(recorded("realtime__run_404_initial"), 404))
    with pytest.raises(NotFound):
        await backend.listen(FEED, None)


@pytest.mark.parametrize(
    "odd",
    [
        Reply.of({"error": "no"}),
        Reply.of([{"headers": {"control": "up-to-date"}}]),
        Reply.of([{"headers": {"control": "must-refetch"}}], 200, **{"electric-offset": "1"}),
        Reply.of([1, 2]),
        Reply.of([{"key": "a", "value": {"status": "PENDING"}, "headers": {}}]),
        Reply.of("text"),
        Reply.of([{"headers": {"control": "must-refetch"}}], 409),
    ],
)
async def test_an_odd_answer_is_refused(server: FakeServer, backend: Backend, odd: Reply) -> None:
    server.answer("GET", WHERE, odd)
    with pytest.raises(BackendError):
        await backend.listen(FEED, None)


async def test_a_bad_handle_gets_all_rows_again(server: FakeServer, backend: Backend) -> None:
    answer = recorded("realtime__run_bad_handle")
    server.answer("GET", WHERE, Reply.of(answer))
    assert len((await backend.listen(FEED, None)).changes) == 1


async def test_feeds_take_nothing_from_the_rate_limit(server: FakeServer, backend: Backend) -> None:
    before = backend.budget
    await heard(backend, server, Reply.of(FIRST), Reply.of(CHANGE))
    assert backend.budget == before
