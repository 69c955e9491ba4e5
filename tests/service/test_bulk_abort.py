"""A bulk that is aborted, busy, halted or lost: the figures are those of the server at rest."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.backend import FakeBackend, make_rows
from tests.fakes.bulk_server import FakeBulkServer, aborted, figures, ids
from tests.fakes.clock import START, FakeClock
from tests.recorded import recorded
from trigdash.backends.base import BadKey, CannotReach, InvalidRequest, NotFound, TooManyAtOnce
from trigdash.model.bulk import BulkAction, BulkCounts, parse_bulk
from trigdash.model.capability import Capability
from trigdash.model.run_filter import RunFilter
from trigdash.service.actions.outcome import AuditLog, Result, read_audit
from trigdash.service.bulk.plan import BulkPlan
from trigdash.service.bulk.progress import REST_S, BulkIfLeft, BulkState
from trigdash.service.bulk_record import BulkRecord, Chunk, ItemState
from trigdash.service.connection import Connection
from trigdash.service.runs.query import RunsQuery

SINGLES = frozenset(Capability) - {Capability.BULK}


async def test_runs_that_an_aborted_bulk_did_not_try_have_not_failed(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    FakeBulkServer(backend)
    bulk = connection.start_bulk(BulkPlan("cancel", ids(range(1700))))
    await clock.advance(4.5)
    assert figures(bulk) == (499 + 100, 1, 0, 1100), "one of the first 500 had ended"
    await aborted(bulk, clock)
    assert figures(bulk) == (699, 1, 0, 1000), "the hundred that were begun are done"
    assert bulk.progress.state is BulkState.ABORTED


async def test_figures_are_read_on_until_they_rest(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    """Recorded: 100 of 300 right after the abort, 200 a few seconds later."""
    at_once, later = (
        parse_bulk(recorded(f"bulk_actions_get__aborted_{when}").body)
        for when in ("at_once", "15_s_later")
    )
    backend.answers |= {"start_bulk": "bulk_1", "bulk": at_once}
    bulk = connection.start_bulk(BulkPlan("cancel", ids(range(300))))
    await clock.settle()
    aborting = asyncio.create_task(bulk.abort())
    await clock.advance(REST_S - 1)
    assert (figures(bulk), bulk.state) == ((100, 0, 0, 200), BulkState.STOPPING)
    backend.answers["bulk"] = later
    await clock.advance(REST_S - 1)
    assert (figures(bulk), bulk.state) == ((200, 0, 0, 100), BulkState.STOPPING)
    await clock.advance(3)
    await aborting
    assert (figures(bulk), bulk.state) == ((200, 0, 0, 100), BulkState.ABORTED)


async def test_an_abort_within_the_last_hundred_ends_as_all_done(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    server = FakeBulkServer(backend)
    bulk = connection.start_bulk(BulkPlan("cancel", ids(range(200))))
    await clock.advance(0.5)
    assert bulk.progress.done == 100
    await aborted(bulk, clock)
    assert not server.actions["bulk_0"].is_aborted, "ABORTED became COMPLETED"
    assert (figures(bulk), bulk.state) == ((199, 1, 0, 0), BulkState.ENDED)


async def test_while_figures_cannot_be_read_they_do_not_rest(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    FakeBulkServer(backend)
    bulk = connection.start_bulk(BulkPlan("cancel", ids(range(1000))))
    await clock.advance(1.5)
    aborting = asyncio.create_task(bulk.abort())
    await clock.settle()
    backend.failures["bulk"] = CannotReach("refused")
    await clock.advance(60)
    assert bulk.state is BulkState.STOPPING
    assert bulk.progress.message == "cannot reach the server (refused)"
    del backend.failures["bulk"]
    await clock.advance(REST_S + 5)
    await aborting
    assert (figures(bulk), bulk.progress.message) == ((300, 0, 0, 700), "")


async def test_a_bulk_that_somebody_else_aborts_hands_over_nothing_more(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    server = FakeBulkServer(backend)
    bulk = connection.start_bulk(BulkPlan("cancel", ids(range(1200))))
    await clock.advance(1.5)
    server.abort("bulk_0")
    await clock.advance(30)
    assert bulk.state is BulkState.ABORTED
    assert bulk.progress.message == "the bulk action was aborted on the server, not from here"
    assert figures(bulk) == (300, 0, 0, 900)
    assert len(backend.asked("start_bulk")) == 1


def told(status: str, total: int, success: int, failure: int) -> BulkAction:
    counts = BulkCounts(total=total, success=success, failure=failure)
    return BulkAction(
        id="bulk_1", kind="CANCEL", status_name=status, counts=counts, created_at=START
    )


async def test_what_a_completed_bulk_counts_nowhere_was_not_acted_on(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    """Recorded: 114 in all, 100 done, none failed, COMPLETED: the others ended by themselves."""
    backend.answers |= {"start_bulk": "bulk_1", "bulk": told("COMPLETED", 114, 100, 0)}
    bulk = connection.start_bulk(BulkPlan("cancel", ids(range(114))))
    await clock.advance(2)
    assert (figures(bulk), bulk.state) == ((100, 0, 0, 14), BulkState.ENDED)


@pytest.mark.parametrize(("success", "failure"), [(9, 0), (0, 9), (4, 4), (10**9, 10**9)])
async def test_a_server_that_counts_more_than_it_was_given_makes_no_negative_figure(
    connection: Connection, backend: FakeBackend, clock: FakeClock, success: int, failure: int
) -> None:
    backend.answers |= {"start_bulk": "bulk_1", "bulk": told("COMPLETED", 5, success, failure)}
    bulk = connection.start_bulk(BulkPlan("cancel", ids(range(5))))
    await clock.advance(2)
    failed = min(5, failure)
    assert figures(bulk) == (5 - failed, failed, 0, 0)


async def test_a_bulk_action_that_the_server_no_longer_knows_leaves_its_rest_unknown(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    FakeBulkServer(backend)
    bulk = connection.start_bulk(BulkPlan("cancel", ids(range(400))))
    await clock.advance(0.5)
    backend.failures["bulk"] = NotFound("Not found", status=404)
    await clock.advance(5)
    assert (figures(bulk), bulk.state) == ((100, 0, 300, 0), BulkState.ENDED)
    assert bulk.progress.message == "the server no longer knows its bulk action"


async def test_a_fourth_bulk_replay_waits_for_one_to_end_and_says_so_in_the_servers_words(
    backend: FakeBackend, clock: FakeClock, tmp_path: Path
) -> None:
    log = AuditLog(tmp_path / "actions.jsonl")
    connection = Connection(backend, clock, audit=log)
    server = FakeBulkServer(backend)
    busy = TooManyAtOnce("You can only run 3 bulk replays at a time.", status=429)
    backend.answers["start_bulk"] = busy
    bulk = connection.start_bulk(BulkPlan("replay", ids(range(3))))
    await clock.advance(15 * 60)
    assert (figures(bulk), bulk.state) == ((0, 0, 0, 3), BulkState.RUNNING)
    said = "the server is busy: You can only run 3 bulk replays at a time."
    assert bulk.progress.message == said
    assert len(backend.asked("start_bulk")) < 40, "asked about twice a minute"
    assert {entry.sentence for entry in read_audit(log.path)} == {said}
    backend.answers["start_bulk"] = server.start
    await clock.advance(60)
    assert (figures(bulk), bulk.progress.message) == ((2, 1, 0, 0), "")
    await connection.close()


async def test_a_bulk_that_waits_for_others_can_be_aborted(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.answers["start_bulk"] = TooManyAtOnce("3 at a time", status=429)
    bulk = connection.start_bulk(BulkPlan("replay", ids(range(3))))
    await clock.advance(60)
    await aborted(bulk, clock)
    assert (figures(bulk), bulk.state) == ((0, 0, 0, 3), BulkState.ABORTED)


async def test_a_halt_is_told_at_once(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.failure = BadKey(status=401)
    bulk = connection.start_bulk(BulkPlan("cancel", ids(range(3))))
    told: list[tuple[BulkState, str]] = []
    bulk.listener = lambda: told.append((bulk.state, bulk.progress.message))
    await clock.settle()
    assert told[-1] == (BulkState.INTERRUPTED, "the server does not accept this key (401)")


async def test_why_the_servers_bulk_cannot_be_looked_at_is_told_while_it_is_followed(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    FakeBulkServer(backend)
    bulk = connection.start_bulk(BulkPlan("cancel", ids(range(900))))
    told: list[str] = []
    bulk.listener = lambda: told.append(bulk.progress.message)
    await clock.advance(1.5)
    backend.failures["bulk"] = CannotReach("refused")
    await clock.advance(3)
    assert told[-1] == "cannot reach the server (refused)"
    del backend.failures["bulk"]
    await clock.advance(1)
    assert told[-1] == ""


@pytest.mark.parametrize("verb", ["cancel", "replay", "tag"])
async def test_single_actions_of_a_bulk_wake_the_lists_once_at_its_end(
    connection: Connection, backend: FakeBackend, clock: FakeClock, verb: str
) -> None:
    backend.capabilities = SINGLES
    backend.answers["replay"] = lambda run_id: f"{run_id}_again"
    backend.add(make_rows(range(40), "EXECUTING"))
    connection.watch(RunsQuery(), lambda _: None)
    await clock.settle()
    connection.pause()
    await clock.settle()
    before = len(backend.asked("runs"))
    connection.start_bulk(BulkPlan(verb, ids(range(30)), tags=("x",)))
    await clock.advance(1)
    assert len(backend.asked("runs")) == before
    await clock.advance(60)
    # One poll of the list, and one that asks again for what was changed.
    assert len(backend.asked("runs")) == before + 2


@pytest.mark.parametrize("verb", ["cancel", "replay"])
async def test_an_action_by_itself_wakes_the_lists_at_once(
    connection: Connection, backend: FakeBackend, clock: FakeClock, verb: str
) -> None:
    backend.answers["replay"] = "run_new"
    backend.add(make_rows(range(4), "EXECUTING"))
    connection.watch(RunsQuery(), lambda _: None)
    await clock.settle()
    connection.pause()
    await clock.settle()
    before = len(backend.asked("runs"))
    await getattr(connection.actions, verb)("run_000001")
    await clock.settle()
    assert len(backend.asked("runs")) == before + 1


async def test_the_servers_own_words_on_tags_are_kept(
    connection: Connection, backend: FakeBackend
) -> None:
    backend.answers["add_tags"] = "Successfully set 1 new tags."
    assert (await connection.actions.add_tags("run_1", ["a"])).message == (
        "Successfully set 1 new tags."
    )
    backend.answers["add_tags"] = ""
    assert (await connection.actions.add_tags("run_1", ["a"])).message == "tagged"


async def test_a_repeatable_single_whose_lost_answer_did_nothing_is_sent_again(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.capabilities = SINGLES
    backend.add(make_rows(range(3), "EXECUTING"))
    lost: Any = [CannotReach("cut", outcome_unknown=True)]
    backend.answers["cancel"] = lambda run_id: (
        lost.pop() if run_id == "run_000001" and lost else None
    )
    bulk = connection.start_bulk(BulkPlan("cancel", ids(range(3))))
    await clock.advance(30)
    assert figures(bulk) == (3, 0, 0, 0)
    assert [target for (target,) in backend.asked("cancel")].count("run_000001") == 2


async def test_the_action_log_tells_how_the_runs_of_a_bulk_were_chosen_and_which_they_were(
    backend: FakeBackend, clock: FakeClock, tmp_path: Path
) -> None:
    log = AuditLog(tmp_path / "actions.jsonl")
    connection = Connection(backend, clock, audit=log)
    FakeBulkServer(backend, matching=2)
    connection.start_bulk(BulkPlan("cancel", ids(range(2)), label="task:a"))
    await clock.advance(5)
    whole = RunFilter(tasks=("b",), until=clock.now())
    connection.start_bulk(BulkPlan("replay", ids(range(1)), label="task:b", matching=whole))
    await clock.advance(5)
    by_filter, by_ids = read_audit(log.path)
    assert (by_ids.target, by_ids.chosen_by, by_ids.filter) == ("2 runs", "task:a", "")
    assert by_ids.run_ids == ids(range(2))
    assert (by_filter.chosen_by, by_filter.run_ids) == ("task:b", ())
    assert by_filter.filter == "task:b to:2026-03-04T12:00:05+00:00"
    await connection.close()


def test_dealt_with_are_those_that_are_known_to_be_done() -> None:
    plan = BulkPlan("cancel", ids(range(9)))
    record = BulkRecord(plan, START)
    done, failed, unknown, *rest = plan.run_ids
    record.states = {
        done: ItemState.DONE,
        failed: ItemState.FAILED,
        unknown: ItemState.UNKNOWN,
        **dict.fromkeys(rest, ItemState.SENT),
    }
    record.chunks = [
        Chunk((rest[0],), "bulk_1", success=1, ended=True),
        Chunk((rest[1],), "bulk_2", ended=True, aborted=True),
        Chunk((rest[2],), "bulk_3"),
        Chunk((rest[3],), "bulk_4", ended=True, lost=True),
    ]
    assert record.dealt_with() == {done, rest[0]}


async def test_an_error_about_one_chunk_does_not_halt_the_bulk(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    server = FakeBulkServer(backend)
    answers: list[Any] = [InvalidRequest("no", status=400)]
    backend.answers["start_bulk"] = lambda *given: (
        answers.pop() if answers else server.start(*given)
    )
    bulk = connection.start_bulk(BulkPlan("cancel", ids(range(600))))
    await clock.advance(30)
    assert figures(bulk) == (99, 501, 0, 0)
    assert bulk.failures[0] == ("run_000000", "the server refused: no")
    assert [outcome.result for outcome in connection.actions.outcomes] == [
        Result.REFUSED,
        Result.DONE,
    ]


async def test_what_stops_and_what_goes_on_when_a_bulk_is_left_is_known_before(
    backend: FakeBackend, clock: FakeClock, tmp_path: Path
) -> None:
    connection = Connection(backend, clock, bulk_folder=tmp_path)
    FakeBulkServer(backend)
    handed_over = connection.start_bulk(BulkPlan("cancel", ids(range(1200))))
    await clock.advance(1.5)
    assert handed_over.if_left == BulkIfLeft(stops=700, goes_on=300, can_be_resumed=True)
    backend.capabilities = SINGLES
    singly = connection.start_bulk(BulkPlan("tag", ids(range(10)), ("x",)))
    await clock.settle()
    assert singly.if_left == BulkIfLeft(stops=9, goes_on=0, can_be_resumed=True)
    await clock.advance(60)
    assert singly.if_left == BulkIfLeft(stops=0, goes_on=0, can_be_resumed=True)
    await connection.close()


async def test_a_bulk_whose_list_is_not_kept_cannot_be_resumed(
    connection: Connection, backend: FakeBackend
) -> None:
    backend.capabilities = SINGLES
    bulk = connection.start_bulk(BulkPlan("tag", ids(range(10)), ("x",)))
    assert bulk.if_left == BulkIfLeft(stops=10, goes_on=0, can_be_resumed=False)


async def test_who_waits_for_a_bulk_is_told_of_every_end(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.capabilities = SINGLES

    async def ended_after(act: Any) -> BulkState:
        bulk = connection.start_bulk(BulkPlan("cancel", ids(range(20))))
        waiting = asyncio.create_task(bulk.wait())
        await clock.settle()
        assert not waiting.done()
        await act(bulk)
        async with asyncio.timeout(5):
            await waiting
        return bulk.state

    assert await ended_after(lambda bulk: clock.advance(30)) is BulkState.ENDED
    assert await ended_after(lambda bulk: bulk.abort()) is BulkState.ABORTED
    assert await ended_after(lambda bulk: bulk.interrupt()) is BulkState.INTERRUPTED

    async def refuse(_: Any) -> None:
        backend.failure = BadKey(status=401)
        await clock.advance(5)

    assert await ended_after(refuse) is BulkState.INTERRUPTED
