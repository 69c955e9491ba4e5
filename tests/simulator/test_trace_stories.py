"""Traces grow with their run and tell what happened to it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from tests.simulator.callers import START_MS, Served, recording
from tests.simulator.shapes import shape_of
from tests.simulator.test_world import empty_world, first_with_fate, pass_until, start
from trigdash.simulator.http import traces
from trigdash.simulator.scenarios.catalog import CATALOG
from trigdash.simulator.scenarios.definitions import INCIDENT
from trigdash.simulator.scenarios.play import open_world
from trigdash.simulator.world import content
from trigdash.simulator.world.attempts import attempts_of
from trigdash.simulator.world.runs import Run
from trigdash.simulator.world.tasks import Task, TaskError
from trigdash.simulator.world.texts import iso
from trigdash.simulator.world.trace import Span, spans_of
from trigdash.simulator.world.world import World

Node = dict[str, Any]


def nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node["children"]:
        yield from nodes(child)


def tree(run: Run, world: World, store: str = "clickhouse") -> Node:
    return traces.trace(run, world.now_ms, store)["trace"]  # type: ignore[no-any-return]


def messages(run: Run, world: World) -> list[str]:
    return [node["data"]["message"] for node in nodes(tree(run, world)["rootSpan"])]


@pytest.fixture(scope="module")
def world() -> World:
    return open_world(START_MS, runs=1_200)


def test_every_trace_is_a_tree_of_its_spans(world: World) -> None:
    for run in world.env.runs.all[-400:]:
        root = tree(run, world)["rootSpan"]
        assert root["id"] == run.span_id
        ids = [node["id"] for node in nodes(root)]
        assert len(ids) == len(set(ids))
        for node in nodes(root):
            assert all(child["parentId"] == node["id"] for child in node["children"])
            starts = [
                child["data"]["startTime"]
                for child in node["children"]
                if child["data"]["message"] != "Attempt 1"
            ]
            assert starts == sorted(starts)
            assert node["data"]["duration"] >= 0


def test_spans_lie_within_their_run(world: World) -> None:
    for run in world.env.runs.all[-300:]:
        for span in spans_of(run, world.now_ms):
            assert span.start_ms >= run.created_ms
            assert span.start_ms <= world.now_ms + 30
            assert span.end_ms is None or span.end_ms >= span.start_ms
            if run.is_final and run.finished_ms and run.status != "TIMED_OUT":
                assert span.end_ms is not None


def test_spans_keep_their_ids_and_starts_while_the_run_goes_on() -> None:
    world = empty_world()
    run = start(world, "transcribe-audio", 12)
    seen: dict[str, int] = {}
    ended: dict[str, int] = {}
    while not run.is_final:
        world.advance(world.now_ms + 700)
        now = {span.id: span for span in spans_of(run, world.now_ms)}
        assert seen.keys() <= now.keys()
        for key, start_ms in seen.items():
            assert now[key].start_ms == start_ms
        for key, end_ms in ended.items():
            assert now[key].end_ms == end_ms
        seen = {key: span.start_ms for key, span in now.items()}
        ended = {key: span.end_ms for key, span in now.items() if span.end_ms is not None}
    assert len(seen) > 8


def test_a_queued_run_has_one_open_span() -> None:
    world = empty_world()
    world.env.queues["task/send-email"].paused = True
    run = start(world)
    whole = tree(run, world)
    assert whole["rootSpan"]["data"]["isPartial"] is True
    assert messages(run, world) == ["send-email", "[engine] QUEUED - Run was QUEUED"]
    assert whole["isTruncated"] is False


def test_engine_lines_take_a_hundred_nanoseconds_and_are_no_events(world: World) -> None:
    run = next(run for run in world.env.runs.all if run.status == "COMPLETED_SUCCESSFULLY")
    engine = [
        node["data"]
        for node in nodes(tree(run, world)["rootSpan"])
        if node["data"]["message"].startswith("[engine]")
    ]
    assert engine
    assert {(data["duration"], data["level"]) for data in engine} == {(100, "DEBUG")}
    events = traces.events(run, world.now_ms, "clickhouse")["events"]
    assert not [event for event in events if event["message"].startswith("[engine]")]


def test_each_failed_attempt_tells_its_error_and_a_delay_follows() -> None:
    world = empty_world()
    run = start(world, seed=first_with_fate(world, "send-email", {"error"}))
    pass_until(world, run, "COMPLETED_WITH_ERRORS")
    root = tree(run, world)["rootSpan"]
    attempts = [node for node in root["children"] if node["data"]["message"].startswith("Attempt")]
    assert [node["data"]["attemptNumber"] for node in attempts] == [1, 2, 3]
    for node in attempts:
        assert node["data"]["isError"]
        assert node["data"]["events"][-1]["name"] == "exception"
        levels = {each["data"]["level"] for each in nodes(node)}
        assert "ERROR" in levels
    assert root["data"]["isError"]
    delays = [text for text in messages(run, world) if text.endswith("delay")]
    assert delays == ["Retry #1 delay", "Retry #2 delay"]


def steps_shown(run: Run, world: World) -> list[list[Span]]:
    """The steps of each attempt's body that the trace shows, by their order in the body."""
    spans = spans_of(run, world.now_ms)
    bodies = [span for span in spans if span.message == "run()"]
    order = [step.text for step in run.task.steps] if run.task else []
    shown = [[span for span in spans if span.parent_id == body.id] for body in bodies]
    own = [[span for span in each if span.message in order] for each in shown]
    return [sorted(each, key=lambda span: order.index(span.message)) for each in own]


