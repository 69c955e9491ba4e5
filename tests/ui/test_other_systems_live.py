"""The workflow Runs API and Recoup on screen, over real HTTP: true windows, steps, their verbs."""

from __future__ import annotations

import pytest
from textual.widgets import Static

from tests.ui.live_harness import LiveHarness
from tests.ui.world_harness import bar_of, command, open_world, shown_ids
from trigdash.model.run_row import RunRow
from trigdash.presentation.run.fields import Field
from trigdash.ui.dialogs.choice import Editor
from trigdash.ui.dialogs.confirm import ConfirmDialog
from trigdash.ui.dialogs.json_form import RestartDialog, overrides_of
from trigdash.ui.screens.help import HelpScreen
from trigdash.ui.screens.run import RunScreen
from trigdash.ui.screens.run.trace import TracePane
from trigdash.ui.screens.runs import RunsScreen
from trigdash.ui.widgets.field_list import FieldList
from trigdash.ui.widgets.line import Footer, Line, NavLine
from trigdash.ui.widgets.text_panes import StateView


async def rows(stage: LiveHarness) -> None:
    await stage.until(lambda: shown_ids(stage), "runs")


async def narrowed(stage: LiveHarness, line: str) -> RunRow:
    await rows(stage)
    await command(stage, f"runs {line}")
    await stage.until(lambda: line in stage.words(), line)
    await stage.until(lambda: isinstance(stage.table.cursor_row, RunRow), "a run")
    row = stage.table.cursor_row
    assert isinstance(row, RunRow)
    return row


async def opened(stage: LiveHarness, run_id: str) -> RunScreen:
    """The screen of a run, once it is open."""

    def is_open() -> bool:
        screen = stage.app.screen
        return isinstance(screen, RunScreen) and screen.run_id == run_id

    await stage.until(is_open, f"the screen of {run_id}")
    screen = stage.app.screen
    assert isinstance(screen, RunScreen)
    return screen


async def field_of(stage: LiveHarness, label: str, copied: str) -> None:
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


def enabled(stage: LiveHarness, menu: type[NavLine] | type[Footer]) -> dict[str, bool]:
    return {choice.words: choice.enabled for choice in stage.app.screen.query_one(menu)._choices}


def said_in_dialog(stage: LiveHarness) -> str:
    return str(stage.app.screen.query_one(".said", Static).render())


async def test_the_workflow_filter_speaks_the_systems_words() -> None:
    async with open_world("workflow") as harness:
        await rows(harness)
        assert "tag:" not in harness.words()
        await harness.press("slash", *"status:sus")
        hint = harness.app.screen.query_one("#filter-hint", Line)
        await harness.until(lambda: "suspended" in hint.plain_text, "the systems own word")
        await harness.press(*["backspace"] * 10, *"tag:vip", "enter")
        await harness.until(
            lambda: "the workflow API cannot filter by tag:" in hint.plain_text, "why not"
        )
        assert shown_ids(harness)
        await harness.press("escape")
        await narrowed(harness, "status:completed,failed")
        await harness.press("colon", *"runs", "space", *"tag:vip", "enter")
        hint = harness.app.screen.query_one("#command-hint", Line)
        await harness.until(
            lambda: "cannot filter by tag:" in hint.plain_text, "why not here either"
        )


async def test_a_line_that_nobody_typed_and_the_system_cannot_answer_is_told() -> None:
    """Such as the runs of a bulk action of another system, from the log of actions."""
    async with open_world("workflow") as harness:
        await rows(harness)
        before = shown_ids(harness)
        screen = harness.app.screen
        assert isinstance(screen, RunsScreen)
        screen.apply_line("bulk:bulk_1")
        await harness.until(
            lambda: "the workflow API cannot filter by bulk:" in " ".join(harness.toasts), "why not"
        )
        assert shown_ids(harness) == before


async def test_the_workflow_list_has_no_window_and_no_queues() -> None:
    async with open_world("workflow") as harness:
        await rows(harness)
        assert "all time" in bar_of(harness)
        assert "7 days" not in harness.words()
        places = enabled(harness, NavLine)
        assert [words for words, is_on in places.items() if is_on] == ["Now", "Runs", "More"]
        assert {"Queues", "Batches", "Errors", "Limits"} <= set(places)
        await harness.press("2")
        await harness.until(lambda: harness.toasts, "the reason")
        assert "the workflow API has no queues" in harness.toasts[-1]
        footer = enabled(harness, Footer)
        assert footer["retry"]
        assert not footer["tag"]
        assert "replay" not in footer


