"""From a key to an action: what is refused before it is asked, one question at a time, and how an
end is told."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from tests.fakes.backend import FakeBackend, FakeRun, make_row, make_rows
from tests.fakes.clock import FakeClock
from tests.ui.writing_desk import StubApp
from trigdash.backends.base import CannotReach, InvalidRequest
from trigdash.model.capability import Capability
from trigdash.model.run import TriggeredRun
from trigdash.service.connection import Connection
from trigdash.ui.actions.controller import ActionController
from trigdash.ui.actions.prompt_context import ConfirmedAction, PromptContext
from trigdash.ui.app import TrigdashApp
from trigdash.ui.dialogs.confirm import ConfirmDialog, ReplayDialog
from trigdash.ui.dialogs.json_form import NewStart, RestartDialog
from trigdash.ui.subject import ChosenRuns, RunStep

ROW = make_row(1, "EXECUTING")


def writer_on(app: StubApp) -> ActionController:
    return ActionController(cast("TrigdashApp", app))


async def settle(app: StubApp, clock: FakeClock) -> None:
    await clock.settle()
    await asyncio.gather(*(worker for worker in app.workers if worker.done()))


# What is refused


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("EXECUTING", "it has not ended: only then can it be restarted, this one is executing"),
        ("CANCELED", "a canceled run cannot be restarted"),
    ],
)
async def test_a_restart_of_a_run_that_takes_none_is_refused_in_words(
    connection: Connection, backend: FakeBackend, clock: FakeClock, status: str, words: str
) -> None:
    app = StubApp(connection)
    run = make_row(1, status)
    backend.add([run])
    writer_on(app).start_action("restart", RunStep(run, "step", ["a"], ["step"]))
    await settle(app, clock)
    assert app.said == [f"{run.id}: {words}"]
    assert app.dialogs == []
    assert backend.asked("restart") == []


async def test_a_restart_of_a_run_with_an_action_under_way_is_refused(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    run = make_row(1, "FAILED")
    backend.gate = asyncio.Event()
    under_way = asyncio.create_task(connection.actions.add_tags(run.id, ["a"]))
    await clock.settle()
    app = StubApp(connection)
    writer_on(app).start_action("restart", RunStep(run, "step", [], ["step"]))
    await settle(app, clock)
    assert app.said == [f"{run.id}: already tagging"]
    assert app.dialogs == []
    backend.gate.set()
    await under_way


async def test_a_restart_that_is_agreed_to_is_sent_once_and_its_run_is_opened(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    run = make_row(1, "FAILED")
    backend.add([run])
    fake = FakeRun(run)
    fake.payload = {"a": 1}  # type: ignore[attr-defined]
    backend.answers |= {"run": fake, "restart": "run_new"}
    app = StubApp(connection, NewStart({"a": 2}))
    writer_on(app).start_action("restart", RunStep(run, "step", ["first"], ["step"]))
    await settle(app, clock)
    await settle(app, clock)
    assert [type(dialog) for dialog in app.dialogs] == [RestartDialog]
    assert backend.asked("restart") == [(run.id, "step", {"a": 2})]
    assert app.opened == [("run", "run_new")]
    assert app.said == ["restart of send-email from step: restarted as run_new"]


async def test_what_a_backend_cannot_do_and_what_takes_one_run_is_said(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    app = StubApp(connection)
    writer = writer_on(app)
    writer.start_action("metadata", ChosenRuns(make_rows(range(2), "EXECUTING")))
    backend.capabilities = frozenset({Capability.CANCEL, Capability.RETRY})
    writer.start_action("tag", ChosenRuns([ROW]))
    writer.start_action("tag", ChosenRuns(make_rows(range(2))))
    writer.start_action("reschedule", ChosenRuns([ROW]))
    await settle(app, clock)
    assert app.said == [
        "metadata takes one run at a time: unmark the others",
        *["the fake does not know tags"] * 2,
        "the fake does not know rescheduling",
    ]
    assert app.dialogs == []


# One question at a time


async def test_a_second_key_while_a_question_is_open_asks_nothing(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    answered = asyncio.Event()

    async def waits(_: Any) -> bool:
        await answered.wait()
        return True

    app = StubApp(connection, waits)
    writer = writer_on(app)
    app.screen = first = object()
    for verb in ("cancel", "cancel", "replay", "tag"):
        writer.start_action(verb, ChosenRuns([ROW]))
        await clock.settle()
        app.screen = object()
    assert [type(dialog) for dialog in app.dialogs] == [ConfirmDialog]
    assert writer._asked_on is first, "where the open question was asked"
    answered.set()
    await settle(app, clock)
    assert backend.asked("cancel") == [(ROW.id,)]
    app.answers.append(None)
    writer.start_action("replay", ChosenRuns([make_row(2)]))
    await settle(app, clock)
    assert type(app.dialogs[-1]) is ReplayDialog, "the next question may come"


async def test_an_answer_after_the_environment_was_left_sends_nothing(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    def leaves(_: Any) -> bool:
        app.session.connection = None
        return True

    app = StubApp(connection, leaves)
    writer_on(app).start_action("cancel", ChosenRuns([ROW]))
    await settle(app, clock)
    assert backend.asked("cancel") == []
    assert app.said == []


# How it is told


async def told(
    connection: Connection, clock: FakeClock, start: Any, **action: Any
) -> tuple[StubApp, ActionController]:
    app = StubApp(connection)
    writer = writer_on(app)
    desk = PromptContext(cast("TrigdashApp", app), connection)
    running = asyncio.create_task(
        writer._run(desk, ConfirmedAction("new run of a", start, **action))
    )
    await clock.advance(60)
    await running
    return app, writer


async def test_a_new_run_is_offered_and_one_that_a_key_stood_for_is_told_apart(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.answers["trigger"] = TriggeredRun(id="run_new")
    app, writer = await told(connection, clock, lambda actions: actions.trigger("a", None, {}))
    assert app.said == ["new run of a: started run_new   O opens the new run"]
    backend.answers["trigger"] = TriggeredRun(id="run_old", is_cached=True)
    app, writer = await told(connection, clock, lambda actions: actions.trigger("a", None, {}))
    assert app.said == [
        "new run of a: this idempotency key was used before: here is that run, run_old"
        "   O opens that run"
    ]
    await writer.open_result()
    assert app.opened == [("run", "run_old")]


@pytest.mark.parametrize(
    ("failure", "action", "words"),
    [
        (
            CannotReach("cut", outcome_unknown=True),
            {"look": "task:a"},
            "warning: new run of a: unknown. no answer came: it may have happened and is not sent"
            " again   O looks for it",
        ),
        (
            CannotReach("cut", outcome_unknown=True),
            {"run_id": "run_1"},
            "warning: new run of a: unknown. no answer came: it may have happened and is not sent"
            " again   O opens the run",
        ),
        (
            InvalidRequest("no", status=400),
            {"look": "task:a"},
            "error: new run of a: the server refused: no",
        ),
    ],
)
async def test_what_did_not_happen_and_what_is_not_known_are_told_apart(
    connection: Connection,
    backend: FakeBackend,
    clock: FakeClock,
    failure: Any,
    action: dict[str, str],
    words: str,
) -> None:
    backend.failures["replay"] = failure
    app, _ = await told(connection, clock, lambda actions: actions.replay("run_1"), **action)
    assert app.said == [words]
