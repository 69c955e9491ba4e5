"""Chaos over real HTTP: each fault does what its name says, and all is counted and logged."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fakes.clock import RunningClock
from trigdash.simulator.http.chaos import BadPlan, Chaos, PlannedFault, read_plan
from trigdash.simulator.http.host import SimulatorHost
from trigdash.simulator.http.injectors import HUGE_BYTES, KINDS
from trigdash.simulator.http.ratelimit import Rate
from trigdash.simulator.world.scenario import Scenario

RUNS = "/api/v1/runs"
TRIGGER = "/api/v1/tasks/send-email/trigger"
# Nothing is triggered but by the test.
STILL = Scenario("still", "no new runs", interval_s=1e9)


class Stage:
    """A simulator under chaos, and a client of it."""

    def __init__(self, host: SimulatorHost, client: httpx.AsyncClient):
        self.host = host
        self.client = client

    def plan(self, fault: str, seconds: float | None = None, **more: Any) -> None:
        self.host.chaos.plan = [PlannedFault(fault, seconds=seconds, **more)]

    async def get(self, path: str = RUNS, **query: str) -> httpx.Response:
        return await self.client.get(path, params=query)

    async def trigger(self) -> httpx.Response:
        return await self.client.post(TRIGGER, json={"payload": {}, "options": {"delay": "1h"}})

    async def told(self, name: str) -> Any:
        return (await self.client.get(f"/simulator/{name}")).json()

    @property
    def runs(self) -> int:
        return len(self.host.world.env.runs)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    clock = RunningClock()
    host = SimulatorHost(scenario=STILL, runs=60, clock=clock, rate=Rate(0, 0), chaos=Chaos())
    async with host:
        head = {"Authorization": f"Bearer {host.secret_key}"}
        async with httpx.AsyncClient(base_url=host.url, headers=head, timeout=10) as client:
            yield Stage(host, client)


@pytest.mark.parametrize("fault", ["reset", "lost", "truncate"])
async def test_a_connection_is_cut(stage: Stage, fault: str) -> None:
    stage.plan(fault)
    with pytest.raises(httpx.TransportError):
        await stage.get()
    assert (await stage.get()).status_code == 200, "the fault is over"


async def test_a_server_that_refuses_is_back_after_a_while(stage: Stage) -> None:
    stage.plan("refuse", 3)
    async with httpx.AsyncClient(base_url=stage.host.url) as another:
        with pytest.raises(httpx.TransportError):
            await stage.get()
        with pytest.raises(httpx.ConnectError):
            await another.get("/healthcheck")
        await asyncio.gather(*stage.host._reopening)
        assert (await another.get("/healthcheck")).status_code == 200


async def test_two_refusals_at_once_are_one(stage: Stage) -> None:
    stage.plan("refuse", 0.2, times=2)
    both = await asyncio.gather(stage.get(), stage.get(), return_exceptions=True)
    assert all(isinstance(each, httpx.TransportError) for each in both)
    assert stage.host.is_refusing
    assert len(stage.host._reopening) == 1
    await asyncio.gather(*stage.host._reopening)
    assert not stage.host.is_refusing
    assert (await stage.get()).status_code == 200


async def test_an_answer_that_is_lost_was_acted_upon(stage: Stage) -> None:
    before = stage.runs
    stage.plan("lost", method="POST")
    with pytest.raises(httpx.TransportError):
        await stage.trigger()
    assert stage.runs == before + 1
    stage.plan("reset", method="POST")
    with pytest.raises(httpx.TransportError):
        await stage.trigger()
    assert stage.runs == before + 1
    stage.plan("fail_after_acting", method="POST")
    assert (await stage.trigger()).status_code == 502
    assert stage.runs == before + 2
    assert (await stage.trigger()).status_code == 200
    writes = (await stage.told("writes"))["writes"]
    assert [(each["fault"], each["acted"]) for each in writes] == [
        ("lost", True),
        ("reset", False),
        ("fail_after_acting", True),
        (None, True),
    ]
    assert {(each["method"], each["path"]) for each in writes} == {("POST", TRIGGER)}
    assert json.loads(writes[0]["body"])["options"] == {"delay": "1h"}


async def test_reads_are_no_writes(stage: Stage) -> None:
    await stage.get()
    query = {"query": "SELECT count() AS n FROM runs"}
    assert (await stage.client.post("/api/v1/query", json=query)).status_code == 200
    assert (await stage.told("writes"))["writes"] == []


@pytest.mark.parametrize("fault", ["stall", "stall_inside", "drip"])
async def test_an_answer_that_is_slow_is_whole(stage: Stage, fault: str) -> None:
    whole = (await stage.get("/api/v1/queues")).json()
    stage.plan(fault, 0.3)
    began = asyncio.get_running_loop().time()
    answer = await stage.get("/api/v1/queues")
    assert asyncio.get_running_loop().time() - began >= 0.25
    assert answer.json()["pagination"] == whole["pagination"]


async def test_a_body_that_is_no_gzip(stage: Stage) -> None:
    stage.plan("broken_gzip")
    with pytest.raises(httpx.DecodingError):
        await stage.get()


@pytest.mark.parametrize(
    ("fault", "statuses"),
    [
        ("html", {502}),
        ("down", {500, 502, 503, 504}),
        ("limited", {429}),
        ("unauthorized", {401}),
        ("forbidden", {403}),
        ("missing", {404}),
        ("unknown_path", {404}),
        ("redirect", {307}),
        ("empty", {200}),
    ],
)
async def test_another_answer_than_the_right_one(
    stage: Stage, fault: str, statuses: set[int]
) -> None:
    stage.host.chaos.plan = [PlannedFault(fault, times=12)]
    answers = [await stage.get() for _ in range(12)]
    assert {answer.status_code for answer in answers} == statuses
    after = {answer.headers.get("retry-after") for answer in answers}
    if fault == "down":
        assert None in after
        assert after - {None} <= {"1", "2", "3"}
    if fault == "limited":
        assert after == {None, "1", "soon"}
    if fault == "redirect":
        assert answers[0].headers["location"].startswith("http://elsewhere.example.test/")
    if fault == "empty":
        assert answers[0].content == b""


async def test_a_wrong_type_and_a_wrong_date(stage: Stage) -> None:
    stage.plan("wrong_type")
    answer = await stage.get()
    assert "json" not in answer.headers["content-type"]
    assert answer.json()["data"]
    right = (await stage.get()).headers["date"]
    stage.plan("skew")
    assert (await stage.get()).headers["date"] != right


async def test_pages_come_again_or_out_of_order(stage: Stage) -> None:
    first = (await stage.get(**{"page[size]": "10"})).json()
    after = first["pagination"]["next"]
    stage.plan("repeated_page")
    again = (await stage.get(**{"page[size]": "10", "page[after]": after})).json()
    assert again["data"] == first["data"]
    stage.plan("shuffled_page")
    mixed = (await stage.get(**{"page[size]": "10"})).json()["data"]
    assert mixed != first["data"]
    assert sorted(each["id"] for each in mixed) == sorted(each["id"] for each in first["data"])


async def test_a_body_without_an_end_and_one_of_200_megabytes(stage: Stage) -> None:
    stage.plan("endless", 0.3)
    with pytest.raises(httpx.TransportError):
        await stage.get()
    stage.plan("huge")
    size = 0
    async with stage.client.stream("GET", RUNS) as answer:
        assert int(answer.headers["content-length"]) == HUGE_BYTES
        async for chunk in answer.aiter_raw():
            size += len(chunk)
            if size > 3_000_000:
                break
    assert (await stage.get()).status_code == 200


async def test_a_bomb_of_headers(stage: Stage) -> None:
    stage.plan("header_bomb")
    try:
        answer = await stage.get()
    except httpx.TransportError:
        return  # more than this client takes
    assert len(answer.headers) >= 300


async def test_a_plan_waits_for_its_request_and_counts_down(stage: Stage) -> None:
    stage.host.chaos.plan = read_plan(
        '[{"fault": "missing", "path": "/api/v3/runs", "after": 1, "times": 2}]'
    )
    run = stage.host.world.env.runs.all[0].id
    statuses = [(await stage.get(f"/api/v3/runs/{run}")).status_code for _ in range(4)]
    assert statuses == [200, 404, 404, 200]
    assert (await stage.told("faults"))["injected"] == {"missing": 2}


async def test_control_needs_no_credential_and_sets_the_chaos(stage: Stage) -> None:
    async with httpx.AsyncClient(base_url=stage.host.url) as anybody:
        answer = await anybody.post("/simulator/chaos", json={"rate": 1, "seed": 3})
        assert (answer.json()["rate"], answer.json()["seed"]) == (1.0, 3)
        assert (await anybody.get("/simulator/plants")).json()["plants"] == []
        assert (await anybody.get("/simulator/nope")).status_code == 404
        bad = await anybody.post("/simulator/chaos", json={"plan": [{"fault": "nope"}]})
        assert bad.status_code == 400
        assert "unknown fault" in bad.json()["error"]


async def test_a_held_world_stands_until_it_is_let_go_and_writes_act_meanwhile(
    stage: Stage,
) -> None:
    world = stage.host.world
    async with httpx.AsyncClient(base_url=stage.host.url) as anybody:
        assert (await anybody.post("/simulator/world", json={"held": True})).json() == {
            "held": True
        }
        held_ms = world.now_ms
        run = (await stage.client.post(TRIGGER, json={"payload": {}})).json()["id"]
        assert (await stage.client.post(f"/api/v2/runs/{run}/cancel")).status_code == 200
        assert (await stage.get(f"/api/v3/runs/{run}")).json()["status"] == "CANCELED"
        assert world.now_ms == held_ms
        assert (await anybody.post("/simulator/world", json=[])).status_code == 400
        assert (await anybody.get("/simulator/world")).json() == {"held": True}
        assert (await anybody.post("/simulator/world", json={"held": False})).json()[
            "held"
        ] is False
        await stage.get(f"/api/v3/runs/{run}")
        assert world.now_ms > held_ms


def test_the_same_seed_chooses_the_same_faults_in_any_order() -> None:
    asked = [("GET", f"/api/v1/runs/{number}") for number in range(300)] * 2
    first, second, other = Chaos(0.2, 5), Chaos(0.2, 5), Chaos(0.2, 6)

    def chosen(chaos: Chaos, order: list[tuple[str, str]]) -> dict[tuple[str, str], list[str]]:
        found: dict[tuple[str, str], list[str]] = {}
        for method, path in order:
            fault = chaos.choose(method, path)
            found.setdefault((method, path), []).append(fault[0] if fault else "")
        return found

    here = chosen(first, asked)
    assert here == chosen(second, asked[::-1])
    assert here != chosen(other, asked)
    assert first.requests == 600
    assert 80 < sum(first.counts.values()) < 160


def test_every_kind_of_fault_is_chosen_at_some_time() -> None:
    chaos = Chaos(1.0, 1)
    for number in range(3_000):
        chaos.choose("GET", f"/{number}")
    assert chaos.counts.keys() == KINDS.keys()


@pytest.mark.parametrize("text", ["{", "3", '[{"fault": "nope"}]', '[{"fault": "reset", "x": 1}]'])
def test_a_plan_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadPlan):
        read_plan(text)


def test_the_command_refuses_a_plan_that_cannot_be_read(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text('[{"fault": "nope"}]')
    for path in (plan, tmp_path / "missing.json"):
        command = [sys.executable, "-m", "trigdash.simulator", "--chaos-plan", str(path)]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 2
        assert str(path) in done.stderr


async def test_a_storm_of_faults_leaves_a_server_that_works(stage: Stage) -> None:
    stage.host.chaos.rate = 0.5
    skipped = {"huge", "endless", "stall", "stall_inside", "drip", "refuse"}
    weights = {name: 0 if name in skipped else weight for name, (weight, _, _) in KINDS.items()}
    stage.host.chaos.weights = list(weights.values())

    async def ask(number: int) -> bool:
        try:
            answer = await (stage.trigger() if number % 3 == 0 else stage.get())
        except httpx.HTTPError:
            return False
        return answer.status_code == 200

    before = stage.runs
    for start in range(0, 200, 20):
        await asyncio.gather(*(ask(number) for number in range(start, start + 20)))
    stage.host.chaos.rate = 0
    assert (await stage.get()).status_code == 200
    writes = (await stage.told("writes"))["writes"]
    assert len(writes) == 67
    assert stage.runs - before == sum(each["acted"] for each in writes)
    told = await stage.told("faults")
    assert 60 < sum(told["injected"].values()) < 140
    assert told["requests"] == 201
