"""The stages of a run's life, and how they are drawn, from recorded runs."""

import json
from typing import Any

import pytest

from tests.recorded import recorded, successes_of
from trigdash.model.moment import moment_ns
from trigdash.model.run import parse_run
from trigdash.model.span_times import SpanTimes
from trigdash.model.trace import parse_trace
from trigdash.presentation.cell import cell_text, cell_width
from trigdash.presentation.run.run_view import RunView
from trigdash.presentation.run.timeline import (
    Stage,
    timeline_bar,
    timeline_legend,
    waits_of,
    with_waits,
)

NOW_NS = moment_ns("2026-11-21T22:50:00.000Z")


def view_of(run: str, trace: str | None = None, **more: Any) -> RunView:
    told = {**recorded(run).data, **more}
    view = RunView(told["id"])
    view.take_run(parse_run(json.dumps(told).encode()))
    if trace is not None:
        view.take_trace(parse_trace(recorded(trace).body))
    return view


def words(stages: list[Stage]) -> list[tuple[str, int]]:
    return [(harness.words, round(harness.length_ms)) for harness in stages]


def test_a_failed_run_was_queued_then_tried_twice_with_a_pause() -> None:
    view = view_of("runs_get_v3__failed_trace__api_version", "run_trace__failed_trace")
    assert words(view.stages(NOW_NS)) == [
        ("queued", 263),
        ("starting", 51),
        ("attempt 1", 200),
        ("retry delay", 993),
        ("starting", 385),
        ("attempt 2", 200),
    ]


def test_a_run_without_a_trace_still_has_a_life() -> None:
    assert words(view_of("runs_get_v3__completed").stages(NOW_NS))[0][0] == "queued"
    assert words(view_of("runs_get_v3__completed").stages(NOW_NS))[1][0] == "completed"
    assert words(view_of("runs_get_v3__expired").stages(NOW_NS)) == [("queued", 6768)]
    assert [harness.words for harness in view_of("runs_get_v3__delayed").stages(NOW_NS)] == [
        "delayed"
    ]


def test_a_run_that_waits_on_a_token_is_seen_waiting_since_the_engine_said_so() -> None:
    view = view_of("runs_get_v3__waiting__api_version", "run_trace__waiting")
    stages = view.stages(NOW_NS)
    assert [harness.words for harness in stages] == ["queued", "starting", "attempt 1", "waiting"]
    assert stages[-1].end_ns == NOW_NS


def test_a_crashed_run_shows_its_three_attempts() -> None:
    view = view_of("runs_get_v3__crashed__api_version", "run_trace__crashed")
    names = [harness.words for harness in view.stages(NOW_NS)]
    assert [name for name in names if name.startswith("attempt")] == [
        "attempt 1",
        "attempt 2",
        "attempt 3",
    ]


@pytest.mark.parametrize("told", successes_of("runs_get_v3"), ids=lambda told: told.name)
@pytest.mark.parametrize("width", [1, 9, 80])
def test_every_recorded_run_is_drawn_in_exactly_the_room_there_is(told: Any, width: int) -> None:
    stages = view_of(told.name).stages(NOW_NS)
    assert stages
    assert cell_width(timeline_bar(stages, width)) == width
    assert all(cell_text(line) for line in timeline_legend(stages, width))


def test_the_legend_says_how_long_each_stage_took() -> None:
    stages = view_of("runs_get_v3__failed").stages(NOW_NS)
    assert cell_text(timeline_legend(stages, 80)[0]) == "╌ queued 1.51 s   ━ failed 40 ms"
    assert len(timeline_legend(stages, 20)) == 2


def test_the_family_has_each_run_once() -> None:
    view = view_of("runs_get_v3__grandchild__api_version")
    ids = [member.id for member in view.family()]
    assert len(ids) == len(set(ids)) == 3


def test_only_a_run_that_is_queued_again_waits_for_a_retry() -> None:
    def last_words(**more: Any) -> list[str]:
        told = {"finishedAt": None, "error": None, **more}
        view = view_of("runs_get_v3__failed_trace__api_version", "run_trace__failed_trace", **told)
        return [harness.words for harness in view.stages(NOW_NS)][-2:]

    assert last_words(status="QUEUED") == ["attempt 2", "before the retry"]
    assert last_words(status="EXECUTING")[-1] == "attempt 2"
    assert last_words(status="FAILED")[-1] == "attempt 2"


def solid(start: int, end: int) -> Stage:
    return Stage("attempt 1", start, end, "good", is_solid=True)


@pytest.mark.parametrize(
    ("waits", "parts"),
    [
        ([], [("attempt 1", 0, 10)]),
        ([(2, 4)], [("attempt 1", 0, 2), ("waiting", 2, 4), ("attempt 1", 4, 10)]),
        ([(0, 4)], [("waiting", 0, 4), ("attempt 1", 4, 10)]),
        ([(4, 12)], [("attempt 1", 0, 4), ("waiting", 4, 10)]),
        ([(-3, 20)], [("waiting", 0, 10)]),
        ([(12, 15)], [("attempt 1", 0, 10)]),
    ],
)
def test_a_stage_is_cut_exactly_where_the_run_waited(
    waits: list[tuple[int, int]], parts: list[tuple[str, int, int]]
) -> None:
    cut = with_waits(solid(0, 10), waits)
    assert [(part.words, part.start_ns, part.end_ns) for part in cut] == parts


def test_only_what_is_done_is_cut_by_waits() -> None:
    queued = Stage("queued", 0, 10, "queued")
    assert with_waits(queued, [(2, 4)]) == [queued]


def test_a_runs_own_waits_count_and_those_of_its_children_do_not() -> None:
    def spanning(number: int, run: str, message: str, second: int, length_s: int) -> dict[str, Any]:
        at = f"2026-11-21T22:00:{second:02}.000Z"
        data = {"message": message, "startTime": at, "duration": length_s * 1_000_000_000}
        return {"id": f"{number}", "runId": run, "data": data, "children": []}

    child = spanning(2, "run_b", "child-task", 1, 9)
    child["children"] = [spanning(3, "run_b", "wait.for()", 2, 5)]
    root = spanning(1, "run_a", "task", 0, 50)
    root["children"] = [
        child,
        spanning(4, "run_a", "wait.for()", 20, 3),
        spanning(5, "run_a", "triggerAndWait()", 30, 4),
        spanning(6, "run_a", "trigger()", 40, 4),
    ]
    whole = {"trace": {"traceId": "t", "rootSpan": root, "isTruncated": False}}
    times = SpanTimes(parse_trace(json.dumps(whole).encode()))
    begun = moment_ns("2026-11-21T22:00:00.000Z")
    waited = [(start - begun, end - begun) for start, end in waits_of("run_a", times, NOW_NS)]
    assert waited == [(20_000_000_000, 23_000_000_000), (30_000_000_000, 34_000_000_000)]


def test_a_delay_that_is_still_to_come_is_drawn_up_to_now() -> None:
    view = view_of("runs_get_v3__delayed")
    (harness,) = view.stages(NOW_NS)
    assert (harness.words, harness.end_ns) == ("delayed", NOW_NS)


def test_a_bar_without_room_is_no_bar() -> None:
    stages = view_of("runs_get_v3__failed").stages(NOW_NS)
    assert timeline_bar(stages, 0) == ()
    assert timeline_bar([], 20) == ()
