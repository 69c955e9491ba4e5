"""Acting on runs, over real HTTP: once, said in full, and truthful about what is not known."""

from __future__ import annotations

from textual.widgets import Static

from tests.ui.live_stage import LiveStage, live_stage
from trigdash.backends.base import Backend
from trigdash.config import UiSettings
from trigdash.model.run_row import RunRow
from trigdash.simulator.http.views import OFFLOAD_BYTES
from trigdash.ui.dialogs.ask_replay import AskReplay
from trigdash.ui.dialogs.choice import Choice
from trigdash.ui.dialogs.confirm import Confirm
from trigdash.ui.dialogs.dialog import Dialog
from trigdash.ui.dialogs.edit_replay import EditReplay
from trigdash.ui.dialogs.entry import Editor, Entry
from trigdash.ui.dialogs.json_editor import EditMetadata
from trigdash.ui.dialogs.reschedule import Reschedule
from trigdash.ui.dialogs.tags import AddTags
from trigdash.ui.screens.run.screen import RunScreen
from trigdash.ui.screens.runs import RunsScreen


async def delayed(backend: Backend) -> None:
    """A run that waits for an hour."""
    await backend.trigger("send-email", {"to": "a"}, {"delay": "1h", "tags": ["first"]})


async def narrowed(stage: LiveStage, line: str) -> RunRow:
    """The run list narrowed to a filter line; its first run."""
    await stage.until(lambda: stage.app.session.connection is not None)
    screen = stage.app.screen
    assert isinstance(screen, RunsScreen)
    screen.apply_line(line)
    await stage.until(lambda: stage.table.rows, f"a run for {line}")
    await stage.until(lambda: stage.app.session.identity is not None)
    row = stage.table.cursor_row
    assert isinstance(row, RunRow)
    return row


def first_line(stage: LiveStage) -> str:
    """The first row as it is drawn."""
    return "".join(segment.text for segment in stage.table.render_line(1))


async def asked(stage: LiveStage, kind: type[Dialog]) -> None:  # type: ignore[type-arg]
    await stage.until(lambda: isinstance(stage.app.screen, kind), kind.__name__)


async def test_cancel_is_asked_in_red_sent_once_and_shown_until_the_status_changes() -> None:
    async with live_stage(prepare=delayed) as stage:
        row = await narrowed(stage, "tag:first")
        await stage.press("C")
        await asked(stage, Confirm)
        assert stage.app.screen.has_class("-production")
        assert row.id in str(stage.app.screen.query_one(".said", Static).render())
        await stage.press("right", *["enter"] * 8)
        await stage.until(lambda: stage.toasts)
        assert stage.writes == [f"/api/v2/runs/{row.id}/cancel"]
        await stage.until(lambda: not stage.app.session.connection.actions.pending)
        assert (await stage.backend.run(row.id)).status.word == "canceled"


async def test_cancelling_is_said_on_the_row_until_the_status_is_seen_to_change() -> None:
    async with live_stage(prepare=delayed) as stage:
        row = await narrowed(stage, "tag:first")
        stage.faults.delay(2.0, path="/cancel", times=1)
        await stage.press("C")
        await asked(stage, Confirm)
        await stage.press("y")
        await stage.until(lambda: "cancelling" in first_line(stage))
        await stage.press("C")
        await stage.until(lambda: any("already cancelling" in toast for toast in stage.toasts))
        await stage.until(lambda: "canceled" in first_line(stage))
        assert stage.writes == [f"/api/v2/runs/{row.id}/cancel"]


async def test_a_held_replay_key_asks_once_and_a_held_answer_acts_once() -> None:
    async with live_stage(prepare=delayed) as stage:
        row = await narrowed(stage, "tag:first")
        await stage.press(*["R"] * 12)
        await asked(stage, AskReplay)
        assert stage.writes == []
        assert len(stage.app.screen_stack) == 2
        await stage.press(*["y"] * 12)
        await stage.until(lambda: stage.toasts)
        assert stage.writes == [f"/api/v1/runs/{row.id}/replay"]
        await stage.until(lambda: len(stage.table.rows) == 2, "the new run")
        new = next(each for each in stage.table.rows if each.id != row.id)
        assert any(f"replayed as {new.id}" in toast for toast in stage.toasts)


async def test_a_lost_answer_to_a_replay_is_unknown_and_nothing_is_sent_twice() -> None:
    async with live_stage(prepare=delayed) as stage:
        row = await narrowed(stage, "tag:first")
        stage.faults.drop(after_acting=True, path="/replay")
        await stage.press("R")
        await asked(stage, AskReplay)
        await stage.press("y")
        await stage.until(lambda: any("unknown" in toast for toast in stage.toasts))
        await stage.press("O")
        await stage.until(lambda: "task:send-email tag:first from:20" in stage.words(), "the list")
        await stage.until(lambda: len(stage.table.rows) == 2, "the run that was made after all")
        assert stage.writes == [f"/api/v1/runs/{row.id}/replay"]


