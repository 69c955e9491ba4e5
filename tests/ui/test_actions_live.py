"""Acting on runs, over real HTTP: once, said in full, and truthful about what is not known."""

from __future__ import annotations

import pytest
from textual.widgets import Static

from tests.ui.live_harness import LiveHarness, live_app
from trigdash.backends.base import Backend
from trigdash.config.options import UiSettings
from trigdash.model.run_row import RunRow
from trigdash.simulator.http.views import OFFLOAD_BYTES
from trigdash.ui.dialogs.choice import Choice, Editor, Entry
from trigdash.ui.dialogs.confirm import ConfirmDialog, ReplayDialog
from trigdash.ui.dialogs.dialog import Dialog
from trigdash.ui.dialogs.edit_replay import EditReplayDialog
from trigdash.ui.dialogs.json_form import EditMetadataDialog
from trigdash.ui.dialogs.one_line import RescheduleDialog
from trigdash.ui.dialogs.tags import AddTagsDialog
from trigdash.ui.screens.runs import RunsScreen


async def delayed(backend: Backend) -> None:
    """A run that waits for an hour."""
    await backend.trigger("send-email", {"to": "a"}, {"delay": "1h", "tags": ["first"]})


async def narrowed(stage: LiveHarness, line: str) -> RunRow:
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


def first_line(stage: LiveHarness) -> str:
    """The first row as it is drawn."""
    return "".join(segment.text for segment in stage.table.render_line(1))


async def asked(stage: LiveHarness, kind: type[Dialog]) -> None:  # type: ignore[type-arg]
    await stage.until(lambda: isinstance(stage.app.screen, kind), kind.__name__)


async def test_cancel_is_asked_in_red_sent_once_and_shown_until_the_status_changes() -> None:
    async with live_app(prepare=delayed) as harness:
        row = await narrowed(harness, "tag:first")
        await harness.press("C")
        await asked(harness, ConfirmDialog)
        assert harness.app.screen.has_class("-production")
        assert row.id in str(harness.app.screen.query_one(".said", Static).render())
        await harness.press("right", *["enter"] * 8)
        await harness.until(lambda: harness.toasts)
        assert harness.writes == [f"/api/v2/runs/{row.id}/cancel"]
        await harness.until(lambda: not harness.app.session.connection.actions.pending)
        assert (await harness.backend.run(row.id)).status.word == "canceled"


async def test_canceling_is_said_on_the_row_until_the_status_is_seen_to_change() -> None:
    async with live_app(prepare=delayed) as harness:
        row = await narrowed(harness, "tag:first")
        harness.faults.delay(5.0, path="/cancel", times=1)
        await harness.press("C")
        await asked(harness, ConfirmDialog)
        await harness.press("y")
        await harness.until(lambda: "canceling" in first_line(harness))
        await harness.press("C")
        await harness.until(lambda: any("already canceling" in toast for toast in harness.toasts))
        await harness.until(lambda: "canceled" in first_line(harness))
        assert harness.writes == [f"/api/v2/runs/{row.id}/cancel"]


async def test_a_held_replay_key_asks_once_and_a_held_answer_acts_once() -> None:
    async with live_app(prepare=delayed) as harness:
        row = await narrowed(harness, "tag:first")
        await harness.press(*["R"] * 12)
        await asked(harness, ReplayDialog)
        assert harness.writes == []
        assert len(harness.app.screen_stack) == 2
        await harness.press(*["y"] * 12)
        await harness.until(lambda: harness.toasts)
        assert harness.writes == [f"/api/v1/runs/{row.id}/replay"]
        await harness.until(lambda: len(harness.table.rows) == 2, "the new run")
        new = next(each for each in harness.table.rows if each.id != row.id)
        assert any(f"replayed as {new.id}" in toast for toast in harness.toasts)


async def test_a_lost_answer_to_a_replay_is_unknown_and_nothing_is_sent_twice() -> None:
    async with live_app(prepare=delayed) as harness:
        row = await narrowed(harness, "tag:first")
        harness.faults.drop(after_acting=True, path="/replay")
        await harness.press("R")
        await asked(harness, ReplayDialog)
        await harness.press("y")
        await harness.until(lambda: any("unknown" in toast for toast in harness.toasts))
        await harness.press("O")
        await harness.until(
            lambda: "task:send-email tag:first from:20" in harness.words(), "the list"
        )
        await harness.until(lambda: len(harness.table.rows) == 2, "the run that was made after all")
        assert harness.writes == [f"/api/v1/runs/{row.id}/replay"]


