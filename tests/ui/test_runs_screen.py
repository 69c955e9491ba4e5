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
from tests.ui.stage import Stage, on_stage, run_row
from trigdash.backends.base import CannotReach, RateBudget, Reach, ServerError
from trigdash.config import ConfigError, UiSettings
from trigdash.model.run import RelatedRuns, RunError
from trigdash.model.run_row import RunRow
from trigdash.model.status import Status
from trigdash.ui.screens.error import ErrorScreen
from trigdash.ui.widgets.explanation import Explanation
from trigdash.ui.widgets.prompt import Prompt
from trigdash.ui.widgets.run_pane import RunPane
from trigdash.ui.widgets.status_bar import StatusBar


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


def cursor(stage: Stage) -> str:
    return str(stage.table.cursor_key)


# What it says


async def test_the_first_frame_is_a_designed_loading_state() -> None:
    async with on_stage() as stage:
        assert "trigdash" in stage.bar
        assert "connecting" in stage.bar
        assert stage.state.startswith("○ loading the runs")
        assert "from 127.0.0.1" in stage.state


async def test_the_first_frame_says_which_window_the_list_will_have() -> None:
    settings = UiSettings(server="127.0.0.1", reach=Reach(period="7d"))
    async with on_stage(settings=settings) as stage:
        assert "connecting" in stage.bar
        assert "last 7 days" in stage.bar
        assert stage.state == "○ loading the runs of the last 7 days from 127.0.0.1"


async def test_runs_appear_with_counts_and_where_they_are_from() -> None:
    backend = backend_with(run_row(1, "EXECUTING"), run_row(2, "FAILED"), run_row(3))
    backend.budget = RateBudget(limit=750, remaining=736)
    async with on_stage(backend) as stage:
        await stage.until(lambda: stage.ids == ["run_0001", "run_0002", "run_0003"])
        await stage.until(lambda: "acme-jobs" in stage.bar)
        assert " prod " in stage.bar
        assert "last 7 days" in stage.bar
        assert "live" in stage.bar
        assert "rate 736/750" in stage.bar
        assert "all  3 " in stage.counts
        assert "1 executing" in stage.counts
        assert "1 failed" in stage.counts


async def test_an_empty_environment_says_how_far_it_looked() -> None:
    async with on_stage() as stage:
        await stage.until(lambda: "no runs in the last 7 days" in stage.state)
        assert "since:30d" in stage.state


async def test_the_highlighted_run_is_explained_with_its_error_once_the_cursor_rests() -> None:
    backend = backend_with(run_row(1, "FAILED", finished_ms=run_row(1).created_ms + 500))
    told = run_row(1, "FAILED", error="TypeError: contactId is undefined", attempts=3)
    backend.answers["run"] = lambda _run_id: ToldRun(told)
    async with on_stage(backend) as stage:
        await stage.until(lambda: stage.ids)
        explanation = stage.app.screen.query_one(Explanation)
        assert "failed" in explanation.words
        assert not backend.asked("run")
        stage.runs.show_time(stage.clock.now())
        stage.runs.show_time(stage.clock.now())
        await stage.until(lambda: "TypeError  contactId is undefined" in explanation.words)
        assert "3 attempts" in explanation.words


STACK = "    at applyTax (/app/src/billing.ts:77:12)\n    at run (node_modules/x.js:1:1)"


async def test_on_a_wide_terminal_the_highlighted_run_stands_beside_the_list() -> None:
    backend = backend_with(run_row(1, tags=("vip",)), run_row(2, "CRASHED", started_ms=None))
    message = "Cannot read properties of null (reading 'taxRate')"
    error = RunError(name="TypeError", message=message, stack_trace=STACK)
    backend.answers["run"] = lambda _id: ToldRun(run_row(2, "CRASHED", attempts=3), error=error)
    async with on_stage(backend, size=(200, 60)) as stage:
        await stage.until(lambda: stage.ids)
        pane = stage.app.screen.query_one(RunPane)
        await stage.until(lambda: pane.size.width)
        table_size = stage.table.size
        assert not stage.app.screen.query_one(Explanation).display
        assert pane.words.startswith("✓ completed in ")
        assert "tags      vip" in pane.words
        await stage.press("j")
        await stage.until(lambda: pane.words.startswith("‼ crashed\nsend-email\nrun_0002\n"))
        before = pane.words.splitlines()
        assert not backend.asked("run")
        stage.runs.show_time(stage.clock.now())
        await stage.until(lambda: "TypeError\nCannot read properties of null" in pane.words)
        after = pane.words.splitlines()
        assert "at applyTax /app/src/billing.ts:77:12" in after
        assert "… 1 frame in libraries" in after
        assert after[:6] == before[:6]
        assert stage.table.size == table_size
        backend.change("run_0002", tags=("late",))
        await stage.poll()
        await stage.until(lambda: "tags      late" in pane.words and "TypeError" in pane.words)
        assert {row.id for row in stage.table.visible_rows} == {"run_0001", "run_0002"}
        await stage.press("w")
        assert stage.toasts()[-1] == "nothing is cut here"


