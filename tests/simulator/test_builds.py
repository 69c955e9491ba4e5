"""Writing deployments, and the few recorded answers that belong to no other story."""

from __future__ import annotations

import pytest

from tests.simulator.callers import Served
from tests.simulator.replaying import agrees, body_of, exchanges, repeat, same_headers
from trigdash.simulator.http.ratelimit import API

BASE = "/api/v1/deployments"


@pytest.fixture
def served() -> Served:
    return Served(runs=60, rate=API)


async def test_a_version_is_ordered_registered_finished_and_current(served: Served) -> None:
    ordered = await repeat(served, "deployments_create__ok")
    agrees(ordered, *exchanges("deployments_create"))
    same_headers(ordered, "deployments_create__ok")
    ours = {"deployment_yhchdopuo3i737n798pbe": ordered.body["id"]}
    registered = await repeat(served, "deployment_background_worker__ok", **ours)
    agrees(registered, "deployment_background_worker__ok")
    assert (await served.get(f"{BASE}/{ordered.body['id']}"))["status"] == "DEPLOYING"
    done = await repeat(served, "deployment_finalize__ok", **ours)
    same_headers(done, "deployment_finalize__ok")
    assert done.headers["content-type"].startswith("text/event-stream")
    assert done.text == f'event: complete\ndata: {{"id":"{ordered.body["id"]}"}}\n\n'
    current = await served.get(f"{BASE}/current")
    assert current["version"] == ordered.body["version"]
    assert current["git"]["commitMessage"] == "feat: test commit"
    again = await repeat(served, "deployment_finalize__ok", **ours)
    assert again.status == 409


async def test_a_build_can_wait_and_can_fail(served: Served) -> None:
    ordered = await repeat(served, "deployments_create__pending")
    path = f"{BASE}/{ordered.body['id']}"
    pending = await served("GET", path)
    agrees(pending, "deployments_get__dep_pending")
    assert pending.body["status"] == "PENDING"
    ours = {"deployment_qethzpuhb6p6ja97gnvjb": ordered.body["id"]}
    agrees(await repeat(served, "deployments_fail__ok", **ours), "deployments_fail__ok")
    failed = await served("GET", path)
    agrees(failed, "deployments_get__dep_failed")
    assert failed.body["errorData"]["stderr"] == "npm ERR! missing"


async def test_a_version_can_wait_for_its_promotion(served: Served) -> None:
    ordered = (await repeat(served, "deployments_create__ok")).body
    finish = f"/api/v3/deployments/{ordered['id']}/finalize"
    await served("POST", finish, body={"skipPromotion": True})
    assert (await served.get(f"{BASE}/current"))["version"] != ordered["version"]
    await served.post(f"{BASE}/{ordered['version']}/promote")
    assert (await served.get(f"{BASE}/current"))["version"] == ordered["version"]


@pytest.mark.parametrize(
    "name",
    ["webhooks_deliveries_list", "webhooks_endpoints_list", "prompts_list__empty"],
)
async def test_what_the_environment_has_none_of(name: str) -> None:
    served = Served(runs=60, rate=API, env="stg")  # only the main environment has webhooks
    answer = await repeat(served, name)
    assert answer.body == body_of(name)
    same_headers(answer, name)


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/api/v1/prompts", "read:prompts"),
        ("/api/v1/webhooks/endpoints", "read:webhooks"),
        ("/api/v1/webhooks/deliveries", "read:webhooks"),
    ],
)
async def test_a_public_token_reads_what_its_scopes_name(
    served: Served, path: str, scope: str
) -> None:
    env = served.world.env
    assert (await served("GET", path, who=served.state.mint(env, [scope]))).status == 200
    assert (await served("GET", path, who=served.state.mint(env, ["read:runs"]))).status == 403


async def test_deliveries_of_an_unknown_status_are_refused(served: Served) -> None:
    path, name = "/api/v1/webhooks/deliveries", "filter[status]"
    answer = await served("GET", path, query={name: "failed,NOSUCH"})
    assert (answer.status, answer.body["error"]) == (400, "Query Error")
    assert answer.body["details"][0]["path"] == [name]
    assert (await served("GET", path, query={name: "failed,succeeded"})).status == 200


@pytest.mark.parametrize(
    "name", ["project_env_jwt__pat", "project_env_pause__pat", "project_env_resume__pat"]
)
async def test_what_a_personal_token_does_to_an_environment(served: Served, name: str) -> None:
    agrees(await repeat(served, name), name)


async def test_tokens_are_asked_for_by_post_only(served: Served) -> None:
    answer = await repeat(served, "auth_jwt_claims__secret")
    assert (answer.status, answer.body) == (400, body_of("auth_jwt_claims__secret"))
    same_headers(answer, "auth_jwt_claims__secret")


async def test_there_is_no_list_of_batches(served: Served) -> None:
    answer = await repeat(served, "batches_list__probe")
    assert answer.status == 404
    assert answer.headers["content-type"].startswith("text/html")


async def test_a_streamed_batch_before_its_items(served: Served) -> None:
    made = await served.post("/api/v3/batches", {"runCount": 2, "idempotencyKey": "batch-idem-1"})
    answer = await served("GET", f"/api/v2/batches/{made['id']}")
    agrees(answer, "batches_get__v3_pending_before_items")
