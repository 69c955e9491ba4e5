"""Every cause that a scenario plants is named by "why" and by "now", and the calm one has none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import pytest

from tests.fakes.clock import RunningClock
from trigdash.backends import open_backend
from trigdash.backends.base import Backend
from trigdash.backends.target import Secret, Target
from trigdash.service.now.finding import Now, Severity
from trigdash.service.now.query import NowQuery
from trigdash.service.triage.triage import triage
from trigdash.service.why.check import Finding
from trigdash.service.why.stuck import NOT_MOVING, WAITING_CODES, StuckQuery
from trigdash.service.why.verdict import Why, why
from trigdash.simulator.http.faults import Fault
from trigdash.simulator.http.host import SimulatorHost
from trigdash.simulator.http.ratelimit import Rate
from trigdash.simulator.scenarios.definitions import BUSY, CALM, GIANT, INCIDENT
from trigdash.simulator.scenarios.plants import plants_of
from trigdash.simulator.world.environments import FIRST_BRANCH
from trigdash.simulator.world.scenario import Plant, Scenario


@asynccontextmanager
async def played(scenario: Scenario, runs: int = 200) -> AsyncIterator[SimulatorHost]:
    """A scenario at its start, over real HTTP."""
    rate = Rate(100_000, 100_000)
    async with SimulatorHost(scenario=scenario, runs=runs, clock=RunningClock(), rate=rate) as host:
        yield host


@asynccontextmanager
async def opened(host: SimulatorHost, environment: str) -> AsyncIterator[Backend]:
    """An environment by the person's token."""
    target = Target(
        api_url=host.url,
        access_token=Secret(host.access_token),
        project=host.project,
        environment=environment,
        branch=FIRST_BRANCH if environment == "preview" else None,
        rate_share=1.0,
    )
    backend = open_backend(target, host.clock)
    yield backend
    await backend.aclose()


def is_named(answer: Why, code: str) -> bool:
    return any(check.code == code for check in answer.checks if check.finding is Finding.HOLDS)


async def unnamed(host: SimulatorHost, environment: str, plants: list[Plant]) -> list[str]:
    """The planted causes of runs that "why" does not name."""
    async with opened(host, environment) as backend:
        found = []
        for plant in plants:
            answer = await why(backend, plant.subject, host.clock.now())
            if not is_named(answer, plant.code):
                found.append(f"{plant.code}: {answer.verdict}")
        return found


@pytest.mark.parametrize("scenario", [BUSY, INCIDENT, GIANT], ids=lambda each: each.name)
async def test_why_names_each_planted_cause_of_a_run(scenario: Scenario) -> None:
    async with played(scenario) as host:
        plants = [plant for plant in plants_of(host.world) if plant.kind == "run"]
        assert plants
        for environment in sorted({plant.env for plant in plants}):
            there = [plant for plant in plants if plant.env == environment]
            assert await unnamed(host, environment, there) == []


async def look(host: SimulatorHost, environment: str = "prod") -> Now:
    async with opened(host, environment) as backend:
        return await NowQuery(host.clock).fetch(backend, None)


@pytest.mark.parametrize("scenario", [BUSY, INCIDENT, GIANT], ids=lambda each: each.name)
async def test_now_names_each_planted_cause_of_an_environment(scenario: Scenario) -> None:
    async with played(scenario) as host:
        plants = [plant for plant in plants_of(host.world) if plant.kind != "run"]
        assert plants
        for environment in sorted({plant.env for plant in plants}):
            now = await look(host, environment)
            named = {(each.code, each.subject) for each in now.findings}
            wanted = {(each.code, each.subject) for each in plants if each.env == environment}
            assert wanted - named == set()


async def test_now_finds_nothing_on_a_calm_day_and_says_what_it_looked_at() -> None:
    async with played(CALM) as host:
        now = await look(host)
    assert [each for each in now.findings if each.severity is not Severity.NOTICE] == []
    assert not now.is_critical
    assert {each.what for each in now.looked_at if each.is_known} >= {"tasks", "queues", "errors"}


