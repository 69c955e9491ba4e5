"""Actions: sent once, marked, logged, and honest about what is not known."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.backend import FakeBackend, make_row, make_rows
from tests.fakes.clock import FakeClock
from trigdash.backends.base import CannotReach, NotFound
from trigdash.model.capability import Capability
from trigdash.model.run import TriggeredRun
from trigdash.model.run_filter import RunFilter
from trigdash.service.actions import outcome as audit
from trigdash.service.actions.outcome import AuditLog, Outcome, Result, read_audit
from trigdash.service.connection import Connection
from trigdash.service.runs.detail import RunQuery
from trigdash.service.runs.query import RunsQuery

RUN = "run_000001"
OTHER_RUN = "run_000002"


def ignore(_: Any) -> None:
    pass


async def test_a_replay_tells_the_new_run(connection: Connection, backend: FakeBackend) -> None:
    backend.answers["replay"] = "run_new"
    outcome = await connection.actions.replay(RUN)
    assert (outcome.result, outcome.new_id) == (Result.DONE, "run_new")
    assert outcome.message == "replayed as run_new"
    assert list(connection.actions.outcomes) == [outcome]
    assert connection.actions.pending == {}


async def test_an_idempotency_key_that_was_used_before_starts_nothing_and_that_is_told(
    connection: Connection, backend: FakeBackend
) -> None:
    backend.answers["trigger"] = TriggeredRun(id="run_old", is_cached=True)
    found = await connection.actions.trigger("send-email", None, {"idempotencyKey": "once"})
    assert (found.done, found.new_id, found.is_new) == (True, "run_old", False)
    assert found.message == "this idempotency key was used before: here is that run, run_old"
    backend.answers["trigger"] = TriggeredRun(id="run_new")
    made = await connection.actions.trigger("send-email", None, {"idempotencyKey": "new"})
    assert (made.new_id, made.is_new, made.message) == ("run_new", True, "started run_new")


async def test_a_held_key_sends_one_action(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.gate = asyncio.Event()
    backend.answers["replay"] = "run_new"
    presses = [asyncio.create_task(connection.actions.replay(RUN)) for _ in range(20)]
    await clock.settle()
    assert connection.actions.pending[RUN].verb == "replay"
    backend.gate.set()
    outcomes = await asyncio.gather(*presses)
    assert len(backend.asked("replay")) == 1
    assert [outcome.result for outcome in outcomes].count(Result.DONE) == 1
    assert outcomes[-1].message == f"replay of {RUN} is under way already"


async def test_another_target_or_another_verb_is_no_repetition(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.gate = asyncio.Event()
    acts = [
        connection.actions.cancel(RUN),
        connection.actions.cancel(OTHER_RUN),
        connection.actions.add_tags(RUN, ["a"]),
    ]
    doing = [asyncio.create_task(act) for act in acts]
    await clock.settle()
    assert len(backend.log) == 3
    backend.gate.set()
    await asyncio.gather(*doing)


async def test_a_queue_is_changed_by_one_action_at_a_time(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.gate = asyncio.Event()
    first = asyncio.create_task(connection.actions.override_limit("queue_1", 5))
    await clock.settle()
    second = await connection.actions.pause_queue("queue_1", paused=True)
    assert second.message == "limit of queue_1 is under way already"
    backend.gate.set()
    assert (await first).message == "limit is 5 now"
    assert (await connection.actions.reset_limit("queue_1")).done


async def test_a_lost_answer_is_unknown_and_nothing_is_sent_again(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.failure = CannotReach("cut off", outcome_unknown=True)
    replaying = asyncio.create_task(connection.actions.replay(RUN))
    await clock.advance(60)
    outcome = await replaying
    assert (outcome.result, outcome.may_retry) == (Result.UNKNOWN, False)
    assert "may have happened" in outcome.message
    assert len(backend.asked("replay")) == 1


async def test_a_refusal_says_why(connection: Connection, backend: FakeBackend) -> None:
    backend.failure = NotFound("Resource not found", status=404)
    outcome = await connection.actions.cancel(RUN)
    assert (outcome.result, outcome.may_retry) == (Result.REFUSED, False)
    assert outcome.message == "not found (Resource not found)"
    assert connection.actions.pending == {}


async def test_read_only_sends_nothing_at_all(backend: FakeBackend, clock: FakeClock) -> None:
    connection = Connection(backend, clock, read_only=True)
    actions = connection.actions
    outcomes: list[Outcome] = [
        await actions.cancel(RUN),
        await actions.replay(RUN),
        await actions.retry(RUN),
        await actions.restart(RUN, "step"),
        await actions.add_tags(RUN, ["a"]),
        await actions.reschedule(RUN, "1h"),
        await actions.edit_metadata(RUN, {"a": 1}, ()),
        await actions.trigger("task", None, {}),
        await actions.pause_queue("queue_1", paused=True),
        await actions.override_limit("queue_1", 1),
        await actions.reset_limit("queue_1"),
        await actions.start_bulk("cancel", [RUN], None, "1 run"),
        await actions.abort_bulk("bulk_1"),
    ]
    assert {outcome.message for outcome in outcomes} == {"read-only: nothing is changed"}
    assert backend.log == []
    await connection.close()


async def test_what_the_backend_cannot_do_is_refused_with_its_reason(
    connection: Connection, backend: FakeBackend
) -> None:
    backend.capabilities = frozenset({Capability.CANCEL})
    outcome = await connection.actions.replay(RUN)
    assert outcome.message == "the fake does not know replay"
    assert backend.log == []


async def test_canceling_stays_marked_until_the_end_is_seen(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add([make_row(1, "EXECUTING")])
    connection.watch(RunsQuery(), ignore)
    await clock.settle()
    told: list[set[str]] = []
    connection.actions.add_listener(lambda: told.append(set(connection.actions.pending)))
    await connection.actions.cancel(RUN)
    await clock.advance(5)
    assert connection.actions.pending[RUN].answered
    backend.change(RUN, status_name="CANCELED")
    await clock.advance(3)
    assert connection.actions.pending == {}
    assert told == [{RUN}, {RUN}, set()]


async def test_a_mark_goes_with_the_row_that_a_narrowed_list_lets_go_of(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add([make_row(1, "EXECUTING"), make_row(2, "EXECUTING")])
    executing = RunsQuery(RunFilter(statuses=("EXECUTING",)))
    connection.watch(executing, ignore)
    await clock.settle()
    await connection.actions.cancel(RUN)
    await clock.advance(5)
    assert connection.actions.pending[RUN].answered
    backend.change(RUN, status_name="CANCELED")
    await clock.advance(30)
    held = connection.snapshot(executing).data
    assert held is not None
    assert held.find(RUN) is None
    assert connection.actions.pending == {}


async def test_canceling_a_finished_run_leaves_no_mark(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add([make_row(1, "COMPLETED")])
    connection.watch(RunsQuery(), ignore)
    await clock.settle()
    assert (await connection.actions.cancel(RUN)).done
    assert connection.actions.pending == {}


async def test_a_mark_whose_end_is_never_seen_goes_in_the_end(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add([make_row(1, "EXECUTING")])
    connection.watch(RunsQuery(), ignore)
    await connection.actions.cancel(RUN)
    await clock.advance(11 * 60)
    assert connection.actions.pending == {}


async def test_an_action_wakes_what_mentions_the_run_and_nothing_else(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add(make_rows(range(4)))
    for query in (RunsQuery(), RunQuery(RUN), RunQuery(OTHER_RUN)):
        connection.watch(query, ignore)
    await clock.advance(30)
    connection.pause()
    await clock.settle()
    backend.log.clear()
    await connection.actions.add_tags(RUN, ["a"])
    await clock.settle()
    assert backend.asked("run") == [(RUN,)]
    assert len(backend.asked("runs")) == 1


async def test_a_run_far_down_the_list_is_read_again_after_an_action(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add(make_rows(range(300)))
    query = RunsQuery()
    connection.watch(query, ignore)
    await clock.settle()
    connection.older(query)
    await clock.settle()
    connection.older(query)
    await clock.settle()
    backend.change(RUN, tags=("new",))
    await connection.actions.add_tags(RUN, ["new"])
    await clock.settle()
    data = connection.snapshot(query).data
    assert data is not None
    found = data.find(RUN)
    assert found is not None
    assert found.tags == ("new",)


async def test_an_action_goes_on_although_its_screen_is_left(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.gate = asyncio.Event()
    backend.answers["replay"] = "run_new"
    screen = asyncio.create_task(connection.actions.replay(RUN))
    await clock.settle()
    screen.cancel()
    await clock.settle()
    backend.gate.set()
    await clock.settle()
    assert [outcome.new_id for outcome in connection.actions.outcomes] == ["run_new"]


async def test_closing_waits_for_what_was_sent_and_tells_nobody(
    backend: FakeBackend, clock: FakeClock, tmp_path: Path
) -> None:
    log = AuditLog(tmp_path / "actions.jsonl")
    connection = Connection(backend, clock, audit=log)
    backend.gate = asyncio.Event()
    backend.answers["replay"] = "run_new"
    doing = asyncio.create_task(connection.actions.replay(RUN))
    await clock.settle()
    told: list[int] = []
    connection.actions.add_listener(lambda: told.append(1))
    closing = asyncio.create_task(connection.close())
    await clock.settle()
    assert not backend.closed
    backend.gate.set()
    await closing
    assert (await doing).new_id == "run_new"
    assert told == []
    assert [entry.new_id for entry in read_audit(log.path)] == ["run_new"]
    assert (await connection.actions.replay(RUN)).message == "the connection is closed"


async def test_every_action_is_logged_without_payload_or_secret(
    backend: FakeBackend, clock: FakeClock, tmp_path: Path
) -> None:
    log = AuditLog(tmp_path / "state" / "actions.jsonl", profile="work")
    connection = Connection(backend, clock, audit=log)
    backend.answers["trigger"] = TriggeredRun(id="run_new")
    await connection.actions.trigger("send-email", {"to": "secret@x"}, {"tags": ["private"]})
    await connection.actions.edit_metadata(RUN, {"token": "hush"}, ())
    backend.failure = CannotReach("x", outcome_unknown=True)
    replaying = asyncio.create_task(connection.actions.replay(RUN))
    await clock.advance(60)
    await replaying
    text = log.path.read_text()
    assert "secret@x" not in text
    assert "private" not in text
    assert "hush" not in text
    assert [json.loads(line)["result"] for line in text.splitlines()] == ["done", "done", "unknown"]
    newest, *_, oldest = read_audit(log.path)
    assert (newest.action, newest.target, newest.profile) == ("replay", RUN, "work")
    assert (oldest.action, oldest.target, oldest.new_id) == ("trigger", "send-email", "run_new")
    assert oldest.at == newest.at < clock.now()
    assert log.path.stat().st_mode & 0o077 == 0
    await connection.close()


async def test_a_full_log_is_put_aside_and_broken_lines_are_left_out(
    clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "MAX_BYTES", 2_000)
    log = AuditLog(tmp_path / "actions.jsonl")
    for number in range(40):
        log.write(Outcome("cancel", f"run_{number}", Result.DONE, "", clock.now()), "")
    with log.path.open("a") as file:
        file.write('{"at": "never"}\nnonsense\n')
    entries = read_audit(log.path)
    assert entries[0].target == "run_39"
    assert 10 < len(entries) < 40
    assert log.path.stat().st_size < 2_500
    assert len(read_audit(log.path, limit=3)) == 3
    assert read_audit(tmp_path / "none.jsonl") == []


async def test_a_log_that_cannot_be_written_stops_no_action(
    backend: FakeBackend, clock: FakeClock, tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    log = AuditLog(blocked / "actions.jsonl")
    connection = Connection(backend, clock, audit=log)
    assert (await connection.actions.cancel(RUN)).done
    assert "cannot be written" in log.problem
    await connection.close()


async def test_a_bug_in_a_backend_reaches_the_crash_hook_and_leaves_no_mark(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    crashes: list[BaseException] = []
    connection.on_crash = crashes.append

    def broken(_: str) -> None:
        raise ZeroDivisionError("a bug")

    backend.answers["replay"] = broken
    with pytest.raises(ZeroDivisionError):
        await connection.actions.replay(RUN)
    await clock.settle()
    assert [str(crash) for crash in crashes] == ["a bug"]
    assert connection.actions.pending == {}
