"""Concurrency limits and V2 queues: what holds a run, and how it is raised, paused and reset."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.callers import Served
from trigdash.simulator.world.limits import Concurrency, LimitDeclaration
from trigdash.simulator.world.steps import log
from trigdash.simulator.world.tasks import Task

LIMITS = "/api/v1/concurrency-limits"
INLINE = f"{LIMITS}/task%2Fsend"
SHARED = LimitDeclaration("erp", per_key=2, total=3)


def task(name: str, concurrency: Concurrency | None) -> Task:
    return Task(
        name, f"src/{name}.ts", 0, 60_000, 0.01, concurrency=concurrency, steps=(log("hi"),),
        failure=0,
    )  # fmt: skip


TASKS = {
    each.id: each
    for each in (
        task("send", Concurrency(total=2)),
        task("sync", Concurrency(limits=(SHARED,))),
        task("pull", Concurrency(per_key=1, limits=(SHARED,))),
        task("plain", None),
    )
}


@pytest.fixture
def served() -> Served:
    return Served(runs=0, version="4.8", tasks=TASKS)


async def trigger(served: Served, name: str, count: int, **options: Any) -> list[str]:
    path = f"/api/v1/tasks/{name}/trigger"
    made = [await served.post(path, {"payload": {}, "options": options}) for _ in range(count)]
    served.time.pass_seconds(2)
    return [each["id"] for each in made]


async def started(served: Served, ids: list[str]) -> int:
    served.state.catch_up()
    runs = served.world.env.runs.by_id
    return sum(runs[name].status in {"DEQUEUED", "EXECUTING"} for name in ids)


async def test_named_limits_come_before_inline_ones(served: Served) -> None:
    body = await served.get(LIMITS)
    assert [each["name"] for each in body["data"]] == ["erp", "task/pull", "task/send"]
    assert body["pagination"] == {"currentPage": 1, "totalPages": 1, "count": 3}
    erp = body["data"][0]
    assert erp["id"].startswith("climit_")
    bound = {"current": 2, "base": 2, "override": None, "overriddenAt": None}
    assert erp["perKey"] == bound
    assert erp["total"] == bound | {"current": 3, "base": 3}


async def test_a_queue_of_a_task_that_declares_limits_is_v2(served: Served) -> None:
    listed = (await served.get("/api/v1/queues"))["data"]
    queues = {each["name"]: each for each in listed}
    assert (queues["send"]["version"], queues["send"]["concurrencyLimit"]) == ("V2", None)
    assert "concurrency" not in queues["send"]
    assert queues["plain"]["version"] == "V1"
    assert "concurrency" in queues["plain"]
    path = "/api/v1/queues/send/pause"
    paused = await served.post(path, {"type": "task", "action": "pause"})
    assert (paused["version"], paused["paused"]) == ("V2", True)


async def test_an_inline_limit_holds_what_is_beyond_its_total(served: Served) -> None:
    ids = await trigger(served, "send", 5)
    assert await started(served, ids) == 2
    limit = await served.get(INLINE)
    assert (limit["running"], limit["queued"]) == (2, 3)
    queue = await served.get("/api/v1/queues/send", query={"type": "task"})
    assert (queue["running"], queue["queued"]) == (2, 3)


async def test_a_named_limit_is_shared_and_counts_each_key(served: Served) -> None:
    ids = await trigger(served, "sync", 4, concurrencyKey="a")
    assert await started(served, ids) == 2
    others = await trigger(served, "pull", 2, concurrencyKey="b")
    assert await started(served, others) == 1
    limit = await served.get(f"{LIMITS}/erp")
    assert (limit["running"], limit["queued"]) == (3, 3)


async def test_other_limits_can_be_named_when_triggering(served: Served) -> None:
    ids = await trigger(served, "sync", 5, concurrency=[])
    assert await started(served, ids) == 5
    held = await trigger(served, "plain", 5, concurrency=["erp"])
    assert await started(served, held) == 2
    body = {"payload": {}, "options": {"concurrency": ["a", "b", "c"]}}
    assert (await served("POST", "/api/v1/tasks/plain/trigger", body=body)).status == 400


async def test_an_override_lets_runs_start_and_a_reset_holds_the_next(served: Served) -> None:
    ids = await trigger(served, "send", 8)
    raised = await served.post(f"{INLINE}/override", {"total": 5})
    assert (raised["total"]["current"], raised["total"]["base"]) == (5, 2)
    assert raised["total"]["overriddenAt"]
    assert raised["perKey"]["override"] is None
    assert await started(served, ids) == 5
    back = await served.post(f"{INLINE}/reset", {})
    assert (back["total"]["current"], back["total"]["override"]) == (2, None)
    served.time.pass_seconds(1)
    assert await started(served, ids) == 5, "running runs stay"
    again = await served("POST", f"{INLINE}/reset", body={})
    assert (again.status, again.body) == (
        400,
        {"error": "Concurrency limit has no override to reset"},
    )


async def test_zero_blocks(served: Served) -> None:
    await served.post(f"{INLINE}/override", {"total": 0})
    assert await started(served, await trigger(served, "send", 2)) == 0


async def test_an_override_is_no_more_than_the_environment_runs(served: Served) -> None:
    answer = await served("POST", f"{INLINE}/override", body={"total": 500})
    assert answer.status == 400
    assert answer.body["error"] == "`total` (500) cannot exceed the environment limit (25)"


async def test_a_paused_limit_holds_all_and_keeps_its_bounds(served: Served) -> None:
    paused = await served.post(f"{INLINE}/pause", {"action": "pause"})
    assert (paused["paused"], paused["total"]["current"]) == (True, 2)
    assert (await served.post(f"{INLINE}/pause", {"action": "pause"}))["paused"]
    ids = await trigger(served, "send", 2)
    assert await started(served, ids) == 0
    assert not (await served.post(f"{INLINE}/pause", {"action": "resume"}))["paused"]
    served.time.pass_seconds(1)
    assert await started(served, ids) == 2


async def test_one_key_can_have_more_for_a_time(served: Served) -> None:
    path = f"{LIMITS}/erp"
    ids = await trigger(served, "sync", 4, concurrencyKey="vip")
    assert await started(served, ids) == 2
    body = {"concurrencyKey": "vip", "perKey": 3, "ttl": "1h"}
    view = await served.post(f"{path}/override", body)
    assert view["perKey"] | {"expiresAt": ""} == {
        "current": 3, "base": 2, "override": 3, "expiresAt": "",
    }  # fmt: skip
    assert view["running"] == 3
    assert await started(served, ids) == 3
    other = await served.get(path, query={"concurrencyKey": "nobody"})
    assert (other["perKey"]["override"], other["running"]) == (None, 0)
    assert (await served.get(path))["perKey"]["override"] is None
    served.time.pass_seconds(3_600)
    lapsed = await served.get(path, query={"concurrencyKey": "vip"})
    assert (lapsed["perKey"]["current"], lapsed["perKey"]["expiresAt"]) == (2, None)


async def test_a_key_of_zero_is_blocked_until_it_is_reset(served: Served) -> None:
    path = f"{LIMITS}/erp"
    await served.post(f"{path}/override", {"concurrencyKey": 7, "perKey": 0})
    ids = await trigger(served, "sync", 1, concurrencyKey="7")
    assert await started(served, ids) == 0
    back = await served.post(f"{path}/reset", {"concurrencyKey": "7"})
    assert back["perKey"]["override"] is None
    served.time.pass_seconds(1)
    assert await started(served, ids) == 1


@pytest.mark.parametrize(
    "body",
    [
        {}, {"total": -1}, {"total": 1.5}, {"total": 100_001}, {"total": "2"},
        {"total": 1, "ttl": "1d"}, {"concurrencyKey": "k", "total": 1}, {"concurrencyKey": "k"},
        {"concurrencyKey": "", "perKey": 1}, {"concurrencyKey": "k", "perKey": 1, "ttl": "31d"},
        {"concurrencyKey": "k", "perKey": 1, "ttl": 0},
    ],
)  # fmt: skip
async def test_what_is_no_override_is_refused(served: Served, body: dict[str, Any]) -> None:
    assert (await served("POST", f"{LIMITS}/erp/override", body=body)).status == 400
    limit = await served.get(f"{LIMITS}/erp")
    assert (limit["perKey"]["override"], limit["total"]["override"]) == (None, None)


async def test_a_key_of_a_limit_with_only_a_total_is_refused(served: Served) -> None:
    body = {"concurrencyKey": "k", "perKey": 1}
    assert (await served("POST", f"{INLINE}/override", body=body)).status == 400


async def test_a_missing_limit_and_bad_pages_are_refused(served: Served) -> None:
    missing = {"error": "Concurrency limit not found"}
    for method, path in (("GET", ""), ("POST", "/pause"), ("POST", "/reset")):
        answer = await served(method, f"{LIMITS}/nope{path}", body={"action": "pause"})
        assert (answer.status, answer.body) == (404, missing)
    for query in ({"page": "0"}, {"perPage": "0"}, {"perPage": "101"}):
        assert (await served("GET", LIMITS, query=query)).status == 400
    assert (await served("GET", LIMITS, who="pat")).status == 401
    assert (await served.get(LIMITS, query={"page": "9"}))["data"] == []


async def test_a_canceled_run_frees_its_place_and_its_wait(served: Served) -> None:
    ids = await trigger(served, "send", 4)
    runs = served.world.env.runs.by_id
    waiting = [name for name in ids if runs[name].status == "PENDING"]
    await served.post(f"/api/v2/runs/{waiting[0]}/cancel")
    assert (await served.get(INLINE))["queued"] == 1
    working = next(name for name in ids if runs[name].status == "EXECUTING")
    await served.post(f"/api/v2/runs/{working}/cancel")
    served.time.pass_seconds(5)
    limit = await served.get(INLINE)
    assert (limit["running"], limit["queued"]) == (2, 0)


async def test_limits_are_counted_right_through_an_hour() -> None:
    served = Served(runs=800, version="4.8")
    for _ in range(20):
        served.time.pass_seconds(180)
        served.state.catch_up()
        env = served.world.env
        for limit in env.concurrency_limits.values():
            holders = [run for run in env.runs.open.values() if limit in run.limits]
            # A canceled run keeps its place until its worker stops.
            stopping = [
                run for run in env.runs.all[-300:]
                if limit in run.limits and run.status == "CANCELED" and run.started_ms
                and run.finished_ms is None and run.in_queue is False and run.waiting_on is None
            ]  # fmt: skip
            at_work = [run for run in holders if run.status in {"DEQUEUED", "EXECUTING"}]
            assert len(at_work) <= limit.running <= len(at_work) + len(stopping)
            assert limit.waiting == sum(run.in_queue for run in holders)
            assert limit.running == sum(limit.key_running.values())