async def test_a_terminal_that_is_not_as_wide_keeps_the_line_below_the_list() -> None:
    backend = backend_with(run_row(1))
    async with on_stage(backend, size=(173, 45)) as stage:
        await stage.until(lambda: stage.ids)
        explanation = stage.app.screen.query_one(Explanation)
        assert explanation.display
        assert not stage.app.screen.query(RunPane)
        await stage.pilot.resize_terminal(174, 45)
        await stage.until(lambda: not explanation.display and stage.app.screen.query(RunPane))
        pane = stage.app.screen.query_one(RunPane)
        await stage.until(lambda: pane.size.width and "run_0001" in pane.words)
        await stage.pilot.resize_terminal(120, 45)
        await stage.until(lambda: explanation.display and not pane.display)
        assert stage.table.size.width == 120


# Keeping one's place


async def test_new_runs_do_not_move_the_cursor_and_are_counted_until_asked_for() -> None:
    backend = backend_with(*many(50))
    async with on_stage(backend) as stage:
        await stage.until(lambda: len(stage.ids) == 50)
        await stage.press("j", "j", "j")
        assert cursor(stage) == "run_0004"
        line = stage.table.cursor_index - stage.table.top
        backend.add([run_row(0), run_row(-1)])
        await stage.poll()
        await stage.until(lambda: len(stage.ids) == 52)
        assert cursor(stage) == "run_0004"
        assert stage.table.cursor_index - stage.table.top == line
        assert "2 new" in stage.counts
        await stage.press("g")
        assert cursor(stage) == "run_-001"
        assert "new" not in stage.counts


async def test_the_list_is_live_while_the_cursor_is_at_the_top() -> None:
    backend = backend_with(*many(5))
    async with on_stage(backend) as stage:
        await stage.until(lambda: len(stage.ids) == 5)
        backend.add([run_row(0)])
        await stage.poll()
        await stage.until(lambda: cursor(stage) == "run_0000")
        assert "new" not in stage.counts


async def test_a_status_that_changes_is_seen_without_a_key() -> None:
    backend = backend_with(run_row(1, "EXECUTING"))
    async with on_stage(backend) as stage:
        await stage.until(lambda: "1 executing" in stage.counts)
        backend.change("run_0001", status_name="COMPLETED")
        await stage.poll()
        await stage.until(lambda: "1 completed" in stage.counts)


async def test_older_runs_are_loaded_when_the_cursor_comes_near_the_end() -> None:
    backend = backend_with(*many(250))
    async with on_stage(backend) as stage:
        await stage.until(lambda: len(stage.ids) == 100)
        assert "100+" in stage.counts
        await stage.press("G")
        await stage.until(lambda: len(stage.ids) == 200)
        assert cursor(stage) == "run_0100"
        await stage.press("G")
        await stage.until(lambda: len(stage.ids) == 250)
        assert "all  250 " in stage.counts


# Trouble


async def test_a_server_that_goes_away_and_comes_back_is_visible_and_harmless() -> None:
    backend = backend_with(*many(3))
    async with on_stage(backend) as stage:
        await stage.until(lambda: len(stage.ids) == 3)
        backend.failure = CannotReach("connection refused")
        await stage.poll()
        await stage.until(lambda: "reconnecting" in stage.bar)
        assert "cannot reach the server (connection refused), showing data of" in stage.aside
        assert len(stage.ids) == 3
        backend.failure = None
        await stage.poll(60)
        await stage.until(lambda: "live" in stage.bar)
        assert "cannot reach" not in stage.aside


async def test_without_any_data_the_failure_is_the_screen() -> None:
    backend = FakeBackend()
    backend.failures["runs"] = ServerError("boom", status=503)
    async with on_stage(backend) as stage:
        await stage.until(lambda: "server says 503: boom" in stage.state)
        assert "next try in" in stage.state
        assert "no data" in stage.bar


