"""The questions before an action on one run, and what comes of their answers."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.fakes.backend import FakeBackend, FakeRun, make_row
from tests.fakes.clock import FakeClock
from tests.ui.writing_desk import ScriptedDesk, words_of
from trigdash.backends.base import CannotReach, NotFound, ServerError
from trigdash.model.capability import Capability
from trigdash.model.queue import Concurrency, Queue
from trigdash.model.run import TriggeredRun, parse_run
from trigdash.presentation.moment import moment
from trigdash.presentation.replay_form import NewRun
from trigdash.service.actions.outcome import Outcome
from trigdash.service.connection import Connection
from trigdash.service.runs.detail import RunQuery
from trigdash.service.runs.document import DocumentQuery
from trigdash.ui.actions import prompt_context as desk_module
from trigdash.ui.actions.prompt_context import ConfirmedAction
from trigdash.ui.actions.queue_prompts import (
    prompt_limit,
    prompt_pause,
    prompt_unlimit,
    queue_disabled_reason,
)
from trigdash.ui.actions.replay_prompts import prompt_replay
from trigdash.ui.actions.run_prompts import (
    prompt_cancel,
    prompt_metadata,
    prompt_reschedule,
    prompt_restart,
    prompt_retry,
    prompt_tags,
)
from trigdash.ui.dialogs.confirm import ConfirmDialog, ReplayDialog
from trigdash.ui.dialogs.edit_replay import EditReplayDialog
from trigdash.ui.dialogs.json_form import EditMetadataDialog, NewStart

ROW = make_row(1, "EXECUTING")


@pytest.fixture
def backend() -> FakeBackend:
    backend = FakeBackend()
    backend.add([ROW])
    return backend


@dataclass
class FakeRunWithMetadata(FakeRun):
    metadata: Any = None


def holds(backend: FakeBackend, *metadata: Any) -> None:
    """What the run holds at each look, the last for ever."""
    left = list(metadata)

    def look(_: str) -> FakeRunWithMetadata:
        held = left.pop(0) if len(left) > 1 else left[0]
        return FakeRunWithMetadata(ROW, metadata=held)

    backend.answers["run"] = look


async def test_only_what_was_changed_in_the_metadata_is_sent(
    connection: Connection, backend: FakeBackend
) -> None:
    holds(backend, {"progress": 10, "stage": "a"}, {"progress": 70, "stage": "a"})
    desk = ScriptedDesk(connection, {"progress": 10, "stage": "mine"})
    deed = await prompt_metadata(desk, ROW)
    assert deed is not None
    assert (await deed.start(connection.actions)).done
    assert backend.asked("edit_metadata") == [(ROW.id, {"stage": "mine"}, ())]
    assert [type(dialog) for dialog in desk.dialogs] == [EditMetadataDialog]


@pytest.mark.parametrize("agrees", [True, None])
async def test_a_value_that_changed_meanwhile_is_shown_beside_mine_before_it_is_overwritten(
    connection: Connection, backend: FakeBackend, agrees: bool | None
) -> None:
    holds(backend, {"stage": "a", "n": 1}, {"stage": "theirs", "n": 1})
    desk = ScriptedDesk(connection, {"stage": "mine", "n": 1}, agrees, None)
    deed = await prompt_metadata(desk, ROW)
    question = desk.dialogs[1]
    assert isinstance(question, ConfirmDialog)
    assert 'stage\n  now    "theirs"\n  yours  "mine"' in words_of(question)
    assert (deed is not None) is (agrees is True)
    assert len(desk.dialogs) == (2 if agrees else 3), "who does not agree goes on editing"
    if deed is not None:
        await deed.start(connection.actions)
        assert backend.asked("edit_metadata") == [(ROW.id, {"stage": "mine"}, ())]


async def test_metadata_that_somebody_made_the_same_meanwhile_are_not_sent(
    connection: Connection, backend: FakeBackend
) -> None:
    holds(backend, {"a": 1}, {"a": 2})
    desk = ScriptedDesk(connection, {"a": 2})
    assert await prompt_metadata(desk, ROW) is None
    assert desk.said == ["the metadata are like that already; nothing was sent"]


async def test_what_was_typed_is_not_lost_when_the_server_is_away_at_the_end(
    connection: Connection, backend: FakeBackend
) -> None:
    holds(backend, {"a": 1})

    def type_while_the_server_goes(_: Any) -> dict[str, Any]:
        backend.failure = CannotReach("refused")
        return {"a": 2}

    def type_again_when_it_is_back(dialog: Any) -> Any:
        backend.failure = None
        return dialog._typed_before

    desk = ScriptedDesk(connection, type_while_the_server_goes, type_again_when_it_is_back)
    deed = await prompt_metadata(desk, ROW)
    assert deed is not None
    await deed.start(connection.actions)
    assert backend.asked("edit_metadata") == [(ROW.id, {"a": 2}, ())]


@pytest.mark.parametrize("settled", [False, True])
async def test_metadata_are_not_edited_on_an_old_copy_and_the_run_is_not_polled_on(
    connection: Connection, backend: FakeBackend, clock: FakeClock, settled: bool
) -> None:
    holds(backend, {"a": 1})
    if settled:
        ended = replace(ROW, status_name="COMPLETED")
        backend.answers["run"] = FakeRun(ended, finished_at=clock.now())
    connection.watch(RunQuery(ROW.id), _ignore)
    await clock.settle()
    connection.unwatch(RunQuery(ROW.id), _ignore)
    assert connection.snapshot(RunQuery(ROW.id)).is_final is settled
    backend.failure = CannotReach("refused")
    desk = ScriptedDesk(connection)
    assert await prompt_metadata(desk, ROW) is None
    assert desk.said == ["warning: cannot reach the server (refused); nothing was sent"]
    asked = len(backend.asked("run"))
    await clock.advance(120)
    assert len(backend.asked("run")) == asked
    assert backend.asked("edit_metadata") == []


def _ignore(_: object) -> None:
    pass


# The other questions


async def done(connection: Connection, action: ConfirmedAction | None) -> Outcome:
    assert action is not None
    return await action.start(connection.actions)


@pytest.mark.parametrize("agrees", [True, None])
async def test_a_cancel_is_sent_when_it_is_agreed_to(
    connection: Connection, backend: FakeBackend, agrees: bool | None
) -> None:
    desk = ScriptedDesk(connection, agrees, production=True, opened_by="C")
    action = await prompt_cancel(desk, ROW)
    [dialog] = desk.dialogs
    assert isinstance(dialog, ConfirmDialog)
    assert (dialog.opened_by, dialog.place.production) == ("C", True)
    assert ROW.id in words_of(dialog)
    assert "its child runs are canceled too" in words_of(dialog)
    assert (action is None) is (agrees is None)
    if action is not None:
        assert (action.words, action.run_id, action.look) == ("send-email …00001", ROW.id, "")
        await done(connection, action)
        assert backend.asked("cancel") == [(ROW.id,)]


async def test_where_runs_cannot_be_replayed_a_cancel_says_so(
    connection: Connection, backend: FakeBackend
) -> None:
    backend.capabilities = frozenset({Capability.CANCEL})
    desk = ScriptedDesk(connection, None)
    await prompt_cancel(desk, ROW)
    assert "can be neither retried nor restarted" in words_of(desk.dialogs[0])


@pytest.mark.parametrize("tags", [("a", "b"), (), None])
async def test_tags_are_sent_when_there_are_any(
    connection: Connection, backend: FakeBackend, tags: tuple[str, ...] | None
) -> None:
    desk = ScriptedDesk(connection, tags, opened_by="T")
    action = await prompt_tags(desk, ROW)
    assert desk.dialogs[0].opened_by == "T"
    assert (action is None) is (not tags)
    if action is not None:
        assert action.run_id == ROW.id
        await done(connection, action)
        assert backend.asked("add_tags") == [(ROW.id, ("a", "b"))]


async def test_a_run_is_moved_to_the_moment_that_was_typed(
    connection: Connection, backend: FakeBackend
) -> None:
    row = make_row(2, "DELAYED")
    desk = ScriptedDesk(connection, moment("2h30m", connection.clock.now()), None, opened_by="D")
    action = await prompt_reschedule(desk, row)
    assert action is not None
    assert (action.run_id, desk.dialogs[0].opened_by) == (row.id, "D")
    await done(connection, action)
    assert backend.asked("reschedule") == [(row.id, "2h30m")]
    assert await prompt_reschedule(desk, row) is None


async def test_a_replay_as_it_was_is_looked_for_by_its_tags_when_its_answer_is_lost(
    connection: Connection, backend: FakeBackend
) -> None:
    row = make_row(2, "FAILED", tags=("order:7",), is_test=True)
    backend.answers["replay"] = "run_new"
    desk = ScriptedDesk(connection, "as it was", None, opened_by="R")
    action = await prompt_replay(desk, row)
    assert action is not None
    assert (action.words, action.run_id) == ("replay of send-email", "")
    assert action.look.startswith('task:send-email tag:"order:7" from:')
    assert action.look.endswith("test:true")
    await done(connection, action)
    assert backend.asked("replay") == [(row.id,)]
    assert [dialog.opened_by for dialog in desk.dialogs] == ["R"]
    assert await prompt_replay(desk, row) is None


@pytest.mark.parametrize("can_trigger", [True, False])
async def test_a_replay_can_be_edited_where_runs_can_be_triggered(
    connection: Connection, backend: FakeBackend, can_trigger: bool
) -> None:
    wanted = {Capability.REPLAY} | ({Capability.TRIGGER} if can_trigger else set())
    backend.capabilities = frozenset(wanted)
    desk = ScriptedDesk(connection, None)
    await prompt_replay(desk, ROW)
    [dialog] = desk.dialogs
    assert isinstance(dialog, ReplayDialog)
    assert dialog._can_edit is can_trigger


EDITED = {
    "id": "run_000001",
    "taskIdentifier": "send-email",
    "status": "EXECUTING",
    "createdAt": "2026-03-04T11:00:00Z",
    "updatedAt": "2026-03-04T11:00:01Z",
    "payload": {"to": "a"},
    "tags": ["order:1,2"],
    "isTest": True,
}
PLACE_ROW = {"queue": "video", "machine": "micro", "concurrency_key": "u1", "max_duration": None}


async def test_an_edited_replay_begins_as_the_run_was_and_is_a_new_run(
    connection: Connection, backend: FakeBackend
) -> None:
    backend.answers |= {"run": parse_run(json.dumps(EDITED).encode()), "query": [PLACE_ROW]}
    backend.answers["trigger"] = TriggeredRun(id="run_new")
    desk = ScriptedDesk(
        connection, "with changes", NewRun({"to": "b"}, {"tags": ["x"]}), opened_by="R"
    )
    action = await prompt_replay(desk, ROW)
    form = desk.dialogs[1]
    assert isinstance(form, EditReplayDialog)
    assert form._start.fields["queue"] == "video"
    assert (form._start.tags, form._start.is_test) == (("order:1,2",), True)
    assert form.opened_by == "e", "the key that went on to the form"
    assert action is not None
    assert action.words == "new run of send-email"
    assert "tag:x" in action.look
    assert action.look.endswith("test:true")
    outcome = await done(connection, action)
    assert outcome.new_id == "run_new"
    assert backend.asked("trigger") == [("send-email", {"to": "b"}, {"tags": ["x"]})]


@pytest.mark.parametrize("trouble", ["no query endpoint", "a slow one", "a broken one"])
async def test_without_its_queue_a_replay_is_edited_all_the_same(
    connection: Connection,
    backend: FakeBackend,
    monkeypatch: pytest.MonkeyPatch,
    trouble: str,
) -> None:
    monkeypatch.setattr(desk_module, "SHORT_PATIENCE_S", 0.05)
    backend.answers["run"] = parse_run(json.dumps(EDITED).encode())
    if trouble == "no query endpoint":
        backend.capabilities = frozenset(Capability) - {Capability.QUERY}
    elif trouble == "a slow one":
        backend.failures["query"] = CannotReach("no answer within 30 s")
    else:
        backend.failures["query"] = ServerError(status=500)
    desk = ScriptedDesk(connection, "with changes", None)
    assert await prompt_replay(desk, ROW) is None
    form = desk.dialogs[1]
    assert isinstance(form, EditReplayDialog)
    assert form._start.fields.get("queue", "") == ""
    assert desk.said == [], "nothing was wanted of the user"
    assert len(backend.asked("query")) == (trouble != "no query endpoint")


async def test_an_edit_of_a_run_that_cannot_be_read_is_not_begun(
    connection: Connection, backend: FakeBackend
) -> None:
    backend.failures["run"] = NotFound("Not found", status=404)
    desk = ScriptedDesk(connection, "with changes")
    assert await prompt_replay(desk, ROW) is None
    assert desk.said == ["warning: not found; nothing was sent"]


async def test_a_payload_that_the_payload_tab_has_loaded_is_in_the_form(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    apart = EDITED | {"payload": None, "payloadPresignedUrl": "https://store/x"}
    backend.answers["run"] = parse_run(json.dumps(apart).encode())
    backend.answers["download"] = b'{"to": "stored"}'
    connection.watch(DocumentQuery(ROW.id, "payload"), _ignore)
    await clock.settle()
    desk = ScriptedDesk(connection, "with changes", None)
    await prompt_replay(desk, ROW)
    form = desk.dialogs[1]
    assert isinstance(form, EditReplayDialog)
    assert json.loads(form._start.payload) == {"to": "stored"}


async def test_a_server_that_does_not_answer_in_time_is_said(
    connection: Connection, backend: FakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_module, "PATIENCE_S", 0.02)
    backend.gate = asyncio.Event()
    desk = ScriptedDesk(connection)
    assert await prompt_metadata(desk, ROW) is None
    assert desk.said == ["warning: the server did not answer in time; nothing was sent"]
    assert RunQuery(ROW.id) not in connection.store.watched()
    backend.gate.set()


# Queues


def a_queue(*, paused: bool = False, override: int | None = None) -> Queue:
    concurrency = Concurrency(current=override, base=5, override=override)
    return Queue(
        id="queue_1",
        name="video",
        kind="custom",
        running=2,
        queued=7,
        paused=paused,
        concurrency=concurrency,
    )


@pytest.mark.parametrize("paused", [False, True])
async def test_a_queue_is_paused_or_resumed_as_it_is_not(
    connection: Connection, backend: FakeBackend, paused: bool
) -> None:
    desk = ScriptedDesk(connection, True, None, opened_by="p")
    action = await prompt_pause(desk, a_queue(paused=paused))
    words = "may start at once" if paused else "No new run of it starts"
    assert words in words_of(desk.dialogs[0])
    outcome = await done(connection, action)
    assert outcome.message == ("resumed" if paused else "paused")
    assert backend.asked("pause_queue") == [("queue_1", not paused)]
    assert await prompt_pause(desk, a_queue()) is None


async def test_a_limit_is_overridden_and_the_override_removed(
    connection: Connection, backend: FakeBackend
) -> None:
    desk = ScriptedDesk(connection, 0, None, True, None)
    await done(connection, await prompt_limit(desk, a_queue()))
    assert backend.asked("override_limit") == [("queue_1", 0)], "0 is a limit, too"
    assert await prompt_limit(desk, a_queue()) is None
    await done(connection, await prompt_unlimit(desk, a_queue(override=3)))
    assert backend.asked("reset_limit") == [("queue_1",)]
    assert await prompt_unlimit(desk, a_queue(override=3)) is None


def test_an_override_that_is_none_cannot_be_removed() -> None:
    assert queue_disabled_reason("unlimit", a_queue()) == "video: its limit is not overridden"
    assert queue_disabled_reason("unlimit", a_queue(override=0)) == ""
    assert queue_disabled_reason("pause", a_queue()) == ""


# Retrying and restarting


async def test_a_retry_and_a_restart_open_the_run_that_they_make(
    connection: Connection, backend: FakeBackend
) -> None:
    row = make_row(2, "FAILED")
    backend.add([row])
    backend.answers |= {"retry": "run_new", "restart": "run_newer"}
    desk = ScriptedDesk(connection, True, None)
    action = await prompt_retry(desk, row)
    assert action is not None
    assert action.opens
    assert action.look.startswith("task:send-email from:")
    assert (await done(connection, action)).new_id == "run_new"
    assert await prompt_retry(desk, row) is None
    backend.answers["run"] = parse_run(json.dumps(EDITED).encode())
    desk = ScriptedDesk(connection, NewStart(None), None)
    steps = [f"step_{number}" for number in range(9)]
    action = await prompt_restart(desk, row, "step_2", steps[:2], steps[2:])
    assert action is not None
    assert action.opens
    assert "step_7 and 1 more" in words_of(desk.dialogs[0])
    assert (await done(connection, action)).new_id == "run_newer"
    assert backend.asked("restart") == [(row.id, "step_2", None)]
    assert await prompt_restart(desk, row, "step_0", [], steps) is None
    assert "none: this is the first step" in words_of(desk.dialogs[1])
