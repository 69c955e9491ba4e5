"""Monitoring alerts: for personal access tokens, of one environment, with what happened."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.callers import Served


@pytest.fixture
def served() -> Served:
    return Served(runs=200, version="4.8")


def base(served: Served) -> str:
    return f"/api/v1/projects/{served.world.project.ref}"


NEW: dict[str, Any] = {
    "capabilityKey": "runs.failures",
    "environment": "prod",
    "params": {"scope": {"type": "task", "taskIdentifier": "send-email"}},
    "condition": {"kind": "threshold", "operator": ">", "value": 0.2, "windowSec": 600},
    "behavior": {"expiresAt": "2026-03-04T13:00:00Z"},
    "notifiers": [{"type": "channel", "channelId": "channel_1"}],
    "name": "Mail fails",
}


async def test_capabilities_are_told_by_area(served: Served) -> None:
    path = f"{base(served)}/monitoring-alert-capabilities"
    every = (await served.get(path, who="pat"))["capabilities"]
    assert len({each["key"] for each in every}) == len(every) > 4
    some = (await served.get(path, who="pat", query={"area": "queues"}))["capabilities"]
    assert some
    assert all(each["area"] == "queues" for each in some)


async def test_an_alert_is_made_found_resolved_and_expires(served: Served) -> None:
    path = f"{base(served)}/monitoring-alerts"
    made = (await served.post(path, NEW, who="pat"))["alert"]
    assert (made["name"], made["lifecycle"], made["attention"]) == ("Mail fails", "active", "clear")
    served.world.alerts[made["id"]].add_event("triggered", served.time.ms, {"value": 0.4})
    query = {"environment": "prod", "attention": "needs_attention"}
    listed = (await served.get(path, who="pat", query=query))["alerts"]
    assert [each["id"] for each in listed] == [made["id"]]
    done = await served.post(f"{path}/{made['id']}", {"action": "resolve"}, who="pat")
    assert (done["alert"]["attention"], done["event"]["type"]) == ("clear", "resolved")
    one = await served.get(f"{path}/{made['id']}", who="pat")
    assert one["environmentType"] == "PRODUCTION"
    assert [each["type"] for each in one["events"]] == ["created", "triggered", "resolved"]
    served.time.pass_seconds(3_601)
    expired = await served.get(
        path, who="pat", query={"environment": "prod", "lifecycle": "expired"}
    )
    assert [each["id"] for each in expired["alerts"]] == [made["id"]]


async def test_alerts_belong_to_one_environment(served: Served) -> None:
    path = f"{base(served)}/monitoring-alerts"
    assert (await served.get(path, who="pat", query={"environment": "prod"}))["alerts"]
    assert not (await served.get(path, who="pat", query={"environment": "staging"}))["alerts"]


@pytest.mark.parametrize(
    "change",
    [
        {"capabilityKey": "nosuch"},
        {"environment": "stg"},
        {"notifiers": []},
        {"condition": {"kind": "absence", "quietWindowSec": 60}},
        {"condition": {"kind": "threshold", "operator": "=", "value": 1, "windowSec": 1}},
        {"params": {"scope": {"type": "queue"}}},
    ],
)
async def test_what_cannot_be_watched_is_refused(served: Served, change: dict[str, Any]) -> None:
    path = f"{base(served)}/monitoring-alerts"
    answer = await served("POST", path, who="pat", body=NEW | change)
    assert answer.status == 400


async def test_who_may_not_is_refused(served: Served) -> None:
    path = f"{base(served)}/monitoring-alerts"
    prod = {"environment": "prod"}
    assert (await served("GET", path, query=prod)).status == 401
    assert (await served("GET", path, who="pat")).status == 400
    assert (await served("GET", path, who="pat", query=prod | {"lifecycle": "x"})).status == 400
    assert (await served("GET", f"{path}/alert_nosuch", who="pat")).status == 404
    served.state.has_alerts = False
    assert (await served("GET", path, who="pat", query=prod)).status == 403


async def test_a_query_is_analyzed(served: Served) -> None:
    path = f"{base(served)}/monitoring-alerts/analyze-query"
    body = {"query": "SELECT count() AS n FROM runs"}
    analysis = (await served.post(path, body, who="pat"))["analysis"]
    assert (analysis["tables"], analysis["columns"]) == (["runs"], ["n"])
    bad = await served("POST", path, who="pat", body={"query": "SELECT nope FROM runs"})
    assert bad.status == 400
