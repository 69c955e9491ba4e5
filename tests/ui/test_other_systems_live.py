"""The workflow Runs API and Recoup on screen, over real HTTP: true windows, steps, their verbs."""

from __future__ import annotations

import pytest
from textual.widgets import Static

from tests.ui.live_stage import LiveStage
from tests.ui.world_stage import bar_of, command, shown_ids, world_on_stage
from trigdash.model.run_row import RunRow
from trigdash.ui.dialogs.confirm import Confirm
from trigdash.ui.dialogs.entry import Editor
from trigdash.ui.dialogs.restart import RestartForm, overrides_of
from trigdash.ui.inside.fields import Field
from trigdash.ui.screens.help import HelpScreen
from trigdash.ui.screens.run import RunScreen
from trigdash.ui.screens.run.trace import TracePane
from trigdash.ui.widgets.field_list import FieldList
from trigdash.ui.widgets.line import Line
from trigdash.ui.widgets.menu import Footer, NavLine
from trigdash.ui.widgets.state_view import StateView


async def rows(stage: LiveStage) -> None:
    await stage.until(lambda: shown_ids(stage), "runs")


async def narrowed(stage: LiveStage, line: str) -> RunRow:
    await rows(stage)
    await command(stage, f"runs {line}")
    await stage.until(lambda: line in stage.words(), line)
    await stage.until(lambda: isinstance(stage.table.cursor_row, RunRow), "a run")
    row = stage.table.cursor_row
    assert isinstance(row, RunRow)
    return row


async def opened(stage: LiveStage, run_id: str) -> RunScreen:
    """The screen of a run, once it is open."""

    def is_open() -> bool:
        screen = stage.app.screen
        return isinstance(screen, RunScreen) and screen.run_id == run_id

    await stage.until(is_open, f"the screen of {run_id}")
    screen = stage.app.screen
    assert isinstance(screen, RunScreen)
    return screen


async def field_of(stage: LiveStage, label: str, copied: str) -> None:
    """The overview's field of a label, highlighted."""
    facts = stage.app.screen.query_one(FieldList)

    def known() -> tuple[int, int] | None:
        place = facts.fields.find((Field(label, (), copied), 0)) if facts.fields else None
        return place if label in (facts.fields.labels() if facts.fields else ()) else None

    await stage.until(known, label)
    line, column = known() or (0, 0)
    facts.move_to(line)
    assert facts.fields is not None
    facts.fields.column = column
    assert facts.field is not None
    assert (facts.field.label, facts.field.copied) == (label, copied)


def enabled(stage: LiveStage, menu: type[NavLine] | type[Footer]) -> dict[str, bool]:
    return {choice.words: choice.enabled for choice in stage.app.screen.query_one(menu)._choices}


def said_in_dialog(stage: LiveStage) -> str:
    return str(stage.app.screen.query_one(".said", Static).render())


async def test_the_workflow_filter_speaks_the_systems_words() -> None:
    async with world_on_stage("workflow") as stage:
        await rows(stage)
        assert "tag:" not in stage.words()
        await stage.press("slash", *"status:sus")
        hint = stage.app.screen.query_one("#filter-hint", Line)
        await stage.until(lambda: "suspended" in hint.words, "the systems own word")
        await stage.press(*["backspace"] * 10, *"tag:vip", "enter")
        await stage.until(lambda: "the workflow API cannot filter by tag:" in hint.words, "why not")
        assert shown_ids(stage)
        await stage.press("escape")
        await narrowed(stage, "status:completed,failed")
        await stage.press("colon", *"runs", "space", *"tag:vip", "enter")
        hint = stage.app.screen.query_one("#command-hint", Line)
        await stage.until(lambda: "cannot filter by tag:" in hint.words, "why not here either")


async def test_the_workflow_list_has_no_window_and_no_queues() -> None:
    async with world_on_stage("workflow") as stage:
        await rows(stage)
        assert "all time" in bar_of(stage)
        assert "7 days" not in stage.words()
        places = enabled(stage, NavLine)
        assert places == {"Runs": True, "Queues": False, "Batches": False}
        await stage.press("2")
        await stage.until(lambda: stage.toasts, "the reason")
        assert "the workflow API has no queues" in stage.toasts[-1]
        footer = enabled(stage, Footer)
        assert footer["retry"]
        assert not footer["tag"]
        assert "replay" not in footer


async def test_retry_takes_failed_runs_only_and_opens_the_new_one() -> None:
    async with world_on_stage("workflow") as stage:
        row = await narrowed(stage, "status:completed")
        await stage.press("R")
        await stage.until(lambda: stage.toasts, "the refusal")
        assert "only a failed or timed-out run can be retried" in stage.toasts[-1]
        row = await narrowed(stage, "status:failed")
        before = {run.id for run in stage.host.world.env.runs.all}
        await stage.press("R")
        await stage.until(lambda: isinstance(stage.app.screen, Confirm), "the question")
        assert row.id in said_in_dialog(stage)
        assert "first failed step" in said_in_dialog(stage)
        await stage.press("y")
        await stage.until(lambda: isinstance(stage.app.screen, RunScreen), "the new run")
        screen = stage.app.screen
        assert isinstance(screen, RunScreen)
        assert screen.run_id != row.id
        assert len({run.id for run in stage.host.world.env.runs.all} - before) == 1
        # Each of the two leads to the other.
        await field_of(stage, "restart of", row.id)
        await stage.press("enter")
        await opened(stage, row.id)
        await field_of(stage, "restarted", screen.run_id)
        await stage.press("enter")
        await opened(stage, screen.run_id)


