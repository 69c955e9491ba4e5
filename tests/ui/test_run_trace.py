"""The trace tab: the tree, its keys, the inspector, live and settled."""

from __future__ import annotations

from tests.model.test_trace_pages import page, record
from tests.recorded import recorded
from tests.ui.run_harness import NOT_HERE, RecordedRun, RunHarness, open_run, run_of, text_of
from trigdash.backends.base import ServerError
from trigdash.ui.screens.run.inspector import Inspector
from trigdash.ui.screens.run.trace import TracePane
from trigdash.ui.theme.paint import paint
from trigdash.ui.widgets.line_list import LineList
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


def spans(stage: RunHarness) -> TraceView:
    return stage.screen.query_one(TracePane).spans


def tree(stage: RunHarness) -> str:
    return text_of(spans(stage))


def inspected(stage: RunHarness) -> str:
    return text_of(stage.screen.query_one(Inspector))


def tabs(stage: RunHarness) -> str:
    return stage.screen.query_one("#tabs").plain_text  # type: ignore[attr-defined,no-any-return]


def selected(stage: RunHarness) -> str:
    view = spans(stage)
    assert view.lines is not None
    assert view.selected is not None
    return view.lines.rows.trace.messages[view.selected]


async def test_a_failed_run_shows_its_attempts_their_bars_and_the_pause_between() -> None:
    async with open_run(FAILED, "trace") as harness:
        await harness.see("Attempt 2")
        lines = tree(harness).splitlines()
        assert "0 s" in lines[0]
        assert "× send-email" in lines[1]
        assert "2.20 s" in lines[1]
        assert any("Retry #1 delay" in line and "╌" in line for line in lines)
        assert "5 internal lines hidden" in harness.note
        assert "[engine]" not in tree(harness)
        await harness.press("i")
        await harness.see("[engine] QUEUED - Run was QUEUED")


async def test_levels_folds_and_child_runs_work_by_keys() -> None:
    async with open_run(parent(), "trace") as harness:
        await harness.see("risky step failed")
        await harness.press("1")
        await harness.until(lambda: "run()" not in tree(harness))
        assert "Attempt 1" in tree(harness)
        assert "▸" in tree(harness)
        await harness.press("asterisk")
        await harness.see("risky step failed")
        await harness.press("j", "h")
        await harness.until(lambda: "risky step" not in tree(harness))
        await harness.press("l")
        await harness.see("risky step")
        await harness.press("h", "h")
        assert selected(harness) == "parent-task"


async def test_a_childs_run_opens_from_its_span() -> None:
    async with open_run(parent(), "trace") as harness:
        await harness.see("child-task ›")
        view = spans(harness)
        assert view.lines is not None
        row = view.lines.rows.trace.messages.index("child-task")
        child = view.lines.rows.trace.run_id(row)
        view.select(row)
        first = harness.screen
        await harness.press("enter")
        await harness.until(lambda: harness.app.screen is not first)
        assert harness.screen.run_id == child


async def test_searching_keeps_the_way_to_a_match_and_goes_from_one_to_the_next() -> None:
    async with open_run(parent(), "trace") as harness:
        await harness.see("fetch customer")
        await harness.press("slash", *"risky", "enter")
        await harness.until(lambda: "fetch customer" not in tree(harness))
        assert "run()" in tree(harness)
        assert "1 of 2 matches" in harness.note
        await harness.press("n")
        await harness.until(lambda: "2 of 2 matches" in harness.note)
        assert selected(harness) == "risky step failed"
        await harness.press("escape")
        await harness.see("fetch customer")
        assert harness.screen.tab == "trace"


async def test_errors_are_one_key_away() -> None:
    async with open_run(parent(), "trace") as harness:
        await harness.see("risky step")
        await harness.press("1", "exclamation_mark")
        await harness.until(lambda: selected(harness) == "risky step")
        await harness.press("exclamation_mark")
        await harness.until(lambda: selected(harness) == "risky step failed")


async def test_properties_are_fetched_only_of_the_span_that_is_looked_at() -> None:
    told = parent()
    async with open_run(told, "trace") as harness:
        await harness.see("fetch customer")
        view = spans(harness)
        assert view.lines is not None
        view.select(view.lines.rows.trace.messages.index("fetch customer"))
        await harness.until(lambda: "status_code" in inspected(harness))
        assert "200 ms" in inspected(harness)
        view.select(view.lines.rows.trace.messages.index("child-task triggerAndWait()"))
        await harness.until(lambda: "TRIGGERED RUNS" in inspected(harness))
        assert "✓ completed" in inspected(harness)
        assert set(told.asked_spans) <= {"0512384c0effeff4", "c99826e5ef337d26", "f6e5e0e793f2cadf"}


