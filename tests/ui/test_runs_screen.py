"""The run list on screen: what it says, and that it never loses one's place."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from textual import events

from tests.fakes.backend import FakeBackend
from tests.fakes.clock import START
from tests.ui.harness import Harness, open_app, run_row
from trigdash.backends.base import CannotReach, ServerError
from trigdash.config.options import ConfigError, UiSettings
from trigdash.model.capability import RateBudget, Reach
from trigdash.model.run import RelatedRuns, RunError
from trigdash.model.run_row import RunRow
from trigdash.model.status import Status
from trigdash.ui.screens.batch import ErrorScreen
from trigdash.ui.widgets.line import StatusBar
from trigdash.ui.widgets.prompt import Prompt
from trigdash.ui.widgets.run_pane import RunPane
from trigdash.ui.widgets.text_panes import Explanation


def backend_with(*rows: RunRow) -> FakeBackend:
    backend = FakeBackend()
    backend.add(rows)
    return backend


def many(count: int, status: str = "COMPLETED") -> list[RunRow]:
    return [run_row(number, status) for number in range(1, count + 1)]


@dataclass
class ToldRun:
    """A finished run in full, as far as the list looks at it."""

    told: RunRow
    finished_at: datetime = START
    updated_at: datetime = START
    error: RunError | None = None
    batch_id: str | None = None
    related_runs: RelatedRuns = field(default_factory=RelatedRuns)

    @property
    def status(self) -> Status:
        return self.told.status

    def row(self) -> RunRow:
        return self.told


def cursor(stage: Harness) -> str:
    return str(stage.table.cursor_key)


# What it says


async def test_the_first_frame_is_a_designed_loading_state() -> None:
    async with open_app() as harness:
        assert "trigdash" in harness.bar
        assert "connecting" in harness.bar
        assert harness.state.startswith("○ loading the runs")
        assert "from 127.0.0.1" in harness.state


async def test_the_first_frame_says_which_window_the_list_will_have() -> None:
    settings = UiSettings(server="127.0.0.1", reach=Reach(period="7d"))
    async with open_app(settings=settings) as harness:
        assert "connecting" in harness.bar
        assert "last 7 days" in harness.bar
        assert harness.state == "○ loading the runs of the last 7 days from 127.0.0.1"


async def test_runs_appear_with_counts_and_where_they_are_from() -> None:
    backend = backend_with(run_row(1, "EXECUTING"), run_row(2, "FAILED"), run_row(3))
    backend.budget = RateBudget(limit=750, remaining=736)
    async with open_app(backend) as harness:
        await harness.until(lambda: harness.ids == ["run_0001", "run_0002", "run_0003"])
        await harness.until(lambda: "acme-jobs" in harness.bar)
        assert " prod " in harness.bar
        assert "last 7 days" in harness.bar
        assert "live" in harness.bar
        assert "rate 736/750" in harness.bar
        assert "all  3 " in harness.counts
        assert "1 executing" in harness.counts
        assert "1 failed" in harness.counts


async def test_an_empty_environment_says_how_far_it_looked() -> None:
    async with open_app() as harness:
        await harness.until(lambda: "no runs in the last 7 days" in harness.state)
        assert "since:30d" in harness.state


async def test_the_highlighted_run_is_explained_with_its_error_once_the_cursor_rests() -> None:
    backend = backend_with(run_row(1, "FAILED", finished_ms=run_row(1).created_ms + 500))
    told = run_row(1, "FAILED", error="TypeError: contactId is undefined", attempts=3)
    backend.answers["run"] = lambda _run_id: ToldRun(told)
    async with open_app(backend) as harness:
        await harness.until(lambda: harness.ids)
        explanation = harness.app.screen.query_one(Explanation)
        assert "failed" in explanation.plain_text
        assert not backend.asked("run")
        harness.runs.show_time(harness.clock.now())
        harness.runs.show_time(harness.clock.now())
        await harness.until(lambda: "TypeError  contactId is undefined" in explanation.plain_text)
        assert "3 attempts" in explanation.plain_text


STACK = "    at applyTax (/app/src/billing.ts:77:12)\n    at run (node_modules/x.js:1:1)"


async def test_on_a_wide_terminal_the_highlighted_run_stands_beside_the_list() -> None:
    backend = backend_with(run_row(1, tags=("vip",)), run_row(2, "CRASHED", started_ms=None))
    message = "Cannot read properties of null (reading 'taxRate')"
    error = RunError(name="TypeError", message=message, stack_trace=STACK)
    backend.answers["run"] = lambda _id: ToldRun(run_row(2, "CRASHED", attempts=3), error=error)
    async with open_app(backend, size=(200, 60)) as harness:
        await harness.until(lambda: harness.ids)
        pane = harness.app.screen.query_one(RunPane)
        await harness.until(lambda: pane.size.width)
        table_size = harness.table.size
        assert not harness.app.screen.query_one(Explanation).display
        assert pane.plain_text.startswith("✓ completed in ")
        assert "tags      vip" in pane.plain_text
        await harness.press("j")
        await harness.until(lambda: pane.plain_text.startswith("‼ crashed\nsend-email\nrun_0002\n"))
        before = pane.plain_text.splitlines()
        assert not backend.asked("run")
        harness.runs.show_time(harness.clock.now())
        await harness.until(lambda: "TypeError\nCannot read properties of null" in pane.plain_text)
        after = pane.plain_text.splitlines()
        assert "at applyTax /app/src/billing.ts:77:12" in after
        assert "… 1 frame in libraries" in after
        assert after[:6] == before[:6]
        assert harness.table.size == table_size
        backend.change("run_0002", tags=("late",))
        await harness.poll()
        await harness.until(
            lambda: "tags      late" in pane.plain_text and "TypeError" in pane.plain_text
        )
        assert {row.id for row in harness.table.visible_rows} == {"run_0001", "run_0002"}
        await harness.press("w")
        assert harness.toasts()[-1] == "nothing is cut here"


async def test_a_terminal_that_is_not_as_wide_keeps_the_line_below_the_list() -> None:
    backend = backend_with(run_row(1))
    async with open_app(backend, size=(173, 45)) as harness:
        await harness.until(lambda: harness.ids)
        explanation = harness.app.screen.query_one(Explanation)
        assert explanation.display
        assert not harness.app.screen.query(RunPane)
        await harness.pilot.resize_terminal(174, 45)
        await harness.until(lambda: not explanation.display and harness.app.screen.query(RunPane))
        pane = harness.app.screen.query_one(RunPane)
        await harness.until(lambda: pane.size.width and "run_0001" in pane.plain_text)
        await harness.pilot.resize_terminal(120, 45)
        await harness.until(lambda: explanation.display and not pane.display)
        assert harness.table.size.width == 120


# Keeping one's place


async def test_new_runs_do_not_move_the_cursor_and_are_counted_until_asked_for() -> None:
    backend = backend_with(*many(50))
    async with open_app(backend) as harness:
        await harness.until(lambda: len(harness.ids) == 50)
        await harness.press("j", "j", "j")
        assert cursor(harness) == "run_0004"
        line = harness.table.cursor_index - harness.table.top
        backend.add([run_row(0), run_row(-1)])
        await harness.poll()
        await harness.until(lambda: len(harness.ids) == 52)
        assert cursor(harness) == "run_0004"
        assert harness.table.cursor_index - harness.table.top == line
        assert "2 new" in harness.counts
        await harness.press("g")
        assert cursor(harness) == "run_-001"
        assert "new" not in harness.counts


async def test_the_list_is_live_while_the_cursor_is_at_the_top() -> None:
    backend = backend_with(*many(5))
    async with open_app(backend) as harness:
        await harness.until(lambda: len(harness.ids) == 5)
        backend.add([run_row(0)])
        await harness.poll()
        await harness.until(lambda: cursor(harness) == "run_0000")
        assert "new" not in harness.counts


async def test_a_status_that_changes_is_seen_without_a_key() -> None:
    backend = backend_with(run_row(1, "EXECUTING"))
    async with open_app(backend) as harness:
        await harness.until(lambda: "1 executing" in harness.counts)
        backend.change("run_0001", status_name="COMPLETED")
        await harness.poll()
        await harness.until(lambda: "1 completed" in harness.counts)


async def test_older_runs_are_loaded_when_the_cursor_comes_near_the_end() -> None:
    backend = backend_with(*many(250))
    async with open_app(backend) as harness:
        await harness.until(lambda: len(harness.ids) == 100)
        assert "100+" in harness.counts
        await harness.press("G")
        await harness.until(lambda: len(harness.ids) == 200)
        assert cursor(harness) == "run_0100"
        await harness.press("G")
        await harness.until(lambda: len(harness.ids) == 250)
        assert "all  250 " in harness.counts


# Trouble


async def test_a_server_that_goes_away_and_comes_back_is_visible_and_harmless() -> None:
    backend = backend_with(*many(3))
    async with open_app(backend) as harness:
        await harness.until(lambda: len(harness.ids) == 3)
        backend.failure = CannotReach("connection refused")
        await harness.poll()
        await harness.until(lambda: "reconnecting" in harness.bar)
        assert "cannot reach the server (connection refused), showing data of" in harness.aside
        assert len(harness.ids) == 3
        backend.failure = None
        await harness.poll(60)
        await harness.until(lambda: "live" in harness.bar)
        assert "cannot reach" not in harness.aside


async def test_without_any_data_the_failure_is_the_screen() -> None:
    backend = FakeBackend()
    backend.failures["runs"] = ServerError("boom", status=503)
    async with open_app(backend) as harness:
        await harness.until(lambda: "server says 503: boom" in harness.state)
        assert "next try in" in harness.state
        assert "no data" in harness.bar


async def test_a_setting_that_cannot_be_used_waits_for_the_user() -> None:
    tries = 0

    async def opening(profile: str | None, environment: str | None) -> object:
        nonlocal tries
        tries += 1
        raise ConfigError("no key found: set TRIGGER_SECRET_KEY")

    async with open_app(opening=opening) as harness:
        await harness.until(lambda: "no key found" in harness.state)
        assert "not connected" in harness.bar
        await harness.press("ctrl+r")
        await harness.until(lambda: tries == 2)


async def test_polling_can_be_paused_and_resumed() -> None:
    backend = backend_with(*many(3))
    async with open_app(backend) as harness:
        await harness.until(lambda: len(harness.ids) == 3)
        await harness.press("a")
        assert "paused" in harness.bar
        asked = len(backend.asked("runs"))
        await harness.poll(60)
        assert len(backend.asked("runs")) == asked
        await harness.press("a")
        await harness.until(lambda: len(backend.asked("runs")) > asked)
        assert "paused" not in harness.bar


# The filter


async def type_filter(stage: Harness, line: str) -> None:
    await stage.press("slash")
    prompt = stage.app.screen.query_one("#filter-prompt")
    prompt.insert_text_at_cursor(line)  # type: ignore[attr-defined]
    await stage.pilot.pause()


async def test_what_the_server_can_filter_is_asked_of_the_server() -> None:
    backend = backend_with(run_row(1), run_row(2, "FAILED"))
    async with open_app(backend) as harness:
        await harness.until(lambda: len(harness.ids) == 2)
        await type_filter(harness, "status:failed since:24h")
        await harness.press("enter")
        await harness.until(lambda: harness.ids == ["run_0002"])
        assert backend.asked("runs")[-1][0].statuses == ("FAILED",)
        assert "last 24 hours" in harness.bar
        await harness.press("escape")
        await harness.until(lambda: len(harness.ids) == 2)
        assert "last 7 days" in harness.bar


async def test_keys_that_come_in_a_burst_act_in_their_order() -> None:
    async with open_app(backend_with(run_row(1, "FAILED"), run_row(2))) as harness:
        await harness.until(lambda: harness.ids)
        await harness.press("slash")
        for key in (*"stax", "backspace", "tab", *"fai", "tab"):
            # As the terminal's reader hands them over: none waits for what the one before did.
            character = key if len(key) == 1 else None
            harness.app.post_message(events.Key(key, character))
        prompt = harness.filter.query_one(Prompt)
        await harness.until(lambda: prompt.value == "status:failed")


async def test_nonsense_is_explained_and_nothing_is_sent() -> None:
    backend = backend_with(*many(2))
    async with open_app(backend) as harness:
        await harness.until(lambda: harness.ids)
        asked = len(backend.asked("runs"))
        await type_filter(harness, "status:faild")
        await harness.press("enter")
        await harness.until(lambda: "do you mean failed?" in harness.hint())
        assert harness.filter.is_editing
        assert len(backend.asked("runs")) == asked


async def test_free_text_filters_what_is_loaded_and_says_so() -> None:
    backend = backend_with(*many(99), run_row(0, task="sync-crm"))
    async with open_app(backend) as harness:
        await harness.until(lambda: len(harness.ids) == 100)
        asked = len(backend.asked("runs"))
        await type_filter(harness, "CRM")
        await harness.press("enter")
        await harness.until(lambda: harness.ids == ["run_0000"])
        assert "filtering 100 loaded runs" in harness.words()
        assert len(backend.asked("runs")) == asked


async def test_tab_completes_fields_and_values_that_were_seen() -> None:
    backend = backend_with(run_row(1, task="sync-crm"))
    async with open_app(backend) as harness:
        await harness.until(lambda: harness.ids)
        await type_filter(harness, "ta")
        await harness.press("tab")
        prompt = harness.app.screen.query_one("#filter-prompt")
        assert prompt.value == "task:"  # type: ignore[attr-defined]
        await harness.press("tab")
        assert prompt.value == "tag:"  # type: ignore[attr-defined]
        await harness.press("shift+tab", "s", "tab")
        assert prompt.value == "task:sync-crm"  # type: ignore[attr-defined]


async def test_an_edit_that_is_left_changes_nothing() -> None:
    backend = backend_with(*many(2))
    async with open_app(backend) as harness:
        await harness.until(lambda: harness.ids)
        await type_filter(harness, "status:failed")
        await harness.press("escape")
        assert not harness.filter.is_editing
        assert len(harness.ids) == 2
        await harness.press("j")
        assert cursor(harness) == "run_0002"


async def test_pasted_garbage_is_one_line_without_controls() -> None:
    async with open_app(backend_with(*many(2))) as harness:
        await harness.until(lambda: harness.ids)
        await harness.press("slash")
        harness.app.post_message(events.Paste("a\x1b]52;c;aGk=\x07\nb\u202ec" + "x" * 5000))
        prompt = harness.app.screen.query_one("#filter-prompt")
        await harness.until(lambda: prompt.value)  # type: ignore[attr-defined]
        value = prompt.value  # type: ignore[attr-defined]
        assert value.startswith("a]52;c;aGk= bcxxx")
        assert value.isprintable()
        assert len(value) <= 2000


# Marks, order, taking along


async def test_marks_are_counted_and_escape_clears_them_first() -> None:
    async with open_app(backend_with(*many(4))) as harness:
        await harness.until(lambda: harness.ids)
        await harness.press("space", "space")
        assert "2 marked" in harness.counts
        assert cursor(harness) == "run_0003"
        await harness.press("ctrl+a")
        assert "4 marked" in harness.counts
        await harness.press("escape")
        assert "marked" not in harness.counts


async def test_order_and_columns_are_kept_for_the_next_start(tmp_path: Path) -> None:
    settings = UiSettings(state_file=tmp_path / "state.json", profile="work")
    rows = [run_row(1, task="b"), run_row(2, task="a")]
    async with open_app(backend_with(*rows), settings) as stage:
        await stage.until(lambda: stage.ids)
        stage.table.sort = ("task", False)
        await stage.until(lambda: stage.ids == ["run_0002", "run_0001"])
        stage.runs.choose_columns(["status", "task"])
    async with open_app(backend_with(*rows), settings) as harness:
        await harness.until(lambda: harness.ids == ["run_0002", "run_0001"])
        assert [column.key for column in harness.table.columns] == ["status", "task"]


async def test_an_order_by_a_column_that_is_not_there_yet_comes_with_it(tmp_path: Path) -> None:
    settings = UiSettings(state_file=tmp_path / "state.json", profile="work")
    rows = [run_row(1, cost_cents=1.0), run_row(2, cost_cents=2.0), run_row(3)]
    async with open_app(backend_with(*rows), settings) as stage:
        await stage.until(lambda: stage.ids)
        stage.table.sort = ("cost", True)
        await stage.until(lambda: stage.ids == ["run_0002", "run_0001", "run_0003"])
    async with open_app(backend_with(*rows), settings) as harness:
        await harness.until(lambda: harness.ids == ["run_0002", "run_0001", "run_0003"])
        assert harness.table.sort == ("cost", True)


async def test_columns_that_nobody_has_values_for_stay_away_until_one_has() -> None:
    backend = backend_with(run_row(1))
    async with open_app(backend) as harness:
        await harness.until(lambda: harness.ids)
        keys = [column.key for column in harness.table.columns]
        assert "version" in keys
        assert "tries" not in keys
        assert "test" not in keys
        backend.add([run_row(0, is_test=True)])
        await harness.poll()
        await harness.until(lambda: "test" in [column.key for column in harness.table.columns])


async def test_a_run_that_takes_much_longer_than_its_task_does_is_marked_while_it_runs() -> None:
    usual = [run_row(n, finished_ms=run_row(n).created_ms + 2_000) for n in range(20, 40)]
    async with open_app(backend_with(run_row(3, "EXECUTING"), *usual)) as harness:
        await harness.until(lambda: harness.ids and harness.table.size.width)

        def drawn(line: int) -> str:
            harness.runs.show_time(harness.clock.now())
            return harness.table.render_line(line).text

        await harness.until(lambda: " 3.00 s " in drawn(1))
        assert "▲" not in drawn(1)
        await harness.poll(8.0)
        await harness.until(lambda: " ▲5.5× 11.0 s " in drawn(1))
        assert "▲" not in drawn(2)


async def test_ids_and_links_are_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_app(backend_with(*many(2))) as harness:
        await harness.until(lambda: "acme-jobs" in harness.bar)
        await harness.press("y")
        assert harness.app.clipboard == "run_0001"
        await harness.press("Y")
        link = "https://jobs.example.com/orgs/acme/projects/acme-jobs/env/prod/runs/run_0001"
        assert harness.app.clipboard == link
        await harness.press("ctrl+a", "y")
        assert harness.app.clipboard == "run_0001\nrun_0002"


async def test_what_is_shown_is_saved_and_said_where(tmp_path: Path) -> None:
    async with open_app(backend_with(run_row(1, tags=("=cmd()",)))) as harness:
        await harness.until(lambda: harness.ids)
        await harness.press("ctrl+s")
        await harness.pilot.pause()
        path = tmp_path / "runs.csv"
        prompt = harness.app.screen.query_one("#save-path")
        prompt.value = str(path)  # type: ignore[attr-defined]
        await harness.press("enter")
        await harness.until(lambda: any("saved" in toast for toast in harness.toasts()))
        header, line = path.read_text().splitlines()
        assert header.startswith("id,status_name,task")
        assert line.startswith("run_0001,COMPLETED,send-email")
        assert "'=cmd()" in line


# Hostile text


async def test_markup_in_data_is_shown_as_it_stands() -> None:
    hostile = "[@click=app.quit]x[/] [/] [bold"
    backend = backend_with(
        run_row(1, "FAILED", task=hostile, tags=(hostile,), error=hostile, version=hostile)
    )
    async with open_app(backend, size=(200, 30)) as harness:
        await harness.until(lambda: harness.ids)
        await harness.press("y", "w")
        harness.app.toast(hostile)
        await harness.pilot.pause()
        picture = harness.app.export_screenshot()
        assert "[@click=app.quit]" in picture.replace("&#160;", " ")
        assert harness.app.is_running


async def test_keys_that_are_typed_ahead_land_in_the_line_and_do_not_act() -> None:
    async with open_app(backend_with(*many(3))) as harness:
        await harness.until(lambda: harness.ids)
        for line, opener in (("aCq", "slash"), ("aCq", "colon")):
            for key in (opener, *line):
                harness.app.post_message(key_event(harness, key))
            await harness.until(lambda: harness.app.screen.query(Prompt))
            prompt = harness.app.screen.query_one(Prompt)
            await harness.until(lambda: prompt.value == line)  # noqa: B023  awaited in the loop
            assert "paused" not in harness.runs.query_one(StatusBar).plain_text
            await harness.press("escape")


def key_event(stage: Harness, key: str) -> events.Key:
    character = {"slash": "/", "colon": ":"}.get(key, key)
    event = events.Key(key, character)
    event.set_sender(stage.app)
    return event


# The run that was meant


async def test_a_run_that_was_opened_is_the_one_to_come_back_to() -> None:
    backend = backend_with(*many(40))
    backend.failures["run"] = ServerError("oops", status=500)
    async with open_app(backend) as harness:
        await harness.until(lambda: len(harness.ids) == 40)
        await harness.press("enter", "escape")
        backend.add([run_row(0)])
        await harness.poll()
        await harness.until(lambda: len(harness.ids) == 41)
        assert cursor(harness) == "run_0001"
        assert "1 new" in harness.counts
        await harness.press("g")
        assert cursor(harness) == "run_0000"


async def test_a_key_hits_the_run_that_was_under_the_cursor_when_a_new_one_pushes_in() -> None:
    backend = backend_with(*many(40))
    async with open_app(backend) as harness:
        await harness.until(lambda: len(harness.ids) == 40)
        harness.table._view.now_s = lambda: 0.0
        backend.add([run_row(0)])
        await harness.poll()
        await harness.until(lambda: len(harness.ids) == 41)
        await harness.press("y")
        assert harness.app.clipboard == "run_0001"
        assert cursor(harness) == "run_0001"


async def test_a_key_for_a_run_that_has_just_left_the_list_does_nothing_to_another() -> None:
    backend = backend_with(*many(40, "EXECUTING"))
    async with open_app(backend) as harness:
        await harness.until(lambda: len(harness.ids) == 40)
        harness.table._view.now_s = lambda: 0.0
        await harness.press("slash", *"executing", "enter", "j", "j")
        assert cursor(harness) == "run_0003"
        backend.change("run_0003", status_name="COMPLETED")
        await harness.poll()
        await harness.until(lambda: "run_0003" not in harness.ids)
        await harness.press("y")
        assert harness.app.clipboard == ""
        assert any("just left the list" in words for words in harness.toasts())


# Matches


async def test_matches_are_gone_through_and_round_the_end() -> None:
    backend = backend_with(*many(6), run_row(7, task="mail-parcel"), run_row(9, task="mail-parcel"))
    async with open_app(backend) as harness:
        await harness.until(lambda: len(harness.ids) == 8)
        await harness.press("n")
        assert any("no text to look for" in words for words in harness.toasts())
        await harness.press("slash", *"parcel", "enter")
        await harness.until(lambda: harness.ids == ["run_0007", "run_0009"])
        await harness.press("n")
        assert cursor(harness) == "run_0009"
        assert "match 2 of 2" in harness.filter_note
        await harness.press("n")
        assert cursor(harness) == "run_0007"
        await harness.press("N")
        assert cursor(harness) == "run_0009"


async def test_the_last_text_is_looked_for_among_all_runs_until_esc_ends_it() -> None:
    backend = backend_with(*many(6), run_row(7, task="mail-parcel"), run_row(9, task="mail-parcel"))
    async with open_app(backend) as harness:
        await harness.until(lambda: len(harness.ids) == 8)
        await harness.press("slash", *"parcel", "enter", "escape", "g", "n")
        assert len(harness.ids) == 8
        assert cursor(harness) == "run_0007"
        assert "match 1 of 2" in harness.filter_note
        assert "parcel" in harness.filter_note
        await harness.press("k")
        assert "match 1 of 2" not in harness.filter_note
        await harness.press("escape")
        assert harness.filter_note == ""
        assert len(harness.ids) == 8


async def test_esc_ends_a_search_in_the_runs_of_one_thing_and_what_it_is_stays() -> None:
    async with open_app(backend_with(*many(6), run_row(7, task="mail-parcel"))) as harness:
        await harness.until(lambda: len(harness.ids) == 7)
        harness.app.open_detail("error_runs", "error_1")
        await harness.until(lambda: isinstance(harness.app.screen, ErrorScreen))
        screen = harness.app.screen
        assert isinstance(screen, ErrorScreen)
        await harness.until(lambda: screen.is_intact and len(screen.table.rows) == 7)
        await harness.press("slash", *"parcel", "enter", "escape", "g", "n")
        assert "match 1 of 1" in harness.filter_note
        await harness.press("escape")
        assert "match" not in harness.filter_note
        await harness.press("slash", *"status:failed", "enter")
        await harness.until(lambda: not screen.table.rows)
        await harness.press("escape")
        await harness.until(lambda: len(screen.table.rows) == 7)
        assert screen._filter.error == "error_1"


# Little room


@pytest.mark.parametrize("size", [(40, 10), (20, 5), (10, 3), (1, 1)])
async def test_a_tiny_terminal_shows_runs_first(size: tuple[int, int]) -> None:
    async with open_app(backend_with(*many(40)), size=size) as harness:
        await harness.until(lambda: len(harness.ids) == 40)
        assert not harness.runs.show_vertical_scrollbar
        if size[1] > 3:
            await harness.until(lambda: harness.table.visible_rows)
        await harness.pilot.resize_terminal(100, 30)
        await harness.until(lambda: len(harness.table.visible_rows) > 5)
        assert harness.table.top == 0


async def test_what_no_answer_confirms_is_not_called_live() -> None:
    backend = backend_with(*many(3))
    async with open_app(backend) as harness:
        await harness.until(lambda: "live" in harness.bar)
        backend.gate = asyncio.Event()
        await harness.poll(12)
        await harness.until(lambda: "no answer for 10 s · 12 s" in harness.bar)
        assert "live" not in harness.bar
        backend.gate.set()
        await harness.poll(0)
        await harness.until(lambda: "live" in harness.bar)


async def test_runs_from_the_future_tell_that_a_clock_is_wrong() -> None:
    backend = backend_with(run_row(-300), *many(3))
    async with open_app(backend) as stage:
        await stage.until(lambda: len(stage.ids) == 4)
        await stage.until(lambda: "clock is 5 m behind the server's" in stage.aside)
    for ahead_s, words in ((90.0, "clock is 1 m ahead of the server's"), (-90.0, "1 m behind")):
        backend = backend_with(*many(3))
        backend.clock_ahead_s = ahead_s
        async with open_app(backend) as stage:
            await stage.until(lambda words=words: words in stage.aside)
    async with open_app(backend_with(*many(3))) as harness:
        await harness.until(lambda: len(harness.ids) == 3)
        assert harness.aside == ""


@pytest.mark.parametrize("key", ["enter", "t", "C", "y", "o"])
async def test_a_key_for_a_run_says_so_where_there_is_none(key: str) -> None:
    async with open_app() as harness:
        await harness.until(lambda: "no runs" in harness.state)
        await harness.press(key)
        assert harness.toasts() == ["there is nothing in the list"]


async def test_a_list_that_is_taken_down_shows_nothing_beside_itself_any_more() -> None:
    async with open_app(backend_with(run_row(1)), size=(200, 45)) as harness:
        await harness.until(lambda: harness.ids and harness.app.screen.query(RunPane))
        screen = harness.runs
        above = screen._parent
        await screen.query_one(RunPane).remove()
        screen._parent = None
        try:
            screen.show_cursor()
            assert not screen.query(RunPane)
        finally:
            screen._parent = above
