"""Each scenario holds what it promises, at the ids and minutes that its description names."""

from __future__ import annotations

import re

import pytest

from tests.simulator.callers import START_MS, Served
from trigdash.simulator.scenarios.definitions import BUSY, CALM, GIANT, INCIDENT, SCENARIOS
from trigdash.simulator.scenarios.describe import describe
from trigdash.simulator.scenarios.play import open_world
from trigdash.simulator.world.runs import Run
from trigdash.simulator.world.world import World

MINUTE_MS = 60_000


@pytest.fixture(scope="module")
def incident() -> World:
    return open_world(START_MS, runs=800, scenario=INCIDENT)


@pytest.fixture(scope="module")
def giant() -> Served:
    return Served(runs=300, scenario=GIANT)


def stuck(world: World, way: str, env: str = "prod") -> list[Run]:
    return [run for run in world.environments[env].runs.all if f"stuck:{way}" in run.tags]


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_a_description_names_things_that_exist(scenario: object) -> None:
    world = open_world(START_MS, runs=200, scenario=scenario)  # type: ignore[arg-type]
    text = describe(world)
    assert text.startswith(f"{world.scenario.name}: ")
    runs = {run for env in world.environments.values() for run in env.runs.by_id}
    batches = {batch for env in world.environments.values() for batch in env.batches}
    queues = {queue for env in world.environments.values() for queue in env.queue_ids}
    named = re.findall(r"\b(?:run|batch|queue)_[0-9a-z]{15,}", text)
    assert named
    assert set(named) <= runs | batches | queues


def test_a_description_is_the_same_on_another_day() -> None:
    texts = [
        describe(open_world(START_MS + n * 86_400_000, runs=100, scenario=INCIDENT)) for n in (0, 3)
    ]
    ids = [re.findall(r"\b(?:run|batch|queue)_[0-9a-z]{15,}", text) for text in texts]
    assert ids[0] == ids[1]


@pytest.mark.parametrize(
    ("way", "env", "status"),
    [
        ("delayed", "prod", "DELAYED"),
        ("no-version", "prod", "PENDING_VERSION"),
        ("queue-paused", "prod", "PENDING"),
        ("limit-zero", "prod", "PENDING"),
        ("ttl", "prod", "PENDING"),
        ("queue-full", "prod", "PENDING"),
        ("silent", "prod", "EXECUTING"),
        ("key-full", "prod", "PENDING"),
        ("dequeued", "prod", "DEQUEUED"),
        ("token", "prod", "WAITING_TO_RESUME"),
        ("child", "prod", "WAITING_TO_RESUME"),
        ("retry", "prod", "PENDING"),
        ("environment-paused", "stg", "PENDING"),
    ],
)
def test_one_run_is_stuck_in_each_way(incident: World, way: str, env: str, status: str) -> None:
    incident.advance(START_MS + MINUTE_MS)
    (run, *_) = stuck(incident, way, env)
    assert run.status == status


def test_a_full_environment_holds_one_run_back(incident: World) -> None:
    first, second = stuck(incident, "environment-full", "preview")
    assert [first.status, second.status] == ["EXECUTING", "PENDING"]
    env = incident.environments["preview"]
    assert (env.running, env.limits.concurrency) == (1, 1)


def test_the_reasons_are_the_ones_that_are_named(incident: World) -> None:
    queues = incident.env.queues
    assert queues["crm"].paused
    assert queues["task/moderate-comment"].limit == 0
    assert queues["indexing"].running == queues["indexing"].limit
    assert queues["indexing"].waiting_count > 20
    key = queues["billing"].key_running["customer_stuck"]
    assert key == queues["billing"].limit == 1
    (parent,) = stuck(incident, "child")[:1]
    assert any(child.stall for child in parent.children or ())
    (late,) = stuck(incident, "retry")
    assert not late.in_queue
    assert late.attempt == 1