async def test_tab_goes_into_the_inspector_where_everything_can_be_copied() -> None:
    async with open_run(parent(), "trace") as harness:
        await harness.see("fetch customer")
        view = spans(harness)
        assert view.lines is not None
        view.select(view.lines.rows.trace.messages.index("fetch customer"))
        await harness.until(lambda: "status_code" in inspected(harness))
        await harness.press("tab", "G", "y")
        await harness.until(harness.toasts)
        assert harness.toasts()[-1] == "sent to the terminal's clipboard: http.response.status_code"
        await harness.press("escape", "j")
        await harness.until(lambda: selected(harness) == "child-task triggerAndWait()")


async def test_exceptions_are_shown_before_any_property_has_arrived() -> None:
    async with open_run(parent(), "trace") as harness:
        await harness.see("risky step")
        await harness.press("exclamation_mark")
        await harness.until(lambda: "UpstreamError  Upstream 503" in inspected(harness))
        assert "at risky /app/src/trigger/parent.ts:88:9" in inspected(harness)


async def test_a_span_without_properties_darkens_the_inspector_alone() -> None:
    async with open_run(FAILED, "trace") as harness:
        await harness.see("Attempt 1")
        await harness.until(lambda: "properties: not found" in inspected(harness))
        assert "Attempt 1" in tree(harness)


async def test_queue_time_zoom_and_fit_change_the_axis() -> None:
    async with open_run(FAILED, "trace") as harness:
        await harness.see("Attempt 1")
        before = tree(harness).splitlines()[1]
        await harness.press("z")
        await harness.until(lambda: "without queue time" in harness.note)
        assert tree(harness).splitlines()[1] != before
        await harness.press("z", "j", "f")
        await harness.until(lambda: "zoomed" in harness.note)
        assert "400 ms" in tree(harness).splitlines()[0]
        await harness.press("f")
        await harness.until(lambda: "zoomed" not in harness.note)
        await harness.press("plus")
        await harness.until(lambda: "zoomed" in harness.note)
        await harness.press("minus")
        await harness.until(lambda: "zoomed" not in harness.note)


async def test_a_truncated_trace_says_how_much_is_shown_and_stays_quick() -> None:
    told = RecordedRun("runs_get_v3__completed", "run_trace__large_truncated")
    async with open_run(told, "trace") as harness:
        await harness.see("log line 0")
        await harness.until(lambda: "reading the rest by pages" in harness.note)
        await harness.poll(1)
        await harness.until(lambda: "truncated by the server, 4,994 spans shown" in harness.note)
        assert "Trace 4,994+" in tabs(harness)
        await harness.press("G")
        await harness.until(lambda: selected(harness).startswith("log line"))
        await harness.press("slash", *"line 123", "enter")
        await harness.until(lambda: "matches" in harness.note)
        assert "log line 123" in tree(harness)


async def test_a_cut_trace_is_read_on_by_pages_and_then_whole() -> None:
    told = RecordedRun("runs_get_v3__completed", "run_trace__large_truncated")
    pages = [
        page(record("a", None, 0), record("b", "a", 1), next="two"),
        page(*(record(f"c{at}", "a", 2, message=f"later {at}") for at in range(5_000))),
    ]
    told.answer = lambda operation: operation.parser(pages[len(operation.params) - 1])
    async with open_run(told, "trace") as harness:
        await harness.until(lambda: "reading the rest by pages" in harness.note)
        await harness.poll(0.15)
        await harness.until(lambda: "reading the rest by pages, 2 spans so far" in harness.note)
        await harness.poll(0.15)
        await harness.until(lambda: "Trace 5,002" in tabs(harness))
        assert "truncated" not in harness.note
        await harness.press("G")
        await harness.until(lambda: selected(harness).startswith("later"))


async def test_a_run_without_a_trace_says_why() -> None:
    async with open_run(RecordedRun("runs_get_v3__expired"), "trace") as harness:
        await harness.until(lambda: "the server has no trace of this run" in harness.said)
        assert "it has not started" in harness.said


async def test_partial_spans_grow_until_the_run_is_over() -> None:
    told = RecordedRun("runs_get_v3__executing", "run_trace__executing_partial")
    async with open_run(told, "trace") as harness:
        await harness.see("● run()")
        assert "▸" in tree(harness)
        before = tree(harness)
        await harness.poll(30)
        await harness.until(lambda: tree(harness) != before)
        told.run = run_of("runs_get_v3__cancel_exec_done", id=told.run_id)
        told.trace = recorded("run_trace__cancelled").body
        await harness.poll(5)
        await harness.until(lambda: "– run()" in tree(harness))


async def test_spans_that_a_killed_worker_left_open_end_with_the_run() -> None:
    told = RecordedRun("runs_get_v3__cancel_exec_done", "run_trace__cancel_exec_done")
    async with open_run(told, "trace") as harness:
        await harness.see("◇ run()")
        assert "≈7 m 20 s" in tree(harness)
        await harness.press("j", "j")
        await harness.until(lambda: "never closed: its run ended" in inspected(harness))


