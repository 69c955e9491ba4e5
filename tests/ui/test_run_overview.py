"""The overview of recorded runs: the facts on screen answer what happened, and why."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from tests.recorded import recorded, successes_of
from tests.ui.harness import PROD
from tests.ui.run_harness import NOT_HERE, RecordedRun, open_run, run_of
from trigdash.backends.base import ServerError
from trigdash.model.run_filter import RunFilter
from trigdash.ui.screens.run.screen import RunScreen
from trigdash.ui.screens.run.tab_keys import TABS
from trigdash.ui.screens.runs import RunsScreen
from trigdash.ui.widgets.field_list import FieldList
from trigdash.ui.widgets.line import Line, NavLine

ONE_OF_EACH = {answer.data["status"]: answer for answer in successes_of("runs_get_v3")}
"""A recorded run of each status, under either of the API's vocabularies."""


async def test_a_completed_run_says_how_long_it_took_and_what_it_was() -> None:
    async with open_run(RecordedRun("runs_get_v3__completed__api_version")) as harness:
        await harness.see("TIMELINE")
        assert "✓ completed" in harness.heading
        assert "queued" in harness.text
        assert "ERROR" not in harness.text
        for fact in ("status      ✓ completed", "task        send-email", "us-east-1", "compute"):
            assert fact in harness.text


async def test_a_failed_run_shows_its_error_stack_and_both_attempts() -> None:
    told = RecordedRun("runs_get_v3__failed_trace__api_version", "run_trace__failed_trace")
    async with open_run(told) as harness:
        await harness.see("attempt 2 200 ms")
        assert "Error  Mail provider rejected the message" in harness.text
        assert "at sendEmail /app/src/trigger/email.ts:42:11" in harness.text
        assert "… 1 frame in libraries" in harness.text
        assert "node:internal" not in harness.text
        await harness.press("x")
        await harness.see("node:internal/process/task_queues:105:5")
        assert "2 attempts" in harness.heading
        assert "delay 993 ms" in harness.text


async def test_the_errors_behind_an_error_stand_below_it_their_frames_on_request() -> None:
    causes = [
        {"name": "SocketError", "message": "other side closed", "stackTrace": "at x (/app/a.ts:1)"},
        {"message": "read ECONNRESET"},
    ]
    error = {**recorded("runs_get_v3__failed_trace__api_version").data["error"], "causes": causes}
    run = run_of("runs_get_v3__failed_trace__api_version", error=error)
    async with open_run(RecordedRun(run, "run_trace__failed_trace")) as harness:
        await harness.see("caused by  SocketError  other side closed")
        await harness.see("caused by  read ECONNRESET")
        assert harness.text.index("sendEmail") < harness.text.index("SocketError")
        assert "/app/a.ts" not in harness.text
        await harness.press("x")
        await harness.see("/app/a.ts:1")


async def test_a_crashed_run_shows_three_attempts_although_no_span_was_written() -> None:
    told = RecordedRun(
        "runs_get_v3__crashed__api_version", "run_trace__crashed", "run_events__crashed"
    )
    async with open_run(told) as harness:
        await harness.see("delay 2.47 s")
        assert "‼ crashed" in harness.heading
        assert "3 attempts" in harness.heading
        assert "trigger.dev internal error (TASK_PROCESS_EXITED_WITH_NON_ZERO_CODE)" in harness.text
        rows = [line for line in harness.text.splitlines() if "× failed" in line]
        assert [row.split()[0] for row in rows] == ["1", "2", "3"]
        assert "delay 1.98 s" in rows[1]


async def test_a_run_that_was_canceled_while_executing_says_by_whom() -> None:
    told = RecordedRun("runs_get_v3__cancel_exec_done", "run_trace__cancel_exec_done")
    async with open_run(told) as harness:
        await harness.see("WHY")
        assert "– canceled" in harness.heading
        assert "Cancelled" in harness.text
        await harness.see("attempt 1 7 m 20 s")
        assert "– canceled" in harness.text


async def test_a_run_that_waits_on_a_token_says_since_when() -> None:
    told = RecordedRun("runs_get_v3__waiting__api_version", "run_trace__waiting")
    async with open_run(told) as harness:
        await harness.see("waiting 10 m")
        assert "◑ waiting" in harness.heading
        assert "NOW" in harness.text
        assert "waiting on something, no change for" in harness.text


async def test_a_delayed_run_says_when_it_starts() -> None:
    async with open_run(RecordedRun("runs_get_v3__delayed__api_version")) as harness:
        await harness.see("NOW")
        assert "◷ delayed" in harness.heading
        assert "starts in 24 h" in harness.text
        assert "delayed to" in harness.text
        assert "in 24 h" in harness.heading


