"""Bulk actions: many runs at once, a few at a time, counted as they go."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.callers import Served
from tests.simulator.replaying import agrees, exchanges, repeat, same_refusal
from trigdash.simulator.http.ratelimit import API

BULK = "/api/v1/bulk-actions"
# What these say depends on an action that exists; the stories below tell of it.
OF_AN_ACTION = {
    "bulk_actions_abort__again",
    "bulk_actions_abort__err_completed",
    "bulk_actions_create__err_429_fourth_replay",
}


@pytest.fixture
def served() -> Served:
    return Served(runs=300, rate=API)


async def delayed_runs(served: Served, count: int, tag: str = "many") -> list[str]:
    """Runs that stay put until told otherwise."""
    options = {"delay": "5h", "tags": [tag]}
    path = "/api/v1/tasks/send-email/trigger"
    made = [await served.post(path, {"payload": {}, "options": options}) for _ in range(count)]
    return [each["id"] for each in made]


async def bulk(served: Served, **body: Any) -> str:
    answer = await served("POST", BULK, body=body)
    assert answer.status == 202, answer.text
    return str(answer.body["id"])


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in exchanges("bulk_actions_create", "bulk_actions_get", "bulk_actions_list",
                              "bulk_actions_abort", refused=True)
        if name not in OF_AN_ACTION
    ],
)  # fmt: skip
async def test_a_recorded_refusal_is_repeated(served: Served, name: str) -> None:
    same_refusal(await repeat(served, name), name)


@pytest.mark.parametrize(
    "name",
    [
        "bulk_actions_create__cancel_filter",
        "bulk_actions_create__cancel_many",
        "bulk_actions_create__to_abort",
        "bulk_actions_create__unknown_run_ids",
    ],
)
async def test_each_recorded_order_is_accepted_at_once(served: Served, name: str) -> None:
    agrees(await repeat(served, name), name)


async def test_an_action_has_the_recorded_shape_before_and_after(served: Served) -> None:
    await delayed_runs(served, 3)
    action = await bulk(served, action="cancel", name="Clean up", filter={"tag": "many"})
    now = await served("GET", f"{BULK}/{action}")
    agrees(now, "bulk_actions_get__just_created")
    assert now.body["counts"] == {"total": 3, "success": 0, "failure": 0}
    served.time.pass_seconds(1)
    done = await served("GET", f"{BULK}/{action}")
    agrees(done, "bulk_actions_get__bulk2", "bulk_actions_get__just_created")
    assert (done.body["status"], done.body["counts"]["success"]) == ("COMPLETED", 3)
    listed = await served("GET", BULK)
    agrees(listed, "bulk_actions_list__ok")
    assert [each["id"] for each in listed.body["data"]] == [action]


async def test_three_hundred_runs_take_a_while_and_are_counted_by_the_batch(
    served: Served,
) -> None:
    ids = await delayed_runs(served, 300)
    action = await bulk(served, action="cancel", runIds=ids)
    seen = []
    for _ in range(80):
        served.time.pass_seconds(0.1)
        body = await served.get(f"{BULK}/{action}")
        seen.append(body["counts"]["success"])
        if body["status"] == "COMPLETED":
            break
    assert seen == sorted(seen)
    assert sorted(set(seen)) == [0, 100, 200, 300]
    runs = served.world.env.runs.by_id
    assert {runs[run].status for run in ids} == {"CANCELED"}


async def test_cancelling_what_has_ended_is_a_failure(served: Served) -> None:
    done = served.run("COMPLETED_SUCCESSFULLY").id
    waiting = (await delayed_runs(served, 1))[0]
    action = await bulk(served, action="cancel", runIds=[done, waiting, "run_unknown"])
    served.time.pass_seconds(2)
    body = await served.get(f"{BULK}/{action}")
    assert body["counts"] == {"total": 2, "success": 1, "failure": 1}
    assert body["status"] == "COMPLETED"


async def test_a_replay_makes_new_runs_that_the_action_finds(served: Served) -> None:
    done = [run.id for run in served.world.env.runs.all if run.task_id == "send-email"][-4:]
    action = await bulk(served, action="replay", runIds=done)
    served.time.pass_seconds(2)
    assert (await served.get(f"{BULK}/{action}"))["counts"]["success"] == 4
    page = await served.get("/api/v1/runs", query={"filter[bulkAction]": action})
    assert len(page["data"]) == 4
    assert not {run["id"] for run in page["data"]} & set(done)


async def test_a_filter_means_what_lists_mean_by_it(served: Served) -> None:
    wanted = {"status": ["FAILED", "CRASHED"], "taskIdentifier": ["send-email", "sync-crm"]}
    query = {
        "filter[status]": "FAILED,CRASHED",
        "filter[taskIdentifier]": "send-email,sync-crm",
        "page[size]": "100",
    }
    listed = len((await served.get("/api/v1/runs", query=query))["data"])
    assert listed
    action = await bulk(served, action="cancel", filter=wanted)
    assert (await served.get(f"{BULK}/{action}"))["counts"]["total"] == listed


@pytest.mark.parametrize(
    "wanted",
    [
        {"queue": {"type": "task", "name": "send-email"}},
        {"queue": [{"type": "custom", "name": "crm"}]},
        {"period": "1h"},
        {"isTest": True, "from": 0},
        {"machine": "small-1x", "to": "2026-03-04T12:00:00Z", "from": "2026-03-01"},
        {"region": ["us-east-1"], "version": "20200101.1"},
    ],
)
async def test_every_field_of_a_filter_is_taken(served: Served, wanted: dict[str, Any]) -> None:
    action = await bulk(served, action="cancel", filter=wanted)
    total = (await served.get(f"{BULK}/{action}"))["counts"]["total"]
    assert total <= len(served.world.env.runs)
    assert (total == 0) == ("version" in wanted)


async def test_abort_lets_the_batch_at_work_end_and_a_second_one_is_a_conflict(
    served: Served,
) -> None:
    ids = await delayed_runs(served, 300)
    action = await bulk(served, action="cancel", runIds=ids)
    served.time.pass_seconds(2.1)
    agrees(await served("POST", f"{BULK}/{action}/abort"), "bulk_actions_abort__between_batches")
    at_once = await served("GET", f"{BULK}/{action}")
    agrees(at_once, "bulk_actions_get__aborted_at_once")
    assert at_once.body["status"] == "ABORTED"
    assert at_once.body["counts"] == {"total": 300, "success": 100, "failure": 0}
    served.time.pass_seconds(3)
    later = await served("GET", f"{BULK}/{action}")
    agrees(later, "bulk_actions_get__aborted_15_s_later")
    assert later.body["status"] == "ABORTED"
    assert later.body["counts"] == {"total": 300, "success": 200, "failure": 0}
    served.time.pass_seconds(30)
    assert (await served.get(f"{BULK}/{action}")) == later.body
    runs = served.world.env.runs.by_id
    assert sum(runs[run].status == "DELAYED" for run in ids) == 100
    again = await served("POST", f"{BULK}/{action}/abort")
    assert (again.status, again.body["error"]) == (
        409,
        f"Bulk action group already aborted: {action}",
    )


async def test_abort_in_the_last_batch_ends_as_completed(served: Served) -> None:
    ids = await delayed_runs(served, 180)
    action = await bulk(served, action="cancel", runIds=ids)
    served.time.pass_seconds(2.1)
    agrees(await served("POST", f"{BULK}/{action}/abort"), "bulk_actions_abort__in_last_batch")
    assert (await served.get(f"{BULK}/{action}"))["status"] == "ABORTED"
    served.time.pass_seconds(3)
    body = await served.get(f"{BULK}/{action}")
    assert (body["status"], body["counts"]["success"]) == ("COMPLETED", 180)
    assert body["completedAt"]


async def test_abort_before_the_first_batch_touches_nothing(served: Served) -> None:
    ids = await delayed_runs(served, 3)
    action = await bulk(served, action="cancel", name="abort me", runIds=ids)
    await served.post(f"{BULK}/{action}/abort")
    served.time.pass_seconds(30)
    now = await served("GET", f"{BULK}/{action}")
    agrees(now, "bulk_actions_get__bulk4", "bulk_actions_get__just_created")
    assert now.body["counts"] == {"total": 3, "success": 0, "failure": 0}


async def test_a_run_that_ends_by_itself_meanwhile_is_in_neither_figure(served: Served) -> None:
    ids = await delayed_runs(served, 114)
    action = await bulk(served, action="cancel", runIds=ids)
    oldest = [served.world.env.runs.by_id[run] for run in ids[:14]]
    for run in oldest:
        served.world.engine.cancel(run, "by somebody else")
    served.time.pass_seconds(10)
    body = await served.get(f"{BULK}/{action}")
    assert body["counts"] == {"total": 114, "success": 100, "failure": 0}
    assert body["status"] == "COMPLETED"


async def test_abort_of_a_finished_action_is_a_conflict(served: Served) -> None:
    action = await bulk(served, action="cancel", runIds=["run_unknown"])
    served.time.pass_seconds(1)
    answer = await served("POST", f"{BULK}/{action}/abort")
    assert answer.status == 409
    assert answer.body["error"] == f"Bulk action group already completed: {action}"


async def test_only_three_replays_run_at_a_time(served: Served) -> None:
    for _ in range(3):
        await bulk(served, action="replay", filter={"period": "7d"})
    answer = await served("POST", BULK, body={"action": "replay", "runIds": ["run_x"]})
    same_refusal(answer, "bulk_actions_create__err_429_fourth_replay")
    assert (await served("POST", BULK, body={"action": "cancel", "runIds": ["x"]})).status == 202


async def test_more_than_five_hundred_ids_are_refused(served: Served) -> None:
    body = {"action": "cancel", "runIds": [f"run_{n}" for n in range(501)]}
    answer = await served("POST", BULK, body=body)
    assert answer.status == 400
    assert answer.body["error"].startswith("Too many runIds (501). Maximum is 500.")


async def test_pages_of_the_list_go_back_and_forth_newest_first(served: Served) -> None:
    made = []
    for _ in range(5):
        made.append(await bulk(served, action="cancel", runIds=["x"]))
        served.time.pass_seconds(1)
    first = await served.get(BULK, query={"page[size]": "2"})
    after = first["pagination"]["next"]
    second = await served("GET", BULK, query={"page[size]": "2", "page[after]": after})
    agrees(second, "bulk_actions_list__page_after", "bulk_actions_list__page_size")
    assert [each["id"] for each in [*first["data"], *second.body["data"]]] == made[:0:-1]
    back = await served.get(BULK, query={"page[before]": second.body["pagination"]["previous"]})
    assert [each["id"] for each in back["data"]] == made[:2:-1]