async def test_a_lost_answer_to_a_reschedule_is_looked_up_and_sent_once() -> None:
    async with live_app(prepare=delayed) as harness:
        row = await narrowed(harness, "tag:first")
        harness.faults.drop(after_acting=True, path="/reschedule")
        await harness.press("D")
        await asked(harness, RescheduleDialog)
        await harness.press(*"2h", "enter")
        found = "the answer was lost, but the run starts at"
        await harness.until(lambda: any(found in toast for toast in harness.toasts))
        assert harness.writes == [f"/api/v1/runs/{row.id}/reschedule"]


async def test_tags_are_added_in_one_request() -> None:
    async with live_app(prepare=delayed) as harness:
        row = await narrowed(harness, "tag:first")
        await harness.press("space", "T")
        await asked(harness, AddTagsDialog)
        await harness.press(*"second,third,", "enter")
        await harness.until(lambda: set(harness.table.rows[0].tags) == {"first", "second", "third"})
        await harness.until(lambda: not harness.table.marked)
        assert harness.writes == [f"/api/v1/runs/{row.id}/tags"]


async def test_a_delayed_run_is_rescheduled_and_no_other() -> None:
    async with live_app(prepare=delayed) as harness:
        row = await narrowed(harness, "tag:first")
        await harness.press("D")
        await asked(harness, RescheduleDialog)
        await harness.press(*"2h", "enter")
        await harness.until(lambda: harness.toasts)
        assert harness.writes == [f"/api/v1/runs/{row.id}/reschedule"]
        moved = (await harness.backend.run(row.id)).delayed_until
        assert moved is not None
        assert 115 < (moved - harness.host.clock.now()).total_seconds() / 60 < 121
        await narrowed(harness, "status:completed")
        await harness.press("D")
        await harness.until(lambda: any("only a delayed run" in toast for toast in harness.toasts))


async def test_metadata_is_edited_and_replaced() -> None:
    async with live_app(prepare=delayed) as harness:
        row = await narrowed(harness, "tag:first")
        await harness.press("M")
        await asked(harness, EditMetadataDialog)
        harness.app.screen.query_one(Editor).text = '{"step": 2}'
        await harness.press("ctrl+s")
        await harness.until(lambda: harness.toasts)
        assert (await harness.backend.run(row.id)).metadata == {"step": 2}


@pytest.mark.parametrize(
    ("version", "path"),
    [("4.8", "/api/v1/runs/{}/replay"), ("4.5", "/api/v1/tasks/send-email/trigger")],
)
async def test_changes_go_with_a_replay_or_with_a_new_run_where_a_replay_drops_them(
    version: str, path: str
) -> None:
    async with live_app(prepare=delayed, version=version) as harness:
        row = await narrowed(harness, "tag:first")
        await harness.press("R")
        await asked(harness, ReplayDialog)
        await harness.press("e")
        await asked(harness, EditReplayDialog)
        form = harness.app.screen
        assert form.query_one(Editor).text == '{\n  "to": "a"\n}'
        form.query_one(Editor).text = '{"to": "b"}'
        form.query_one("#entry-delay", Entry).value = "30m"
        await harness.press("ctrl+s")
        await harness.until(lambda: any("opens the new run" in toast for toast in harness.toasts))
        assert harness.writes == [path.format(row.id)]
        await harness.until(lambda: len(harness.table.rows) == 2, "the new run")
        new = await harness.backend.run(next(r.id for r in harness.table.rows if r.id != row.id))
        assert new.payload == {"to": "b"}
        assert new.status.word == "delayed"


async def test_a_payload_that_is_stored_apart_is_typed_before_a_new_run_is_sent() -> None:
    async def large(backend: Backend) -> None:
        payload = {"to": "a" * OFFLOAD_BYTES}
        await backend.trigger("send-email", payload, {"delay": "1h", "tags": ["first"]})

    async with live_app(prepare=large) as harness:
        await narrowed(harness, "tag:first")
        await harness.press("R")
        await asked(harness, ReplayDialog)
        await harness.press("e")
        await asked(harness, EditReplayDialog)
        form = harness.app.screen
        assert form.query_one(Editor).text == ""
        assert form.query_one(".choice.-yes", Choice).disabled
        await harness.press("ctrl+s")
        assert harness.app.screen is form
        assert harness.writes == []


async def test_read_only_sends_nothing_and_says_so() -> None:
    settings = UiSettings(read_only=True)
    async with live_app(prepare=delayed, settings=settings) as harness:
        await narrowed(harness, "tag:first")
        for key in "CRTDM":
            await harness.press(key)
        await harness.until(lambda: len(harness.toasts) == 5)
        assert all("read-only" in toast for toast in harness.toasts)
        assert "read-only" in harness.words()
        assert harness.writes == []
        assert len(harness.app.screen_stack) == 1