async def test_an_expired_run_says_that_its_ttl_was_reached() -> None:
    async with open_run(RecordedRun("runs_get_v3__expired__api_version")) as harness:
        await harness.see("ERROR")
        assert "◦ expired" in harness.heading
        assert "Run expired because the TTL was reached" in harness.text
        assert "and was not started within its ttl of 1s" in harness.text
        assert "ttl         1s" in harness.text
        assert "ATTEMPTS" not in harness.text


async def test_a_run_that_timed_out_says_so() -> None:
    async with open_run(RecordedRun("runs_get_v3__timed_out")) as harness:
        await harness.see("ERROR")
        assert "◴ timed out" in harness.heading
        assert "trigger.dev internal error (MAX_DURATION_EXCEEDED)" in harness.text


async def test_a_run_without_a_version_says_what_it_waits_for() -> None:
    async with open_run(RecordedRun("runs_get_v3__pending_version__api_version")) as harness:
        await harness.see("NOW")
        assert "◇ pending version" in harness.heading
        assert "waits for a version that knows this task to be deployed" in harness.text
        assert "not chosen yet" in harness.text


async def test_a_scheduled_run_names_its_schedule() -> None:
    async with open_run(RecordedRun("runs_get_v3__scheduled__api_version")) as harness:
        await harness.see("schedule")
        assert "Every minute (* * * * *)" in harness.text


async def test_a_run_of_every_status_is_shown_on_every_tab() -> None:
    assert len(ONE_OF_EACH) >= 15
    told = RecordedRun("runs_get_v3__completed")
    async with open_run(told, size=(80, 24)) as harness:
        for number, answer in enumerate(ONE_OF_EACH.values()):
            run = told.run = run_of(answer.name, id=f"run_{number}")
            harness.backend.world[run.id] = None  # type: ignore[assignment]  # answered by `told`
            await harness.app.push_screen(RunScreen(run.id))
            await harness.until(lambda task=run.task_identifier: task in harness.heading)
            await harness.see("TIMELINE")
            for tab in TABS:
                harness.screen.action_open_tab(tab)
                await harness.pilot.pause()
            assert run.status.word in harness.heading
            await harness.app.pop_screen()


async def test_a_deleted_run_says_so() -> None:
    async with open_run(RecordedRun(NOT_HERE)) as harness:
        await harness.until(lambda: "this run is not here" in harness.said)
        assert "it was deleted, or it belongs to another environment" in harness.said


async def test_a_run_that_is_deleted_while_it_is_open_stays_on_screen_and_says_so() -> None:
    told = RecordedRun("runs_get_v3__executing")
    async with open_run(told) as harness:
        await harness.see("FACTS")
        told.run = NOT_HERE
        await harness.poll(5)
        await harness.until(lambda: "deleted since" in harness.heading)
        assert "FACTS" in harness.text


async def test_a_dark_endpoint_darkens_its_own_tab_only() -> None:
    told = RecordedRun(
        "runs_get_v3__parent__api_version",
        ServerError("boom", status=500),
        "run_events__parent",
    )
    async with open_run(told) as harness:
        await harness.see("FACTS")
        await harness.see("the trace: server says 500")
        await harness.press("t")
        await harness.until(lambda: "server says 500" in harness.said)
        await harness.press("e")
        await harness.see("Starting fan-out")


async def test_an_attempt_opens_in_the_trace_and_a_relative_opens_its_run() -> None:
    told = RecordedRun("runs_get_v3__failed_trace__api_version", "run_trace__failed_trace")
    async with open_run(told) as harness:
        await harness.see("2  × failed")
        while "2  × failed" not in harness.text.splitlines()[_cursor_line(harness)]:
            await harness.press("j")
        await harness.press("enter")
        await harness.until(lambda: harness.screen.tab == "trace")
        spans = harness.screen.pane.query_one("#spans")
        assert spans.lines.rows.trace.messages[spans.selected] == "Attempt 2"  # type: ignore[attr-defined]


def _cursor_line(stage: object) -> int:
    lines = stage.screen.pane.query_one("#overview")  # type: ignore[attr-defined]
    return int(lines.cursor - lines.top)


async def test_a_field_is_copied_and_the_parent_is_one_key_away() -> None:
    told = RecordedRun("runs_get_v3__child_tw__api_version")
    async with open_run(told) as harness:
        await harness.see("FACTS")
        await harness.press("G", "y")
        await harness.until(harness.toasts)
        assert "sent to" in harness.toasts()[-1]
        first = harness.screen
        await harness.press("u")
        await harness.until(lambda: harness.app.screen is not first)
        parent = told.run.related_runs.parent  # type: ignore[union-attr]
        assert parent is not None
        assert harness.screen.run_id == parent.id


