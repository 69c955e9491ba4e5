"""The trace tab: the tree, its keys, the inspector, live and settled."""

from __future__ import annotations

from tests.recorded import recorded
from tests.ui.run_stage import NOT_HERE, RecordedRun, RunStage, run_of, run_on_stage, text_of
from trigdash.backends.base import ServerError
from trigdash.ui.screens.run.inspector import Inspector
from trigdash.ui.screens.run.trace import TracePane
from trigdash.ui.widgets.trace_view import TraceView

FAILED = RecordedRun("runs_get_v3__failed_trace__api_version", "run_trace__failed_trace")


def parent() -> RecordedRun:
    """A parent with children, its trace as Postgres tells it, two of its spans recorded."""
    return RecordedRun(
        "runs_get_v3__parent__api_version",
        "run_trace_pgstore__parent",
        "run_events__parent",
        {
            "ca0b23bab5f54549": "run_span_pgstore__with_exception_event",
            "c99826e5ef337d26": "run_span_pgstore__http",
            "f6e5e0e793f2cadf": "run_span_pgstore__trigger_and_wait",
        },
    )


def spans(stage: RunStage) -> TraceView:
    return stage.screen.query_one(TracePane).spans


def tree(stage: RunStage) -> str:
    return text_of(spans(stage))


def inspected(stage: RunStage) -> str:
    return text_of(stage.screen.query_one(Inspector))


def selected(stage: RunStage) -> str:
    view = spans(stage)
    assert view.lines is not None
    assert view.selected is not None
    return view.lines.rows.trace.messages[view.selected]


async def test_a_failed_run_shows_its_attempts_their_bars_and_the_pause_between() -> None:
    async with run_on_stage(FAILED, "trace") as stage:
        await stage.see("Attempt 2")
        lines = tree(stage).splitlines()
        assert "0 s" in lines[0]
        assert "× send-email" in lines[1]
        assert "2.20 s" in lines[1]
        assert any("Retry #1 delay" in line and "╌" in line for line in lines)
        assert "5 internal lines hidden" in stage.note
        assert "[engine]" not in tree(stage)
        await stage.press("i")
        await stage.see("[engine] QUEUED - Run was QUEUED")


async def test_levels_folds_and_child_runs_work_by_keys() -> None:
    async with run_on_stage(parent(), "trace") as stage:
        await stage.see("risky step failed")
        await stage.press("1")
        await stage.until(lambda: "run()" not in tree(stage))
        assert "Attempt 1" in tree(stage)
        assert "▸" in tree(stage)
        await stage.press("asterisk")
        await stage.see("risky step failed")
        await stage.press("j", "h")
        await stage.until(lambda: "risky step" not in tree(stage))
        await stage.press("l")
        await stage.see("risky step")
        await stage.press("h", "h")
        assert selected(stage) == "parent-task"


async def test_a_childs_run_opens_from_its_span() -> None:
    async with run_on_stage(parent(), "trace") as stage:
        await stage.see("child-task ›")
        view = spans(stage)
        assert view.lines is not None
        row = view.lines.rows.trace.messages.index("child-task")
        child = view.lines.rows.trace.run_id(row)
        view.select(row)
        first = stage.screen
        await stage.press("enter")
        await stage.until(lambda: stage.app.screen is not first)
        assert stage.screen.run_id == child


async def test_searching_keeps_the_way_to_a_match_and_goes_from_one_to_the_next() -> None:
    async with run_on_stage(parent(), "trace") as stage:
        await stage.see("fetch customer")
        await stage.press("slash", *"risky", "enter")
        await stage.until(lambda: "fetch customer" not in tree(stage))
        assert "run()" in tree(stage)
        assert "1 of 2 matches" in stage.note
        await stage.press("n")
        await stage.until(lambda: "2 of 2 matches" in stage.note)
        assert selected(stage) == "risky step failed"
        await stage.press("escape")
        await stage.see("fetch customer")
        assert stage.screen.tab == "trace"


async def test_errors_are_one_key_away() -> None:
    async with run_on_stage(parent(), "trace") as stage:
        await stage.see("risky step")
        await stage.press("1", "exclamation_mark")
        await stage.until(lambda: selected(stage) == "risky step")
        await stage.press("exclamation_mark")
        await stage.until(lambda: selected(stage) == "risky step failed")


