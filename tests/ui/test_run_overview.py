"""The overview of recorded runs: the facts on screen answer what happened, and why."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from tests.recorded import recorded, successes_of
from tests.ui.run_stage import NOT_HERE, RecordedRun, run_of, run_on_stage
from trigdash.backends.base import ServerError
from trigdash.ui.screens.run.screen import TABS, RunScreen
from trigdash.ui.widgets.field_list import FieldList
from trigdash.ui.widgets.menu import NavLine

ONE_OF_EACH = {answer.data["status"]: answer for answer in successes_of("runs_get_v3")}
"""A recorded run of each status, under either of the API's vocabularies."""


async def test_a_completed_run_says_how_long_it_took_and_what_it_was() -> None:
    async with run_on_stage(RecordedRun("runs_get_v3__completed__api_version")) as stage:
        await stage.see("TIMELINE")
        assert "✓ completed" in stage.heading
        assert "queued" in stage.text
        assert "ERROR" not in stage.text
        for fact in ("status      ✓ completed", "task        send-email", "us-east-1", "compute"):
            assert fact in stage.text


async def test_a_failed_run_shows_its_error_stack_and_both_attempts() -> None:
    told = RecordedRun("runs_get_v3__failed_trace__api_version", "run_trace__failed_trace")
    async with run_on_stage(told) as stage:
        await stage.see("attempt 2 200 ms")
        assert "Error  Mail provider rejected the message" in stage.text
        assert "at sendEmail /app/src/trigger/email.ts:42:11" in stage.text
        assert "… 1 frame in libraries" in stage.text
        assert "node:internal" not in stage.text
        await stage.press("x")
        await stage.see("node:internal/process/task_queues:105:5")
        assert "2 attempts" in stage.heading
        assert "delay 993 ms" in stage.text


async def test_a_crashed_run_shows_three_attempts_although_no_span_was_written() -> None:
    told = RecordedRun(
        "runs_get_v3__crashed__api_version", "run_trace__crashed", "run_events__crashed"
    )
    async with run_on_stage(told) as stage:
        await stage.see("delay 2.47 s")
        assert "‼ crashed" in stage.heading
        assert "3 attempts" in stage.heading
        assert "trigger.dev internal error (TASK_PROCESS_EXITED_WITH_NON_ZERO_CODE)" in stage.text
        rows = [line for line in stage.text.splitlines() if "× failed" in line]
        assert [row.split()[0] for row in rows] == ["1", "2", "3"]
        assert "delay 1.98 s" in rows[1]


async def test_a_run_that_was_cancelled_while_executing_says_by_whom() -> None:
    told = RecordedRun("runs_get_v3__cancel_exec_done", "run_trace__cancel_exec_done")
    async with run_on_stage(told) as stage:
        await stage.see("WHY")
        assert "– canceled" in stage.heading
        assert "Cancelled" in stage.text
        await stage.see("attempt 1 7 m 20 s")
        assert "– canceled" in stage.text


async def test_a_run_that_waits_on_a_token_says_since_when() -> None:
    told = RecordedRun("runs_get_v3__waiting__api_version", "run_trace__waiting")
    async with run_on_stage(told) as stage:
        await stage.see("waiting 10 m")
        assert "◑ waiting" in stage.heading
        assert "NOW" in stage.text
        assert "waiting on something, no change for" in stage.text


async def test_a_delayed_run_says_when_it_starts() -> None:
    async with run_on_stage(RecordedRun("runs_get_v3__delayed__api_version")) as stage:
        await stage.see("NOW")
        assert "◷ delayed" in stage.heading
        assert "starts in 24 h" in stage.text
        assert "delayed to" in stage.text
        assert "in 24 h" in stage.heading


async def test_an_expired_run_says_that_its_ttl_was_reached() -> None:
    async with run_on_stage(RecordedRun("runs_get_v3__expired__api_version")) as stage:
        await stage.see("ERROR")
        assert "◦ expired" in stage.heading
        assert "Run expired because the TTL was reached" in stage.text
        assert "and was not started within its ttl of 1s" in stage.text
        assert "ttl         1s" in stage.text
        assert "ATTEMPTS" not in stage.text