async def test_digits_are_shown_with_the_places_only_where_they_go_there() -> None:
    async with open_run(
        RecordedRun("runs_get_v3__parent__api_version", "run_trace_pgstore__parent")
    ) as harness:
        places = harness.screen.query_one("#places", NavLine)
        assert places.plain_text.startswith("0 Now")
        for tab in "tep":
            await harness.press(tab)
            assert places.plain_text.split()[:2] == ["Now", "Runs"]
            await harness.press("2")
            assert isinstance(harness.app.screen, RunScreen)
        await harness.press("d")
        assert places.plain_text.startswith("0 Now")


@pytest.mark.parametrize(("height", "first"), [(24, "ERROR"), (18, "ERROR"), (45, "TIMELINE")])
async def test_what_went_wrong_comes_first_where_there_is_little_height(
    height: int, first: str
) -> None:
    async with open_run(RecordedRun("runs_get_v3__failed"), size=(80, height)) as harness:
        await harness.see("ERROR")
        words = (word for line in harness.text.splitlines() for word in line.split()[:1])
        assert next(word for word in words if word in ("ERROR", "TIMELINE")) == first


@pytest.mark.parametrize(
    ("label", "narrowed"),
    [
        ("task", RunFilter(tasks=("parent-task",))),
        ("version", RunFilter(versions=("20261121.2",))),
        ("tag", RunFilter(tags=("order:1, 2",))),
    ],
)
async def test_task_version_and_tags_lead_to_the_runs_that_share_them(
    label: str, narrowed: RunFilter
) -> None:
    run = run_of("runs_get_v3__parent__api_version", tags=["order:1, 2"], version="20261121.2")
    async with open_run(RecordedRun(run)) as harness:
        await harness.see("FACTS")
        lines = harness.screen.query_one(FieldList)
        fields = [field for line in lines.cells() for field in line.fields]
        harness.screen.pane.open_field(next(field for field in fields if field.label == label))
        await harness.until(lambda: isinstance(harness.app.screen, RunsScreen))
        screen = harness.app.screen
        assert isinstance(screen, RunsScreen)
        assert screen._filter == narrowed
        await harness.press("q")
        assert isinstance(harness.app.screen, RunScreen)


async def test_a_fact_that_leads_nowhere_says_so() -> None:
    async with open_run(RecordedRun("runs_get_v3__parent__api_version")) as harness:
        await harness.see("TIMELINE")
        await harness.press("j", "enter")
        assert harness.toasts() == ["timeline: nothing to open, y copies it"]


async def test_tabs_turn_round() -> None:
    async with open_run(RecordedRun("runs_get_v3__failed")) as harness:
        await harness.see("FACTS")
        seen = []
        for _ in range(5):
            await harness.press("right_square_bracket")
            seen.append(harness.screen.tab)
        assert seen == ["trace", "events", "payload", "related", "overview"]
        await harness.press("left_square_bracket")
        assert harness.screen.tab == "related"


async def test_a_run_between_attempts_tells_the_last_error_and_that_it_tries_again() -> None:
    told = RecordedRun(
        run_of(
            "runs_get_v3__failed_trace__api_version", status="QUEUED", error=None, attemptCount=1
        ),
        recorded("run_trace__failed_trace").body,
    )
    async with open_run(told) as harness:
        await harness.see("ERROR OF ATTEMPT 2")
        assert "Error  Mail provider rejected the message" in harness.text
        assert "waits to try again: attempt 2 failed" in harness.text


async def test_codes_of_the_platform_are_told_in_words() -> None:
    async with open_run(RecordedRun("runs_get_v3__crashed_oom__api_version")) as stage:
        await stage.see("TASK_PROCESS_OOM_KILLED")
        assert "its process ran out of memory and was killed" in stage.text
    async with open_run(RecordedRun("runs_get_v3__timed_out")) as harness:
        await harness.see("it ran longer than its maxDuration and was stopped")


async def test_a_dequeued_run_says_that_nobody_has_begun_it() -> None:
    async with open_run(RecordedRun("runs_get_v3__dequeued__api_version")) as harness:
        await harness.see("a worker was found for it and has not begun")
        assert "━" not in harness.text


async def test_a_run_at_work_says_for_how_long_nothing_was_heard_of_it() -> None:
    told = RecordedRun("runs_get_v3__executing", "run_trace__executing_partial")
    async with open_run(told) as harness:
        await harness.see("● running")
        assert "nothing new" not in harness.text
        await harness.poll(180)
        await harness.see("nothing new in its trace for 2 m")


async def test_a_waiting_parent_names_the_children_that_are_not_over() -> None:
    parent = recorded("runs_get_v3__parent__api_version").data
    first, *others = parent["relatedRuns"]["children"]
    first = {**first, "status": "EXECUTING", "finishedAt": None}
    family = {**parent["relatedRuns"], "children": [first, *others]}
    told = RecordedRun(
        run_of("runs_get_v3__parent__api_version", status="WAITING", relatedRuns=family)
    )
    async with open_run(told) as harness:
        await harness.see(f"1 of {1 + len(others)} child runs not over")
        row = next(line for line in harness.text.splitlines() if first["id"] in line)
        assert "● executing" in row


