"""Dialogs: asked once, answered once, whatever the keyboard does."""

from datetime import UTC, datetime
from typing import Any

import pytest
from textual.events import Key, Paste
from textual.keys import _character_to_key
from textual.widgets import Input, Static, TextArea
from textual.widgets._toast import Toast

from tests.hostile import CORPUS, NEVER
from tests.ui.dialog_host import DialogHost
from tests.ui.harness import at_rest, open_app
from tests.ui.modals import MODALS, backend_of_three
from trigdash.model.queue import Queue
from trigdash.presentation.cell import cell_text
from trigdash.presentation.replay_form import NewRun
from trigdash.presentation.replay_start import FormStart
from trigdash.ui.dialogs.choice import Choice, Editor, Entry
from trigdash.ui.dialogs.confirm import ConfirmDialog
from trigdash.ui.dialogs.dialog import EnvironmentLabel
from trigdash.ui.dialogs.edit_replay import EditReplayDialog
from trigdash.ui.dialogs.json_form import EditMetadataDialog
from trigdash.ui.dialogs.one_line import (
    OverrideLimitDialog,
    RescheduleDialog,
    limit_facts,
    limit_meaning,
    read_limit,
)
from trigdash.ui.dialogs.tags import AddTagsDialog
from trigdash.ui.input.key_order import QUIET_S, HeldKey

DEV = EnvironmentLabel("dev")
PROD = EnvironmentLabel("prod", production=True)
NOW = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)


def confirm(place: EnvironmentLabel = DEV, opened_by: str | None = "C") -> ConfirmDialog:
    lines = [(("run  ", "dim"), ("[/] [@click=app.ask]run_1", "text"))]
    return ConfirmDialog(
        "Cancel 1 run", place, lines, safe="keep it", act="cancel the run", opened_by=opened_by
    )


def said(app: DialogHost, selector: str) -> str:
    return str(app.screen.query_one(selector, Static).render())


async def test_the_safe_answer_has_the_focus_and_enter_gives_it() -> None:
    app = DialogHost(confirm)
    async with app.run_test() as pilot:
        await pilot.press("C")
        assert isinstance(app.focused, Choice)
        assert app.focused.answer == "no"
        await pilot.press("enter")
        assert app.answers == [None]


async def test_the_mark_goes_with_the_focus() -> None:
    app = DialogHost(confirm)
    async with app.run_test() as pilot:
        await pilot.press("C")
        for key, answer in (("right", "yes"), ("left", "no"), ("tab", "yes"), ("tab", "no")):
            await pilot.press(key)
            marked = [each for each in app.screen.query(Choice) if "›" in str(each.render())]
            assert [each.answer for each in marked] == [answer]
            assert app.focused is marked[0]


async def test_production_is_red_and_its_safe_answer_comes_first_too() -> None:
    app = DialogHost(lambda: confirm(PROD))
    async with app.run_test() as pilot:
        await pilot.press("C")
        assert app.screen.has_class("-production")
        assert isinstance(app.focused, Choice)
        assert app.focused.answer == "no"
        await pilot.press("right", "enter")
        assert app.answers == [True]


async def test_text_of_the_server_is_shown_as_it_stands() -> None:
    app = DialogHost(confirm)
    async with app.run_test() as pilot:
        await pilot.press("C")
        assert "[/] [@click=app.ask]run_1" in said(app, ".said")


async def test_a_held_key_opens_one_dialog_and_answers_nothing() -> None:
    app = DialogHost(confirm)
    async with app.run_test() as pilot:
        await pilot.press(*["C"] * 30)
        assert app.asked == 1
        assert app.answers == []
        await pilot.press("escape")
        assert app.answers == [None]


async def test_a_held_enter_that_opened_a_dialog_does_not_answer_it() -> None:
    app = DialogHost(lambda: confirm(opened_by="enter"))
    async with app.run_test() as pilot:
        await pilot.press("C", *["enter"] * 10)
        assert app.answers == []