async def test_a_look_costs_at_most_twelve_requests() -> None:
    async with played(INCIDENT) as host, opened(host, "prod") as backend:
        await backend.identity()
        before = backend.budget.spent
        await NowQuery(host.clock).fetch(backend, None)
        assert 5 <= backend.budget.spent - before <= 12


async def test_triage_names_the_planted_field_that_tells_failing_runs_from_good_ones() -> None:
    async with played(INCIDENT, 800) as host, opened(host, "prod") as backend:
        plant = next(p for p in plants_of(host.world) if p.code == "error_new_in_deployment")
        answer = await triage(backend, plant.subject)
        planted = dict(plant.facts)["separates"]
        assert isinstance(planted, dict)
        assert len(answer.failing) >= 3
        by_version = next(each for each in answer.spread if each.name == "version")
        assert [each.value for each in by_version.values] == [dict(plant.facts)["version"]]
        assert answer.beginning is not None
        assert answer.beginning.began_with_it
        assert answer.beginning.deployment is not None
        assert answer.beginning.deployment.version == dict(plant.facts)["version"]
        assert answer.runs is not None
        assert answer.runs.since >= answer.error.count
        assert answer.refused == {}
        assert answer.separator is not None
        assert answer.separator.field == planted["field"]
        assert set(answer.separator.values) <= set(planted["values"])


STUCK_LATER = {"delayed", "ttl_soon"}
"""Causes of runs that will move by themselves, or that another cause holds first."""


def stuck_plants(host: SimulatorHost, at: datetime) -> dict[str, list[Plant]]:
    """The planted runs that have not moved for a while, by their environment."""
    plants: dict[str, list[Plant]] = {}
    for plant in plants_of(host.world):
        created = host.world.start_ms + plant.at_min * 60_000
        is_old = created < (at - NOT_MOVING).timestamp() * 1000
        if plant.kind == "run" and is_old and plant.code not in STUCK_LATER:
            plants.setdefault(plant.env, []).append(plant)
    return plants


@pytest.mark.parametrize("scenario", [BUSY, INCIDENT, GIANT], ids=lambda each: each.name)
async def test_all_that_does_not_move_has_the_planted_reasons(scenario: Scenario) -> None:
    async with played(scenario) as host:
        for environment, plants in stuck_plants(host, host.clock.now()).items():
            async with opened(host, environment) as backend:
                stuck = await StuckQuery(host.clock).fetch(backend, None)
                rows = [(await backend.run(plant.subject)).row() for plant in plants]
            assert [each for each in stuck.unseen if "longer than usual" not in each] == []
            reasons = {(group.code, task) for group in stuck.groups for task in group.tasks}
            for plant, row in zip(plants, rows, strict=True):
                assert (plant.code, row.task) in reasons, plant
            assert [group.since for group in stuck.groups] == sorted(
                group.since for group in stuck.groups
            )


async def test_nothing_is_stuck_while_all_is_calm() -> None:
    async with played(CALM) as host, opened(host, "prod") as backend:
        stuck = await StuckQuery(host.clock).fetch(backend, None)
    assert [group for group in stuck.groups if group.code not in WAITING_CODES] == []


async def test_what_does_not_move_is_found_in_lists_where_the_query_endpoint_is_refused() -> None:
    async with played(INCIDENT) as host:
        host.faults.add(Fault(path="/api/v1/query", times=None, status=403, body={"error": "no"}))
        async with opened(host, "prod") as backend:
            stuck = await StuckQuery(host.clock).fetch(backend, None)
    assert any("query endpoint" in each for each in stuck.unseen)
    codes = {group.code for group in stuck.groups}
    assert {"pending_version", "limit_zero", "waits_for_token"} <= codes
