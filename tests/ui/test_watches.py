"""`b` puts a watch on what is chosen; its end is told wherever the user is then."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.widgets import Static

from tests.fakes.backend import FakeBackend
from tests.ui.harness import Harness, open_app, run_row
from trigdash.presentation.outside import notification
from trigdash.ui.dialogs.leave import AskToLeave
from trigdash.ui.screens.actions_log import ActionsScreen
from trigdash.ui.screens.command_line import CommandLine
from trigdash.ui.telling import NOTHING


@asynccontextmanager
async def two_runs() -> AsyncIterator[Harness]:
    backend = FakeBackend()
    backend.add([run_row(1, "EXECUTING"), run_row(2, "EXECUTING", task="sync-crm")])
    async with open_app(backend) as harness:
        await harness.until(lambda: len(harness.ids) == 2)
        yield harness


async def command(harness: Harness, line: str) -> None:
    await harness.press("colon")
    await harness.until(lambda: isinstance(harness.app.screen, CommandLine))
    harness.app.screen.query_one("Prompt").value = line  # type: ignore[attr-defined]
    await harness.press("enter")


async def test_a_watched_run_is_counted_in_the_bar_and_its_end_is_told_on_any_screen() -> None:
    async with two_runs() as harness:
        await harness.press("b")
        await harness.until(lambda: "1 watch " in harness.bar)
        await harness.press("j", "b")
        await harness.until(lambda: "2 watches" in harness.bar)
        harness.app.push_screen(ActionsScreen())
        harness.backend.change("run_0001", status_name="CRASHED")
        await harness.poll(30)
        told = "send-email run_0001: crashed"
        await harness.until(lambda: harness.toasts().count(told) == 1)
        note = next(each for each in harness.app._notifications if each.message == told)
        assert (note.severity, note.title) == ("error", "Watch over")
        await harness.until(lambda: "1 watch " in harness.bar)
        await harness.poll(30)
        assert harness.toasts().count(told) == 1


async def test_the_same_key_ends_the_watch() -> None:
    async with two_runs() as harness:
        await harness.press("b")
        await harness.until(lambda: "1 watch " in harness.bar)
        await harness.press("b")
        await harness.until(lambda: "watch" not in harness.bar)
        assert "not watched any more: send-email run_0001 until done" in harness.toasts()


async def test_marked_runs_are_watched_together_until_a_condition() -> None:
    async with two_runs() as harness:
        await harness.press("ctrl+a")
        await command(harness, "watch failed")
        await harness.until(lambda: any("2 runs until failed" in t for t in harness.toasts()))
        harness.backend.change("run_0002", status_name="FAILED")
        await harness.poll(30)
        await harness.until(lambda: "2 runs: 1 executing, 1 failed" in harness.toasts())


async def test_a_condition_that_means_nothing_is_said_before_anything_is_done() -> None:
    async with two_runs() as harness:
        commands = harness.app.commands
        assert "no condition drizzled" in (commands.check("watch drizzled") or "")
        assert commands.check("watch count>0") is None
        harness.app.push_screen(ActionsScreen())
        await harness.until(lambda: isinstance(harness.app.screen, ActionsScreen))
        assert commands.check("watch done") == NOTHING
        await harness.press("b")
        await harness.until(lambda: NOTHING in harness.toasts())


async def test_quitting_asks_while_something_is_watched_and_waits_for_the_answer() -> None:
    async with two_runs() as harness:
        await harness.press("b")
        await harness.until(lambda: "1 watch " in harness.bar)
        await harness.press("ctrl+q")
        await harness.until(lambda: isinstance(harness.app.screen, AskToLeave))
        under_way = harness.app.screen.query_one("#under-way", Static)
        assert "send-email run_0001 until done" in str(under_way.render())
        harness.backend.change("run_0001", status_name="COMPLETED")
        await harness.poll(30)
        await harness.until(lambda: "nothing is watched any more" in str(under_way.render()))
        assert isinstance(harness.app.screen, AskToLeave)
        await harness.press("escape")
        assert harness.app.is_running


def test_a_notification_is_clean_in_both_dialects() -> None:
    asked = notification("done\x1b]52;c;evil\x07\nnow")
    assert asked.count("\x1b") == 4
    assert "evil" not in asked