async def test_a_low_terminal_shows_the_span_in_place_of_the_tree() -> None:
    async with open_run(parent(), "trace", size=(80, 14)) as harness:
        await harness.see("fetch customer")
        assert harness.screen.query_one(Inspector).size.height == 0
        await harness.press("j", "enter")
        await harness.until(lambda: "Attempt 1" in inspected(harness))
        await harness.press("escape")
        await harness.see("fetch customer")


async def test_a_wide_terminal_puts_the_inspector_beside_the_tree() -> None:
    async with open_run(FAILED, "trace", size=(160, 45)) as harness:
        await harness.see("Attempt 1")
        inspector = harness.screen.query_one(Inspector)
        assert inspector.region.x > spans(harness).region.x
        assert inspector.region.y <= spans(harness).region.y + 1


async def test_the_span_id_is_copied_and_the_shown_spans_are_saved() -> None:
    async with open_run(FAILED, "trace") as harness:
        await harness.see("Attempt 1")
        await harness.press("y")
        await harness.until(harness.toasts)
        assert harness.toasts()[-1] == "sent to the terminal's clipboard: span id"
        await harness.press("ctrl+s")
        await harness.until(lambda: type(harness.app.screen).__name__ == "SaveScreen")


async def test_a_trace_that_is_not_there_yet_is_shown_when_it_arrives() -> None:
    told = RecordedRun("runs_get_v3__executing", NOT_HERE)
    async with open_run(told, "trace") as harness:
        await harness.until(lambda: "the server has no trace" in harness.said)
        told.trace = recorded("run_trace__executing").body
        await harness.poll(60)
        await harness.see("finished step")


async def test_matches_are_shown_while_the_text_is_typed_and_escape_restores_the_place() -> None:
    async with open_run(parent(), "trace") as harness:
        await harness.see("fetch customer")
        await harness.press("j", "j", "j")
        before = selected(harness)
        await harness.press("slash", *"ris")
        await harness.until(lambda: "fetch customer" not in tree(harness))
        assert "risky step" in tree(harness)
        await harness.press("escape")
        await harness.see("fetch customer")
        assert selected(harness) == before
        assert "matches" not in harness.note
        await harness.press("slash", *"risky", "enter")
        await harness.until(lambda: "1 of 2 matches" in harness.note)
        await harness.press("slash", *"x", "escape")
        await harness.until(lambda: "1 of 2 matches" in harness.note)


async def test_a_text_that_nothing_has_says_how_to_see_all_again() -> None:
    async with open_run(parent(), "trace") as harness:
        await harness.see("fetch customer")
        await harness.press("slash", *"nowhere", "enter")
        await harness.until(lambda: "no match" in harness.note)
        await harness.press("escape")
        await harness.see("fetch customer")


async def test_a_trace_that_cannot_be_read_says_when_it_is_tried_again_by_the_second() -> None:
    told = RecordedRun("runs_get_v3__failed_trace__api_version", ServerError("boom", status=500))
    async with open_run(told, "trace") as harness:
        await harness.until(lambda: "next try in" in harness.said)
        before = harness.said
        await harness.clock.advance(1)
        await harness.until(lambda: harness.said != before)
        assert "no trace" in harness.said


async def test_a_run_that_has_not_begun_is_seen_waiting_not_running() -> None:
    told = RecordedRun("runs_get_v3__delayed__api_version", "run_trace__delayed")
    async with open_run(told, "trace") as harness:
        await harness.until(lambda: "send-email" in tree(harness))
        (line,) = [line for line in tree(harness).splitlines() if "send-email" in line]
        assert "○ send-email" in line
        assert "╌╌╌▸" in line
        assert "━" not in line


async def test_the_cursor_bar_goes_with_the_focus() -> None:
    async with open_run(parent(), tab="trace", size=(180, 45)) as harness:
        await harness.until(lambda: "parent-task" in tree(harness) and inspected(harness))
        inspector = harness.screen.query_one(Inspector)
        accent = paint("dark").style("accent").color

        def has_bar(lines: LineList) -> bool:
            firsts = [next(iter(strip)) for strip in lines.render_lines(lines.size.region)]
            bars = [each.style for each in firsts if each.text.startswith("▌")]
            return any(style is not None and style.color == accent for style in bars)

        for _ in range(2):
            assert (has_bar(spans(harness)), has_bar(inspector)) == (True, False)
            await harness.press("tab")
            await harness.until(lambda: inspector.has_focus)
            assert (has_bar(spans(harness)), has_bar(inspector)) == (False, True)
            await harness.press("tab")
            await harness.until(lambda: spans(harness).has_focus)
