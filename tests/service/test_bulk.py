"""Bulk: planned once, counted once, abortable, resumable."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.fakes.backend import FakeBackend, make_row, make_rows
from tests.fakes.bulk_server import FakeBulkServer, aborted, figures, ids
from tests.fakes.clock import FakeClock
from trigdash.backends.base import BadKey, CannotReach, InvalidRequest
from trigdash.model.capability import Capability, RateBudget
from trigdash.model.odd_row import OddRow
from trigdash.model.run_filter import RunFilter
from trigdash.model.run_row import RunsPage
from trigdash.service.bulk.collect import collect_runs
from trigdash.service.bulk.journal import ENDED_KEPT, BulkJournal, InUseError, unfinished_bulks
from trigdash.service.bulk.plan import BulkPlan, collect, preview, whole_plan
from trigdash.service.bulk.progress import BulkState
from trigdash.service.connection import Connection

SINGLES = frozenset(Capability) - {Capability.BULK}


async def test_a_preview_says_what_it_is_about_and_leaves_out_what_has_ended() -> None:
    rows = [
        make_row(1, "COMPLETED", task="a"),
        make_row(5000, "QUEUED", task="a"),
        make_row(5030, "EXECUTING", task="b"),
        make_row(5030, "EXECUTING", task="b"),
    ]
    seen = preview("cancel", rows, 5_040_000, label="task:a,b")
    assert seen.plan.run_ids == ("run_005030", "run_005000")
    assert (seen.count, seen.finished) == (2, 1)
    assert seen.by_task == {"a": 2, "b": 1}
    assert seen.by_status == {"EXECUTING": 1, "QUEUED": 1, "COMPLETED": 1}
    assert seen.by_age == {"under 1 m": 2, "under 1 d": 1}
    assert seen.newest is not None
    assert seen.oldest is not None
    assert (seen.newest.id, seen.oldest.id) == ("run_005030", "run_000001")
    assert preview("replay", rows, 5_040_000).count == 3


async def test_everything_a_filter_matches_is_collected_once(backend: FakeBackend) -> None:
    backend.add(make_rows(range(300), "QUEUED"))
    backend.add(make_rows(range(300, 350)))
    found = [
        row async for rows in collect(backend, RunFilter(statuses=("QUEUED",))) for row in rows
    ]
    assert [row.id for row in found] == list(reversed(ids(range(300))))
    few = [row async for rows in collect(backend, RunFilter(), limit=120) for row in rows]
    assert len(few) == 120


async def test_what_cannot_be_read_of_a_list_is_neither_its_end_nor_nothing(
    backend: FakeBackend,
) -> None:
    backend.add(make_rows(range(5), "QUEUED"))
    backend.odd = {"run_000003": OddRow("run_000003", ("createdAt",))}
    told: list[OddRow] = []
    found = [
        row async for rows in collect(backend, RunFilter(), on_odd=told.extend) for row in rows
    ]
    assert len(found) == 4
    assert told == list(backend.odd.values())
    assert (await collect_runs(backend, RunFilter(), lambda count: True)).truncated

    async def cut(*asked: object, **how: object) -> RunsPage:
        return RunsPage(tuple(make_rows(range(5))), is_cut=True)

    backend.runs = cut  # type: ignore[method-assign]
    gathered = await collect_runs(backend, RunFilter(), lambda count: True)
    assert len(gathered.rows) == 5
    assert "where the list of runs goes on could not be read" in gathered.problem


async def test_the_servers_bulk_takes_five_hundred_at_a_time(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    FakeBulkServer(backend)
    bulk = connection.start_bulk(BulkPlan("cancel", ids(range(1200))))
    await clock.advance(2.5)
    assert figures(bulk) == (300, 0, 0, 900)
    assert bulk.progress.eta_s is not None
    assert 5 < bulk.progress.eta_s < 10
    await clock.advance(30)
    assert figures(bulk) == (1197, 3, 0, 0)
    assert bulk.progress.state is BulkState.ENDED
    assert [len(run_ids) for _, run_ids, _ in backend.asked("start_bulk")] == [500, 500, 200]


async def test_without_the_servers_bulk_runs_go_one_by_one_within_the_budget(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.capabilities = SINGLES
    backend.budget = RateBudget(limit=750, remaining=700, share=0.1)
    bulk = connection.start_bulk(BulkPlan("cancel", ids(range(30))))
    await clock.advance(16.1)
    assert 10 <= bulk.progress.done <= 12, "half of 75 a minute"
    assert bulk.progress.eta_s is not None
    assert 25 < bulk.progress.eta_s < 35
    await clock.advance(60)
    assert figures(bulk) == (30, 0, 0, 0)
    assert [target for (target,) in backend.asked("cancel")] == list(ids(range(30)))


async def test_tags_go_one_by_one_even_where_the_server_has_bulk(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    bulk = connection.start_bulk(BulkPlan("tag", ids(range(3)), tags=("later",)))
    await clock.advance(5)
    assert figures(bulk) == (3, 0, 0, 0)
    assert backend.asked("add_tags")[0] == ("run_000000", ("later",))


async def test_failures_are_named_and_lost_answers_are_unknown_and_not_repeated(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.capabilities = SINGLES
    lost = CannotReach("cut", outcome_unknown=True)
    refused = InvalidRequest("Failed to create new run", status=400)
    special = {"run_000001": lost, "run_000002": refused}
    backend.answers["replay"] = lambda run_id: special.get(run_id, f"{run_id}_again")
    bulk = connection.start_bulk(BulkPlan("replay", ids(range(4))))
    await clock.advance(60)
    assert figures(bulk) == (2, 1, 1, 0)
    assert bulk.failures == [("run_000002", "the server refused: Failed to create new run")]
    assert bulk.unknown == ["run_000001"]
    assert len(backend.asked("replay")) == 4
    special.clear()
    again = connection.start_bulk(bulk.retry_plan)
    await clock.advance(5)
    assert figures(again) == (1, 0, 0, 0)
    assert backend.asked("replay")[4:] == [("run_000002",)]


async def test_an_outage_is_waited_out(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.capabilities = SINGLES
    backend.failure = CannotReach("refused")
    bulk = connection.start_bulk(BulkPlan("cancel", ids(range(3))))
    await clock.advance(5)
    assert figures(bulk) == (0, 0, 0, 3)
    assert bulk.progress.message == "cannot reach the server (refused)"
    backend.failure = None
    await clock.advance(30)
    assert figures(bulk) == (3, 0, 0, 0)


async def test_an_aborted_bulk_leaves_the_rest_and_counts_what_was_under_way(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.capabilities = SINGLES
    bulk = connection.start_bulk(BulkPlan("cancel", ids(range(50))))
    await clock.advance(0.95)
    done = bulk.progress.done
    backend.gate = asyncio.Event()
    await clock.advance(1)
    aborting = asyncio.create_task(bulk.abort())
    await clock.settle()
    backend.gate.set()
    await aborting
    assert figures(bulk) == (done + 1, 0, 0, 50 - done - 1)
    assert bulk.progress.state is BulkState.ABORTED
    await clock.advance(60)
    assert len(backend.asked("cancel")) == done + 1


async def test_aborting_stops_the_servers_bulk_too(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    FakeBulkServer(backend)
    bulk = connection.start_bulk(BulkPlan("replay", ids(range(1000))))
    await clock.advance(1.5)
    await aborted(bulk, clock)
    assert backend.asked("abort_bulk") == [("bulk_0",)]
    assert len(backend.asked("start_bulk")) == 1
    assert bulk.progress.state is BulkState.ABORTED


async def test_an_abort_that_the_server_did_not_hear_goes_on_until_it_has(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    server = FakeBulkServer(backend)
    bulk = connection.start_bulk(BulkPlan("cancel", ids(range(1000))))
    await clock.advance(1.5)
    backend.failure = CannotReach("refused")
    aborting = asyncio.create_task(bulk.abort())
    await clock.advance(10)
    assert bulk.progress.state is BulkState.STOPPING, "the server works on"
    assert bulk.progress.message == "not stopped yet: cannot reach the server (refused)"
    backend.failure = None
    await clock.advance(30)
    await aborting
    assert server.actions["bulk_0"].is_aborted
    assert bulk.progress.state is BulkState.ABORTED
    assert bulk.progress.message == ""
    assert list(server.actions) == ["bulk_0"], "nothing more was handed over"


async def test_an_abort_that_came_too_late_says_that_all_was_done(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    server = FakeBulkServer(backend)
    bulk = connection.start_bulk(BulkPlan("cancel", ids(range(300))))
    await clock.advance(0.5)
    for _ in range(5):
        server.actions["bulk_0"].look()
    backend.answers["abort_bulk"] = InvalidRequest("already completed", status=409)
    await bulk.abort()
    assert figures(bulk) == (299, 1, 0, 0)
    assert bulk.progress.state is BulkState.ENDED


async def test_a_bulk_whose_abort_is_not_heard_is_left_when_its_connection_closes(
    backend: FakeBackend, clock: FakeClock, tmp_path: Path
) -> None:
    FakeBulkServer(backend)
    kept = Connection(backend, clock, bulk_folder=tmp_path)
    bulk = kept.start_bulk(BulkPlan("cancel", ids(range(1000))))
    await clock.advance(1.5)
    backend.failure = CannotReach("refused")
    aborting = asyncio.create_task(bulk.abort())
    await clock.advance(5)
    await kept.close()
    await aborting
    assert bulk.progress.state is BulkState.INTERRUPTED
    assert len(unfinished_bulks(tmp_path)) == 1


@pytest.mark.parametrize("capabilities", [SINGLES, frozenset(Capability)])
async def test_a_bulk_stops_at_a_key_that_is_refused_and_is_resumed_with_a_good_one(
    backend: FakeBackend, clock: FakeClock, tmp_path: Path, capabilities: frozenset[Capability]
) -> None:
    FakeBulkServer(backend)
    backend.capabilities = capabilities
    backend.failure = BadKey(status=401)
    first = Connection(backend, clock, bulk_folder=tmp_path)
    bulk = first.start_bulk(BulkPlan("cancel", ids(range(700))))
    await clock.advance(60)
    assert figures(bulk) == (0, 0, 0, 700)
    assert bulk.progress.state is BulkState.INTERRUPTED
    assert bulk.progress.message == "the server does not accept this key (401)"
    assert len(backend.asked("cancel") + backend.asked("start_bulk")) == 1
    await first.close()
    backend.failure = None
    second = Connection(backend, clock, bulk_folder=tmp_path)
    resumed = second.resume_bulk(second.interrupted_bulks()[0])
    await clock.advance(200)
    assert figures(resumed)[3] == 0
    await second.close()


async def test_after_a_minute_without_a_server_a_bulk_stops_with_nothing_counted_as_failed(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    FakeBulkServer(backend)
    backend.failure = CannotReach("refused")
    bulk = connection.start_bulk(BulkPlan("replay", ids(range(700))))
    await clock.advance(200)
    assert figures(bulk) == (0, 0, 0, 700)
    assert bulk.progress.state is BulkState.INTERRUPTED
    assert bulk.progress.message == "cannot reach the server (refused)"


NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def whole(verb: str, narrowed: RunFilter, known: int = 5000) -> BulkPlan:
    rows = make_rows(range(known), "QUEUED")
    plan = whole_plan(preview(verb, rows, 0, label="these", truncated=True), narrowed, NOW)
    assert plan is not None
    return plan


async def test_a_plan_for_everything_covers_what_the_list_covered_and_nothing_created_later() -> (
    None
):
    day = timedelta(days=1)
    plan = whole("cancel", RunFilter(statuses=("QUEUED", "FAILED"), period="1h30m"))
    hour_and_half = timedelta(hours=1, minutes=30)
    assert plan.matching == RunFilter(statuses=("QUEUED",), since=NOW - hour_and_half, until=NOW)
    usual = whole("replay", RunFilter(statuses=("FAILED",)))
    assert usual.matching == RunFilter(statuses=("FAILED",), since=NOW - 7 * day, until=NOW)
    old = whole("replay", RunFilter(until=NOW - day))
    assert old.matching == RunFilter(until=NOW - day)
    ahead = whole("replay", RunFilter(since=NOW - day, until=NOW + day))
    assert ahead.matching == RunFilter(since=NOW - day, until=NOW)
    asked = preview("replay", make_rows(range(3)), 0)
    assert whole_plan(asked, RunFilter(error="error_1"), NOW) is None
    canceling = preview("cancel", make_rows(range(3)), 0)
    assert whole_plan(canceling, RunFilter(statuses=("COMPLETED", "FAILED")), NOW) is None
    tagging = preview("tag", make_rows(range(3)), 0, tags=("x",))
    assert whole_plan(tagging, RunFilter(), NOW) is None


async def test_everything_that_matches_is_one_action_of_the_server_counted_by_its_figures(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    FakeBulkServer(backend, matching=20_000, wrong_by=40)
    plan = whole("cancel", RunFilter(statuses=("QUEUED",)))
    bulk = connection.start_bulk(plan)
    await clock.advance(10.5)
    done, failed, unknown, left = figures(bulk)
    assert (failed, unknown, done + left) == (0, 0, 20_040)
    assert bulk.progress.eta_s is not None
    assert 180 < bulk.progress.eta_s < 220
    await clock.advance(300)
    assert figures(bulk) == (19_999, 1, 0, 0)
    assert backend.asked("start_bulk") == [("cancel", None, plan.matching)]


async def test_everything_that_matches_is_aborted_and_what_is_left_is_said(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    FakeBulkServer(backend, matching=20_000)
    bulk = connection.start_bulk(whole("cancel", RunFilter(statuses=("QUEUED",))))
    await clock.advance(4.5)
    done = bulk.progress.done
    await aborted(bulk, clock)
    assert figures(bulk) == (done + 100, 0, 0, 20_000 - done - 100)
    assert bulk.progress.is_estimate


async def test_everything_that_matches_is_followed_on_after_an_interruption(
    backend: FakeBackend, clock: FakeClock, tmp_path: Path
) -> None:
    FakeBulkServer(backend, matching=9000)
    first = Connection(backend, clock, bulk_folder=tmp_path)
    plan = whole("replay", RunFilter(statuses=("FAILED",), queues=("task/a",), is_test=False))
    first.start_bulk(plan)
    await clock.advance(3.5)
    await first.close()
    second = Connection(backend, clock, bulk_folder=tmp_path)
    [path] = second.interrupted_bulks()
    bulk = second.resume_bulk(path)
    assert bulk.plan == plan
    assert figures(bulk)[0] > 0
    await clock.advance(300)
    assert figures(bulk) == (8999, 1, 0, 0)
    assert len(backend.asked("start_bulk")) == 1
    assert path.stat().st_size < 400_000, "the ids are not written again with each look"
    await second.close()


async def test_of_everything_that_matches_a_lost_answer_is_unknown_and_a_refusal_is_tried_again(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    plan = whole("replay", RunFilter())
    backend.answers["start_bulk"] = CannotReach("cut", outcome_unknown=True)
    lost = connection.start_bulk(plan)
    await clock.advance(60)
    assert figures(lost) == (0, 0, 5000, 0)
    assert len(backend.asked("start_bulk")) == 1
    backend.answers["start_bulk"] = InvalidRequest("no", status=400)
    refused = connection.start_bulk(plan)
    await clock.advance(60)
    assert figures(refused) == (0, 5000, 0, 0)
    assert refused.retry_plan == plan


async def test_two_bulks_of_the_same_size_do_not_stand_in_each_others_way(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    FakeBulkServer(backend)
    backend.gate = asyncio.Event()
    bulks = [
        connection.start_bulk(BulkPlan("cancel", ids(numbers)))
        for numbers in (range(500), range(500, 1000))
    ]
    await clock.settle()
    backend.gate.set()
    await clock.advance(30)
    assert [figures(bulk) for bulk in bulks] == [(499, 1, 0, 0)] * 2


async def test_an_interrupted_bulk_is_resumed_from_its_list_and_repeats_nothing(
    backend: FakeBackend, clock: FakeClock, tmp_path: Path
) -> None:
    backend.capabilities = SINGLES
    backend.answers["replay"] = lambda run_id: f"{run_id}_again"
    first = Connection(backend, clock, bulk_folder=tmp_path)
    first.start_bulk(BulkPlan("replay", ids(range(40)), label="all"))
    await clock.advance(1.05)
    await first.close()
    sent = len(backend.asked("replay"))
    assert 5 < sent < 40
    [path] = unfinished_bulks(tmp_path)

    second = Connection(backend, clock, bulk_folder=tmp_path)
    bulk = second.resume_bulk(path)
    assert bulk.plan.label == "all"
    assert figures(bulk)[0] == sent
    await clock.advance(30)
    assert figures(bulk) == (40, 0, 0, 0)
    assert sorted(target for (target,) in backend.asked("replay")) == list(ids(range(40)))
    assert unfinished_bulks(tmp_path) == []
    await second.close()


async def test_a_replay_under_way_when_the_program_was_killed_is_unknown(
    backend: FakeBackend, clock: FakeClock, tmp_path: Path
) -> None:
    path = tmp_path / "x.bulk.jsonl"
    head = (
        '{"verb": "%s", "run_ids": ["run_000001", "run_000002"], "tags": [], "label": "",'
        ' "started_at": "2026-03-04T12:00:00+00:00"}\n'
        '{"ids": ["run_000001"], "state": "sent", "reason": ""}\n{"ids": ["run_0'
    )
    backend.capabilities = SINGLES
    connection = Connection(backend, clock)
    path.write_text(head % "replay")
    bulk = connection.resume_bulk(path)
    await clock.advance(10)
    assert bulk.unknown == ["run_000001"]
    assert backend.asked("replay") == [("run_000002",)]
    path.write_text(head % "cancel")
    bulk = connection.resume_bulk(path)
    await clock.advance(10)
    assert figures(bulk) == (2, 0, 0, 0)
    await connection.close()


async def test_a_servers_bulk_is_followed_on_after_an_interruption_and_not_started_again(
    backend: FakeBackend, clock: FakeClock, tmp_path: Path
) -> None:
    FakeBulkServer(backend)
    first = Connection(backend, clock, bulk_folder=tmp_path)
    first.start_bulk(BulkPlan("cancel", ids(range(600))))
    await clock.advance(1.5)
    await first.close()
    second = Connection(backend, clock, bulk_folder=tmp_path)
    bulk = second.resume_bulk(unfinished_bulks(tmp_path)[0])
    await clock.advance(30)
    assert figures(bulk) == (598, 2, 0, 0)
    assert [len(run_ids) for _, run_ids, _ in backend.asked("start_bulk")] == [500, 100]
    await second.close()


async def test_a_bulk_stands_still_while_the_rate_limit_is_nearly_spent(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.capabilities = SINGLES
    backend.budget = RateBudget(limit=750, remaining=10, stopped=True)
    bulk = connection.start_bulk(BulkPlan("cancel", ids(range(3))))
    await clock.advance(60)
    assert backend.log == []
    assert bulk.progress.message == "waiting for the rate limit"
    backend.budget = RateBudget()
    await clock.advance(30)
    assert figures(bulk) == (3, 0, 0, 0)


async def test_a_list_is_worked_on_by_one_program_at_a_time(
    backend: FakeBackend, clock: FakeClock, tmp_path: Path
) -> None:
    backend.capabilities = SINGLES
    first, second = (Connection(backend, clock, bulk_folder=tmp_path) for _ in range(2))
    bulk = first.start_bulk(BulkPlan("cancel", ids(range(40))))
    path = bulk.journal.path
    assert path is not None
    assert second.interrupted_bulks() == first.interrupted_bulks() == []
    with pytest.raises(InUseError, match="another trigdash works on this list"):
        second.resume_bulk(path)
    await clock.advance(0.5)
    await first.close()
    assert second.interrupted_bulks() == [path]
    resumed = second.resume_bulk(path)
    third = Connection(backend, clock, bulk_folder=tmp_path)
    assert third.interrupted_bulks() == []
    await clock.advance(30)
    assert figures(resumed) == (40, 0, 0, 0)
    with pytest.raises(InUseError, match="come to its end elsewhere"):
        third.resume_bulk(path)
    await second.close()
    await third.close()


async def test_of_the_lists_that_have_ended_the_latest_twenty_stay(
    connection: Connection, backend: FakeBackend, clock: FakeClock, tmp_path: Path
) -> None:
    backend.capabilities = SINGLES
    kept = Connection(backend, clock, bulk_folder=tmp_path)
    interrupted = tmp_path / "20000101T000000000000-cancel.bulk.jsonl"
    BulkJournal.create(BulkPlan("cancel", ids(range(2))), clock.now(), interrupted).release()
    for _ in range(ENDED_KEPT + 5):
        kept.start_bulk(BulkPlan("cancel", ids(range(2))))
        await clock.advance(5)
    await kept.close()
    lists = sorted(os.listdir(tmp_path))
    # Those that ended, the one begun after they were counted, and the one that was left undone.
    assert len(lists) == ENDED_KEPT + 2
    assert lists[0] == interrupted.name
