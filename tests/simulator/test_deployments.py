"""Deployments: what was built, which version is current, and moving between versions."""

from __future__ import annotations

import pytest

from tests.simulator.callers import Served
from tests.simulator.replaying import (
    agrees,
    exchanges,
    recorded_shape,
    repeat,
    same_headers,
    same_refusal,
)
from trigdash.simulator.http.ratelimit import API
from trigdash.simulator.world import deployments

BASE = "/api/v1/deployments"
LISTED = exchanges("deployments_list", refused=False)
READ = exchanges("deployments_get", refused=False)
# These need a version that is current, or that failed; told below.
OF_A_VERSION = {
    "deployments_promote__back", "deployments_promote__err_failed_deployment",
    "deployments_promote__rollback_ok",
}  # fmt: skip
# Without any deployment.
NONE_YET = {"deployments_current__err_none", "deployments_latest__err_none"}


@pytest.fixture
def served() -> Served:
    return Served(runs=60, rate=API)


def releases(served: Served, status: str) -> list[deployments.Release]:
    return [each for each in served.world.env.releases if each.status == status]


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in exchanges(
            "deployments_list", "deployments_get", "deployments_latest", "deployments_current",
            "deployments_promote", refused=True,
        )
        if name not in OF_A_VERSION
    ],
)  # fmt: skip
async def test_a_recorded_refusal_is_repeated(served: Served, name: str) -> None:
    if name in NONE_YET:
        served.world.environments["stg"].deployments.clear()
    same_refusal(await repeat(served, name), name)


@pytest.mark.parametrize("name", LISTED)
async def test_a_recorded_list_is_answered_in_its_shape(served: Served, name: str) -> None:
    deployments.order(served.world.env, served.world.now_ms)
    answer = await repeat(served, name)
    assert answer.status == 200
    body = answer.body
    for item in body["data"]:
        # No failed build was among the recorded ones.
        item.pop("error", None)
    assert recorded_shape(*LISTED).misfits(body) == []


async def test_pages_hold_at_least_five_and_end_at_a_deployment_s_id(served: Served) -> None:
    first = await served.get(BASE, query={"page[size]": "1"})
    assert len(first["data"]) == 5
    cursor = first["pagination"]["next"]
    assert cursor == first["data"][-1]["id"]
    second = await served.get(BASE, query={"page[size]": "5", "page[after]": cursor})
    ids = [each["id"] for each in [*first["data"], *second["data"]]]
    assert len(set(ids)) == len(ids)
    assert await served.get(BASE, query={"page[after]": "deployment_x"}) == await served.get(BASE)


async def test_one_deployment_in_each_state(served: Served) -> None:
    env = served.world.env
    build = deployments.order(env, served.world.now_ms)
    failed = releases(served, "FAILED")[0]
    done = releases(served, "DEPLOYED")[-1]
    agrees(await served("GET", f"{BASE}/{build.id}"), "deployments_get__dep_building")
    agrees(await served("GET", f"{BASE}/{failed.id}"), "deployments_get__dep_failed")
    whole = await served.get(f"{BASE}/{done.id}")
    assert {task["slug"] for task in whole["worker"]["tasks"]} == set(env.tasks)
    ref = served.world.project.ref
    current = await served.get(f"/api/v1/projects/{ref}/prod/workers/current", who="pat")
    assert whole["worker"]["id"] == current["worker"]["id"]
    listed = await served.get(BASE, query={"status": "FAILED"})
    assert listed["data"][-1]["error"]["message"].startswith("Failed to build")


async def test_the_latest_is_for_unmanaged_deployments_only(served: Served) -> None:
    agrees(await served("GET", f"{BASE}/latest"), "deployments_latest__managed_deployment_404")


async def test_the_current_one_is_what_new_runs_get(served: Served) -> None:
    answer = await served("GET", f"{BASE}/current")
    agrees(answer, "deployments_current__ok")
    assert "x-ratelimit-limit" not in answer.headers
    made = await served.post("/api/v1/tasks/send-email/trigger", {"payload": {}})
    served.time.pass_seconds(2)
    run = await served.get(f"/api/v3/runs/{made['id']}")
    assert run["version"] == answer.body["version"]


async def test_promotion_goes_by_version_and_backwards_only_when_allowed(served: Served) -> None:
    *_, older, now = releases(served, "DEPLOYED")
    path = f"{BASE}/{older.version}/promote"
    refused = await served("POST", path)
    assert refused.status == 400
    agrees(refused, "deployments_promote__rollback_ok")
    agrees(await served("POST", f"{path}?allowRollbacks=true"), "deployments_promote__ok")
    assert (await served.get(f"{BASE}/current"))["id"] == older.id
    agrees(await served("POST", path), "deployments_promote__back")
    agrees(await served("POST", f"{BASE}/{now.version}/promote"), "deployments_promote__ok")
    failed = releases(served, "FAILED")[0]
    answer = await served("POST", f"{BASE}/{failed.version}/promote")
    agrees(answer, "deployments_promote__err_failed_deployment")


async def test_a_build_takes_a_while_unless_it_is_cancelled(served: Served) -> None:
    env, world = served.world.env, served.world
    build = deployments.order(env, world.now_ms)
    answer = await served("POST", f"{BASE}/{build.id}/cancel", body={"reason": "wrong branch"})
    assert (answer.status, answer.text) == (204, "")
    same_headers(answer, "deployments_cancel__ok")
    assert "content-type" not in answer.headers
    deployments.finish(world, env, build)
    whole = await served("GET", f"{BASE}/{build.id}")
    agrees(whole, "deployments_get__dep_canceled")
    assert whole.body["canceledReason"] == "wrong branch"
    assert (await served("POST", f"{BASE}/{build.id}/cancel")).status == 409
    assert (await served("POST", f"{BASE}/deployment_none/cancel")).status == 404


async def test_versions_compare_by_number_not_by_text(served: Served) -> None:
    world, env = served.world, served.world.env
    for _ in range(11):
        deployments.deploy(world, env, world.now_ms)
    versions = [each["version"] for each in (await served.get(BASE))["data"]]
    numbers = [int(version.partition(".")[2]) for version in versions[:8]]
    assert numbers == sorted(numbers, reverse=True)
    newest = deployments.current(env, world.now_ms)
    assert newest is not None
    assert newest.order == max(each.order for each in releases(served, "DEPLOYED"))
