"""The events tab: levels, text, time, following, and what is not shown."""

from __future__ import annotations

import json
from typing import Any

from tests.recorded import recorded
from tests.ui.run_harness import RecordedRun, RunHarness, open_run
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


def shown(stage: RunHarness) -> list[str]:
    return [line for line in stage.text.splitlines() if line.strip()]


async def test_the_log_tells_time_level_attempt_and_what_the_style_adds() -> None:
    async with open_run(parent(), "events") as harness:
        await harness.see("Starting fan-out")
        assert "0.323 s  • INFO   1 Starting fan-out" in harness.text
        assert "gpt-4o-mini-2024-07-18 165" in harness.text
        assert "UpstreamError: Upstream 503" in harness.text
        assert "at risky /app/src/trigger/parent.ts:88:9" in harness.text
        assert "× ERROR  1 risky step failed" in harness.text
        assert "Events 13" in harness.screen.query_one("#tabs").plain_text  # type: ignore[attr-defined]


async def test_a_level_that_no_line_has_is_told() -> None:
    told = RecordedRun("runs_get_v3__parent__api_version", events=many(3))
    async with open_run(told, "events") as harness:
        await harness.see("line 0")
        await harness.press("5")
        await harness.until(lambda: "no such line" in harness.note)
        await harness.press("escape")
        await harness.see("line 0")
        assert "no such line" not in harness.note


async def test_levels_narrow_and_texts_are_highlighted() -> None:
    async with open_run(parent(), "events") as harness:
        await harness.see("Starting fan-out")
        await harness.press("4")
        await harness.until(lambda: "WARN and above" in harness.note)
        assert "slow response" in harness.text
        assert "risky step failed" in harness.text
        assert "Starting fan-out" not in harness.text
        await harness.press("5")
        await harness.until(lambda: "ERROR only" in harness.note)
        assert "slow response" not in harness.text
        await harness.press("0", "slash", *"/risky|slow/", "enter")
        await harness.until(lambda: "3 matches" in harness.note)
        await harness.press("c")
        await harness.until(lambda: "2 lines around" in harness.note)
        assert "Starting fan-out" not in harness.text
        assert "SELECT customers" in harness.text
        await harness.press("escape")
        await harness.see("Starting fan-out")


async def test_a_pattern_that_is_none_is_refused_in_words() -> None:
    async with open_run(parent(), "events") as harness:
        await harness.see("Starting fan-out")
        await harness.press("slash", *"/(/", "enter")
        hint = harness.screen.pane.query_one("#filter-hint")
        await harness.until(lambda: "not a regular expression" in hint.plain_text)  # type: ignore[attr-defined]


async def test_time_is_told_since_the_start_by_the_clock_or_since_the_line_before() -> None:
    async with open_run(parent(), "events") as harness:
        await harness.see("Starting fan-out")
        await harness.press("z")
        await harness.until(lambda: ".915  • INFO" in harness.text)
        await harness.press("z")
        await harness.until(lambda: "+50 ms  • INFO" in harness.text)


async def test_only_the_selected_spans_lines_can_be_shown() -> None:
    async with open_run(parent(), "trace") as harness:
        await harness.see("risky step")
        await harness.press("e")
        await harness.see("Starting fan-out")
        log = harness.screen.query_one(EventsPane).lines_view
        while "risky step" not in (harness.screen.pane.copied() or ("",))[0]:
            await harness.press("j")
        assert log.lines is not None
        # The two recordings are of different runs: no span of the trace is in this log.
        await harness.press("s")
        await harness.until(lambda: "one span only" in harness.note)
        assert shown(harness) == []
        await harness.press("s")
        await harness.see("Starting fan-out")


async def test_a_live_log_is_followed_until_somebody_scrolls_up() -> None:
    told = RecordedRun("runs_get_v3__executing", events=many(100))
    async with open_run(told, "events") as harness:
        await harness.see("line 99")
        assert "following" in harness.note
        told.events = many(120)
        await harness.poll(20)
        await harness.see("line 119")
        await harness.press("k")
        await harness.until(lambda: "following" not in harness.note)
        told.events = many(150)
        await harness.poll(20)
        await harness.until(lambda: "+30 new G shows" in harness.note)
        assert "line 149" not in harness.text
        await harness.press("G")
        await harness.see("line 149")
        assert "following" in harness.note


async def test_long_lines_wrap_on_demand_and_the_cursor_stays_on_screen() -> None:
    told = RecordedRun("runs_get_v3__completed", events=many(60))
    async with open_run(told, "events", size=(80, 24)) as harness:
        await harness.see("line 0")
        assert "end" not in harness.text
        await harness.press("w")
        await harness.until(lambda: "end" in harness.text)
        await harness.press("G")
        await harness.until(lambda: "line 59" in harness.text)
        await harness.press("g")
        await harness.until(lambda: "line 0" in harness.text)