async def test_a_setting_that_cannot_be_used_waits_for_the_user() -> None:
    tries = 0

    async def opening(profile: str | None, environment: str | None) -> object:
        nonlocal tries
        tries += 1
        raise ConfigError("no key found: set TRIGGER_SECRET_KEY")

    async with on_stage(opening=opening) as stage:
        await stage.until(lambda: "no key found" in stage.state)
        assert "not connected" in stage.bar
        await stage.press("ctrl+r")
        await stage.until(lambda: tries == 2)


async def test_polling_can_be_paused_and_resumed() -> None:
    backend = backend_with(*many(3))
    async with on_stage(backend) as stage:
        await stage.until(lambda: len(stage.ids) == 3)
        await stage.press("a")
        assert "paused" in stage.bar
        asked = len(backend.asked("runs"))
        await stage.poll(60)
        assert len(backend.asked("runs")) == asked
        await stage.press("a")
        await stage.until(lambda: len(backend.asked("runs")) > asked)
        assert "paused" not in stage.bar


# The filter


async def type_filter(stage: Stage, line: str) -> None:
    await stage.press("slash")
    prompt = stage.app.screen.query_one("#filter-prompt")
    prompt.insert_text_at_cursor(line)  # type: ignore[attr-defined]
    await stage.pilot.pause()


async def test_what_the_server_can_filter_is_asked_of_the_server() -> None:
    backend = backend_with(run_row(1), run_row(2, "FAILED"))
    async with on_stage(backend) as stage:
        await stage.until(lambda: len(stage.ids) == 2)
        await type_filter(stage, "status:failed since:24h")
        await stage.press("enter")
        await stage.until(lambda: stage.ids == ["run_0002"])
        assert backend.asked("runs")[-1][0].statuses == ("FAILED",)
        assert "last 24 hours" in stage.bar
        await stage.press("escape")
        await stage.until(lambda: len(stage.ids) == 2)
        assert "last 7 days" in stage.bar


async def test_keys_that_come_in_a_burst_act_in_their_order() -> None:
    async with on_stage(backend_with(run_row(1, "FAILED"), run_row(2))) as stage:
        await stage.until(lambda: stage.ids)
        await stage.press("slash")
        for key in (*"stax", "backspace", "tab", *"fai", "tab"):
            # As the terminal's reader hands them over: none waits for what the one before did.
            character = key if len(key) == 1 else None
            stage.app.post_message(events.Key(key, character))
        prompt = stage.filter.query_one(Prompt)
        await stage.until(lambda: prompt.value == "status:failed")


async def test_nonsense_is_explained_and_nothing_is_sent() -> None:
    backend = backend_with(*many(2))
    async with on_stage(backend) as stage:
        await stage.until(lambda: stage.ids)
        asked = len(backend.asked("runs"))
        await type_filter(stage, "status:faild")
        await stage.press("enter")
        await stage.until(lambda: "do you mean failed?" in stage.hint())
        assert stage.filter.is_editing
        assert len(backend.asked("runs")) == asked


async def test_free_text_filters_what_is_loaded_and_says_so() -> None:
    backend = backend_with(*many(99), run_row(0, task="sync-crm"))
    async with on_stage(backend) as stage:
        await stage.until(lambda: len(stage.ids) == 100)
        asked = len(backend.asked("runs"))
        await type_filter(stage, "CRM")
        await stage.press("enter")
        await stage.until(lambda: stage.ids == ["run_0000"])
        assert "filtering 100 loaded runs" in stage.words()
        assert len(backend.asked("runs")) == asked


async def test_tab_completes_fields_and_values_that_were_seen() -> None:
    backend = backend_with(run_row(1, task="sync-crm"))
    async with on_stage(backend) as stage:
        await stage.until(lambda: stage.ids)
        await type_filter(stage, "ta")
        await stage.press("tab")
        prompt = stage.app.screen.query_one("#filter-prompt")
        assert prompt.value == "task:"  # type: ignore[attr-defined]
        await stage.press("tab")
        assert prompt.value == "tag:"  # type: ignore[attr-defined]
        await stage.press("shift+tab", "s", "tab")
        assert prompt.value == "task:sync-crm"  # type: ignore[attr-defined]