def test_steps_begin_in_the_order_of_the_body_and_none_before_its_turn(world: World) -> None:
    seen = set()
    for run in world.env.runs.all:
        for steps in steps_shown(run, world):
            seen.add(run.status)
            order = [step.text for step in run.task.steps] if run.task else []
            assert [span.message for span in steps] == order[: len(steps)], run.id
            starts = [span.start_ms for span in steps]
            assert starts == sorted(starts), run.id
            for span, following in pairwise(steps):
                assert span.end_ms is not None, run.id
                assert span.end_ms <= following.start_ms + 1, run.id
    assert seen >= {"COMPLETED_SUCCESSFULLY", "CANCELED", "EXECUTING", "WAITING_TO_RESUME"}


def test_a_fault_breaks_the_step_that_it_is_about(world: World) -> None:
    faults = 0
    for run in world.env.runs.all:
        for number, steps in enumerate(steps_shown(run, world), 1):
            attempt = attempts_of(run)[number - 1]
            if run.task is None or not isinstance(attempt.error, int):
                continue
            faults += 1
            broken = steps[-1]
            assert broken.is_error
            assert broken.message.startswith(content.fault(run, attempt.error).at)
            assert not [span for span in steps[:-1] if span.is_error]
    assert faults > 50


@pytest.mark.parametrize(
    ("task", "fault"),
    [
        *((task, fault) for task in CATALOG.values() for fault in task.faults),
        *((CATALOG[each.task], each.fault) for each in INCIDENT.incidents),
    ],
)
def test_a_fault_names_one_step_that_works(task: Task, fault: TaskError) -> None:
    named = [step for step in task.steps if step.text.startswith(fault.at)]
    assert len(named) == 1 or not fault.at
    assert task.broken_step(fault) is not None


def test_a_call_that_failed_has_the_status_that_its_error_tells_of() -> None:
    world = empty_world()
    run = start(world, "enrich-contact", first_with_fate(world, "enrich-contact", {"error"}))
    pass_until(world, run, "COMPLETED_WITH_ERRORS")
    call = steps_shown(run, world)[-1][-1]
    assert call.properties["http"]["response"] == {"status_code": 503}


@pytest.mark.parametrize(
    ("lot", "status"),
    [("crash", "CRASHED"), ("timeout", "TIMED_OUT"), ("system", "SYSTEM_FAILURE")],
)
def test_what_ends_before_its_time_does_not_come_to_its_end(lot: str, status: str) -> None:
    world = empty_world()
    run = start(world, "transcribe-audio", first_with_fate(world, "transcribe-audio", {lot}))
    pass_until(world, run, status)
    steps = steps_shown(run, world)[-1]
    assert steps[-1].end_ms == (None if status == "TIMED_OUT" else run.finished_ms)
    assert not [span for span in steps if span.is_error], "no step is to blame"
    assert run.task is not None
    assert [span.message for span in steps] != [step.text for step in run.task.steps]


def test_a_payload_speaks_of_the_customer_that_the_run_is_tagged_with(world: World) -> None:
    runs = [run for run in world.env.runs.all if run.task_id == "charge-invoice"]
    assert runs
    for run in runs:
        assert content.payload(run)["customerId"] in run.tags