async def test_a_run_that_timed_out_says_so() -> None:
    async with run_on_stage(RecordedRun("runs_get_v3__timed_out")) as stage:
        await stage.see("ERROR")
        assert "◴ timed out" in stage.heading
        assert "trigger.dev internal error (MAX_DURATION_EXCEEDED)" in stage.text


async def test_a_run_without_a_version_says_what_it_waits_for() -> None:
    async with run_on_stage(RecordedRun("runs_get_v3__pending_version__api_version")) as stage:
        await stage.see("NOW")
        assert "◇ pending version" in stage.heading
        assert "waits for a version that knows this task to be deployed" in stage.text
        assert "not chosen yet" in stage.text


async def test_a_scheduled_run_names_its_schedule() -> None:
    async with run_on_stage(RecordedRun("runs_get_v3__scheduled__api_version")) as stage:
        await stage.see("schedule")
        assert "Every minute (* * * * *)" in stage.text


async def test_a_run_of_every_status_is_shown_on_every_tab() -> None:
    assert len(ONE_OF_EACH) >= 15
    told = RecordedRun("runs_get_v3__completed")
    async with run_on_stage(told, size=(80, 24)) as stage:
        for number, answer in enumerate(ONE_OF_EACH.values()):
            run = told.run = run_of(answer.name, id=f"run_{number}")
            stage.backend.world[run.id] = None  # type: ignore[assignment]  # answered by `told`
            await stage.app.push_screen(RunScreen(run.id))
            await stage.until(lambda task=run.task_identifier: task in stage.heading)
            await stage.see("TIMELINE")
            for tab in TABS:
                stage.screen.action_open_tab(tab)
                await stage.pilot.pause()
            assert run.status.word in stage.heading
            await stage.app.pop_screen()


async def test_a_deleted_run_says_so() -> None:
    async with run_on_stage(RecordedRun(NOT_HERE)) as stage:
        await stage.until(lambda: "this run is not here" in stage.said)
        assert "it was deleted, or it belongs to another environment" in stage.said


async def test_a_run_that_is_deleted_while_it_is_open_stays_on_screen_and_says_so() -> None:
    told = RecordedRun("runs_get_v3__executing")
    async with run_on_stage(told) as stage:
        await stage.see("FACTS")
        told.run = NOT_HERE
        await stage.poll(5)
        await stage.until(lambda: "deleted since" in stage.heading)
        assert "FACTS" in stage.text


async def test_a_dark_endpoint_darkens_its_own_tab_only() -> None:
    told = RecordedRun(
        "runs_get_v3__parent__api_version",
        ServerError("boom", status=500),
        "run_events__parent",
    )
    async with run_on_stage(told) as stage:
        await stage.see("FACTS")
        await stage.see("the trace: server says 500")
        await stage.press("t")
        await stage.until(lambda: "server says 500" in stage.said)
        await stage.press("e")
        await stage.see("Starting fan-out")


async def test_an_attempt_opens_in_the_trace_and_a_relative_opens_its_run() -> None:
    told = RecordedRun("runs_get_v3__failed_trace__api_version", "run_trace__failed_trace")
    async with run_on_stage(told) as stage:
        await stage.see("2  × failed")
        while "2  × failed" not in stage.text.splitlines()[_cursor_line(stage)]:
            await stage.press("j")
        await stage.press("enter")
        await stage.until(lambda: stage.screen.tab == "trace")
        spans = stage.screen.pane.query_one("#spans")
        assert spans.lines.rows.trace.messages[spans.selected] == "Attempt 2"  # type: ignore[attr-defined]


def _cursor_line(stage: object) -> int:
    lines = stage.screen.pane.query_one("#overview")  # type: ignore[attr-defined]
    return int(lines.cursor - lines.top)


