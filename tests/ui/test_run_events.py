"""The events tab: levels, text, time, following, and what is not shown."""

from __future__ import annotations

import json
from typing import Any

from tests.recorded import recorded
from tests.ui.run_stage import RecordedRun, RunStage, run_on_stage
from trigdash.model.event import parse_events
from trigdash.ui.screens.run.events import EventsPane, SavedLines


def parent() -> RecordedRun:
    return RecordedRun(
        "runs_get_v3__parent__api_version", "run_trace_pgstore__parent", "run_events__parent"
    )


def many(count: int) -> bytes:
    """A log of many lines in one long message each."""
    entries: list[dict[str, Any]] = [
        {
            "spanId": f"{number:016x}",
            "parentId": None,
            "runId": "run_x",
            "message": f"line {number} {'word ' * 40}end",
            "startTime": str(1795300911592000000 + number * 1_000_000),
            "duration": 0,
            "level": "INFO",
            "attemptNumber": 1,
        }
        for number in range(count)
    ]
    return json.dumps({"events": entries}).encode()


def shown(stage: RunStage) -> list[str]:
    return [line for line in stage.text.splitlines() if line.strip()]


async def test_the_log_tells_time_level_attempt_and_what_the_style_adds() -> None:
    async with run_on_stage(parent(), "events") as stage:
        await stage.see("Starting fan-out")
        assert "0.323 s  • INFO   1 Starting fan-out" in stage.text
        assert "gpt-4o-mini-2024-07-18 165" in stage.text
        assert "UpstreamError: Upstream 503" in stage.text
        assert "at risky /app/src/trigger/parent.ts:88:9" in stage.text
        assert "× ERROR  1 risky step failed" in stage.text
        assert "Events 13" in stage.screen.query_one("#tabs").words  # type: ignore[attr-defined]


async def test_a_level_that_no_line_has_is_told() -> None:
    told = RecordedRun("runs_get_v3__parent__api_version", events=many(3))
    async with run_on_stage(told, "events") as stage:
        await stage.see("line 0")
        await stage.press("5")
        await stage.until(lambda: "no such line" in stage.note)
        await stage.press("escape")
        await stage.see("line 0")
        assert "no such line" not in stage.note


async def test_levels_narrow_and_texts_are_highlighted() -> None:
    async with run_on_stage(parent(), "events") as stage:
        await stage.see("Starting fan-out")
        await stage.press("4")
        await stage.until(lambda: "WARN and above" in stage.note)
        assert "slow response" in stage.text
        assert "risky step failed" in stage.text
        assert "Starting fan-out" not in stage.text
        await stage.press("5")
        await stage.until(lambda: "ERROR only" in stage.note)
        assert "slow response" not in stage.text
        await stage.press("0", "slash", *"/risky|slow/", "enter")
        await stage.until(lambda: "3 matches" in stage.note)
        await stage.press("c")
        await stage.until(lambda: "2 lines around" in stage.note)
        assert "Starting fan-out" not in stage.text
        assert "SELECT customers" in stage.text
        await stage.press("escape")
        await stage.see("Starting fan-out")


async def test_a_pattern_that_is_none_is_refused_in_words() -> None:
    async with run_on_stage(parent(), "events") as stage:
        await stage.see("Starting fan-out")
        await stage.press("slash", *"/(/", "enter")
        hint = stage.screen.pane.query_one("#filter-hint")
        await stage.until(lambda: "not a regular expression" in hint.words)  # type: ignore[attr-defined]


async def test_time_is_told_since_the_start_by_the_clock_or_since_the_line_before() -> None:
    async with run_on_stage(parent(), "events") as stage:
        await stage.see("Starting fan-out")
        await stage.press("z")
        await stage.until(lambda: ".915  • INFO" in stage.text)
        await stage.press("z")
        await stage.until(lambda: "+50 ms  • INFO" in stage.text)


async def test_only_the_selected_spans_lines_can_be_shown() -> None:
    async with run_on_stage(parent(), "trace") as stage:
        await stage.see("risky step")
        await stage.press("e")
        await stage.see("Starting fan-out")
        log = stage.screen.query_one(EventsPane).lines_view
        while "risky step" not in (stage.screen.pane.copied() or ("",))[0]:
            await stage.press("j")
        assert log.lines is not None
        # The two recordings are of different runs: no span of the trace is in this log.
        await stage.press("s")
        await stage.until(lambda: "one span only" in stage.note)
        assert shown(stage) == []
        await stage.press("s")
        await stage.see("Starting fan-out")


async def test_a_live_log_is_followed_until_somebody_scrolls_up() -> None:
    told = RecordedRun("runs_get_v3__executing", events=many(100))
    async with run_on_stage(told, "events") as stage:
        await stage.see("line 99")
        assert "following" in stage.note
        told.events = many(120)
        await stage.poll(20)
        await stage.see("line 119")
        await stage.press("k")
        await stage.until(lambda: "following" not in stage.note)
        told.events = many(150)
        await stage.poll(20)
        await stage.until(lambda: "+30 new G shows" in stage.note)
        assert "line 149" not in stage.text
        await stage.press("G")
        await stage.see("line 149")
        assert "following" in stage.note


async def test_long_lines_wrap_on_demand_and_the_cursor_stays_on_screen() -> None:
    told = RecordedRun("runs_get_v3__completed", events=many(60))
    async with run_on_stage(told, "events", size=(80, 24)) as stage:
        await stage.see("line 0")
        assert "end" not in stage.text
        await stage.press("w")
        await stage.until(lambda: "end" in stage.text)
        await stage.press("G")
        await stage.until(lambda: "line 59" in stage.text)
        await stage.press("g")
        await stage.until(lambda: "line 0" in stage.text)