async def test_an_edit_that_is_left_changes_nothing() -> None:
    backend = backend_with(*many(2))
    async with on_stage(backend) as stage:
        await stage.until(lambda: stage.ids)
        await type_filter(stage, "status:failed")
        await stage.press("escape")
        assert not stage.filter.is_editing
        assert len(stage.ids) == 2
        await stage.press("j")
        assert cursor(stage) == "run_0002"


async def test_pasted_garbage_is_one_line_without_controls() -> None:
    async with on_stage(backend_with(*many(2))) as stage:
        await stage.until(lambda: stage.ids)
        await stage.press("slash")
        stage.app.post_message(events.Paste("a\x1b]52;c;aGk=\x07\nb\u202ec" + "x" * 5000))
        prompt = stage.app.screen.query_one("#filter-prompt")
        await stage.until(lambda: prompt.value)  # type: ignore[attr-defined]
        value = prompt.value  # type: ignore[attr-defined]
        assert value.startswith("a]52;c;aGk= bcxxx")
        assert value.isprintable()
        assert len(value) <= 2000


# Marks, order, taking along


async def test_marks_are_counted_and_escape_clears_them_first() -> None:
    async with on_stage(backend_with(*many(4))) as stage:
        await stage.until(lambda: stage.ids)
        await stage.press("space", "space")
        assert "2 marked" in stage.counts
        assert cursor(stage) == "run_0003"
        await stage.press("ctrl+a")
        assert "4 marked" in stage.counts
        await stage.press("escape")
        assert "marked" not in stage.counts


async def test_order_and_columns_are_kept_for_the_next_start(tmp_path: Path) -> None:
    settings = UiSettings(state_file=tmp_path / "state.json", profile="work")
    rows = [run_row(1, task="b"), run_row(2, task="a")]
    async with on_stage(backend_with(*rows), settings) as stage:
        await stage.until(lambda: stage.ids)
        stage.table.sort = ("task", False)
        await stage.until(lambda: stage.ids == ["run_0002", "run_0001"])
        stage.runs.choose_columns(["status", "task"])
    async with on_stage(backend_with(*rows), settings) as stage:
        await stage.until(lambda: stage.ids == ["run_0002", "run_0001"])
        assert [column.key for column in stage.table.columns] == ["status", "task"]


async def test_an_order_by_a_column_that_is_not_there_yet_comes_with_it(tmp_path: Path) -> None:
    settings = UiSettings(state_file=tmp_path / "state.json", profile="work")
    rows = [run_row(1, cost_cents=1.0), run_row(2, cost_cents=2.0), run_row(3)]
    async with on_stage(backend_with(*rows), settings) as stage:
        await stage.until(lambda: stage.ids)
        stage.table.sort = ("cost", True)
        await stage.until(lambda: stage.ids == ["run_0002", "run_0001", "run_0003"])
    async with on_stage(backend_with(*rows), settings) as stage:
        await stage.until(lambda: stage.ids == ["run_0002", "run_0001", "run_0003"])
        assert stage.table.sort == ("cost", True)


async def test_columns_that_nobody_has_values_for_stay_away_until_one_has() -> None:
    backend = backend_with(run_row(1))
    async with on_stage(backend) as stage:
        await stage.until(lambda: stage.ids)
        keys = [column.key for column in stage.table.columns]
        assert "version" in keys
        assert "tries" not in keys
        assert "test" not in keys
        backend.add([run_row(0, is_test=True)])
        await stage.poll()
        await stage.until(lambda: "test" in [column.key for column in stage.table.columns])


async def test_a_run_that_takes_much_longer_than_its_task_does_is_marked_while_it_runs() -> None:
    usual = [run_row(n, finished_ms=run_row(n).created_ms + 2_000) for n in range(20, 40)]
    async with on_stage(backend_with(run_row(3, "EXECUTING"), *usual)) as stage:
        await stage.until(lambda: stage.ids and stage.table.size.width)

        def drawn(line: int) -> str:
            stage.runs.show_time(stage.clock.now())
            return stage.table.render_line(line).text

        await stage.until(lambda: " 3.00 s " in drawn(1))
        assert "▲" not in drawn(1)
        await stage.poll(8.0)
        await stage.until(lambda: " ▲5.5× 11.0 s " in drawn(1))
        assert "▲" not in drawn(2)