async def test_a_field_is_copied_and_the_parent_is_one_key_away() -> None:
    told = RecordedRun("runs_get_v3__child_tw__api_version")
    async with run_on_stage(told) as stage:
        await stage.see("FACTS")
        await stage.press("G", "y")
        await stage.until(stage.toasts)
        assert "sent to" in stage.toasts()[-1]
        first = stage.screen
        await stage.press("u")
        await stage.until(lambda: stage.app.screen is not first)
        parent = told.run.related_runs.parent  # type: ignore[union-attr]
        assert parent is not None
        assert stage.screen.run_id == parent.id


async def test_digits_are_shown_with_the_places_only_where_they_go_there() -> None:
    async with run_on_stage(
        RecordedRun("runs_get_v3__parent__api_version", "run_trace_pgstore__parent")
    ) as stage:
        places = stage.screen.query_one("#places", NavLine)
        assert places.words.startswith("1 Runs")
        for tab in "tep":
            await stage.press(tab)
            assert places.words.split()[:2] == ["Runs", "Queues"]
            await stage.press("2")
            assert isinstance(stage.app.screen, RunScreen)
        await stage.press("d")
        assert places.words.startswith("1 Runs")


async def test_tabs_turn_round() -> None:
    async with run_on_stage(RecordedRun("runs_get_v3__failed")) as stage:
        await stage.see("FACTS")
        seen = []
        for _ in range(5):
            await stage.press("right_square_bracket")
            seen.append(stage.screen.tab)
        assert seen == ["trace", "events", "payload", "related", "overview"]
        await stage.press("left_square_bracket")
        assert stage.screen.tab == "related"


async def test_a_run_between_attempts_tells_the_last_error_and_that_it_tries_again() -> None:
    told = RecordedRun(
        run_of(
            "runs_get_v3__failed_trace__api_version", status="QUEUED", error=None, attemptCount=1
        ),
        recorded("run_trace__failed_trace").body,
    )
    async with run_on_stage(told) as stage:
        await stage.see("ERROR OF ATTEMPT 2")
        assert "Error  Mail provider rejected the message" in stage.text
        assert "waits to try again: attempt 2 failed" in stage.text


async def test_codes_of_the_platform_are_told_in_words() -> None:
    async with run_on_stage(RecordedRun("runs_get_v3__crashed_oom__api_version")) as stage:
        await stage.see("TASK_PROCESS_OOM_KILLED")
        assert "its process ran out of memory and was killed" in stage.text
    async with run_on_stage(RecordedRun("runs_get_v3__timed_out")) as stage:
        await stage.see("it ran longer than its maxDuration and was stopped")


async def test_a_dequeued_run_says_that_nobody_has_begun_it() -> None:
    async with run_on_stage(RecordedRun("runs_get_v3__dequeued__api_version")) as stage:
        await stage.see("a worker was found for it and has not begun")
        assert "━" not in stage.text


async def test_a_run_at_work_says_for_how_long_nothing_was_heard_of_it() -> None:
    told = RecordedRun("runs_get_v3__executing", "run_trace__executing_partial")
    async with run_on_stage(told) as stage:
        await stage.see("● running")
        assert "nothing new" not in stage.text
        await stage.poll(180)
        await stage.see("nothing new in its trace for 2 m")


async def test_a_waiting_parent_names_the_children_that_are_not_over() -> None:
    parent = recorded("runs_get_v3__parent__api_version").data
    first, *others = parent["relatedRuns"]["children"]
    first = {**first, "status": "EXECUTING", "finishedAt": None}
    family = {**parent["relatedRuns"], "children": [first, *others]}
    told = RecordedRun(
        run_of("runs_get_v3__parent__api_version", status="WAITING", relatedRuns=family)
    )
    async with run_on_stage(told) as stage:
        await stage.see(f"1 of {1 + len(others)} child runs not over")
        row = next(line for line in stage.text.splitlines() if first["id"] in line)
        assert "● executing" in row