async def test_a_held_confirmation_counts_once() -> None:
    app = DialogHost(confirm)
    async with app.run_test() as pilot:
        await pilot.press("C")
        dialog = app.screen
        assert isinstance(dialog, ConfirmDialog)
        dialog.action_agree()
        dialog.action_agree()
        await pilot.press(*["y"] * 10)
        assert app.answers == [True]


@pytest.mark.parametrize(("key", "answer"), [("escape", None), ("y", True)])
async def test_the_key_that_opened_one_dialog_answers_the_next(key: str, answer: object) -> None:
    confirm(opened_by=key)
    app = DialogHost(confirm)
    async with app.run_test() as pilot:
        await pilot.press("C", key)
        assert app.answers == [answer]


def test_a_held_key_is_swallowed_until_the_stream_has_paused() -> None:
    held = HeldKey("T", 0.0)
    assert held.swallows("T", 0.66)
    assert held.swallows("T", 0.66 + 0.7)
    assert not held.swallows("T", 1.36 + QUIET_S + 0.01)
    assert not held.swallows("T", 1.36 + QUIET_S + 0.02)


def test_another_key_proves_that_a_held_one_was_let_go() -> None:
    held = HeldKey("y", 0.0)
    assert held.swallows("y", 0.1)
    assert not held.swallows("P", 0.2)
    assert not held.swallows("y", 0.3)