async def test_ids_and_links_are_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    async with on_stage(backend_with(*many(2))) as stage:
        await stage.until(lambda: "acme-jobs" in stage.bar)
        await stage.press("y")
        assert stage.app.clipboard == "run_0001"
        await stage.press("Y")
        link = "https://jobs.example.com/orgs/acme/projects/acme-jobs/env/prod/runs/run_0001"
        assert stage.app.clipboard == link
        await stage.press("ctrl+a", "y")
        assert stage.app.clipboard == "run_0001\nrun_0002"


async def test_what_is_shown_is_saved_and_said_where(tmp_path: Path) -> None:
    async with on_stage(backend_with(run_row(1, tags=("=cmd()",)))) as stage:
        await stage.until(lambda: stage.ids)
        await stage.press("ctrl+s")
        await stage.pilot.pause()
        path = tmp_path / "runs.csv"
        prompt = stage.app.screen.query_one("#save-path")
        prompt.value = str(path)  # type: ignore[attr-defined]
        await stage.press("enter")
        await stage.until(lambda: any("saved" in toast for toast in stage.toasts()))
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
    async with on_stage(backend, size=(200, 30)) as stage:
        await stage.until(lambda: stage.ids)
        await stage.press("y", "w")
        stage.app.say(hostile)
        await stage.pilot.pause()
        picture = stage.app.export_screenshot()
        assert "[@click=app.quit]" in picture.replace("&#160;", " ")
        assert stage.app.is_running


async def test_keys_that_are_typed_ahead_land_in_the_line_and_do_not_act() -> None:
    async with on_stage(backend_with(*many(3))) as stage:
        await stage.until(lambda: stage.ids)
        for line, opener in (("aCq", "slash"), ("aCq", "colon")):
            for key in (opener, *line):
                stage.app.post_message(key_event(stage, key))
            await stage.until(lambda: stage.app.screen.query(Prompt))
            prompt = stage.app.screen.query_one(Prompt)
            await stage.until(lambda: prompt.value == line)  # noqa: B023  awaited in the loop
            assert "paused" not in stage.runs.query_one(StatusBar).words
            await stage.press("escape")


def key_event(stage: Stage, key: str) -> events.Key:
    character = {"slash": "/", "colon": ":"}.get(key, key)
    event = events.Key(key, character)
    event.set_sender(stage.app)
    return event


# The run that was meant


async def test_a_run_that_was_opened_is_the_one_to_come_back_to() -> None:
    backend = backend_with(*many(40))
    backend.failures["run"] = ServerError("oops", status=500)
    async with on_stage(backend) as stage:
        await stage.until(lambda: len(stage.ids) == 40)
        await stage.press("enter", "escape")
        backend.add([run_row(0)])
        await stage.poll()
        await stage.until(lambda: len(stage.ids) == 41)
        assert cursor(stage) == "run_0001"
        assert "1 new" in stage.counts
        await stage.press("g")
        assert cursor(stage) == "run_0000"


async def test_a_key_hits_the_run_that_was_under_the_cursor_when_a_new_one_pushes_in() -> None:
    backend = backend_with(*many(40))
    async with on_stage(backend) as stage:
        await stage.until(lambda: len(stage.ids) == 40)
        stage.table._view.now_s = lambda: 0.0
        backend.add([run_row(0)])
        await stage.poll()
        await stage.until(lambda: len(stage.ids) == 41)
        await stage.press("y")
        assert stage.app.clipboard == "run_0001"
        assert cursor(stage) == "run_0001"


async def test_a_key_for_a_run_that_has_just_left_the_list_does_nothing_to_another() -> None:
    backend = backend_with(*many(40, "EXECUTING"))
    async with on_stage(backend) as stage:
        await stage.until(lambda: len(stage.ids) == 40)
        stage.table._view.now_s = lambda: 0.0
        await stage.press("slash", *"executing", "enter", "j", "j")
        assert cursor(stage) == "run_0003"
        backend.change("run_0003", status_name="COMPLETED")
        await stage.poll()
        await stage.until(lambda: "run_0003" not in stage.ids)
        await stage.press("y")
        assert stage.app.clipboard == ""
        assert any("just left the list" in words for words in stage.toasts())


# Matches


async def test_matches_are_gone_through_and_round_the_end() -> None:
    backend = backend_with(*many(6), run_row(7, task="mail-parcel"), run_row(9, task="mail-parcel"))
    async with on_stage(backend) as stage:
        await stage.until(lambda: len(stage.ids) == 8)
        await stage.press("n")
        assert any("no text to look for" in words for words in stage.toasts())
        await stage.press("slash", *"parcel", "enter")
        await stage.until(lambda: stage.ids == ["run_0007", "run_0009"])
        await stage.press("n")
        assert cursor(stage) == "run_0009"
        assert "match 2 of 2" in stage.filter_note
        await stage.press("n")
        assert cursor(stage) == "run_0007"
        await stage.press("N")
        assert cursor(stage) == "run_0009"


