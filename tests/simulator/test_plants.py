"""The causes that scenarios plant are true of their worlds, and the calm one has none."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable

import pytest

from tests.simulator.callers import START_MS
from trigdash.simulator.scenarios.definitions import CALM, INCIDENT, SCENARIOS
from trigdash.simulator.scenarios.describe import describe_data
from trigdash.simulator.scenarios.plants import plants_of
from trigdash.simulator.scenarios.play import open_world
from trigdash.simulator.world import content
from trigdash.simulator.world.error_groups import FAILED, fingerprint_of, groups
from trigdash.simulator.world.index import RunFilter
from trigdash.simulator.world.runs import Run
from trigdash.simulator.world.scenario import HANGS, Plant, Scenario
from trigdash.simulator.world.world import World

MINUTE_MS = 60_000
Holds = Callable[[World, Run], bool]


def waits(run: Run) -> bool:
    return run.status == "PENDING" and run.in_queue


def queue_is_full(run: Run) -> bool:
    return run.queue.limit is not None and not run.queue.has_room(run.concurrency_key)


REASONS: dict[str, Holds] = {
    "environment_paused": lambda world, run: waits(run) and run.env.paused,
    "environment_full": lambda world, run: (
        waits(run) and run.env.running >= run.env.limits.concurrency
    ),
    "worker_not_connected": lambda world, run: waits(run) and not run.env.worker_connected,
    "queue_paused": lambda world, run: waits(run) and run.queue.paused,
    "limit_zero": lambda world, run: waits(run) and run.queue.limit == 0,
    "queue_full": lambda world, run: waits(run) and queue_is_full(run),
    "key_full": lambda world, run: (
        waits(run) and queue_is_full(run) and run.concurrency_key is not None
    ),
    "limit_full": lambda world, run: waits(run) and not run.may_start(),
    "limit_paused": lambda world, run: waits(run) and any(each.paused for each in run.limits),
    "pending_version": lambda world, run: run.status == "PENDING_VERSION",
    "delayed": lambda world, run: run.status == "DELAYED",
    "ttl_soon": lambda world, run: waits(run) and run.ttl is not None,
    "not_started": lambda world, run: run.status == "DEQUEUED",
    "silent": lambda world, run: run.status == "EXECUTING" and run.stall == HANGS,
    "waits_for_child": lambda world, run: bool(
        run.waiting_on and any(name.startswith("run_") for name in run.waiting_on)
    ),
    "waits_for_token": lambda world, run: any(
        token.run_id == run.id and token.status == "WAITING"
        for token in run.env.waitpoints.values()
    ),
    "waits_until": lambda world, run: (
        run.waiting_on is not None and any(name.startswith("wait:") for name in run.waiting_on)
    ),
    "retry_delay": lambda world, run: (
        run.status == "PENDING" and not run.in_queue and run.attempt == 1
    ),
}


def run_of(world: World, plant: Plant) -> Run:
    return world.environments[plant.env].runs.by_id[plant.subject]


@pytest.fixture(scope="module", params=["4.8", "4.5"])
def worlds(request: pytest.FixtureRequest) -> dict[str, World]:
    return {
        name: open_world(START_MS, runs=1_200, scenario=scenario, version=request.param)
        for name, scenario in SCENARIOS.items()
    }


def test_there_are_plants_enough_and_none_in_the_calm_one(worlds: dict[str, World]) -> None:
    counts = {name: len(plants_of(world)) for name, world in worlds.items()}
    assert counts["calm"] == 0
    assert sum(counts.values()) >= 25
    assert all(count > 0 for name, count in counts.items() if name != "calm")
    codes = Counter(plant.code for world in worlds.values() for plant in plants_of(world))
    assert REASONS.keys() - codes.keys() <= {"limit_full", "limit_paused"}
    assert codes.keys() >= {
        "error_new_in_deployment", "failing_more_than_usual", "near_limit", "promoted", "paused",
        "overridden", "schedule_failed",
    }  # fmt: skip


def test_each_run_is_held_by_what_was_planted(worlds: dict[str, World]) -> None:
    for world in worlds.values():
        world.advance(START_MS + MINUTE_MS)
        for plant in plants_of(world):
            if plant.kind == "run":
                assert REASONS[plant.code](world, run_of(world, plant)), plant


def test_subjects_are_what_their_kind_says(worlds: dict[str, World]) -> None:
    for world in worlds.values():
        for plant in plants_of(world):
            env = world.environments[plant.env]
            known = {
                "run": env.runs.by_id.keys(),
                "queue": {queue.short_name for queue in env.queues.values()},
                "limit": env.concurrency_limits.keys(),
                "environment": {plant.env},
                "task": env.tasks.keys(),
                "error": {f"error_{name}" for name in groups(env)},
                "deployment": {release.version for release in env.releases},
                "schedule": env.schedules.keys(),
                "alert": world.alerts.keys(),
            }
            assert plant.subject in known[plant.kind], plant


def test_what_is_near_its_limit_is_nearly_full(worlds: dict[str, World]) -> None:
    found = 0
    for world in worlds.values():
        for plant in plants_of(world):
            if plant.code != "near_limit":
                continue
            env = world.environments[plant.env]
            if plant.kind == "environment":
                used, limit = env.running, env.limits.concurrency
            elif plant.kind == "limit":
                held = env.concurrency_limits[plant.subject]
                used, limit = held.running, held.total.current(env.limits.concurrency) or 0
            else:
                name = plant.subject
                queue = env.queues.get(name) or env.queues[f"task/{name}"]
                used, limit = queue.running, queue.limit or 0
            assert used >= 0.8 * limit > 0, plant
            found += 1
    assert found >= 5


@pytest.fixture(scope="module")
def incident() -> World:
    world = open_world(START_MS, runs=2_000, scenario=INCIDENT)
    world.advance(START_MS + 2 * MINUTE_MS)
    return world


def test_a_limit_of_two_runs_holds_a_hundred(incident: World) -> None:
    limit = incident.env.concurrency_limits["erp-api"]
    assert (limit.running, limit.paused) == (2, False)
    assert limit.waiting > 90


def test_the_error_is_new_since_the_deployment_and_its_field_separates(incident: World) -> None:
    plant = next(p for p in plants_of(incident) if p.code == "error_new_in_deployment")
    deployed_ms = START_MS + plant.at_min * MINUTE_MS
    runs = incident.env.runs.select(RunFilter(tasks=frozenset({"charge-invoice"})))
    behind = [run for run in runs if f"error_{fingerprint_of(run)}" == plant.subject]
    assert len(behind) > 10
    assert all((run.started_ms or 0) >= deployed_ms for run in behind)
    versions = {run.version for run in behind}
    assert plant.facts["version"] in versions
    separates = plant.facts["separates"]
    assert isinstance(separates, dict)
    bad = set(separates["values"])
    assert {content.payload(run)[separates["field"]] for run in behind} == bad
    since = [
        run for run in runs
        if run.is_final and run.created_ms >= deployed_ms and run.status != "CANCELED"
    ]  # fmt: skip
    good = [run for run in since if run.status == "COMPLETED_SUCCESSFULLY"]
    assert good
    assert not {content.payload(run)[separates["field"]] for run in good} & bad


def test_the_runs_of_the_schedule_fail(incident: World) -> None:
    plant = next(p for p in plants_of(incident) if p.code == "schedule_failed")
    runs = incident.env.runs.select(RunFilter(schedule=plant.subject))
    recent = [run for run in runs if run.created_ms > START_MS - 25 * MINUTE_MS and run.is_final]
    assert len(recent) >= 4
    assert {run.status for run in recent} == {"COMPLETED_WITH_ERRORS"}


def test_an_alert_needs_attention(incident: World) -> None:
    plant = next(p for p in plants_of(incident) if p.code == "alert")
    assert incident.alerts[plant.subject].needs_attention
    assert not any(a.needs_attention for a in open_world(START_MS, runs=300).alerts.values())


@pytest.mark.parametrize("seed", [7, 11])
def test_a_calm_hour_brings_nothing_to_look_at(seed: int) -> None:
    world = open_world(START_MS, seed, CALM, runs=2_000)
    for _ in range(6):
        world.advance(world.now_ms + 10 * MINUTE_MS)
        assert plants_of(world) == []
        env = world.env
        assert not [run for run in env.runs.open.values() if run.stall]
        assert not [run for run in env.runs.open.values() if run.status == "PENDING_VERSION"]
        assert not [queue for queue in env.queues.values() if queue.paused]
        assert env.running < 0.8 * env.limits.concurrency
        assert env.deployments[-1].since_ms < START_MS - 2 * 60 * MINUTE_MS


def test_no_error_of_a_calm_hour_is_new() -> None:
    world = open_world(START_MS, runs=2_000)
    world.advance(START_MS + 60 * MINUTE_MS)
    recent = [
        run for run in world.env.runs.all
        if run.status in FAILED and run.created_ms > START_MS - 60 * MINUTE_MS
    ]  # fmt: skip
    assert len(recent) > 50
    first = {name: group.first_ms for name, group in groups(world.env).items()}
    for run in recent:
        name = fingerprint_of(run)
        assert name is None or first[name] < START_MS - 24 * 60 * MINUTE_MS, run.task_id


def test_plants_are_the_same_on_another_day() -> None:
    def planted(start_ms: int, scenario: Scenario) -> list[tuple[str, str]]:
        world = open_world(start_ms, runs=300, scenario=scenario)
        return [(p.code, p.subject) for p in plants_of(world) if p.kind != "deployment"]

    assert planted(START_MS, INCIDENT) == planted(START_MS + 3 * 86_400_000, INCIDENT)


def test_the_command_tells_them_as_json() -> None:
    command = [
        sys.executable,
        "-m",
        "trigdash.simulator",
        "--scenario",
        "incident",
        "--runs",
        "200",
    ]
    done = subprocess.run(
        [*command, "--describe", "-o", "json"], capture_output=True, text=True, check=True
    )
    body = json.loads(done.stdout)
    assert body["scenario"] == "incident"
    assert len(body["plants"]) > 25
    assert all(
        {"code", "subject", "kind", "env", "atMin"} <= each.keys() for each in body["plants"]
    )
    world = open_world(START_MS, runs=200, scenario=INCIDENT)
    theirs = {(each["code"], each["subject"]) for each in body["plants"] if each["kind"] == "run"}
    ours = {(p["code"], p["subject"]) for p in describe_data(world)["plants"] if p["kind"] == "run"}
    assert theirs == ours