def test_children_that_a_parent_waits_for_hang_under_its_trigger_span(world: World) -> None:
    parent = next(
        run for run in world.env.runs.all
        if run.task_id == "generate-report" and run.status == "COMPLETED_SUCCESSFULLY"
    )  # fmt: skip
    by_id = {node["id"]: node for node in nodes(tree(parent, world)["rootSpan"])}
    waited = [child for child in parent.children or () if child.in_parents_trace]
    assert waited
    for child in waited:
        span = by_id[child.span_id]
        above = by_id[span["parentId"]]
        assert above["data"]["message"].startswith(child.task_id)
        own = tree(child, world)
        assert own["rootSpan"]["parentId"] == span["parentId"]
        assert own["traceId"] == tree(parent, world)["traceId"]


def test_a_fired_child_has_a_trace_of_its_own_and_is_told_of_by_its_span(world: World) -> None:
    parent = next(
        run for run in world.env.runs.all
        if run.task_id == "charge-invoice" and run.children and run.is_final
    )  # fmt: skip
    child = (parent.children or [])[0]
    assert tree(child, world)["traceId"] != tree(parent, world)["traceId"]
    assert "parentId" not in tree(child, world)["rootSpan"]
    details = [
        traces.span_detail(parent, span.id, world.now_ms, "clickhouse") or {}
        for span in spans_of(parent, world.now_ms)
    ]
    told = [run for detail in details for run in detail.get("triggeredRuns", [])]
    assert child.id in {run["runId"] for run in told}
    assert {run["status"] for run in told} <= {"COMPLETED_SUCCESSFULLY", child.status}


def test_a_cancelled_run_closes_its_open_spans_only_when_its_worker_stops() -> None:
    world = empty_world()
    run = start(world, "transcribe-audio", 12)
    pass_until(world, run, "EXECUTING")
    world.advance(world.now_ms + 3_000)
    world.engine.cancel(run)
    assert tree(run, world)["rootSpan"]["data"]["isPartial"] is True
    world.advance(world.now_ms + 3_000)
    root = tree(run, world)["rootSpan"]
    assert (root["data"]["isCancelled"], root["data"]["isPartial"]) == (True, False)
    attempt = next(node for node in root["children"] if node["data"]["message"] == "Attempt 1")
    assert attempt["data"]["isCancelled"]


def test_a_root_that_ends_late_seems_to_have_taken_no_time() -> None:
    world = empty_world()
    queue = world.env.queues["task/send-email"]
    queue.paused = True
    run = start(world)
    world.advance(world.now_ms + 6 * 60_000)
    queue.paused = False
    world.engine.pull(world.env, queue)
    pass_until(world, run, "COMPLETED_SUCCESSFULLY")
    assert tree(run, world)["rootSpan"]["data"]["duration"] == 0


def test_the_relational_store_counts_milliseconds_and_has_no_engine_lines(world: World) -> None:
    run = next(run for run in world.env.runs.all if run.status == "COMPLETED_SUCCESSFULLY")
    columnar, relational = tree(run, world), tree(run, world, "postgres")
    assert "isTruncated" not in relational
    data = relational["rootSpan"]["data"]
    assert columnar["rootSpan"]["data"]["duration"] == data["duration"] * 1_000_000
    assert data["taskSlug"] == run.task_id
    assert not [n for n in nodes(relational["rootSpan"]) if "[engine]" in n["data"]["message"]]
    detail = traces.span_detail(run, run.span_id, world.now_ms, "postgres") or {}
    assert detail["durationMs"] == pytest.approx(data["duration"] / 1e6)


async def test_waits_and_model_calls_tell_what_they_are() -> None:
    served = Served(runs=0)
    run = start(served.world, "enrich-contact", 5)
    pass_until(served.world, run, "COMPLETED_SUCCESSFULLY", "COMPLETED_WITH_ERRORS", "CANCELED")
    served.time.ms = served.world.now_ms
    spans = [span for span in spans_of(run, served.world.now_ms) if span.ai]
    body = await served.get(f"/api/v1/runs/{run.id}/spans/{spans[0].id}")
    assert body["ai"]["totalTokens"] == body["ai"]["inputTokens"] + body["ai"]["outputTokens"]


START_EVENTS = ["dequeue", "create_attempt", "fork", "bootstrap", "import"]