def test_the_deploy_brings_one_new_error_to_one_task(incident: World) -> None:
    incident.advance(START_MS + MINUTE_MS)
    charges = [
        run
        for run in incident.env.runs.all
        if run.task_id == "charge-invoice" and run.error is not None
    ]
    own = len(incident.env.tasks["charge-invoice"].faults)
    new = [run for run in charges if isinstance(run.error, int) and run.error >= own]
    assert len(new) > 5
    assert all(run.finished_ms and run.finished_ms > START_MS - 8 * MINUTE_MS for run in new)


async def test_a_run_that_expires_and_one_that_stays_silent_go_on_being_stuck(
    incident: World,
) -> None:
    incident.advance(START_MS + 15 * MINUTE_MS)
    assert stuck(incident, "ttl")[0].status == "EXPIRED"
    assert stuck(incident, "silent")[0].status == "EXECUTING"
    assert stuck(incident, "queue-paused")[0].status == "PENDING"


def giant_run(giant: Served, task: str) -> Run:
    return next(run for run in giant.world.env.runs.all if run.task_id == task)


async def test_the_giant_trace_is_cut_at_five_thousand_records(giant: Served) -> None:
    run = giant_run(giant, "backfill-ledger")
    trace = (await giant.get(f"/api/v1/runs/{run.id}/trace"))["trace"]
    assert trace["isTruncated"] is True
    spans, open_spans = 0, [trace["rootSpan"]]
    while open_spans:
        spans += 1
        open_spans += open_spans.pop()["children"]
    assert 4_900 < spans < 5_000


async def test_all_the_events_of_the_giant_run_come_at_once(giant: Served) -> None:
    run = giant_run(giant, "backfill-ledger")
    events = (await giant.get(f"/api/v1/runs/{run.id}/events"))["events"]
    assert 11_000 < len(events) < 11_020
    assert events[-1]["message"] == "Backfill finished" or events[-1]["level"] in {"INFO", "ERROR"}


async def test_two_thousand_queues_and_a_batch_of_a_thousand(giant: Served) -> None:
    page = await giant.get("/api/v1/queues", query={"perPage": "100"})
    assert page["pagination"]["count"] > 2_000
    batch = max(giant.world.env.batches.values(), key=lambda each: each.run_count)
    body = await giant.get(f"/api/v2/batches/{batch.id}")
    assert (body["runCount"], len(body["runs"])) == (1_000, 1_000)
    assert giant.world.env.queues["tenant-0001"].waiting_count > 30


async def test_ten_megabytes_of_output_are_fetched_by_a_presigned_link(giant: Served) -> None:
    run = giant_run(giant, "export-archive")
    body = await giant.get(f"/api/v3/runs/{run.id}")
    assert "output" not in body
    link = body["outputPresignedUrl"].removeprefix("http://127.0.0.1")
    answer = await giant("GET", link, who="none")
    assert answer.status == 200
    assert len(answer.text) > 10_000_000
    assert answer.body[0]["id"] == 0


def test_a_busy_hour_has_thousands_of_runs() -> None:
    world = open_world(START_MS, runs=500, scenario=BUSY)
    before = len(world.env.runs)
    world.advance(START_MS + 6 * MINUTE_MS)
    assert (len(world.env.runs) - before) * 10 > 5_000


def test_a_busy_world_is_near_its_limits_for_hours_and_never_drowns() -> None:
    world = open_world(START_MS, runs=500, scenario=BUSY)
    env, waiting, running = world.env, [], []
    for _ in range(180):
        world.advance(world.now_ms + 60_000)
        waiting.append(sum(queue.waiting_count for queue in env.queues.values()))
        running.append(env.running)
    assert min(waiting) < 20, "a backlog comes and goes"
    assert 60 < max(waiting) < 400
    assert sum(running) / len(running) > 0.6 * env.limits.concurrency
    assert max(running) == env.limits.concurrency


def test_a_calm_minute_has_a_new_run_every_second_or_two() -> None:
    world = open_world(START_MS, runs=500, scenario=CALM)
    before = len(world.env.runs)
    world.advance(START_MS + 20 * MINUTE_MS)
    assert 0.5 < (len(world.env.runs) - before) / (20 * 60) < 1.5
