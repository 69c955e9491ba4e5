"""Leaving: `q` leaves the view, and nothing that is under way is cut short without a question."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

from textual.events import Key
from textual.widgets import Static

from tests.ui.harness import Harness, open_app
from tests.ui.modals import backend_of_three
from trigdash.service.actions.outcome import Outcome, Result
from trigdash.service.bulk.bulk import Bulk
from trigdash.service.bulk.plan import BulkPlan
from trigdash.service.bulk.progress import BulkState
from trigdash.service.connection import Connection
from trigdash.ui.dialogs.leave import MAX_LISTED, AskToLeave
from trigdash.ui.screens.actions_log import ActionsScreen
from trigdash.ui.screens.command_line import CommandLine
from trigdash.ui.screens.help import HelpScreen
from trigdash.ui.screens.runs import RunsScreen

SOON_S = 2.0
"""Less than an answer is waited for when the program is ended from outside."""


@asynccontextmanager
async def ready() -> AsyncIterator[Harness]:
    async with open_app(backend_of_three()) as harness:
        await harness.until(lambda: harness.ids)
        yield harness


def connection_of(stage: Harness) -> Connection:
    connection = stage.app.session.connection
    assert connection is not None
    return connection


def key(name: str) -> Key:
    return Key(name, name if len(name) == 1 else None)


def said(stage: Harness) -> str:
    return str(stage.app.screen.query_one("#under-way", Static).render())


async def asked_to_leave(stage: Harness, *keys: str) -> None:
    """Press keys and wait for the question that they bring."""
    await stage.press(*keys)
    await stage.until(lambda: isinstance(stage.app.screen, AskToLeave))


async def asked_for_environment(stage: Harness) -> None:
    """Type `:env stg`, a step at a time, and wait for the question that it brings."""
    await stage.press("colon")
    await stage.until(lambda: isinstance(stage.app.screen, CommandLine))
    await asked_to_leave(stage, *"env", "space", *"stg", "enter")


async def hanging(stage: Harness, number: int = 1) -> list[asyncio.Task[Outcome]]:
    """Cancels that get no answer until the gate is opened."""
    stage.backend.gate = asyncio.Event()
    actions = connection_of(stage).actions
    tasks = [asyncio.create_task(actions.cancel(f"run_00000{n}")) for n in range(1, number + 1)]
    await stage.until(lambda: len(actions.pending) == number)
    return tasks


def begin_bulk(stage: Harness) -> Bulk:
    """A bulk that sends one request and then waits for its pace: the clock stands still."""
    ids = tuple(f"run_00000{n}" for n in range(1, 4))
    return connection_of(stage).start_bulk(BulkPlan("tag", ids, ("x",), "three"))


async def test_q_leaves_a_view_and_quits_at_the_top() -> None:
    async with ready() as harness:
        harness.app.push_screen(ActionsScreen())
        await harness.press("q")
        assert isinstance(harness.app.screen, RunsScreen)
        await harness.press("question_mark")
        await harness.until(lambda: isinstance(harness.app.screen, HelpScreen))
        await harness.press("escape")
        await harness.until(lambda: isinstance(harness.app.screen, RunsScreen))
        harness.app.post_message(key("q"))
        await harness.reached(lambda: not harness.app.is_running)


async def test_ctrl_q_quits_from_anywhere() -> None:
    async with ready() as harness:
        harness.app.push_screen(ActionsScreen())
        harness.app.post_message(key("ctrl+q"))
        await harness.reached(lambda: not harness.app.is_running)


async def test_quitting_waits_for_an_answer_and_says_so() -> None:
    async with ready() as harness:
        (cancel,) = await hanging(harness)
        await asked_to_leave(harness, "q")
        assert "canceling run_000001" in said(harness)
        assert "will quit by itself" in said(harness)
        assert harness.backend.gate is not None
        harness.backend.gate.set()
        await harness.reached(lambda: not harness.app.is_running)
    assert (await cancel).result is Result.DONE


async def test_quitting_now_takes_no_time_and_logs_what_was_not_answered() -> None:
    async with ready() as harness:
        tasks = await hanging(harness, MAX_LISTED + 2)
        await asked_to_leave(harness, "q")
        assert "and 2 more" in said(harness)
        began, connection = monotonic(), connection_of(harness)
        harness.app.post_message(key("y"))
        await harness.reached(lambda: not harness.app.is_running)
    assert monotonic() - began < SOON_S
    assert {outcome.result for outcome in connection.actions.outcomes} == {Result.UNKNOWN}
    assert len(connection.actions.outcomes) == len(tasks)
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_whoever_stays_goes_on() -> None:
    async with ready() as harness:
        (cancel,) = await hanging(harness)
        await asked_to_leave(harness, "q")
        await harness.press("escape")
        await harness.until(lambda: isinstance(harness.app.screen, RunsScreen))
        assert harness.backend.gate is not None
        harness.backend.gate.set()
        await cancel
        harness.app.post_message(key("q"))
        await harness.reached(lambda: not harness.app.is_running)


async def test_a_held_q_answers_nothing() -> None:
    async with ready() as harness:
        begin_bulk(harness)
        await asked_to_leave(harness, *["q"] * 10)
        assert isinstance(harness.app.screen, AskToLeave)


async def test_a_bulk_is_not_cut_short_without_a_question() -> None:
    async with ready() as harness:
        bulk = begin_bulk(harness)
        await harness.until(lambda: harness.backend.asked("add_tags"))
        await asked_to_leave(harness, "q")
        assert "2 runs will not be sent (it cannot be resumed)" in said(harness)
        await harness.press("escape")
        assert bulk.state is BulkState.RUNNING
        await harness.until(lambda: isinstance(harness.app.screen, RunsScreen))
        await asked_to_leave(harness, "ctrl+q")
        harness.app.post_message(key("y"))
        await harness.reached(lambda: not harness.app.is_running)
    assert bulk.state is BulkState.INTERRUPTED
    assert len(harness.backend.asked("add_tags")) == 1


async def test_a_bulk_that_ends_meanwhile_is_told_and_decided_by_the_user() -> None:
    async with ready() as harness:
        bulk = begin_bulk(harness)
        await asked_to_leave(harness, "q")
        await harness.clock.advance(10)
        await bulk.wait()
        await harness.until(lambda: "the bulk has ended" in said(harness))
        assert harness.app.is_running


async def test_another_environment_is_not_opened_over_a_bulk_without_a_question() -> None:
    async with ready() as harness:
        bulk = begin_bulk(harness)
        await asked_for_environment(harness)
        await harness.press("escape")
        await harness.until(lambda: isinstance(harness.app.screen, RunsScreen))
        assert bulk.state is BulkState.RUNNING
        assert harness.opened == [(None, None)]
        await asked_for_environment(harness)
        await harness.press("y")
        await harness.until(lambda: harness.opened[-1] == (None, "stg"))
        assert bulk.state is BulkState.INTERRUPTED
