"""What of a trace is shown: folding, searching, the engine's lines, going from error to error."""

import json
from typing import Any

import pytest

from tests.recorded import recorded
from trigdash.model.trace import Trace, parse_trace
from trigdash.presentation.run.outline import highlighted
from trigdash.presentation.run.trace_rows import TraceRows


def rows_of(name: str) -> TraceRows:
    return TraceRows(parse_trace(recorded(name).body))


def messages(rows: TraceRows) -> list[str]:
    return [rows.trace.messages[row] for row in rows.shown]


def at(rows: TraceRows, message: str) -> int:
    return rows.trace.messages.index(message)


def deep(levels: int) -> Trace:
    span: dict[str, Any] = {}
    for number in reversed(range(levels)):
        data = {"message": f"level {number}", "startTime": "2026-11-21T22:00:00.000Z"}
        span = {"id": f"{number}", "runId": "r", "data": data, "children": [span] if span else []}
    root = {"trace": {"traceId": "t", "rootSpan": span, "isTruncated": False}}
    return parse_trace(json.dumps(root).encode())


PARENT = "run_trace_pgstore__parent"
FAILED = "run_trace__failed_trace"


def test_the_engines_lines_are_hidden_at_first() -> None:
    rows = rows_of(FAILED)
    assert not any(message.startswith("[engine]") for message in messages(rows))
    assert rows.hidden_engine_lines == 5
    rows.toggle_engine()
    assert len(rows.shown) == len(rows.trace)
    assert rows.hidden_engine_lines == 0


def test_a_span_is_folded_then_left_then_unfolded_then_entered() -> None:
    rows = rows_of(PARENT)
    risky, inner = at(rows, "risky step"), at(rows, "risky step failed")
    assert rows.fold(inner) == risky
    assert rows.fold(risky) == risky
    assert rows.is_folded(risky)
    assert "risky step failed" not in messages(rows)
    assert rows.folded_below(risky) == 1
    assert rows.fold(risky) == at(rows, "run()")
    assert rows.unfold(risky) == risky
    assert rows.unfold(risky) == inner
    assert rows.unfold(inner) == inner


def test_levels_fold_the_whole_tree() -> None:
    rows = rows_of(PARENT)
    rows.fold_to(0)
    assert messages(rows) == ["parent-task"]
    rows.fold_to(2)
    assert messages(rows) == ["parent-task", "Attempt 1", "run()"]
    rows.unfold_all()
    assert len(rows.shown) == len(rows.trace)


def test_a_search_keeps_what_is_above_a_match_and_ignores_folding() -> None:
    rows = rows_of(PARENT)
    rows.fold_to(1)
    rows.search("CHILD WORK")
    assert messages(rows)[-1] == "child working"
    assert messages(rows)[0] == "parent-task"
    assert len(rows.matches) == 1
    assert not rows.is_folded(0)
    rows.search("nothing like this")
    assert messages(rows) == ["parent-task", "Attempt 1"], "all stays where it is"
    assert rows.next_match(0, 1) is None
    rows.search("")
    assert messages(rows) == ["parent-task", "Attempt 1"]


def test_matches_are_visited_round_and_round() -> None:
    rows = rows_of(PARENT)
    rows.search("run()")
    first, second = rows.matches
    assert rows.next_match(first, 1) == second
    assert rows.next_match(second, 1) == first
    assert rows.next_match(first, -1) == second
    assert rows.match_number(second) == 2
    assert rows.match_number(0) == 0


def test_errors_are_visited_and_revealed() -> None:
    rows = rows_of(PARENT)
    rows.fold_to(1)
    wrong = rows.next_error(0)
    assert wrong == at(rows, "risky step")
    rows.reveal(wrong)
    assert rows.shown[rows.index_of(wrong)] == wrong
    following = rows.next_error(wrong)
    assert following == at(rows, "risky step failed")
    assert rows.next_error(following) == wrong
    assert rows_of("run_trace__child_tw").next_error(0) is None


def test_revealing_gives_up_a_search_that_hides_the_row() -> None:
    rows = rows_of(PARENT)
    rows.search("fetch")
    rows.reveal(at(rows, "fetch customer"))
    assert rows.text
    rows.reveal(at(rows, "risky step"))
    assert rows.text == ""
    engine = rows_of(FAILED)
    line = at(engine, "[engine] QUEUED - Run was QUEUED")
    engine.reveal(line)
    assert engine.shown[engine.index_of(line)] == line


def test_a_newer_trace_keeps_folds_search_and_engine_lines() -> None:
    rows = rows_of("run_trace__executing_partial")
    rows.toggle_engine()
    rows.fold(at(rows, "Attempt 1"))
    rows.replace(parse_trace(recorded("run_trace__cancelled").body))
    assert rows.is_folded(at(rows, "Attempt 1"))
    assert "[engine] PENDING_CANCEL - Run was cancelled" in messages(rows)
    rows.search("step")
    rows.replace(parse_trace(recorded("run_trace__executing_partial").body))
    assert messages(rows)[-1] == "finished step"


def test_a_hidden_row_is_found_at_the_nearest_shown_one_above() -> None:
    rows = rows_of(PARENT)
    inner = at(rows, "risky step failed")
    rows.fold(at(rows, "risky step"))
    assert rows.shown[rows.index_of(inner)] == at(rows, "risky step")


def test_depth_costs_nothing() -> None:
    rows = TraceRows(deep(450))
    rows.search("level 449")
    assert len(rows.shown) == 450
    rows.search("")
    rows.fold_to(3)
    assert len(rows.shown) == 4
    rows.reveal(449)
    assert len(rows.shown) == 450


def test_matches_are_marked_within_a_text() -> None:
    assert list(highlighted("Fetch the fetcher", "fetch")) == [
        ("Fetch", True),
        (" the ", False),
        ("fetch", True),
        ("er", False),
    ]
    assert list(highlighted("Straße", "asse")) == [("Straße", False)]
    assert list(highlighted("", "x")) == [("", False)]


def failed_at(shape: str) -> TraceRows:
    """A trace of spans, one a letter with its depth: capitals failed; L is a line that was logged
    as an error."""
    root: dict[str, Any] = {"children": []}
    path = [root]
    for number, (name, depth) in enumerate(shape.split()):
        data = {"message": name, "startTime": f"2026-11-21T22:00:00.{number:03}Z", "duration": 5}
        data |= {"isError": name.isupper()} | ({"level": "ERROR"} if name == "L" else {})
        span: dict[str, Any] = {"id": f"{number}", "runId": "r", "data": data, "children": []}
        del path[int(depth) + 1 :]
        path[-1]["children"].append(span)
        path.append(span)
    told = {"trace": {"traceId": "t", "rootSpan": root["children"][0], "isTruncated": False}}
    return TraceRows(parse_trace(json.dumps(told).encode()))


@pytest.mark.parametrize(
    ("shape", "visited"),
    [
        ("A0 B1 C2", "C"),
        ("A0 b1 C2", "C"),
        ("A0 B1 c2", "B"),
        ("a0 B1 C1", "BC"),
        ("A0 B1 C2 d2 E1", "CE"),
        ("A0 B1 L2", "BL"),
        ("a0 L1 B1", "LB"),
        ("a0 b1", ""),
    ],
)
def test_errors_are_visited_where_they_happened(shape: str, visited: str) -> None:
    rows = failed_at(shape)
    seen, row = [], -1
    for _ in visited:
        found = rows.next_error(row)
        assert found is not None
        seen.append(rows.trace.messages[found])
        row = found
    assert seen == [*visited]
    assert rows.next_error(row) == (None if not visited else rows.trace.messages.index(visited[0]))