async def test_properties_are_fetched_only_of_the_span_that_is_looked_at() -> None:
    told = parent()
    async with run_on_stage(told, "trace") as stage:
        await stage.see("fetch customer")
        view = spans(stage)
        assert view.lines is not None
        view.select(view.lines.rows.trace.messages.index("fetch customer"))
        await stage.until(lambda: "status_code" in inspected(stage))
        assert "200 ms" in inspected(stage)
        view.select(view.lines.rows.trace.messages.index("child-task triggerAndWait()"))
        await stage.until(lambda: "TRIGGERED RUNS" in inspected(stage))
        assert "✓ completed" in inspected(stage)
        assert set(told.asked_spans) <= {"0512384c0effeff4", "c99826e5ef337d26", "f6e5e0e793f2cadf"}


async def test_tab_goes_into_the_inspector_where_everything_can_be_copied() -> None:
    async with run_on_stage(parent(), "trace") as stage:
        await stage.see("fetch customer")
        view = spans(stage)
        assert view.lines is not None
        view.select(view.lines.rows.trace.messages.index("fetch customer"))
        await stage.until(lambda: "status_code" in inspected(stage))
        await stage.press("tab", "G", "y")
        await stage.until(stage.toasts)
        assert stage.toasts()[-1] == "sent to the terminal's clipboard: http.response.status_code"
        await stage.press("escape", "j")
        await stage.until(lambda: selected(stage) == "child-task triggerAndWait()")


async def test_exceptions_are_shown_before_any_property_has_arrived() -> None:
    async with run_on_stage(parent(), "trace") as stage:
        await stage.see("risky step")
        await stage.press("exclamation_mark")
        await stage.until(lambda: "UpstreamError  Upstream 503" in inspected(stage))
        assert "at risky /app/src/trigger/parent.ts:88:9" in inspected(stage)


async def test_a_span_without_properties_darkens_the_inspector_alone() -> None:
    async with run_on_stage(FAILED, "trace") as stage:
        await stage.see("Attempt 1")
        await stage.until(lambda: "properties: not found" in inspected(stage))
        assert "Attempt 1" in tree(stage)


async def test_queue_time_zoom_and_fit_change_the_axis() -> None:
    async with run_on_stage(FAILED, "trace") as stage:
        await stage.see("Attempt 1")
        before = tree(stage).splitlines()[1]
        await stage.press("z")
        await stage.until(lambda: "without queue time" in stage.note)
        assert tree(stage).splitlines()[1] != before
        await stage.press("z", "j", "equals_sign")
        await stage.until(lambda: "zoomed" in stage.note)
        assert "400 ms" in tree(stage).splitlines()[0]
        await stage.press("equals_sign")
        await stage.until(lambda: "zoomed" not in stage.note)
        await stage.press("plus")
        await stage.until(lambda: "zoomed" in stage.note)
        await stage.press("minus")
        await stage.until(lambda: "zoomed" not in stage.note)


async def test_a_truncated_trace_says_how_much_is_shown_and_stays_quick() -> None:
    told = RecordedRun("runs_get_v3__completed", "run_trace__large_truncated")
    async with run_on_stage(told, "trace") as stage:
        await stage.see("log line 0")
        assert "truncated by the server, 4,994 spans shown" in stage.note
        assert "Trace 4,994+" in stage.screen.query_one("#tabs").words  # type: ignore[attr-defined]
        await stage.press("G")
        await stage.until(lambda: selected(stage).startswith("log line"))
        await stage.press("slash", *"line 123", "enter")
        await stage.until(lambda: "matches" in stage.note)
        assert "log line 123" in tree(stage)


async def test_a_run_without_a_trace_says_why() -> None:
    async with run_on_stage(RecordedRun("runs_get_v3__expired"), "trace") as stage:
        await stage.until(lambda: "the server has no trace of this run" in stage.said)
        assert "it has not started" in stage.said


async def test_partial_spans_grow_until_the_run_is_over() -> None:
    told = RecordedRun("runs_get_v3__executing", "run_trace__executing_partial")
    async with run_on_stage(told, "trace") as stage:
        await stage.see("● run()")
        assert "▸" in tree(stage)
        before = tree(stage)
        await stage.poll(30)
        await stage.until(lambda: tree(stage) != before)
        told.run = run_of("runs_get_v3__cancel_exec_done", id=told.run_id)
        told.trace = recorded("run_trace__cancelled").body
        await stage.poll(5)
        await stage.until(lambda: "– run()" in tree(stage))