async def test_retry_takes_failed_runs_only_and_opens_the_new_one() -> None:
    async with open_world("workflow") as harness:
        row = await narrowed(harness, "status:completed")
        await harness.press("R")
        await harness.until(lambda: harness.toasts, "the refusal")
        assert "only a failed or timed-out run can be retried" in harness.toasts[-1]
        row = await narrowed(harness, "status:failed")
        before = {run.id for run in harness.host.world.env.runs.all}
        await harness.press("R")
        await harness.until(lambda: isinstance(harness.app.screen, ConfirmDialog), "the question")
        assert row.id in said_in_dialog(harness)
        assert "first failed step" in said_in_dialog(harness)
        await harness.press("y")
        await harness.until(lambda: isinstance(harness.app.screen, RunScreen), "the new run")
        screen = harness.app.screen
        assert isinstance(screen, RunScreen)
        assert screen.run_id != row.id
        assert len({run.id for run in harness.host.world.env.runs.all} - before) == 1
        # Each of the two leads to the other.
        await field_of(harness, "restart of", row.id)
        await harness.press("enter")
        await opened(harness, row.id)
        await field_of(harness, "restarted", screen.run_id)
        await harness.press("enter")
        await opened(harness, screen.run_id)


async def test_restart_says_what_is_kept_and_sends_what_was_changed() -> None:
    async with open_world("workflow") as harness:
        row = await narrowed(harness, "status:completed task:wf_send_email")
        await harness.press("t")
        screen = await opened(harness, row.id)
        pane = screen.query_one(TracePane)
        await harness.until(lambda: pane.has_data() and pane.view.run is not None, "its steps")
        await harness.press("S")
        await harness.until(lambda: harness.toasts, "a word")
        assert "choose the step" in harness.toasts[-1]
        trace = pane.view.trace
        assert trace is not None
        steps = [trace.messages[at] for at in range(len(trace)) if trace.depth[at] == 1]
        assert len(steps) > 1
        await harness.press("j", "j", "S")
        await harness.until(lambda: isinstance(harness.app.screen, RestartDialog), "the form")
        said = said_in_dialog(harness)
        kept, again = said.index("outputs kept"), said.index("run again")
        assert kept < said.index(f"✓ {steps[0]}") < again < said.index(steps[1], again)
        editor = harness.app.screen.query_one(Editor)
        editor.text = editor.text.rstrip().removesuffix("}").rstrip()
        editor.text += ', "forced": true}' if editor.text != "{" else '"forced": true}'
        await harness.until(
            lambda: (
                "laid over the input: forced"
                in str(harness.app.screen.query_one("#problem", Static).render())
            ),
            "what is sent",
        )
        await harness.press("ctrl+s")
        await harness.until(
            lambda: (
                isinstance(harness.app.screen, RunScreen) and harness.app.screen.run_id != row.id
            ),
            "the new run",
        )
        view = harness.app.screen.view  # type: ignore[attr-defined]
        await harness.until(lambda: view.run is not None, "its input")
        assert view.run.payload["forced"] is True


def test_only_what_differs_is_laid_over_the_input() -> None:
    before = {"a": 1, "b": {"c": 2}, "d": None}
    assert overrides_of(before, before) == {}
    assert overrides_of(before, {"a": 1, "b": {"c": 3}}) == {"b": {"c": 3}}
    assert overrides_of(before, {**before, "e": None}) == {"e": None}


async def test_a_canceled_workflow_run_takes_nothing_any_more() -> None:
    async with open_world("workflow", runs=600) as harness:
        await narrowed(harness, "status:canceled")
        for key, reason in (("R", "can be retried"), ("C", "it has ended")):
            await harness.press(key)
            await harness.until(lambda reason=reason: reason in " ".join(harness.toasts), reason)


async def test_trigger_dev_says_that_it_cannot_restart_from_a_step() -> None:
    async with open_world() as harness:
        row = await narrowed(harness, "status:completed")
        await harness.press("t")
        screen = await opened(harness, row.id)
        await harness.until(lambda: screen.query_one(TracePane).has_data(), "the trace")
        await harness.press("S")
        await harness.until(lambda: harness.toasts, "the reason")
        assert "cannot restart from a step" in harness.toasts[-1]
        assert harness.writes == []


@pytest.mark.parametrize(("key", "what"), [("t", "trace"), ("e", "events")])
async def test_recoup_reads_the_newest_hundred_and_says_what_it_lacks(key: str, what: str) -> None:
    async with open_world("recoup", runs=300) as harness:
        await rows(harness)
        assert "newest 100 at most" in bar_of(harness)
        assert len(harness.table.rows) == 100
        row = harness.table.cursor_row
        assert isinstance(row, RunRow)
        await harness.press("C")
        await harness.until(lambda: harness.toasts, "the reason")
        assert "read-only" in harness.toasts[-1]
        await harness.press("question_mark")
        await harness.until(lambda: isinstance(harness.app.screen, HelpScreen), "the help")
        told = str(harness.app.screen.query_one("#help-lines", Static).render())
        assert "cancel: the Recoup API is read-only" in told
        await harness.press("escape", key)
        screen = await opened(harness, row.id)
        state = screen.pane.query_one(StateView)
        await harness.until(lambda: "the Recoup API has no" in state.plain_text, f"no {what}")


async def test_recoup_says_in_an_empty_list_that_only_the_newest_were_looked_at() -> None:
    async with open_world("recoup", runs=300) as harness:
        await rows(harness)
        await command(harness, "runs task:nobody")
        state = harness.app.screen.query_one(StateView)
        await harness.until(
            lambda: "no runs match among the newest 100" in state.plain_text, "the words"
        )
