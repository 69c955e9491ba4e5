"""Public tokens: minted by the server or by a client, with scopes that hold."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.callers import Served
from tests.simulator.replaying import repeat, same_refusal
from trigdash.simulator.http import credentials
from trigdash.simulator.http.ratelimit import API


@pytest.fixture
def served() -> Served:
    return Served(runs=60, rate=API)


async def minted(served: Served, **body: Any) -> str:
    return str((await served.post("/api/v1/auth/public-tokens", body))["token"])


async def test_the_recorded_refusal_and_grant(served: Served) -> None:
    same_refusal(await repeat(served, "auth_public_token__create"), "auth_public_token__create")
    run = served.run("COMPLETED_SUCCESSFULLY")
    answer = await repeat(served, "auth_jwt__create", run_cmwqzqirk0004zw7dub50uaxj=run.id)
    assert list(answer.body) == ["token"]
    read = await served("GET", f"/api/v3/runs/{run.id}", who=answer.body["token"])
    assert read.status == 200
    assert read.headers["x-ratelimit-limit"] == "60"


async def test_a_client_signs_its_own_with_the_claims_it_was_told(served: Served) -> None:
    answer = await served("POST", "/api/v1/auth/jwt/claims")
    assert answer.body == {"sub": served.world.env.id, "pub": True}
    assert "x-ratelimit-limit" not in answer.headers
    claims = {**answer.body, "scopes": ["read:runs"]}
    now_s = served.time.ms // 1000
    token = credentials.sign_token(claims, served.world.env.secret_key, now_s, 60)
    assert (await served("GET", "/api/v1/runs", who=token)).status == 200
    forged = credentials.sign_token(claims, "tr_prod_not_the_key", now_s, 60)
    assert (await served("GET", "/api/v1/runs", who=forged)).status == 401
    served.time.pass_seconds(61)
    assert (await served("GET", "/api/v1/runs", who=token)).status == 401


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({}, 400, "Invalid request body"),
        ({"scopes": []}, 400, "Invalid request body"),
        ({"scopes": ["read:runs"], "expirationTime": "soon"}, 400, "Invalid expiration time"),
        ({"scopes": ["read:runs"], "expirationTime": 1}, 400,
         "Expiration time must be in the future"),
        ({"scopes": ["read:runs"], "expirationTime": "40d"}, 400,
         "Expiration time cannot exceed 30 days"),
    ],
)  # fmt: skip
async def test_what_cannot_be_minted(
    served: Served, body: dict[str, Any], status: int, words: str
) -> None:
    answer = await served("POST", "/api/v1/auth/public-tokens", body=body)
    assert (answer.status, answer.body["error"]) == (status, words)


async def test_scopes_grant_what_they_name(served: Served) -> None:
    run = served.run("COMPLETED_SUCCESSFULLY")
    path = f"/api/v3/runs/{run.id}"
    for scope, status in (
        (f"read:runs:{run.id}", 200),
        ("read:runs", 200),
        (f"read:tasks:{run.task_id}", 200),
        ("*:all", 200),
        ("admin", 200),
        ("read:runs:run_other", 403),
        ("write:runs", 403),
    ):
        token = await minted(served, scopes=[scope])
        assert (await served("GET", path, who=token)).status == status, scope
    reader = await minted(served, scopes=["read:runs"])
    assert (await served("POST", f"/api/v2/runs/{run.id}/cancel", who=reader)).status == 403
    assert (await served("GET", "/api/v1/queues", who=reader)).status == 401