async def test_a_line_opens_its_span_in_the_trace() -> None:
    told = RecordedRun("runs_get_v3__parent__api_version", events="run_events_pgstore__parent")
    told.trace = recorded("run_trace_pgstore__parent").body
    async with run_on_stage(told, "events") as stage:
        await stage.see("risky step failed")
        await stage.press("slash", *"risky step failed", "enter", "enter")
        await stage.until(lambda: stage.screen.tab == "trace")
        await stage.until(lambda: stage.screen.selected_span() == "4d51027565ed8caf")


async def test_what_is_shown_is_what_is_saved() -> None:
    async with run_on_stage(parent(), "events") as stage:
        await stage.see("Starting fan-out")
        await stage.press("5", "x")
        await stage.until(lambda: "ERROR only" in stage.note)
        lines = stage.screen.query_one(EventsPane).lines_view.lines
        assert lines is not None
        records = SavedLines(lines)
        assert [record["message"] for record in records] == ["risky step", "risky step failed"]
        assert records[1]["time"] == "2026-11-21T22:41:53.415000+00:00"
        assert len(records[0:5]) == 2
        await stage.press("ctrl+s")
        await stage.until(lambda: type(stage.app.screen).__name__ == "SaveScreen")


async def test_what_arrives_while_the_file_is_named_is_not_mixed_into_it() -> None:
    async with run_on_stage(parent(), "events") as stage:
        await stage.see("Starting fan-out")
        view = stage.screen.query_one(EventsPane).lines_view
        assert view.lines is not None
        records = SavedLines(view.lines)
        before = [dict(record) for record in records]
        view.show_log(parse_events(many(3)), 0, live=True)
        assert [dict(record) for record in records] == before


async def test_spans_that_went_wrong_are_errors_too_and_one_key_goes_through_them() -> None:
    async with run_on_stage(parent(), "events") as stage:
        await stage.see("Starting fan-out")
        assert any("× TRACE" in line for line in shown(stage))
        log = stage.screen.query_one(EventsPane).lines_view
        wrong = []
        for _ in range(3):
            await stage.press("exclamation_mark")
            assert log.lines is not None
            assert log.entry is not None
            wrong.append(log.lines.log.messages[log.entry])
        assert wrong == ["risky step", "risky step failed", "risky step"]
        await stage.press("5")
        await stage.until(lambda: "ERROR only" in stage.note)
        assert "risky step" in stage.text


async def test_a_log_that_is_over_is_not_followed() -> None:
    async with run_on_stage(parent(), "events") as stage:
        await stage.see("Starting fan-out")
        await stage.press("G")
        await stage.pilot.pause()
        assert "following" not in stage.note


async def test_new_lines_are_counted_as_they_are_narrowed() -> None:
    told = RecordedRun("runs_get_v3__executing", events=many(100))
    async with run_on_stage(told, "events") as stage:
        await stage.see("line 99")
        await stage.press("slash", *"/line 1?.5 /", "enter")
        await stage.until(lambda: "matches" in stage.note)
        await stage.press("g")
        told.events = many(200)
        await stage.poll(20)
        await stage.until(lambda: "+10 new" in stage.note)


async def test_a_pattern_narrows_before_its_last_slash_and_a_broken_one_changes_nothing() -> None:
    async with run_on_stage(parent(), "events") as stage:
        await stage.see("Starting fan-out")
        await stage.press("slash", *"/ris|slo")
        await stage.until(lambda: "Starting fan-out" not in stage.text)
        assert "risky step failed" in stage.text
        await stage.press("left_parenthesis")
        await stage.pilot.pause()
        assert "risky step failed" in stage.text
        await stage.press("escape")
        await stage.see("Starting fan-out")


async def test_a_pattern_that_takes_for_ever_holds_up_no_key() -> None:
    told = parent()
    log = json.loads(many(300))
    for event in log["events"][5:]:
        event["message"] = "x" * 3_000 + "z" + event["spanId"]
    told.events = json.dumps(log).encode()
    async with run_on_stage(told, "events") as stage:
        await stage.see("line 0")
        await stage.press("slash", *"/(?:(?:x+)+)+y|line 3/")
        await stage.until(lambda: "searching" in stage.note)
        assert "line 3" in stage.text
        await stage.press("escape")
        await stage.see("line 4")
        assert "searching" not in stage.note


async def test_a_late_entry_above_leaves_the_cursor_on_its_line() -> None:
    told = RecordedRun("runs_get_v3__executing", events="run_events__parent")
    async with run_on_stage(told, "events") as stage:
        await stage.see("Starting fan-out")
        view = stage.screen.query_one(EventsPane).lines_view
        await stage.press("g")
        while "at risky" not in stage.screen.pane.copied()[0]:  # type: ignore[index]
            await stage.press("j")
        log = json.loads(recorded("run_events__parent").body)
        first = dict(log["events"][0], spanId="00000000000000aa", message="late", events=[])
        start = min(int(entry["startTime"]) for entry in log["events"])
        first["startTime"] = str(start - 1_000_000)
        told.events = json.dumps({"events": [first, *log["events"]]}).encode()
        await stage.poll(20)
        await stage.until(lambda: view.lines is not None and len(view.lines.log) == 14)
        copied = stage.screen.pane.copied()
        assert copied is not None
        assert "at risky" in copied[0]
