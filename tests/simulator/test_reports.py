"""The health report: refused to a plain key, told to a token that may read it."""

from __future__ import annotations

import pytest

from tests.simulator.callers import Served
from tests.simulator.replaying import exchanges, repeat, same_refusal
from trigdash.simulator.ratelimit import API


@pytest.fixture
def served() -> Served:
    return Served(runs=400, rate=API)


@pytest.mark.parametrize("name", exchanges("reports", refused=True))
async def test_a_plain_key_is_refused_as_recorded(served: Served, name: str) -> None:
    same_refusal(await repeat(served, name), name)


async def test_a_token_reads_the_health_of_its_environment(served: Served) -> None:
    token = served.face.mint(served.world.env, ["read:reports"])
    path = "/api/v1/reports/health"
    body = await served.get(path, who=token, query={"format": "json", "period": "7d"})
    assert body["scope"] == "prod"
    assert body["summary"]["severity"] in {"ok", "warn", "crit"}
    assert {finding["type"] for finding in body["findings"]} == {"flow", "execution"}
    known = {metric["id"] for metric in body["metrics"]}
    assert all(set(finding["metricIds"]) <= known for finding in body["findings"])
    assert body["facts"]["triggered"] == len(
        [r for r in served.world.env.runs.all if served.time.ms - r.created_ms <= 7 * 86_400_000]
    )
    text = await served("GET", path, who=token)
    assert text.text.startswith("# Health of prod, last 1h")
    assert text.headers["content-type"].startswith("text/markdown")


async def test_a_backlog_and_failures_make_it_worse(served: Served) -> None:
    env = served.world.env
    token = served.face.mint(env, ["read:reports"])
    env.queues["task/send-email"].paused = True
    for _ in range(5):
        await served.post("/api/v1/tasks/send-email/trigger", {"payload": {}})
    served.time.pass_seconds(90)
    await served.post("/api/v1/queues/send-email/pause", {"type": "task", "action": "resume"})
    served.time.pass_seconds(3)
    query = {"format": "json", "period": "2m"}
    body = await served.get("/api/v1/reports/health", who=token, query=query)
    flow = next(finding for finding in body["findings"] if finding["type"] == "flow")
    assert flow["severity"] == "crit"
    assert body["summary"]["severity"] == "crit"


async def test_what_is_no_report_is_refused(served: Served) -> None:
    token = served.face.mint(served.world.env, ["admin"])
    assert (await served("GET", "/api/v1/reports/nope", who=token)).status == 404
    bad = await served("GET", "/api/v1/reports/health", who=token, query={"period": "30s"})
    assert bad.status == 400
