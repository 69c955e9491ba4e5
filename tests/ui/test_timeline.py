"""The stages of a run's life, and how they are drawn, from recorded runs."""

import json
from typing import Any

import pytest

from tests.recorded import recorded, successes_of
from trigdash.model.moment import moment_ns
from trigdash.model.run import parse_run
from trigdash.model.trace import parse_trace
from trigdash.ui.cells.cell import cell_text, cell_width
from trigdash.ui.inside.run_view import RunView
from trigdash.ui.inside.timeline import Stage, timeline_bar, timeline_legend

NOW_NS = moment_ns("2026-11-21T22:50:00.000Z")


def view_of(run: str, trace: str | None = None, **more: Any) -> RunView:
    told = {**recorded(run).data, **more}
    view = RunView(told["id"])
    view.take_run(parse_run(json.dumps(told).encode()))
    if trace is not None:
        view.take_trace(parse_trace(recorded(trace).body))
    return view


def words(stages: list[Stage]) -> list[tuple[str, int]]:
    return [(stage.words, round(stage.length_ms)) for stage in stages]


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
    assert [stage.words for stage in view_of("runs_get_v3__delayed").stages(NOW_NS)] == ["delayed"]


def test_a_run_that_waits_on_a_token_is_seen_waiting_since_the_engine_said_so() -> None:
    view = view_of("runs_get_v3__waiting__api_version", "run_trace__waiting")
    stages = view.stages(NOW_NS)
    assert [stage.words for stage in stages] == ["queued", "starting", "attempt 1", "waiting"]
    assert stages[-1].end_ns == NOW_NS


def test_a_crashed_run_shows_its_three_attempts() -> None:
    view = view_of("runs_get_v3__crashed__api_version", "run_trace__crashed")
    names = [stage.words for stage in view.stages(NOW_NS)]
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
        return [stage.words for stage in view.stages(NOW_NS)][-2:]

    assert last_words(status="QUEUED") == ["attempt 2", "before the retry"]
    assert last_words(status="EXECUTING")[-1] == "attempt 2"
    assert last_words(status="FAILED")[-1] == "attempt 2"