async def test_a_lost_answer_to_a_reschedule_is_unknown_and_offers_the_run() -> None:
    async with live_stage(prepare=delayed) as stage:
        row = await narrowed(stage, "tag:first")
        stage.faults.drop(after_acting=True, path="/reschedule")
        await stage.press("D")
        await asked(stage, Reschedule)
        await stage.press(*"2h", "enter")
        await stage.until(lambda: any("O opens the run" in toast for toast in stage.toasts))
        await stage.press("O")
        await stage.until(lambda: isinstance(stage.app.screen, RunScreen))
        assert stage.writes == [f"/api/v1/runs/{row.id}/reschedule"]


async def test_tags_are_added_in_one_request() -> None:
    async with live_stage(prepare=delayed) as stage:
        row = await narrowed(stage, "tag:first")
        await stage.press("space", "T")
        await asked(stage, AddTags)
        await stage.press(*"second,third,", "enter")
        await stage.until(lambda: set(stage.table.rows[0].tags) == {"first", "second", "third"})
        await stage.until(lambda: not stage.table.marked)
        assert stage.writes == [f"/api/v1/runs/{row.id}/tags"]


async def test_a_delayed_run_is_rescheduled_and_no_other() -> None:
    async with live_stage(prepare=delayed) as stage:
        row = await narrowed(stage, "tag:first")
        await stage.press("D")
        await asked(stage, Reschedule)
        await stage.press(*"2h", "enter")
        await stage.until(lambda: stage.toasts)
        assert stage.writes == [f"/api/v1/runs/{row.id}/reschedule"]
        moved = (await stage.backend.run(row.id)).delayed_until
        assert moved is not None
        assert 115 < (moved - stage.host.clock.now()).total_seconds() / 60 < 121
        await narrowed(stage, "status:completed")
        await stage.press("D")
        await stage.until(lambda: any("only a delayed run" in toast for toast in stage.toasts))


async def test_metadata_is_edited_and_replaced() -> None:
    async with live_stage(prepare=delayed) as stage:
        row = await narrowed(stage, "tag:first")
        await stage.press("M")
        await asked(stage, EditMetadata)
        stage.app.screen.query_one(Editor).text = '{"step": 2}'
        await stage.press("ctrl+s")
        await stage.until(lambda: stage.toasts)
        assert (await stage.backend.run(row.id)).metadata == {"step": 2}


async def test_a_replay_with_changes_is_a_new_run_of_the_task() -> None:
    async with live_stage(prepare=delayed) as stage:
        row = await narrowed(stage, "tag:first")
        await stage.press("R")
        await asked(stage, AskReplay)
        await stage.press("e")
        await asked(stage, EditReplay)
        form = stage.app.screen
        assert form.query_one(Editor).text == '{\n  "to": "a"\n}'
        form.query_one(Editor).text = '{"to": "b"}'
        form.query_one("#entry-delay", Entry).value = "30m"
        await stage.press("ctrl+s")
        await stage.until(lambda: any("opens the new run" in toast for toast in stage.toasts))
        assert stage.writes == ["/api/v1/tasks/send-email/trigger"]
        await stage.until(lambda: len(stage.table.rows) == 2, "the new run")
        new = await stage.backend.run(next(r.id for r in stage.table.rows if r.id != row.id))
        assert new.payload == {"to": "b"}
        assert new.status.word == "delayed"


async def test_a_payload_that_is_stored_apart_is_typed_before_a_new_run_is_sent() -> None:
    async def large(backend: Backend) -> None:
        payload = {"to": "a" * OFFLOAD_BYTES}
        await backend.trigger("send-email", payload, {"delay": "1h", "tags": ["first"]})

    async with live_stage(prepare=large) as stage:
        await narrowed(stage, "tag:first")
        await stage.press("R")
        await asked(stage, AskReplay)
        await stage.press("e")
        await asked(stage, EditReplay)
        form = stage.app.screen
        assert form.query_one(Editor).text == ""
        assert form.query_one(".choice.-yes", Choice).disabled
        await stage.press("ctrl+s")
        assert stage.app.screen is form
        assert stage.writes == []


async def test_read_only_sends_nothing_and_says_so() -> None:
    settings = UiSettings(read_only=True)
    async with live_stage(prepare=delayed, settings=settings) as stage:
        await narrowed(stage, "tag:first")
        for key in "CRTDM":
            await stage.press(key)
        await stage.until(lambda: len(stage.toasts) == 5)
        assert all("read-only" in toast for toast in stage.toasts)
        assert "read-only" in stage.words()
        assert stage.writes == []
        assert len(stage.app.screen_stack) == 1