def test_the_first_attempt_tells_what_its_start_consisted_of(world: World) -> None:
    told = 0
    for run in world.env.runs.all[-300:]:
        attempts = [span for span in spans_of(run, world.now_ms) if span.entity == "attempt"]
        for span in attempts[1:]:
            assert not [each for each in span.events if each["name"] == "trigger.dev/start"]
        for span in attempts[:1]:
            events = [each for each in span.events if each["name"] == "trigger.dev/start"]
            assert [each["properties"]["event"] for each in events] == START_EVENTS
            times = [each["time"] for each in events]
            assert times == sorted(times)
            assert times[0] == iso(run.started_ms or 0)
            assert times[-1] <= iso(span.start_ms)
            assert run.task is not None
            assert events[-1]["properties"]["file"] == run.task.file
            told += 1
    assert told > 100


def test_start_events_have_the_recorded_form(world: World) -> None:
    recorded = recording("run_trace__failed_3_attempts_dev_cli")["response"]["body"]["trace"]
    theirs = next(
        node for node in nodes(recorded["rootSpan"]) if node["data"]["message"] == "Attempt 1"
    )["data"]["events"][:5]
    run = next(run for run in world.env.runs.all if run.status == "COMPLETED_SUCCESSFULLY")
    attempt = next(span for span in spans_of(run, world.now_ms) if span.entity == "attempt")
    assert shape_of([theirs]).misfits(attempt.events) == []
    assert [set(each["properties"]) for each in attempt.events] == [
        set(each["properties"]) for each in theirs
    ]


def test_a_development_worker_fills_the_trace_with_lines_of_the_platform() -> None:
    world = empty_world(env="dev")
    run = start(world, "transcribe-audio", 12)
    while not run.is_final:
        world.advance(world.now_ms + 700)
    found = [node["data"] for node in nodes(tree(run, world)["rootSpan"])]
    noise = [data for data in found if data["message"].startswith("run:")]
    assert len(noise) > 3
    assert {(data["duration"], data["level"], "attemptNumber" in data) for data in noise} == {
        (100, "DEBUG", False)
    }
    assert noise[-1]["message"] == "run:unsubscribe received by platform"
    parents = {node["parentId"] for node in nodes(tree(run, world)["rootSpan"])
               if node["data"]["message"].startswith("run:")}  # fmt: skip
    assert parents == {run.span_id}
    events = traces.events(run, world.now_ms, "clickhouse")["events"]
    assert not [event for event in events if event["message"].startswith("run:")]


def test_a_deployed_worker_sends_no_lines_of_the_platform(world: World) -> None:
    lines = [text for run in world.env.runs.all[-50:] for text in messages(run, world)]
    assert not [text for text in lines if text.startswith("run:")]


def test_an_attempt_comes_before_lines_older_than_it(world: World) -> None:
    run = next(run for run in world.env.runs.all if run.status == "COMPLETED_SUCCESSFULLY")
    shown = [node["data"]["message"] for node in tree(run, world)["rootSpan"]["children"]]
    place = shown.index("[engine] EXECUTING - Attempt created, starting execution")
    assert shown.index("Attempt 1") < place


def test_what_is_open_when_a_run_is_stopped_for_its_duration_stays_open() -> None:
    world = empty_world()
    run = start(world, "transcribe-audio", first_with_fate(world, "transcribe-audio", {"timeout"}))
    pass_until(world, run, "TIMED_OUT")
    found = {node["data"]["message"]: node["data"] for node in nodes(tree(run, world)["rootSpan"])}
    assert (found["transcribe-audio"]["isError"], found["transcribe-audio"]["isPartial"]) == (
        True,
        False,
    )
    for name in (f"Attempt {run.attempt}", "run()"):
        assert (found[name]["isPartial"], found[name]["isError"]) == (True, False), name


def test_a_child_that_is_waited_for_tells_of_its_end_in_the_trace(world: World) -> None:
    parent = next(
        run for run in world.env.runs.all
        if run.task_id == "generate-report" and run.status == "COMPLETED_SUCCESSFULLY"
    )  # fmt: skip
    child = next(each for each in parent.children or () if each.in_parents_trace)
    assert "[engine] FINISHED - Task completed successfully" in messages(child, world)
    root = tree(parent, world)["rootSpan"]
    own = [node["data"]["message"] for node in root["children"]]
    assert not [text for text in own if text.startswith("[engine] FINISHED")]