async def test_a_line_opens_its_span_in_the_trace() -> None:
    told = RecordedRun("runs_get_v3__parent__api_version", events="run_events_pgstore__parent")
    told.trace = recorded("run_trace_pgstore__parent").body
    async with open_run(told, "events") as harness:
        await harness.see("risky step failed")
        await harness.press("slash", *"risky step failed", "enter", "enter")
        await harness.until(lambda: harness.screen.tab == "trace")
        await harness.until(lambda: harness.screen.selected_span() == "4d51027565ed8caf")


async def test_what_is_shown_is_what_is_saved() -> None:
    async with open_run(parent(), "events") as harness:
        await harness.see("Starting fan-out")
        await harness.press("5", "x")
        await harness.until(lambda: "ERROR only" in harness.note)
        lines = harness.screen.query_one(EventsPane).lines_view.lines
        assert lines is not None
        records = SavedLines(lines)
        assert [record["message"] for record in records] == ["risky step", "risky step failed"]
        assert records[1]["time"] == "2026-11-21T22:41:53.415000+00:00"
        assert len(records[0:5]) == 2
        await harness.press("ctrl+s")
        await harness.until(lambda: type(harness.app.screen).__name__ == "SaveScreen")


async def test_what_arrives_while_the_file_is_named_is_not_mixed_into_it() -> None:
    async with open_run(parent(), "events") as harness:
        await harness.see("Starting fan-out")
        view = harness.screen.query_one(EventsPane).lines_view
        assert view.lines is not None
        records = SavedLines(view.lines)
        before = [dict(record) for record in records]
        view.show_log(parse_events(many(3)), 0, live=True)
        assert [dict(record) for record in records] == before


async def test_spans_that_went_wrong_are_errors_too_and_one_key_goes_through_them() -> None:
    async with open_run(parent(), "events") as harness:
        await harness.see("Starting fan-out")
        assert any("× TRACE" in line for line in shown(harness))
        log = harness.screen.query_one(EventsPane).lines_view
        wrong = []
        for _ in range(3):
            await harness.press("exclamation_mark")
            assert log.lines is not None
            assert log.entry is not None
            wrong.append(log.lines.log.messages[log.entry])
        assert wrong == ["risky step", "risky step failed", "risky step"]
        await harness.press("5")
        await harness.until(lambda: "ERROR only" in harness.note)
        assert "risky step" in harness.text


async def test_a_log_that_is_over_is_not_followed() -> None:
    async with open_run(parent(), "events") as harness:
        await harness.see("Starting fan-out")
        await harness.press("G")
        await harness.pilot.pause()
        assert "following" not in harness.note


async def test_new_lines_are_counted_as_they_are_narrowed() -> None:
    told = RecordedRun("runs_get_v3__executing", events=many(100))
    async with open_run(told, "events") as stage:
        await stage.see("line 99")
        await stage.press("slash", *"/line 1?.5 /", "enter")
        await stage.until(lambda: "matches" in stage.note)
        await stage.press("g")
        told.events = many(200)
        await stage.poll(20)
        await stage.until(lambda: "+10 new" in stage.note)


async def test_a_pattern_narrows_before_its_last_slash_and_a_broken_one_changes_nothing() -> None:
    async with open_run(parent(), "events") as harness:
        await harness.see("Starting fan-out")
        await harness.press("slash", *"/ris|slo")
        await harness.until(lambda: "Starting fan-out" not in harness.text)
        assert "risky step failed" in harness.text
        await harness.press("left_parenthesis")
        await harness.pilot.pause()
        assert "risky step failed" in harness.text
        await harness.press("escape")
        await harness.see("Starting fan-out")


async def test_a_pattern_that_takes_for_ever_holds_up_no_key() -> None:
    told = parent()
    log = json.loads(many(300))
    for event in log["events"][5:]:
        event["message"] = "x" * 3_000 + "z" + event["spanId"]
    told.events = json.dumps(log).encode()
    async with open_run(told, "events") as harness:
        await harness.see("line 0")
        await harness.press("slash", *"/(?:(?:x+)+)+y|line 3/")
        await harness.until(lambda: "searching" in harness.note)
        assert "line 3" in harness.text
        await harness.press("escape")
        await harness.see("line 4")
        assert "searching" not in harness.note


async def test_a_late_entry_above_leaves_the_cursor_on_its_line() -> None:
    told = RecordedRun("runs_get_v3__executing", events="run_events__parent")
    async with open_run(told, "events") as harness:
        await harness.see("Starting fan-out")
        view = harness.screen.query_one(EventsPane).lines_view
        await harness.press("g")
        while "at risky" not in harness.screen.pane.copied()[0]:  # type: ignore[index]
            await harness.press("j")
        log = json.loads(recorded("run_events__parent").body)
        first = dict(log["events"][0], spanId="00000000000000aa", message="late", events=[])
        start = min(int(entry["startTime"]) for entry in log["events"])
        first["startTime"] = str(start - 1_000_000)
        told.events = json.dumps({"events": [first, *log["events"]]}).encode()
        await harness.poll(20)
        await harness.until(lambda: view.lines is not None and len(view.lines.log) == 14)
        copied = harness.screen.pane.copied()
        assert copied is not None
        assert "at risky" in copied[0]