async def test_the_cursor_stays_on_its_fact_when_lines_come_above_it() -> None:
    told = RecordedRun("runs_get_v3__executing")
    async with open_run(told) as harness:
        await harness.see("FACTS")
        await harness.press("G")
        fields = harness.screen.pane.query_one(FieldList)
        await harness.until(lambda: fields.field is not None)
        before = fields.field
        assert before is not None
        told.run = run_of(
            "runs_get_v3__failed_trace__api_version", id=told.run_id, tags=before.copied.split()
        )
        told.trace = recorded("run_trace__failed_trace").body
        await harness.poll(5)
        await harness.see("ERROR")
        assert fields.field is not None
        assert fields.field.label == before.label


async def test_a_long_error_is_read_to_its_end_on_a_narrow_terminal() -> None:
    message = "the provider said " + " ".join(f"word{number}" for number in range(40))
    run = run_of("runs_get_v3__failed", error={"name": "Error", "message": message})
    async with open_run(RecordedRun(run), size=(60, 30)) as harness:
        await harness.see("ERROR")
        assert " ".join(harness.text.split()).count("word39") == 1


async def test_a_message_of_several_lines_is_read_as_such_and_copied_whole() -> None:
    told = ["", "Invalid `prisma.user.create()` invocation:", "", "Unique constraint failed"]
    told += [f"  field {number}" for number in range(40)]
    error = {
        "name": "PrismaError",
        "message": "\n".join(told),
        "stackTrace": "x\n    at a (b.ts:1)",
    }
    run = run_of("runs_get_v3__failed", error=error)
    async with open_run(RecordedRun(run), size=(120, 60)) as harness:
        await harness.see("PrismaError  Invalid `prisma.user.create()` invocation:")
        lines = [line.rstrip() for line in harness.text.splitlines()]
        at = next(at for at, line in enumerate(lines) if "PrismaError" in line)
        assert lines[at + 1] == "    Unique constraint failed"
        assert lines[at + 2] == "      field 0"
        assert "… 11 more lines, y copies all" in harness.text
        assert "at a b.ts:1" in harness.text
        field = harness.screen.query_one(FieldList)
        await harness.press("j", "j")
        assert field.field is not None
        assert field.field.copied.endswith("  field 39\n    at a (b.ts:1)")


async def test_the_footer_offers_what_makes_sense_for_the_run() -> None:
    def footer() -> str:
        return harness.screen.query_one("#footer").plain_text  # type: ignore[attr-defined,no-any-return]

    told = RecordedRun("runs_get_v3__executing")
    async with open_run(told) as harness:
        await harness.see("FACTS")
        assert "cancel" in footer()
        assert "parent" not in footer()
        told.run = run_of("runs_get_v3__failed", id=told.run_id)
        await harness.poll(5)
        await harness.see("ERROR")
        assert "cancel" not in footer()
        assert "all frames" in footer()


async def test_a_run_of_another_day_says_which() -> None:
    later = datetime(2026, 11, 24, 12, tzinfo=UTC)
    async with open_run(RecordedRun("runs_get_v3__failed"), now=later) as harness:
        await harness.see("FACTS")
        finished = next(line for line in harness.text.splitlines() if "finished" in line)
        assert re.search(r"finished +2[12] Nov \d\d:\d\d:\d\d  2 d ago", finished)


async def test_the_open_tab_is_named_at_every_width() -> None:
    for width in (20, 30, 45, 60):
        async with open_run(RecordedRun("runs_get_v3__completed"), size=(width, 20)) as harness:
            await harness.see("FACTS")
            for _ in TABS:
                tabs = harness.screen.query_one("#tabs", NavLine)
                drawn = tabs.render_line(0).text
                assert harness.screen.pane.TITLE in drawn, (width, drawn)
                await harness.press("right_square_bracket")
                await harness.pilot.pause()


async def test_the_id_of_a_run_leads_to_its_page_in_the_dashboard() -> None:
    told = RecordedRun("runs_get_v3__completed__api_version")
    async with open_run(told) as harness:
        await harness.see("TIMELINE")
        heading = harness.app.screen.query_one("#heading", Line).render_line(0)
        overview = harness.app.screen.query_one(FieldList)
        links = [
            {(each.text, each.style.link) for each in strip if each.style and each.style.link}
            for strip in (heading, *overview.render_lines(overview.size.region))
        ]
        page = PROD.url("runs", told.run_id)
        assert links[0] == {(told.run_id, page)}
        assert {(told.run_id, page)} in links[1:]
