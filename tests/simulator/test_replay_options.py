"""Replays with options: what is given replaces, what is left out stays, the rest is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.callers import Served

TRIGGER = "/api/v1/tasks/send-email/trigger"


@pytest.fixture
def served() -> Served:
    return Served(runs=120, version="4.8")


async def original(served: Served) -> str:
    options = {
        "delay": "5h", "tags": ["one", "two"], "metadata": {"from": "original"},
        "machine": "medium-1x", "concurrencyKey": "k1",
    }  # fmt: skip
    return str((await served.post(TRIGGER, {"payload": {"a": 1}, "options": options}))["id"])


async def replay(served: Served, name: str, **body: Any) -> Any:
    made = await served.post(f"/api/v1/runs/{name}/replay", body or None)
    return await served.get(f"/api/v3/runs/{made['id']}")


async def test_what_is_given_replaces_what_the_original_had(served: Served) -> None:
    name = await original(served)
    version = served.world.env.deployments[0].version
    run = await replay(
        served, name, payload=[1, None], tags="three", metadata={"from": "replay"}, delay="1h",
        ttl=90, machine="small-2x", version=version, region="eu-central-1", maxAttempts=2,
        priority=5, queue="crm", concurrencyKey=7,
    )  # fmt: skip
    assert (run["payload"], run["tags"], run["metadata"]) == (
        [1, None],
        ["three"],
        {"from": "replay"},
    )
    assert (run["status"], run["ttl"], run["version"]) == ("DELAYED", "90s", version)
    assert run["region"] == "eu-central-1"
    own = served.world.env.runs.by_id[run["id"]]
    assert (own.machine, own.max_attempts, own.priority_ms) == ("small-2x", 2, 5_000)
    assert (own.queue.name, own.concurrency_key) == ("crm", "7")


async def test_what_is_left_out_comes_from_the_original(served: Served) -> None:
    name = await original(served)
    for body in ({"delay": "1h"}, {}):
        run = await replay(served, name, **body)
        assert (run["payload"], run["tags"]) == ({"a": 1}, ["one", "two"])
        assert run["metadata"] == {"from": "original"}
        own = served.world.env.runs.by_id[run["id"]]
        assert (own.machine, own.concurrency_key) == ("medium-1x", "k1")
        assert ("delayedUntil" in run) == bool(body)


async def test_super_json_is_shown_as_its_plain_half(served: Served) -> None:
    text = '{"json":{"when":"2024-02-29T12:34:56.789Z"},"meta":{"values":{"when":["Date"]}}}'
    name = await original(served)
    kind = "application/super+json"
    run = await replay(served, name, payload=text, payloadType=kind, delay="1h")
    assert run["payload"] == {"when": "2024-02-29T12:34:56.789Z"}


async def test_the_same_key_finds_the_same_replay(served: Served) -> None:
    name = await original(served)
    body = {"delay": "1h", "idempotencyKey": "again", "idempotencyKeyTTL": "10m"}
    first = await replay(served, name, **body)
    before = len(served.world.env.runs)
    assert (await replay(served, name, **body))["id"] == first["id"]
    assert len(served.world.env.runs) == before
    served.time.pass_seconds(601)
    assert (await replay(served, name, **body))["id"] != first["id"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"nosuch": 1}, 400),
        ({"machine": "huge-1x"}, 400),
        ({"metadata": "text"}, 400),
        ({"payload": {"a": 1}, "payloadType": "application/super+json"}, 400),
        ({"payload": "x", "payloadType": "text/plain"}, 400),
        ({"maxAttempts": 0}, 400),
        ({"queue": {"name": "crm"}}, 400),
        ({"tags": ["x" * 129]}, 400),
        ({"idempotencyKey": "x" * 2_049}, 400),
        ({"version": "19990101.1"}, 422),
        ({"queue": "no-such-queue"}, 422),
        ({"tags": [str(n) for n in range(11)]}, 422),
    ],
)
async def test_what_is_refused_makes_no_run(
    served: Served, body: dict[str, Any], status: int
) -> None:
    name = await original(served)
    before = len(served.world.env.runs)
    answer = await served("POST", f"/api/v1/runs/{name}/replay", body=body)
    assert answer.status == status
    assert "error" in answer.body
    assert len(served.world.env.runs) == before


async def test_a_missing_run_is_a_404(served: Served) -> None:
    answer = await served("POST", "/api/v1/runs/run_nosuch/replay", body={"tags": ["x"]})
    assert (answer.status, answer.body) == (404, {"error": "Resource not found"})
