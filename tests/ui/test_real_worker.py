"""What a real worker's runs look like: platform lines, starts step by step, spans never closed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from tests.recorded import recorded
from trigdash.model.event import EventLog, parse_events
from trigdash.model.moment import moment_ns, moment_of
from trigdash.model.run import Run, parse_run
from trigdash.model.span_event import SpanKind
from trigdash.model.trace import Trace, parse_trace
from trigdash.presentation.cell import cell_text
from trigdash.presentation.run.event_lines import EventLines, TimeStyle
from trigdash.presentation.run.inspection import inspection
from trigdash.presentation.run.overview import overview_lines
from trigdash.presentation.run.row_cells import event_line
from trigdash.presentation.run.run_view import RunView
from trigdash.presentation.run.timeline import waits_of
from trigdash.presentation.run.trace_rows import TraceRows

NOW = datetime(2026, 11, 28, 21, 0, tzinfo=UTC)
RUNS = ("failed_3_attempts", "cancelled_by_worker", "parent_family", "timed_out")


def run_of(name: str, **more: Any) -> Run:
    told = recorded(f"runs_get_v3__{name}_dev_cli").data
    return parse_run(json.dumps({**told, **more}).encode())


def trace_of(name: str) -> Trace:
    return parse_trace(recorded(f"run_trace__{name}_dev_cli").body)


def log_of(name: str) -> EventLog:
    return parse_events(recorded(f"run_events__{name}_dev_cli").body)


def view_of(name: str, **more: Any) -> RunView:
    run = run_of(name, **more)
    view = RunView(run.id)
    view.take_run(run)
    view.take_trace(trace_of(name))
    view.take_log(log_of(name))
    return view


def overview(view: RunView, width: int = 118) -> str:
    lines = overview_lines(view, NOW, width)
    return "\n".join(cell_text(line.draw(width, None)).rstrip() for line in lines)


def log_lines(view: RunView, style: TimeStyle = TimeStyle.RELATIVE) -> list[str]:
    assert view.log is not None
    lines = EventLines(view.log, view.run_end_ns)
    lines.time_style = style
    cells = (event_line(lines, at, view.start_ns(), UTC) for at in range(len(lines.shown)))
    return [cell_text(cell).strip() for cell in cells]


# Lines of the platform


@pytest.mark.parametrize("name", RUNS)
def test_what_the_platform_writes_is_hidden_whatever_it_says(name: str) -> None:
    trace = trace_of(name)
    rows = TraceRows(trace)
    shown = [trace.messages[row] for row in rows.shown]
    assert not [text for text in shown if "platform" in text or text.startswith("[engine]")]
    assert rows.hidden_engine_lines == len(trace) - len(shown)
    assert rows.hidden_engine_lines > len(shown)
    rows.toggle_engine()
    assert len(rows.shown) == len(trace)


def traced(*spans: dict[str, Any], **envelope: Any) -> Trace:
    """A trace of these spans below one root."""
    base = {"isError": False, "isPartial": False, "isCancelled": False, "events": []}
    base |= {"startTime": "2026-11-28T20:00:00.000Z", "level": "TRACE", "duration": 5_000_000_000}
    children = [
        {"id": f"{n:016x}", "runId": "run_1", "data": base | span, "children": []}
        for n, span in enumerate(spans, 1)
    ]
    root = {"id": "f" * 16, "runId": "run_1", "data": base | {"message": "task"}}
    told = {"traceId": "t", "rootSpan": root | {"children": children}, **envelope}
    return parse_trace(json.dumps({"trace": told}).encode())


def test_a_line_of_the_platform_is_known_by_what_it_is_and_not_by_its_words() -> None:
    trace = traced(
        {"message": "run:frobnicate of tomorrow", "level": "DEBUG", "duration": 100},
        {"message": "[engine] says a user", "level": "DEBUG", "duration": 0, "attemptNumber": 1},
        {"message": "a user's", "level": "DEBUG", "duration": 100, "attemptNumber": 1},
        {"message": "a user's too", "level": "INFO", "duration": 100},
        isTruncated=False,
    )
    kinds = dict(zip(trace.messages, map(SpanKind, trace.kind), strict=True))
    assert kinds.pop("run:frobnicate of tomorrow") is SpanKind.ENGINE
    assert SpanKind.ENGINE not in kinds.values()


def test_where_durations_are_milliseconds_a_hundred_of_them_are_a_users_own() -> None:
    trace = traced({"message": "slow", "level": "DEBUG", "duration": 100, "taskSlug": "a"})
    assert trace.kind[1] == SpanKind.LOG


def test_polling_is_no_sign_of_life() -> None:
    polls = [
        {
            "message": "run:subscribe received by platform",
            "level": "DEBUG",
            "duration": 100,
            "startTime": f"2026-11-28T20:0{minute}:00.000Z",
        }
        for minute in range(1, 9)
    ]
    trace = traced({"message": "Attempt 1", "isPartial": True, "duration": 0}, *polls)
    view = RunView("run_1")
    view.take_trace(trace)
    assert view.times is not None
    assert view.times.last_sign_ns == moment_ns("2026-11-28T20:00:05.000Z")
    spoken = {"message": "[engine] EXECUTING - Run was continued", "level": "DEBUG"}
    spoken |= {"duration": 100, "startTime": "2026-11-28T20:07:00.000Z"}
    view.take_trace(traced({"message": "Attempt 1", "isPartial": True, "duration": 0}, spoken))
    assert view.times.last_sign_ns == moment_ns("2026-11-28T20:07:00.000Z") + 100


def test_polling_ends_no_wait() -> None:
    def line(message: str, second: int) -> dict[str, Any]:
        at = f"2026-11-28T20:00:{second:02}.000Z"
        return {"message": message, "level": "DEBUG", "duration": 100, "startTime": at}

    view = RunView("run_1")
    view.take_trace(
        traced(
            line("[engine] EXECUTING_WITH_WAITPOINTS - Run was blocked by a waitpoint.", 10),
            line("run:subscribe received by platform", 12),
            line("[engine] EXECUTING - Run was continued, whilst still executing.", 40),
        )
    )
    assert view.times is not None
    (wait,) = waits_of("run_1", view.times, moment_of(NOW))
    assert wait[1] - wait[0] == 30_000_000_000


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("wait.for()", SpanKind.WAIT),
        ("wait.until()", SpanKind.WAIT),
        ("wait.forToken()", SpanKind.WAIT),
        ("wait.createToken()", SpanKind.WORK),
        ("wait.completeToken()", SpanKind.WORK),
        ("wait.retrieveToken()", SpanKind.WORK),
        ("wait.listTokens()", SpanKind.WORK),
    ],
)
def test_only_what_waits_is_a_wait(message: str, kind: SpanKind) -> None:
    assert traced({"message": message}).kind[1] == kind


# How an attempt started


def test_a_slow_start_is_explained_by_its_steps() -> None:
    text = overview(view_of("parent_family"))
    assert "starting 25.8 s" in text
    steps = "create attempt 2.30 s · fork 21.2 s · bootstrap 739 ms · import src/trigger/tasks.ts"
    assert f"start of attempt 1  {steps} 138 ms" in text


def test_the_log_tells_each_step_once_with_its_time_and_length() -> None:
    lines = log_lines(view_of("failed_3_attempts"))
    at = next(n for n, line in enumerate(lines) if "Attempt 1" in line)
    assert [" ".join(line.split()) for line in lines[at + 1 : at + 6]] == [
        "7.652 s dequeue",
        "7.752 s create attempt 869 ms",
        "8.622 s fork 1.73 s",
        "10.348 s bootstrap 15 ms",
        "10.363 s import src/trigger/tasks.ts 3 ms",
    ]
    assert not [line for line in lines if "trigger.dev/start" in line]
    clock = log_lines(view_of("failed_3_attempts"), TimeStyle.ABSOLUTE)
    assert clock[at + 3].startswith("20:33:29.594")
    assert log_lines(view_of("failed_3_attempts"), TimeStyle.DELTA)[at + 3] == "fork  1.73 s"


def test_the_inspector_tells_steps_before_the_attempt_as_before_it() -> None:
    view = view_of("failed_3_attempts")
    assert view.times is not None
    trace = view.times.trace
    row = trace.messages.index("Attempt 1")
    lines = [cell_text(line.cell) for line in inspection(view.times, row, None, moment_of(NOW))]
    told = [" ".join(line.split()) for line in lines]
    assert "−1.75 s fork 1.73 s" in told
    assert "−14 ms import src/trigger/tasks.ts 3 ms" in told
    assert any(line.startswith("+6.01 s exception TypeError") for line in told)


@pytest.mark.parametrize("properties", [None, {}, {"event": 5}, {"event": "fork", "duration": "x"},
                                        {"event": "fork", "duration": 1e300}])  # fmt: skip
def test_a_step_that_is_told_oddly_claims_nothing(properties: Any) -> None:
    event = {"name": "trigger.dev/start", "properties": properties}
    trace = traced({"message": "Attempt 1", "events": [event], "attemptNumber": 1})
    step = trace.events[1][0].start_step
    assert step is None or step.duration_ns == 0


# What never ended, and what began early


def test_an_attempt_that_was_never_closed_does_not_run_in_a_run_that_is_over() -> None:
    view = view_of("timed_out")
    assert "running" not in overview(view)
    (attempt,) = [line for line in log_lines(view) if "Attempt 1" in line]
    assert attempt.endswith("≈6.06 s  ◇ never closed")
    (work,) = [line for line in log_lines(view) if "run()" in line]
    assert work.endswith("never closed"), "whatever length it claims"
    live = view_of("timed_out", status="EXECUTING", finishedAt=None)
    assert any(line.endswith("● running") for line in log_lines(live))


@pytest.mark.parametrize("name", RUNS)
def test_nothing_of_a_run_happened_before_its_beginning(name: str) -> None:
    assert not [line for line in log_lines(view_of(name)) if line.startswith("-")]


def test_the_stages_of_a_retried_run_add_up_to_its_life() -> None:
    view = view_of("failed_3_attempts")
    stages = view.stages(moment_of(NOW))
    assert [harness.words for harness in stages] == [
        "queued",
        "starting",
        "attempt 1",
        "before the retry",
        "attempt 2",
        "before the retry",
        "attempt 3",
    ]
    for before, after in pairwise(stages):
        assert after.start_ns == before.end_ns


# Facts


def test_the_region_of_dev_is_no_region() -> None:
    assert "region" not in overview(view_of("timed_out"))
    assert run_of("timed_out").row().region is None
    assert run_of("timed_out", region="us-east-1").row().region == "us-east-1"
    assert "us-east-1" in overview(view_of("timed_out", region="us-east-1"))