async def test_the_last_text_is_looked_for_among_all_runs_until_esc_ends_it() -> None:
    backend = backend_with(*many(6), run_row(7, task="mail-parcel"), run_row(9, task="mail-parcel"))
    async with on_stage(backend) as stage:
        await stage.until(lambda: len(stage.ids) == 8)
        await stage.press("slash", *"parcel", "enter", "escape", "g", "n")
        assert len(stage.ids) == 8
        assert cursor(stage) == "run_0007"
        assert "match 1 of 2" in stage.filter_note
        assert "parcel" in stage.filter_note
        await stage.press("k")
        assert "match 1 of 2" not in stage.filter_note
        await stage.press("escape")
        assert stage.filter_note == ""
        assert len(stage.ids) == 8


async def test_esc_ends_a_search_in_the_runs_of_one_thing_and_what_it_is_stays() -> None:
    async with on_stage(backend_with(*many(6), run_row(7, task="mail-parcel"))) as stage:
        await stage.until(lambda: len(stage.ids) == 7)
        stage.app.open_detail("error", "error_1")
        await stage.until(lambda: isinstance(stage.app.screen, ErrorScreen))
        screen = stage.app.screen
        assert isinstance(screen, ErrorScreen)
        await stage.until(lambda: screen.stands and len(screen.table.rows) == 7)
        await stage.press("slash", *"parcel", "enter", "escape", "g", "n")
        assert "match 1 of 1" in stage.filter_note
        await stage.press("escape")
        assert "match" not in stage.filter_note
        await stage.press("slash", *"status:failed", "enter")
        await stage.until(lambda: not screen.table.rows)
        await stage.press("escape")
        await stage.until(lambda: len(screen.table.rows) == 7)
        assert screen._filter.error == "error_1"


# Little room


@pytest.mark.parametrize("size", [(40, 10), (20, 5), (10, 3), (1, 1)])
async def test_a_tiny_terminal_shows_runs_first(size: tuple[int, int]) -> None:
    async with on_stage(backend_with(*many(40)), size=size) as stage:
        await stage.until(lambda: len(stage.ids) == 40)
        assert not stage.runs.show_vertical_scrollbar
        if size[1] > 3:
            await stage.until(lambda: stage.table.visible_rows)
        await stage.pilot.resize_terminal(100, 30)
        await stage.until(lambda: len(stage.table.visible_rows) > 5)
        assert stage.table.top == 0


async def test_what_no_answer_confirms_is_not_called_live() -> None:
    backend = backend_with(*many(3))
    async with on_stage(backend) as stage:
        await stage.until(lambda: "live" in stage.bar)
        backend.gate = asyncio.Event()
        await stage.poll(12)
        await stage.until(lambda: "no answer for 10 s · 12 s" in stage.bar)
        assert "live" not in stage.bar
        backend.gate.set()
        await stage.poll(0)
        await stage.until(lambda: "live" in stage.bar)


async def test_runs_from_the_future_tell_that_a_clock_is_wrong() -> None:
    backend = backend_with(run_row(-300), *many(3))
    async with on_stage(backend) as stage:
        await stage.until(lambda: len(stage.ids) == 4)
        await stage.until(lambda: "clock is 5 m behind the server's" in stage.aside)
    for ahead_s, words in ((90.0, "clock is 1 m ahead of the server's"), (-90.0, "1 m behind")):
        backend = backend_with(*many(3))
        backend.clock_ahead_s = ahead_s
        async with on_stage(backend) as stage:
            await stage.until(lambda words=words: words in stage.aside)
    async with on_stage(backend_with(*many(3))) as stage:
        await stage.until(lambda: len(stage.ids) == 3)
        assert stage.aside == ""


@pytest.mark.parametrize("key", ["enter", "t", "C", "y", "o"])
async def test_a_key_for_a_run_says_so_where_there_is_none(key: str) -> None:
    async with on_stage() as stage:
        await stage.until(lambda: "no runs" in stage.state)
        await stage.press(key)
        assert stage.toasts() == ["there is nothing in the list"]
