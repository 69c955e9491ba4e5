"""Incoming webhooks and prompts: endpoints, deliveries that name runs, replays, versions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.callers import Served
from tests.simulator.replaying import agrees, repeat, same_refusal
from trigdash.simulator.http.ratelimit import API

ENDPOINTS = "/api/v1/webhooks/endpoints"
DELIVERIES = "/api/v1/webhooks/deliveries"


@pytest.fixture
def served() -> Served:
    return Served(runs=900, version="4.8")


async def all_of(served: Served, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    asked = {"page[size]": "100", **query}
    while True:
        page = await served.get(DELIVERIES, query=asked)
        found += page["data"]
        if "next" not in page["pagination"]:
            return found
        asked["page[after]"] = page["pagination"]["next"]


async def test_an_endpoint_is_found_by_either_name(served: Served) -> None:
    listed = (await served.get(ENDPOINTS))["data"]
    first = listed[0]
    for name in (first["id"], first["declaredId"]):
        one = await served.get(f"{ENDPOINTS}/{name}")
        assert (one["id"], len(one["subscribers"])) == (first["id"], 2)
    assert (await served("GET", f"{ENDPOINTS}/wh_nosuch")).status == 404


async def test_deliveries_have_each_status_and_name_their_runs(served: Served) -> None:
    found = await all_of(served)
    times = [each["createdAt"] for each in found]
    assert times == sorted(times, reverse=True)
    assert len({each["id"] for each in found}) == len(found)
    assert {each["status"] for each in found} >= {"succeeded", "failed", "filtered", "unmatched"}
    one = next(each for each in found if each["status"] == "succeeded")
    detail = await served.get(f"{DELIVERIES}/{one['id']}")
    targets = {each["status"]: each for each in detail["targets"]}
    run = await served.get(f"/api/v3/runs/{targets['succeeded']['runId']}")
    assert run["taskIdentifier"] == "charge-invoice"
    assert targets["filtered"]["reason"]
    only = await all_of(served, **{"filter[status]": "failed,unmatched"})
    assert {each["status"] for each in only} == {"failed", "unmatched"}
    named = await all_of(served, **{"filter[endpoint]": "payments-events"})
    assert len(named) == len(found)
    assert await all_of(served, **{"filter[endpoint]": "repository-push"}) == []
    recent = await all_of(served, **{"filter[period]": "1h"})
    assert 0 < len(recent) < len(found)


async def test_a_replay_triggers_the_run_again(served: Served) -> None:
    one = (await all_of(served))[0]
    before = len(served.world.env.runs)
    made = await served.post(f"{DELIVERIES}/{one['id']}/replay")
    assert made["replayedFrom"] == one["id"]
    assert len(served.world.env.runs) == before + 1
    detail = await served.get(f"{DELIVERIES}/{made['deliveryId']}")
    target = next(each for each in detail["targets"] if each["runId"])
    assert (await served.get(f"/api/v3/runs/{target['runId']}"))[
        "taskIdentifier"
    ] == "charge-invoice"


async def test_a_secret_is_shown_once_and_endpoints_are_switched(served: Served) -> None:
    path = f"{ENDPOINTS}/payments-events"
    rotated = await served.post(f"{path}/rotate-secret", {"previousSecretTtlSeconds": 60})
    assert rotated["secret"].startswith("whsec_")
    assert rotated["previousSecretExpiresAt"] == "2026-03-04T12:01:00.000Z"
    answer = await served("PUT", f"{path}/secret", body={"secret": "theirs"})
    assert answer.body == {"id": rotated["id"], "secretSet": True}
    assert (await served.post(f"{path}/disable"))["status"] == "inactive"
    assert (await served.post(f"{path}/enable"))["status"] == "active"


async def test_an_older_server_has_other_names() -> None:
    served = Served(runs=300)
    endpoint = (await served.get(ENDPOINTS))["data"][0]
    assert endpoint["webhook"] == "payments-events"
    assert "declaredId" not in endpoint
    found = await all_of(served, **{"filter[webhook]": "payments-events"})
    assert found[0].keys() >= {"webhook", "runId"}
    assert not [each for each in found if "endpoint" in each or each["status"] == "unmatched"]
    unknown = {"filter[status]": "unmatched"}
    assert (await served("GET", DELIVERIES, query=unknown)).status == 400


async def test_a_run_can_wait_for_a_delivery(served: Served) -> None:
    path = f"{ENDPOINTS}/payments-events/waiters"
    made = await served.post(path, {"match": {"type": "invoice.paid"}, "timeout": "1h"})
    token = await served.get(f"/api/v1/waitpoints/tokens/{made['id']}")
    assert token["tags"] == [f"webhook:{(await served.get(ENDPOINTS))['data'][0]['id']}"]
    stop = f"/api/v1/webhooks/waiters/{made['id']}/cancel"
    assert await served.post(stop) == {"cancelled": True}
    assert await served.post(stop) == {"cancelled": False, "reason": "too_late"}
    late = await served("POST", path, body={"timeout": "91d"})
    assert (late.status, late.body["reason"]) == (400, "timeout_too_long")


async def test_prompts_are_answered_as_recorded() -> None:
    served = Served(runs=60, env="dev", version="4.8", rate=API)
    for name in ("prompts_list__one", "prompts_get__ok", "prompts_resolve__ok"):
        agrees(await repeat(served, name), name)
    same_refusal(await repeat(served, "prompts_versions__err_404"), "prompts_versions__err_404")
    agrees(await repeat(served, "prompts_list__empty"), "prompts_list__empty")


async def test_an_override_counts_until_it_is_removed(served: Served) -> None:
    path = "/api/v1/prompts/support-reply"

    async def text() -> Any:
        return (await served.post(path, {"variables": {"name": "Ana"}}))["data"]["text"]

    before = await text()
    assert before.startswith("You answer Ana politely and briefly")
    made = await served.post(f"{path}/override", {"textContent": "Hi {{name}}"})
    assert made == {"ok": True, "version": 3}
    assert await text() == "Hi Ana"
    await served("PUT", f"{path}/override", body={"textContent": "Hello {{name}}"})
    assert await text() == "Hello Ana"
    await served("DELETE", f"{path}/override")
    assert await text() == before
    await served.post(f"{path}/promote", {"version": 1})
    assert (await served.get(path))["data"]["version"]["version"] == 1
    versions = (await served.get(f"{path}/versions"))["data"]
    assert [each["version"] for each in versions] == [3, 2, 1]
    token = served.state.mint(served.world.env, ["read:prompts"])
    assert (await served("POST", f"{path}/promote", who=token, body={"version": 1})).status == 403


async def test_sessions_are_there_to_look_at(served: Served) -> None:
    listed = (await served.get("/api/v1/sessions"))["data"]
    assert len(listed) == 3
    assert {each["closedReason"] for each in listed} == {"completed", None}
    one = await served.get(f"/api/v1/sessions/{listed[0]['id']}")
    assert (await served.get(f"/api/v3/runs/{one['currentRunId']}"))["id"] == one["currentRunId"]