async def test_spans_that_a_killed_worker_left_open_end_with_the_run() -> None:
    told = RecordedRun("runs_get_v3__cancel_exec_done", "run_trace__cancel_exec_done")
    async with run_on_stage(told, "trace") as stage:
        await stage.see("◇ run()")
        assert "≈7 m 20 s" in tree(stage)
        await stage.press("j", "j")
        await stage.until(lambda: "never closed: its run ended" in inspected(stage))


async def test_a_low_terminal_shows_the_span_in_place_of_the_tree() -> None:
    async with run_on_stage(parent(), "trace", size=(80, 14)) as stage:
        await stage.see("fetch customer")
        assert stage.screen.query_one(Inspector).size.height == 0
        await stage.press("j", "enter")
        await stage.until(lambda: "Attempt 1" in inspected(stage))
        await stage.press("escape")
        await stage.see("fetch customer")


async def test_a_wide_terminal_puts_the_inspector_beside_the_tree() -> None:
    async with run_on_stage(FAILED, "trace", size=(160, 45)) as stage:
        await stage.see("Attempt 1")
        inspector = stage.screen.query_one(Inspector)
        assert inspector.region.x > spans(stage).region.x
        assert inspector.region.y <= spans(stage).region.y + 1


async def test_the_span_id_is_copied_and_the_shown_spans_are_saved() -> None:
    async with run_on_stage(FAILED, "trace") as stage:
        await stage.see("Attempt 1")
        await stage.press("y")
        await stage.until(stage.toasts)
        assert stage.toasts()[-1] == "sent to the terminal's clipboard: span id"
        await stage.press("ctrl+s")
        await stage.until(lambda: type(stage.app.screen).__name__ == "SaveScreen")


async def test_a_trace_that_is_not_there_yet_is_shown_when_it_arrives() -> None:
    told = RecordedRun("runs_get_v3__executing", NOT_HERE)
    async with run_on_stage(told, "trace") as stage:
        await stage.until(lambda: "the server has no trace" in stage.said)
        told.trace = recorded("run_trace__executing").body
        await stage.poll(60)
        await stage.see("finished step")


async def test_matches_are_shown_while_the_text_is_typed_and_escape_restores_the_place() -> None:
    async with run_on_stage(parent(), "trace") as stage:
        await stage.see("fetch customer")
        await stage.press("j", "j", "j")
        before = selected(stage)
        await stage.press("slash", *"ris")
        await stage.until(lambda: "fetch customer" not in tree(stage))
        assert "risky step" in tree(stage)
        await stage.press("escape")
        await stage.see("fetch customer")
        assert selected(stage) == before
        assert "matches" not in stage.note
        await stage.press("slash", *"risky", "enter")
        await stage.until(lambda: "1 of 2 matches" in stage.note)
        await stage.press("slash", *"x", "escape")
        await stage.until(lambda: "1 of 2 matches" in stage.note)


async def test_a_text_that_nothing_has_says_how_to_see_all_again() -> None:
    async with run_on_stage(parent(), "trace") as stage:
        await stage.see("fetch customer")
        await stage.press("slash", *"nowhere", "enter")
        await stage.until(lambda: "no match" in stage.note)
        await stage.press("escape")
        await stage.see("fetch customer")


async def test_a_trace_that_cannot_be_read_says_when_it_is_tried_again_by_the_second() -> None:
    told = RecordedRun("runs_get_v3__failed_trace__api_version", ServerError("boom", status=500))
    async with run_on_stage(told, "trace") as stage:
        await stage.until(lambda: "next try in" in stage.said)
        before = stage.said
        await stage.clock.advance(1)
        await stage.until(lambda: stage.said != before)
        assert "no trace" in stage.said


async def test_a_run_that_has_not_begun_is_seen_waiting_not_running() -> None:
    told = RecordedRun("runs_get_v3__delayed__api_version", "run_trace__delayed")
    async with run_on_stage(told, "trace") as stage:
        await stage.until(lambda: "send-email" in tree(stage))
        (line,) = [line for line in tree(stage).splitlines() if "send-email" in line]
        assert "○ send-email" in line
        assert "╌╌╌▸" in line
        assert "━" not in line