async def test_a_key_held_on_a_line_to_type_in_leaves_the_line_empty(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # However long a busy machine takes from one press to the next.
    monkeypatch.setattr("trigdash.ui.input.key_order.QUIET_S", 60.0)
    app = DialogHost(lambda: AddTagsDialog("Tag", DEV, [], (), opened_by="C"))
    async with app.run_test() as pilot:
        await pilot.press(*["C"] * 12)
        assert app.screen.query_one(Input).value == ""


async def test_tags_are_chips_checked_before_they_are_sent() -> None:
    app = DialogHost(lambda: AddTagsDialog("Tag", DEV, [], ("here",)))
    async with app.run_test() as pilot:
        await pilot.press("C", *"new", "enter")
        await pilot.press(*"here", "enter")
        assert "has this tag already" in said(app, "#problem")
        await pilot.press("ctrl+u", *"two", "comma", *"three", "enter", "backspace")
        assert "+new  +two" in said(app, "#chips")
        assert "+three" not in said(app, "#chips")
        await pilot.press("enter")
        assert app.answers == [("new", "two")]


async def test_keys_that_come_at_once_act_in_their_order() -> None:
    app = DialogHost(lambda: AddTagsDialog("Tag", DEV, [], ()))
    async with app.run_test() as pilot:
        await pilot.press("C")
        for key in ("a", "b", "backspace", "c", "comma", "d", "d", "backspace", "comma", "e"):
            character = {"comma": ",", "backspace": "\x7f"}.get(key, key)
            app.post_message(Key(key, character))
        await at_rest(app)
        assert "+ac  +d" in said(app, "#chips")
        assert app.screen.query_one(Entry).value == "e"


async def test_the_keys_of_an_editor_act_in_their_order() -> None:
    app = DialogHost(lambda: EditMetadataDialog("Edit", DEV, [], {}))
    async with app.run_test() as pilot:
        await pilot.press("C")
        app.screen.query_one(Editor).text = ""
        for key in ("1", "0", "backspace", "5", "left", "2", "enter", "7"):
            character = key if len(key) == 1 else None
            app.post_message(Key(key, character))
        await at_rest(app)
        assert app.screen.query_one(Editor).text == "12\n75"


async def test_a_pasted_list_of_tags_is_taken_whole_and_sends_nothing() -> None:
    app = DialogHost(lambda: AddTagsDialog("Tag", DEV, [], ()))
    async with app.run_test() as pilot:
        await pilot.press("C")
        app.screen.query_one(Entry).post_message(Paste("one\ntwo, three\r\nfour\n"))
        await pilot.pause()
        assert "+one  +two  +three" in said(app, "#chips")
        assert app.screen.query_one(Entry).value == "four"
        assert app.answers == []


async def test_an_enter_that_ends_a_tag_does_not_send_it_however_fast_it_repeats() -> None:
    app = DialogHost(lambda: AddTagsDialog("Tag", DEV, [], ()))
    async with app.run_test() as pilot:
        await pilot.press("C", *"tag")
        line = app.screen.query_one(Entry)
        line.post_message(Entry.Submitted(line, "tag"))
        line.post_message(Entry.Submitted(line, "tag"))
        await pilot.pause()
        assert "+tag" in said(app, "#chips")
        assert app.answers == []


async def test_enter_pressed_a_second_time_at_once_adds_the_tags_and_a_held_one_does_not() -> None:
    held = HeldKey("enter", 0.0, heeds_quick=True)
    assert not held.swallows("enter", 0.1)
    held = HeldKey("enter", 0.0, heeds_quick=True)
    assert held.swallows("enter", 0.3)
    assert held.swallows("enter", 0.33)
    async with open_app(backend_of_three()) as harness:
        answers: list[object] = []
        harness.app.push_screen(AddTagsDialog("Tag", DEV, [], ()), answers.append)
        for key in ("n", "e", "w", "enter", "enter"):
            harness.app.post_message(Key(key, key if len(key) == 1 else None))
        await harness.rest()
        assert answers == [("new",)]


@pytest.mark.parametrize("typed", ["1.5", "1e3", "-2", "1000000", "12a"])
async def test_a_limit_is_what_was_typed_or_none(typed: str) -> None:
    app = DialogHost(lambda: OverrideLimitDialog(PROD, queue(), 300))
    async with app.run_test() as pilot:
        await pilot.press("C")
        for character in typed:
            app.post_message(Key(_character_to_key(character), character))
        await pilot.press("enter")
        assert app.screen.query_one(Entry).value == typed
        wanted = "a whole number, please" if not typed.isdigit() else "at most 300"
        assert wanted in said(app, "#meaning")
        assert app.answers == []


async def test_one_escape_leaves_an_editor() -> None:
    app = DialogHost(lambda: EditMetadataDialog("Metadata", DEV, [], {"step": 1}))
    async with app.run_test() as pilot:
        await pilot.press("C", "escape")
        assert app.answers == [None]


@pytest.mark.parametrize("size", [(80, 24), (80, 12), (120, 40)])
async def test_a_toast_covers_no_answer(size: tuple[int, int]) -> None:
    async with open_app(backend_of_three(), size=size) as harness:
        await harness.until(lambda: harness.ids)
        for make in MODALS.values():
            harness.app.push_screen(make(harness.app))
            await harness.rest()
            harness.app.clear_notifications()
            harness.app.toast("a word in passing, so long that it takes two lines of a toast " * 2)
            await harness.until(lambda: harness.app.screen.query(Toast))
            covered = [
                widget
                for widget in harness.app.screen.query(Choice)
                for toast in harness.app.screen.query(Toast)
                if widget.region.overlaps(toast.region)
            ]
            assert covered == []
            harness.app.screen.dismiss(None)
            await harness.rest()


async def test_a_reschedule_shows_local_time_and_utc_before_it_is_sent() -> None:
    app = DialogHost(lambda: RescheduleDialog("RescheduleDialog", DEV, [], lambda: NOW))
    async with app.run_test() as pilot:
        await pilot.press("C", *"banana", "enter")
        assert "cannot read that time" in said(app, "#meaning")
        await pilot.press("ctrl+u", *"2h30m")
        local = datetime(2026, 11, 22, 1, 0, tzinfo=UTC).astimezone()
        assert f"local  {local:%a %Y-%m-%d %H:%M:%S}" in said(app, "#meaning")
        assert "utc    Sun 2026-11-22 01:00:00" in said(app, "#meaning")
        await pilot.press("enter")
        assert [answer.delay for answer in app.answers] == ["2h30m"]


async def test_metadata_that_is_not_json_is_never_answered() -> None:
    app = DialogHost(lambda: EditMetadataDialog("Metadata", DEV, [], {"step": 1, "old": True}))
    async with app.run_test() as pilot:
        await pilot.press("C", "ctrl+s")
        assert said(app, "#problem") == "unchanged"
        editor = app.screen.query_one(TextArea)
        editor.text = '{"step": 2,\n "new": tru}'
        await pilot.press("ctrl+s")
        assert said(app, "#problem") == "line 2, column 9: a value is missing"
        assert app.answers == []
        editor.text = '{"step": 2, "new": true}'
        await pilot.pause()
        assert said(app, "#problem").split() == ["1", "added", "1", "changed", "1", "removed"]
        await pilot.press("ctrl+s")
        assert app.answers == [{"step": 2, "new": True}]


def queue(**changed: Any) -> Queue:
    facts = {"id": "queue_1", "name": "send-email", "running": 20, "queued": 5} | changed
    return Queue.model_validate({"concurrencyLimit": 20} | facts)


async def test_a_limit_above_the_environments_is_refused_before_it_is_sent() -> None:
    app = DialogHost(lambda: OverrideLimitDialog(PROD, queue(), 300))
    async with app.run_test() as pilot:
        await pilot.press("C", *"5000", "enter")
        assert said(app, "#meaning") == "the environment allows at most 300"
        await pilot.press("ctrl+u", *"8")
        assert said(app, "#meaning") == "20 → 8  20 run now; none is stopped"
        await pilot.press("enter")
        assert app.answers == [8]


def test_a_limit_dialog_tells_who_limits_the_queue() -> None:
    overridden = queue(concurrencyLimit=3, concurrency={"current": 3, "base": 5, "override": 3})
    told = "\n".join(cell_text(line) for line in limit_facts(overridden, 300))
    assert "declared in code  5" in told
    assert "override          3" in told
    assert "allowed maximum   300" in told
    assert read_limit("3", overridden, 300) == "the override is that already"
    assert cell_text(limit_meaning(overridden, 0)).endswith(
        "nothing will start until it is changed"
    )


async def test_a_changed_replay_is_answered_only_when_every_field_can_be_read() -> None:
    app = DialogHost(
        lambda: EditReplayDialog("Edit", DEV, FormStart('{"a": 1}', {"tags": "x"}), lambda: NOW)
    )
    async with app.run_test(size=(120, 50)) as pilot:
        await pilot.press("C")
        delay = app.screen.query_one("#entry-delay", Entry)
        delay.value = "banana"
        await pilot.press("ctrl+s")
        assert app.answers == []
        assert "delay: cannot read that time" in said(app, "#problem")
        delay.value = "10m"
        await pilot.press("ctrl+s")
        assert app.answers == [NewRun({"a": 1}, {"tags": ["x"], "delay": "10m"})]


async def test_what_is_edited_is_shown_as_escapes_and_keeps_its_value() -> None:
    before = {text: [text] for text in CORPUS}
    app = DialogHost(lambda: EditMetadataDialog("Metadata", DEV, [], before))
    async with app.run_test() as pilot:
        await pilot.press("C")
        text = app.screen.query_one(Editor).text
        assert not NEVER & set(text)
        assert "\x1b" not in text
        assert "unchanged" in said(app, "#problem")
        app.screen.query_one(Editor).text = text.replace("txt.exe", "exe.txt")
        await pilot.pause()
        await pilot.press("ctrl+s")
        after = {
            key.replace("txt.exe", "exe.txt"): [key.replace("txt.exe", "exe.txt")] for key in CORPUS
        }
        assert app.answers == [after]
