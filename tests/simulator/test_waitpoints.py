"""Waitpoint tokens: made, completed in three ways, and runs that wait for them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.simulator.callers import Served
from tests.simulator.replaying import agrees, exchanges, repeat, same_refusal
from trigdash.simulator.http.ratelimit import API

TOKENS = "/api/v1/waitpoints/tokens"
LISTED = exchanges("waitpoint_tokens_list", refused=False)
READ = exchanges("waitpoint_tokens_get", refused=False)


@pytest.fixture
def served() -> Served:
    return Served(runs=200, rate=API)


async def create(served: Served, **body: Any) -> dict[str, Any]:
    made: dict[str, Any] = await served.post(TOKENS, body)
    return made


@pytest.mark.parametrize(
    "name",
    exchanges("waitpoint_tokens_create", "waitpoint_tokens_get", "waitpoint_tokens_list",
              "waitpoint_tokens_complete", "waitpoint_tokens_callback", refused=True),
)  # fmt: skip
async def test_a_recorded_refusal_is_repeated(served: Served, name: str) -> None:
    made = await create(served)
    ours = {"waitpoint_cmwr05e4v0075zw7dx07q1top": made["id"]}
    same_refusal(await repeat(served, name, **ours), name)


@pytest.mark.parametrize("name", [*exchanges("waitpoint_tokens_create", refused=False), *LISTED])
async def test_a_recorded_call_is_answered_in_its_shape(served: Served, name: str) -> None:
    await create(served, tags="approval", timeout="1h")
    known = LISTED if "list" in name else exchanges("waitpoint_tokens_create", refused=False)
    answer = await repeat(served, name)
    agrees(answer, *known)
    if "create" in name:
        assert answer.headers["x-trigger-jwt"].count(".") == 2
        assert set(json.loads(answer.headers["x-trigger-jwt-claims"])) == {"sub", "pub"}


async def test_completing_keeps_the_first_data(served: Served) -> None:
    made = await create(served, timeout="1h", tags=["approval", "order:1"])
    path = f"{TOKENS}/{made['id']}"
    waiting = await served("GET", path)
    agrees(waiting, *READ)
    assert (waiting.body["status"], "output" in waiting.body) == ("WAITING", False)
    for data in ({"approved": True}, {"approved": False}):
        assert await served.post(f"{path}/complete", {"data": data}) == {"success": True}
    done = await served("GET", path)
    agrees(done, *READ)
    assert done.body["output"] == '{"json":{"approved":true}}'
    assert done.body["outputType"] == "application/super+json"
    missing = await served("POST", f"{TOKENS}/waitpoint_none/complete", body={})
    assert (missing.status, missing.body) == (404, {"error": "Waitpoint not found"})


async def test_without_data_there_is_no_output(served: Served) -> None:
    made = await create(served)
    await served.post(f"{TOKENS}/{made['id']}/complete", {})
    done = await served.get(f"{TOKENS}/{made['id']}")
    assert (done["status"], "output" in done, done["outputType"]) == (
        "COMPLETED",
        False,
        "application/json",
    )


async def test_a_token_times_out_with_an_error(served: Served) -> None:
    made = await create(served, timeout="30s")
    served.time.pass_seconds(31)
    body = await served.get(f"{TOKENS}/{made['id']}")
    assert (body["status"], body["outputIsError"]) == ("TIMED_OUT", True)
    assert body["output"] == (
        '{"code":"TRIGGER_WAITPOINT_TIMEOUT",'
        '"message":"Waitpoint timed out at 2026-03-04T12:00:30.000Z"}'
    )
    listed = await served.get(TOKENS, query={"filter[status]": "TIMED_OUT"})
    assert [each["id"] for each in listed["data"]] == [made["id"]]


async def test_whoever_has_the_url_completes_without_a_credential(served: Served) -> None:
    made = await create(served)
    path = made["url"].removeprefix("http://127.0.0.1")
    wrong = path[:-64] + "0" * 64
    assert (await served("POST", wrong, who="none", body={})).status == 401
    answer = await served("POST", path, who="none", body={"via": "hook"})
    assert (answer.status, answer.body) == (200, {"success": True})
    assert "x-ratelimit-limit" not in answer.headers
    body = await served.get(f"{TOKENS}/{made['id']}")
    assert body["output"] == '{"json":{"via":"hook"}}'


async def test_the_same_key_finds_the_same_token(served: Served) -> None:
    first = await create(served, idempotencyKey="order-1", idempotencyKeyTTL="1h")
    again = await create(served, idempotencyKey="order-1")
    assert (again["id"], again["isCached"], again["url"]) == (first["id"], True, first["url"])
    found = await served.get(TOKENS, query={"filter[idempotencyKey]": "order-1"})
    assert [each["id"] for each in found["data"]] == [first["id"]]
    served.time.pass_seconds(3_700)
    assert (await create(served, idempotencyKey="order-1"))["id"] != first["id"]


async def test_pages_lead_on_by_internal_id(served: Served) -> None:
    made = []
    for _ in range(5):
        made.append((await create(served, tags="mine"))["id"])
        served.time.pass_seconds(1)
    query = {"filter[tags]": "mine", "page[size]": "2"}
    first = await served.get(TOKENS, query=query)
    cursor = first["pagination"]["next"]
    assert cursor == first["data"][-1]["id"].removeprefix("waitpoint_")
    second = await served.get(TOKENS, query={**query, "page[after]": cursor})
    ids = [each["id"] for each in [*first["data"], *second["data"]]]
    assert ids == made[:0:-1]
    back = {**query, "page[before]": second["pagination"]["previous"]}
    assert (await served.get(TOKENS, query=back))["data"] == first["data"]


async def test_a_waiting_run_goes_on_when_its_token_is_completed(served: Served) -> None:
    made = await served.post("/api/v1/tasks/approve-refund/trigger", {"payload": {}})
    path = f"/api/v3/runs/{made['id']}"
    tokens: list[dict[str, Any]] = []
    for _ in range(60):
        served.time.pass_seconds(0.5)
        query = {"filter[tags]": made["id"]}
        tokens = (await served.get(TOKENS, query=query))["data"]
        if tokens and (await served.get(path))["status"] == "WAITING":
            break
    assert (await served.get(path))["status"] == "WAITING"
    await served.post(f"{TOKENS}/{tokens[0]['id']}/complete", {"data": {"approved": True}})
    seen = []
    for _ in range(60):
        served.time.pass_seconds(0.5)
        seen.append((await served.get(path))["status"])
        if seen[-1] in {"COMPLETED", "FAILED", "CRASHED", "CANCELED"}:
            break
    assert seen[-1] != "WAITING"
    assert "EXECUTING" in seen


async def test_a_public_token_completes_its_own_waitpoint_only(served: Served) -> None:
    answer = await served("POST", TOKENS, body={})
    token, other = answer.headers["x-trigger-jwt"], await create(served)
    own = f"{TOKENS}/{answer.body['id']}/complete"
    assert (await served("POST", own, who=token, body={})).status == 200
    path = f"{TOKENS}/{other['id']}/complete"
    assert (await served("POST", path, who=token, body={})).status == 403