async def test_restart_says_what_is_kept_and_sends_what_was_changed() -> None:
    async with world_on_stage("workflow") as stage:
        row = await narrowed(stage, "status:completed task:wf_send_email")
        await stage.press("t")
        screen = await opened(stage, row.id)
        pane = screen.query_one(TracePane)
        await stage.until(lambda: pane.has_data() and pane.view.run is not None, "its steps")
        await stage.press("S")
        await stage.until(lambda: stage.toasts, "a word")
        assert "choose the step" in stage.toasts[-1]
        trace = pane.view.trace
        assert trace is not None
        steps = [trace.messages[at] for at in range(len(trace)) if trace.depth[at] == 1]
        assert len(steps) > 1
        await stage.press("j", "j", "S")
        await stage.until(lambda: isinstance(stage.app.screen, RestartForm), "the form")
        said = said_in_dialog(stage)
        kept, again = said.index("outputs kept"), said.index("run again")
        assert kept < said.index(f"✓ {steps[0]}") < again < said.index(steps[1], again)
        editor = stage.app.screen.query_one(Editor)
        editor.text = editor.text.rstrip().removesuffix("}").rstrip()
        editor.text += ', "forced": true}' if editor.text != "{" else '"forced": true}'
        await stage.until(
            lambda: (
                "laid over the input: forced"
                in str(stage.app.screen.query_one("#problem", Static).render())
            ),
            "what is sent",
        )
        await stage.press("ctrl+s")
        await stage.until(
            lambda: isinstance(stage.app.screen, RunScreen) and stage.app.screen.run_id != row.id,
            "the new run",
        )
        view = stage.app.screen.view  # type: ignore[attr-defined]
        await stage.until(lambda: view.run is not None, "its input")
        assert view.run.payload["forced"] is True


def test_only_what_differs_is_laid_over_the_input() -> None:
    before = {"a": 1, "b": {"c": 2}, "d": None}
    assert overrides_of(before, before) == {}
    assert overrides_of(before, {"a": 1, "b": {"c": 3}}) == {"b": {"c": 3}}
    assert overrides_of(before, {**before, "e": None}) == {"e": None}


async def test_a_canceled_workflow_run_takes_nothing_any_more() -> None:
    async with world_on_stage("workflow", runs=600) as stage:
        await narrowed(stage, "status:canceled")
        for key, reason in (("R", "can be retried"), ("C", "it has ended")):
            await stage.press(key)
            await stage.until(lambda reason=reason: reason in " ".join(stage.toasts), reason)


async def test_trigger_dev_says_that_it_cannot_restart_from_a_step() -> None:
    async with world_on_stage() as stage:
        row = await narrowed(stage, "status:completed")
        await stage.press("t")
        screen = await opened(stage, row.id)
        await stage.until(lambda: screen.query_one(TracePane).has_data(), "the trace")
        await stage.press("S")
        await stage.until(lambda: stage.toasts, "the reason")
        assert "cannot restart from a step" in stage.toasts[-1]
        assert stage.writes == []


@pytest.mark.parametrize(("key", "what"), [("t", "trace"), ("e", "events")])
async def test_recoup_reads_the_newest_hundred_and_says_what_it_lacks(key: str, what: str) -> None:
    async with world_on_stage("recoup", runs=300) as stage:
        await rows(stage)
        assert "newest 100 at most" in bar_of(stage)
        assert len(stage.table.rows) == 100
        row = stage.table.cursor_row
        assert isinstance(row, RunRow)
        await stage.press("C")
        await stage.until(lambda: stage.toasts, "the reason")
        assert "read-only" in stage.toasts[-1]
        await stage.press("question_mark")
        await stage.until(lambda: isinstance(stage.app.screen, HelpScreen), "the help")
        told = str(stage.app.screen.query_one("#help-lines", Static).render())
        assert "cancel: the Recoup API is read-only" in told
        await stage.press("escape", key)
        screen = await opened(stage, row.id)
        state = screen.pane.query_one(StateView)
        await stage.until(lambda: "the Recoup API has no" in state.words, f"no {what}")


async def test_recoup_says_in_an_empty_list_that_only_the_newest_were_looked_at() -> None:
    async with world_on_stage("recoup", runs=300) as stage:
        await rows(stage)
        await command(stage, "runs task:nobody")
        state = stage.app.screen.query_one(StateView)
        await stage.until(lambda: "no runs match among the newest 100" in state.words, "the words")
