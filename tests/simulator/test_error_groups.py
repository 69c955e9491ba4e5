"""Error groups: what fails for the same reason, and what people decide about it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.callers import Served
from tests.simulator.replaying import agrees, exchanges, repeat, same_refusal
from trigdash.simulator.http.ratelimit import API

ERRORS = "/api/v1/errors"
LISTED = tuple(exchanges("errors_list", refused=False))
WEEK = {"filter[period]": "7d"}


@pytest.fixture
def served() -> Served:
    return Served(runs=2_000, rate=API)


async def first_group(served: Served) -> dict[str, Any]:
    group: dict[str, Any] = (await served.get(ERRORS, query=WEEK))["data"][0]
    return group


@pytest.mark.parametrize(
    "name",
    exchanges("errors_list", "errors_get", "errors_resolve", "errors_ignore", refused=True),
)
async def test_a_recorded_refusal_is_repeated(served: Served, name: str) -> None:
    known = (await first_group(served))["id"]
    same_refusal(await repeat(served, name, error_2e020bd07bad01ed=known), name)


@pytest.mark.parametrize("name", LISTED)
async def test_each_recorded_list_is_answered_in_its_shape(served: Served, name: str) -> None:
    agrees(await repeat(served, name), *LISTED)


async def test_groups_are_ordered_by_count_and_add_up(served: Served) -> None:
    groups = (await served.get(ERRORS, query={**WEEK, "page[size]": "100"}))["data"]
    counts = [group["count"] for group in groups]
    assert counts == sorted(counts, reverse=True)
    for group in groups[:3]:
        query = {"filter[error]": group["id"], "page[size]": "100"}
        runs = (await served.get("/api/v1/runs", query=query))["data"]
        assert {run["taskIdentifier"] for run in runs} == {group["taskIdentifier"]}
        assert len(runs) == min(100, group["count"])
    assert (await served.get("/api/v1/runs", query={"filter[error]": "error_00"}))["data"] == []


async def test_one_group_tells_what_was_recorded_of_one(served: Served) -> None:
    group = await first_group(served)
    answer = await served("GET", f"{ERRORS}/{group['id']}")
    agrees(answer, *exchanges("errors_get", refused=False))
    assert answer.body["affectedVersions"]
    run = next(
        run
        for run in (await served.get("/api/v1/runs", query={"filter[error]": group["id"]}))["data"]
    )
    whole = await served.get(f"/api/v3/runs/{run['id']}")
    assert whole["error"].get("name", "Error") in {group["errorType"], "Error"}


async def test_resolve_ignore_and_take_up_again(served: Served) -> None:
    path = f"{ERRORS}/{(await first_group(served))['id']}"
    every = exchanges("errors_resolve", "errors_ignore", "errors_unresolve", refused=False)
    resolved = await served("POST", f"{path}/resolve", body={"resolvedInVersion": "20260304.9"})
    agrees(resolved, *every)
    assert (resolved.body["status"], resolved.body["resolvedInVersion"]) == (
        "resolved",
        "20260304.9",
    )
    ignored = await served("POST", f"{path}/ignore", body={"duration": 60_000, "reason": "flaky"})
    agrees(ignored, *every)
    assert ignored.body["ignoredReason"] == "flaky"
    assert ignored.body["ignoredUntil"] == "2026-03-04T12:01:00.000Z"
    only = await served.get(ERRORS, query={**WEEK, "filter[status]": "ignored"})
    assert [group["id"] for group in only["data"]] == [path.rpartition("/")[2]]
    agrees(await served("POST", f"{path}/unresolve"), *every)
    assert (await served.get(path))["status"] == "unresolved"


async def test_a_resolved_error_that_comes_again_is_unresolved() -> None:
    served = Served(runs=0)
    task = served.world.env.tasks["charge-invoice"]
    path = f"{ERRORS}/{await failing(served, task.id)}"
    await served.post(f"{path}/resolve", {})
    assert (await served.get(path))["status"] == "resolved"
    served.time.pass_seconds(5)
    await failing(served, task.id)
    assert (await served.get(path))["status"] == "unresolved"


async def test_an_error_is_ignored_up_to_a_number_of_occurrences() -> None:
    served = Served(runs=0)
    path = f"{ERRORS}/{await failing(served, 'charge-invoice')}"
    await served.post(f"{path}/ignore", {"totalOccurrences": 2})
    served.time.pass_seconds(5)
    await failing(served, "charge-invoice")
    assert (await served.get(path))["status"] == "ignored"
    await failing(served, "charge-invoice")
    assert (await served.get(path))["status"] == "unresolved"


async def failing(served: Served, task: str) -> str:
    """A run that crashes for lack of memory, and the id of its group."""
    made = await served.post(f"/api/v1/tasks/{task}/trigger", {"options": {"delay": "1h"}})
    run = served.world.env.runs.by_id[made["id"]]
    served.world.engine.cancel(run)
    run.status, run.error = "CRASHED", "TASK_PROCESS_OOM_KILLED"
    run.finished_ms = served.world.now_ms
    served.world.env.runs.close(run)
    group = (await served.get(ERRORS))["data"][0]
    assert group["errorType"] == "TASK_PROCESS_OOM_KILLED"
    return str(group["id"])


async def test_names_in_a_message_do_not_make_another_group(served: Served) -> None:
    groups = (await served.get(ERRORS, query={**WEEK, "page[size]": "100"}))["data"]
    faults = sum(len(task.faults) for task in served.world.env.tasks.values())
    codes = 4 * len(served.world.env.tasks)
    assert len(groups) <= faults + codes
    assert max(group["count"] for group in groups) > 1


async def test_a_public_token_reads_errors_but_does_not_decide(served: Served) -> None:
    group = await first_group(served)
    reader = served.state.mint(served.world.env, ["read:errors"])
    assert (await served("GET", f"{ERRORS}/{group['id']}", who=reader)).status == 200
    path = f"{ERRORS}/{group['id']}/resolve"
    assert (await served("POST", path, who=reader, body={})).status == 403


async def test_a_reason_of_more_than_a_thousand_characters_is_refused(served: Served) -> None:
    group = (await served.get("/api/v1/errors"))["data"][0]["id"]
    path = f"/api/v1/errors/{group}/ignore"
    answer = await served("POST", path, body={"reason": "x" * 1_001})
    assert answer.status == 400
    assert "at most 1000 character(s)" in answer.body["error"]
    assert (await served("POST", path, body={"reason": "x" * 1_000})).status == 200
