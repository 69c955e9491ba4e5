"""Every recorded answer becomes lines, at every width, with no terminal in sight."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from tests.recorded import Recorded, recorded, successes_of
from tests.ui.run_harness import RECORDED_AT
from trigdash.model.event import parse_events
from trigdash.model.moment import moment_of
from trigdash.model.run import parse_run
from trigdash.model.span import parse_span
from trigdash.model.span_times import SpanTimes
from trigdash.model.trace import parse_trace
from trigdash.presentation.cell import Cell, cell_text, cell_width, wrap_cell
from trigdash.presentation.failures import stack_cells
from trigdash.presentation.run.event_lines import EventLines, TimeStyle
from trigdash.presentation.run.inspection import inspection
from trigdash.presentation.run.json_rows import JsonRows
from trigdash.presentation.run.overview import Shape, overview_lines
from trigdash.presentation.run.row_cells import event_line, json_line
from trigdash.presentation.run.run_view import RunView
from trigdash.presentation.run.trace_lines import TraceLines
from trigdash.presentation.run.trace_rows import TraceRows
from trigdash.presentation.run.tree import run_tree_lines

NOW_NS = moment_of(RECORDED_AT)
WIDTHS = (24, 77, 137, 200)

RUNS = successes_of("runs_get_v3")
TRACES = successes_of("run_trace", "run_trace_pgstore")
LOGS = successes_of("run_events", "run_events_pgstore")
SPANS = successes_of("run_span", "run_span_pgstore")


def name_of(told: Recorded) -> str:
    return told.name


def check(lines: Iterable[Cell]) -> int:
    """Every line is clean; how many there are."""
    count = 0
    for line in lines:
        assert all(text.isprintable() for text, _ in line), line
        count += 1
    return count


def trace_lines(name: str) -> TraceLines:
    trace = parse_trace(recorded(name).body)
    return TraceLines(TraceRows(trace), SpanTimes(trace), NOW_NS)


def drawn(lines: TraceLines, width: int) -> list[str]:
    return [cell_text(lines.line(index, width)).rstrip() for index in range(len(lines))]


@pytest.mark.parametrize("told", RUNS, ids=name_of)
def test_every_recorded_run_has_an_overview_a_family_and_a_payload(told: Recorded) -> None:
    view = RunView(told.data["id"])
    run = parse_run(told.body)
    view.take_run(run)
    for width in WIDTHS:
        lines = overview_lines(
            view, RECORDED_AT, width, environment="prod", shape=Shape(all_frames=True)
        )
        assert check(line.draw(width, 0) for line in lines) > 5
        assert check(line.cell for line in run_tree_lines(run, None, RECORDED_AT, width)) > 0
    rows = JsonRows(told.data)
    assert check(json_line(rows, row) for row in range(len(rows))) == len(rows)


@pytest.mark.parametrize("told", TRACES, ids=name_of)
def test_every_recorded_trace_is_drawn_exactly_as_wide_as_it_may_be(told: Recorded) -> None:
    trace = parse_trace(told.body)
    lines = TraceLines(TraceRows(trace), SpanTimes(trace), NOW_NS)
    lines.rows.toggle_engine()
    for width in WIDTHS:
        cells = [lines.line(index, width) for index in range(min(len(lines), 300))]
        assert check(cells)
        assert {cell_width(cell) for cell in cells} <= {width}
        assert cell_width(lines.head(width)) <= width
    for row in range(min(len(trace), 50)):
        assert check(line.cell for line in inspection(lines.times, row, None, NOW_NS)) >= 2


@pytest.mark.parametrize("told", LOGS, ids=name_of)
def test_every_recorded_log_is_drawn_in_every_time_style(told: Recorded) -> None:
    lines = EventLines(parse_events(told.body))
    for style in TimeStyle:
        lines.time_style = style
        cells = [
            event_line(lines, index, lines.log.start_ns[0]) for index in range(len(lines.shown))
        ]
        assert check(cells) >= len(lines.log)
        for width in (10, 40):
            rows = [row for cell in cells for row in wrap_cell(cell, width)]
            assert max(map(cell_width, rows)) <= width


def test_as_many_and_as_long_properties_as_a_server_takes_are_shown_and_copied_whole() -> None:
    long = "x" * 131_072
    told = {"long": long, **{f"key{number:04}": number for number in range(1_023)}}
    span = parse_span(recorded("run_span_pgstore__http").body)
    lines = trace_lines("run_trace__failed_trace")
    shown = inspection(lines.times, 0, span.model_copy(update={"properties": told}), NOW_NS)
    text = [cell_text(line.cell).rstrip() for line in shown]
    assert "  key1022  1022" in text
    assert not any("more lines" in each for each in text)
    copied = [field.copied for line in shown for field in line.fields if field.label == "long"]
    assert set(copied) == {long}


@pytest.mark.parametrize("told", SPANS, ids=name_of)
def test_every_recorded_span_is_inspected(told: Recorded) -> None:
    lines = trace_lines("run_trace__failed_trace")
    detail = parse_span(told.body)
    cells = [line.cell for line in inspection(lines.times, 0, detail, NOW_NS)]
    text = "\n".join(map(cell_text, cells))
    assert check(cells)
    for key in told.data.get("properties", {}):
        assert key in text or key == "error"
    for run in told.data.get("triggeredRuns", ()):
        assert run["runId"] in text


def test_properties_are_told_by_their_dotted_names_however_deep_they_nest() -> None:
    deep: Any = 1
    for _ in range(3_000):
        deep = {"d": deep}
    told = {
        "ok": True,
        "http": {"request": {"method": "GET"}, "response": {"status_code": 200}},
        "ids": ["a", "b"],
        "list as text": '[{"a": 1}]',
        "empty": {},
        "bad \x1b[31m": {"\u202e": "x"},
        "deep": deep,
    }
    span = parse_span(recorded("run_span_pgstore__http").body)
    lines = trace_lines("run_trace__failed_trace")
    shown = inspection(lines.times, 0, span.model_copy(update={"properties": told}), NOW_NS)
    text = [cell_text(line.cell).rstrip() for line in shown]
    assert check(line.cell for line in shown)
    assert '  http.request.method             "GET"' in text
    assert "  http.response.status_code       200" in text
    assert "  ok                              true" in text
    assert text[text.index("▾ ids  2 items") + 1] == '    0  "a"'
    assert "▾ list as text  1 item" in text
    assert "  empty                           {}" in text
    copied = {field.label: field.copied for line in shown for field in line.fields}
    assert copied["http.response.status_code"] == "200"
    assert copied["ids[1]"] == "b"


def test_a_trace_says_what_went_wrong_what_waited_and_what_is_another_run() -> None:
    failed = drawn(trace_lines("run_trace__failed_trace"), 120)
    assert "× send-email" in failed[0]
    assert "2.20 s" in failed[0]
    assert "ERROR attempt 1 failing" in failed[3]
    assert "◆" in failed[3]
    assert "Retry #1 delay" in failed[4]
    assert "╌╌╌" in failed[4]
    assert "993 ms" in failed[4]
    parent = drawn(trace_lines("run_trace_pgstore__parent"), 120)
    child = next(line for line in parent if line.lstrip().startswith("▾ child-task ›"))
    assert "667 ms" in child
    waiting = next(line for line in parent if "triggerAndWait()" in line)
    assert "╌" in waiting
    assert "━" not in waiting


def test_the_axis_can_leave_the_queue_out_zoom_and_fit() -> None:
    lines = trace_lines("run_trace__failed_trace")
    whole = lines.whole
    lines.toggle_queue()
    assert lines.whole.length_ns < whole.length_ns
    assert lines.axis.start_ns != whole.start_ns
    lines.toggle_queue()
    row = lines.rows.trace.messages.index("Attempt 2")
    lines.zoom(1, row)
    assert lines.is_zoomed
    assert lines.axis.length_ns == whole.length_ns // 2
    lines.zoom(-1, row)
    assert not lines.is_zoomed
    lines.fit(row)
    assert lines.axis.length_ns < 250_000_000
    lines.fit(row)
    assert not lines.is_zoomed


def test_library_frames_are_folded_unless_they_are_all_there_is() -> None:
    own = "    at run (file:///app/src/x.ts:1:2)"
    library = "    at go (/app/node_modules/lib/index.js:3:4)"
    texts = [cell_text(cell) for cell in stack_cells([own, library, library])]
    assert texts == ["  at run /app/src/x.ts:1:2", "  … 2 frames in libraries"]
    assert len(stack_cells([library, library])) == 2
    assert len(stack_cells([own, library], all_frames=True)) == 2
    assert cell_text(stack_cells(["something else"])[0]) == "  something else"
    assert cell_text(stack_cells(["    at /app/a.ts:1:2"])[0]) == "  at /app/a.ts:1:2"