async def test_the_cursor_stays_on_its_fact_when_lines_come_above_it() -> None:
    told = RecordedRun("runs_get_v3__executing")
    async with run_on_stage(told) as stage:
        await stage.see("FACTS")
        await stage.press("G")
        fields = stage.screen.pane.query_one(FieldList)
        await stage.until(lambda: fields.field is not None)
        before = fields.field
        assert before is not None
        told.run = run_of(
            "runs_get_v3__failed_trace__api_version", id=told.run_id, tags=before.copied.split()
        )
        told.trace = recorded("run_trace__failed_trace").body
        await stage.poll(5)
        await stage.see("ERROR")
        assert fields.field is not None
        assert fields.field.label == before.label


async def test_a_long_error_is_read_to_its_end_on_a_narrow_terminal() -> None:
    message = "the provider said " + " ".join(f"word{number}" for number in range(40))
    run = run_of("runs_get_v3__failed", error={"name": "Error", "message": message})
    async with run_on_stage(RecordedRun(run), size=(60, 30)) as stage:
        await stage.see("ERROR")
        assert " ".join(stage.text.split()).count("word39") == 1


async def test_a_message_of_several_lines_is_read_as_such_and_copied_whole() -> None:
    told = ["", "Invalid `prisma.user.create()` invocation:", "", "Unique constraint failed"]
    told += [f"  field {number}" for number in range(40)]
    error = {
        "name": "PrismaError",
        "message": "\n".join(told),
        "stackTrace": "x\n    at a (b.ts:1)",
    }
    run = run_of("runs_get_v3__failed", error=error)
    async with run_on_stage(RecordedRun(run), size=(120, 60)) as stage:
        await stage.see("PrismaError  Invalid `prisma.user.create()` invocation:")
        lines = [line.rstrip() for line in stage.text.splitlines()]
        at = next(at for at, line in enumerate(lines) if "PrismaError" in line)
        assert lines[at + 1] == "    Unique constraint failed"
        assert lines[at + 2] == "      field 0"
        assert "… 11 more lines, y copies all" in stage.text
        assert "at a b.ts:1" in stage.text
        field = stage.screen.query_one(FieldList)
        await stage.press("j", "j")
        assert field.field is not None
        assert field.field.copied.endswith("  field 39\n    at a (b.ts:1)")


async def test_the_footer_offers_what_makes_sense_for_the_run() -> None:
    def footer() -> str:
        return stage.screen.query_one("#footer").words  # type: ignore[attr-defined,no-any-return]

    told = RecordedRun("runs_get_v3__executing")
    async with run_on_stage(told) as stage:
        await stage.see("FACTS")
        assert "cancel" in footer()
        assert "parent" not in footer()
        told.run = run_of("runs_get_v3__failed", id=told.run_id)
        await stage.poll(5)
        await stage.see("ERROR")
        assert "cancel" not in footer()
        assert "all frames" in footer()


async def test_a_run_of_another_day_says_which() -> None:
    later = datetime(2026, 11, 24, 12, tzinfo=UTC)
    async with run_on_stage(RecordedRun("runs_get_v3__failed"), now=later) as stage:
        await stage.see("FACTS")
        finished = next(line for line in stage.text.splitlines() if "finished" in line)
        assert re.search(r"finished +2[12] Nov \d\d:\d\d:\d\d  2 d ago", finished)


async def test_the_open_tab_is_named_at_every_width() -> None:
    for width in (20, 30, 45, 60):
        async with run_on_stage(RecordedRun("runs_get_v3__completed"), size=(width, 20)) as stage:
            await stage.see("FACTS")
            for _ in TABS:
                tabs = stage.screen.query_one("#tabs", NavLine)
                drawn = tabs.render_line(0).text
                assert stage.screen.pane.TITLE in drawn, (width, drawn)
                await stage.press("right_square_bracket")
                await stage.pilot.pause()
