"""One switch makes the server of August 2026 (4.5) or of today (4.8)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.callers import Served

NEW_PATHS = [
    "/api/v1/concurrency-limits",
    "/api/v1/concurrency-limits/people-api",
    "/api/v1/query/dashboards/dashboard_x",
]


@pytest.fixture
def old() -> Served:
    return Served(runs=300)


@pytest.fixture
def new() -> Served:
    return Served(runs=300, version="4.8")


@pytest.mark.parametrize("path", NEW_PATHS)
async def test_an_old_server_answers_new_paths_with_a_page(old: Served, path: str) -> None:
    answer = await old("GET", path)
    assert answer.status == 404
    assert answer.headers["content-type"].startswith("text/html")


async def test_an_old_server_reads_alerts_as_an_environment(old: Served) -> None:
    base = f"/api/v1/projects/{old.world.project.ref}"
    for name in ("monitoring-alerts", "monitoring-alert-capabilities"):
        answer = await old("GET", f"{base}/{name}", who="pat", query={"environment": "prod"})
        assert (answer.status, answer.body) == (400, {"error": "Invalid Params"})
    assert (await old("GET", f"{base}/monitoring-alerts/alert_x", who="pat")).status == 404


async def test_an_old_server_has_no_method_to_make_dashboards(old: Served) -> None:
    answer = await old("POST", "/api/v1/query/dashboards", body={"title": ""})
    assert (answer.status, answer.body) == (405, {"message": "Unexpected Server Error"})


async def test_an_old_server_drops_the_options_of_a_replay(old: Served) -> None:
    run = old.world.env.runs.all[-1]
    body = {"delay": "1h", "trigdash_probe": 1}
    made = await old.post(f"/api/v1/runs/{run.id}/replay", body)
    assert "delayedUntil" not in await old.get(f"/api/v3/runs/{made['id']}")
    answer = await old("POST", "/api/v1/runs/run_doesnotexist/replay", body=body)
    assert answer.status == 404


async def test_an_unknown_field_tells_a_new_server_without_an_effect(new: Served) -> None:
    answer = await new("POST", "/api/v1/runs/run_doesnotexist/replay", body={"trigdash_probe": 1})
    assert answer.status == 400


async def test_old_queues_have_no_version(old: Served) -> None:
    for queue in (await old.get("/api/v1/queues", query={"perPage": "100"}))["data"]:
        assert "version" not in queue
        assert queue["concurrency"]["current"] == queue["concurrencyLimit"]


async def test_the_same_runs_live_in_both_worlds(old: Served, new: Served) -> None:
    def lives(served: Served) -> list[tuple[str, str, int]]:
        return [(run.id, run.status, run.updated_ms) for run in served.world.env.runs.all]

    assert lives(old) == lives(new)


async def test_a_new_list_tells_its_window(new: Served, old: Served) -> None:
    async def window(**query: str) -> Any:
        body = await new.get("/api/v1/runs", query={"page[size]": "1", **query})
        return body["appliedFilters"]["createdAt"]

    assert await window() == {"period": "7d"}
    assert await window(**{"filter[createdAt][period]": "1h"}) == {"period": "1h"}
    ends = await window(**{"filter[createdAt][from]": "2026-03-04T10:00:00Z"})
    assert ends == {"from": "2026-03-04T10:00:00.000Z"}
    assert "appliedFilters" not in await old.get("/api/v1/runs")


async def test_a_deployment_tells_its_external_id(new: Served, old: Served) -> None:
    listed = (await new.get("/api/v1/deployments"))["data"]
    external = [each for each in listed if "externalId" in each]
    assert 0 < len(external) < len(listed)
    one = await new.get(f"/api/v1/deployments/{external[0]['id']}")
    assert one["externalId"] == external[0]["externalId"]
    assert not [
        each for each in (await old.get("/api/v1/deployments"))["data"] if "externalId" in each
    ]


async def test_a_run_waits_an_hour_for_its_external_deployment(new: Served) -> None:
    async def trigger(external: str) -> Any:
        body = {"payload": {}, "options": {"externalDeploymentId": external}}
        made = await new.post("/api/v1/tasks/send-email/trigger", body)
        new.time.pass_seconds(2)
        return await new.get(f"/api/v3/runs/{made['id']}")

    known = next(each for each in new.world.env.releases if each.external_id and each.deployed_ms)
    assert (await trigger(known.external_id or ""))["version"] == known.version
    waits = await trigger("no-such-build")
    assert waits["status"] == "PENDING_VERSION"
    new.time.pass_seconds(3_601)
    assert (await new.get(f"/api/v3/runs/{waits['id']}"))["status"] == "EXPIRED"


async def test_an_error_tells_its_causes_outermost_first(new: Served, old: Served) -> None:
    def caused(served: Served) -> str:
        return next(
            run.id
            for run in served.world.env.runs.all
            if run.status == "COMPLETED_WITH_ERRORS" and run.task and isinstance(run.error, int)
            and run.task.faults[run.error].causes
        )  # fmt: skip

    error = (await new.get(f"/api/v3/runs/{caused(new)}"))["error"]
    assert [each["name"] for each in error["causes"]] == ["SocketError", "Error"]
    assert all(each["stackTrace"] for each in error["causes"])
    assert "causes" not in (await old.get(f"/api/v3/runs/{caused(old)}"))["error"]


async def test_stored_packets_have_an_address_that_can_be_renewed(new: Served, old: Served) -> None:
    path = "/api/v1/tasks/send-email/trigger"
    large = (await new.post(path, {"payload": "x" * 600_000, "options": {"delay": "1h"}}))["id"]
    small = (await new.post(path, {"payload": 1, "options": {"delay": "1h"}}))["id"]
    link = (await new.get(f"/api/v1/runs/{large}/packets/payload"))["presignedUrl"]
    assert await new.get(link.removeprefix("http://127.0.0.1"), who="none") == "x" * 600_000
    for missing in (f"{small}/packets/payload", f"{large}/packets/output", "run_x/packets/payload"):
        answer = await new("GET", f"/api/v1/runs/{missing}")
        assert (answer.status, answer.body) == (404, {"error": "Not found"})
    assert (await new("GET", f"/api/v1/runs/{large}/packets/error")).status == 400
    page = await old("GET", f"/api/v1/runs/{small}/packets/payload")
    assert page.headers["content-type"].startswith("text/html")
