"""What the real server does that may surprise its clients, a test for each surprise.

Each is told by a recording, or by the reference where no recording could be made.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.recorded import recorded
from tests.simulator.callers import START_MS, Served
from trigdash.simulator.http.ratelimit import API
from trigdash.simulator.scenarios.arrivals import trigger_one

RUNS = "/api/v1/runs"
TRIGGER = "/api/v1/tasks/send-email/trigger"
FLAGS = (
    "isQueued", "isExecuting", "isCompleted", "isFailed", "isSuccess", "isCancelled", "isWaiting",
)  # fmt: skip


@pytest.fixture
def served() -> Served:
    return Served(runs=500, rate=API)


async def whole(served: Served, run: str, **more: Any) -> dict[str, Any]:
    body: dict[str, Any] = await served.get(f"/api/v3/runs/{run}", **more)
    return body


async def delayed(served: Served, **options: Any) -> str:
    body = {"payload": {"n": 1}, "options": {"delay": "2h", **options}}
    return str((await served.post(TRIGGER, body))["id"])


async def test_the_first_thing_asked_for_is_a_credential(served: Served) -> None:
    bare = await served("GET", "/api/v1/nowhere", who="none")
    assert bare.status == 401
    assert bare.headers["content-type"].startswith("application/problem+json")
    assert bare.body["title"] == "Unauthorized"
    unknown = await served("GET", "/api/v1/nowhere")
    assert unknown.status == 404
    assert unknown.headers["content-type"].startswith("text/html")
    assert "x-ratelimit-limit" in unknown.headers
    slash = await served("GET", f"{RUNS}/")
    assert (slash.status, slash.headers["location"]) == (301, RUNS)


async def test_statuses_have_two_vocabularies_chosen_by_a_header(served: Served) -> None:
    run = served.run("COMPLETED_SUCCESSFULLY")
    later = await delayed(served)
    for own, old, new in (
        ("DEQUEUED", "EXECUTING", "DEQUEUED"),
        ("WAITING_TO_RESUME", "FROZEN", "WAITING"),
        ("PAUSED", "FROZEN", "WAITING"),
        ("RETRYING_AFTER_FAILURE", "REATTEMPTING", "EXECUTING"),
        ("INTERRUPTED", "INTERRUPTED", "FAILED"),
        ("WAITING_FOR_DEPLOY", "WAITING_FOR_DEPLOY", "PENDING_VERSION"),
    ):
        run.status = own
        for version, shown in (("", old), ("2099-01-01", old), ("2025-07-16", new)):
            headers = {"x-trigger-api-version": version}
            assert (await whole(served, run.id, headers=headers))["status"] == shown
            query = {"filter[taskIdentifier]": run.task_id, "page[size]": "100"}
            page = await served.get(RUNS, query=query, headers=headers)
            assert next(r for r in page["data"] if r["id"] == run.id)["status"] == shown
    moved = await served.post(f"{RUNS}/{later}/reschedule", {"delay": "3h"})
    assert moved["status"] == "DELAYED"


async def test_what_is_absent_is_left_out_and_some_lists_are_always_empty(served: Served) -> None:
    run = await whole(served, await delayed(served))
    assert not {"startedAt", "finishedAt", "version", "error", "batchId", "ttl"} & set(run)
    assert None not in [run[name] for name in run if name != "payload"]
    done = await whole(served, served.run("COMPLETED_SUCCESSFULLY").id)
    assert done["attempts"] == []
    assert done["attemptCount"] >= 1
    assert isinstance(done["relatedRuns"]["children"], list)
    assert (await served.get(RUNS, query={"filter[tag]": "nobody"}))["pagination"] == {}


async def test_windows_pages_and_cursors_of_the_run_list(served: Served) -> None:
    def created(page: dict[str, Any]) -> list[str]:
        return [run["createdAt"] for run in page["data"]]

    old = served.world.env.runs.all[0]
    query = {"filter[taskIdentifier]": old.task_id, "page[size]": "100"}
    assert START_MS - old.created_ms > 7 * 86_400_000
    assert old.id not in str(await served.get(RUNS, query=query))
    everything = {"filter[createdAt][to]": str(old.created_ms)}
    assert old.id in str(await served.get(RUNS, query=everything))
    assert (await served("GET", RUNS, query={"filter[createdAt][period]": "banana"})).status == 200
    first = await served.get(RUNS, query={"page[size]": "4"})
    after = {"page[size]": "4", "page[after]": first["pagination"]["next"]}
    second = await served.get(RUNS, query=after)
    before = {"page[size]": "4", "page[before]": second["pagination"]["previous"]}
    back = await served.get(RUNS, query=before)
    assert created(back) == sorted(created(first))
    odd = await served("GET", RUNS, query={"page[after]": "garbage", "page[size]": "4"})
    assert (odd.status, created(odd.body)) == (200, created(first))


async def test_two_ends_have_no_flag_and_a_cancelled_run_counts_as_failed(served: Served) -> None:
    for own in ("EXPIRED", "TIMED_OUT"):
        run = served.run("COMPLETED_SUCCESSFULLY")
        run.status = own
        body = await whole(served, run.id)
        assert [body[name] for name in FLAGS] == [False] * 7
    later = await delayed(served)
    await served.post(f"/api/v2/runs/{later}/cancel")
    body = await whole(served, later)
    assert (body["isFailed"], body["isCancelled"], body["isCompleted"]) == (True, True, True)


async def test_results_are_missing_but_for_cancelled_runs(served: Served) -> None:
    for own in ("COMPLETED_SUCCESSFULLY", "COMPLETED_WITH_ERRORS"):
        answer = await served("GET", f"{RUNS}/{served.run(own).id}/result")
        assert (answer.status, answer.body) == (404, recorded("run_result__completed").data)
    later = await delayed(served)
    await served.post(f"/api/v2/runs/{later}/cancel")
    assert (await served.get(f"{RUNS}/{later}/result"))["ok"] is False
    batch = next(iter(served.world.env.batches))
    assert (await served.get(f"/api/v1/batches/{batch}/results"))["items"] == []


async def test_what_can_be_done_to_a_run_in_any_state(served: Served) -> None:
    done = served.run("COMPLETED_WITH_ERRORS").id
    for _ in range(2):
        assert await served.post(f"/api/v2/runs/{done}/cancel") == {"id": done}
    assert (await served.post(f"{RUNS}/{await delayed(served)}/replay"))["id"]
    refused = await served("POST", f"{RUNS}/{done}/reschedule", body={"delay": "1h"})
    assert (refused.status, refused.body["error"]) == (
        400,
        "Cannot reschedule a run that is not delayed",
    )
    tags = {"tags": [f"t{n}" for n in range(11)]}
    assert (await served("POST", f"{RUNS}/{done}/tags", body=tags)).status == 422
    later = await delayed(served, metadata={"a": 1})
    steps = [{"type": "increment", "key": "a", "value": 2}, {"type": "set", "key": "b", "value": 0}]
    answer = await served("PUT", f"{RUNS}/{later}/metadata", body={"operations": steps})
    assert answer.body == {"metadata": {"a": 3, "b": 0}}
    stored = await served.get(f"{RUNS}/{later}/metadata")
    assert json.loads(stored["metadata"]) == {"a": 3, "b": 0}


async def test_triggering_forgives_much(served: Served) -> None:
    unknown = await served.post("/api/v1/tasks/nobody-has-this/trigger", {"payload": 1})
    assert (await whole(served, unknown["id"]))["status"] == "PENDING_VERSION"
    dev = await served.post("/api/v1/tasks/nobody-has-this/trigger", {"payload": 1}, who="dev")
    in_dev = await whole(served, dev["id"], who="dev")
    assert (in_dev["status"], in_dev["ttl"]) == ("QUEUED", "10m")
    body = {"payload": 1, "options": {"delay": "xx", "idempotencyKey": "one"}}
    answer = await served("POST", TRIGGER, body=body)
    assert answer.status == 200
    assert "delayedUntil" not in await whole(served, answer.body["id"])
    again = await served.post(TRIGGER, body)
    assert again == {"id": answer.body["id"], "isCached": True}
    claims = json.loads(answer.headers["x-trigger-jwt-claims"])
    assert claims["scopes"][0] == f"read:runs:{answer.body['id']}"
    assert answer.headers["x-trigger-jwt"].count(".") == 2


async def test_traces_events_and_spans_count_time_each_in_their_own_way(served: Served) -> None:
    run = served.run("COMPLETED_WITH_ERRORS", "send-email")
    trace = (await served.get(f"{RUNS}/{run.id}/trace"))["trace"]
    assert trace["isTruncated"] is False
    lines = [c["data"] for c in trace["rootSpan"]["children"] if c["data"]["level"] == "DEBUG"]
    assert lines
    assert {line["duration"] for line in lines} == {100}
    assert all(line["message"].startswith("[engine] ") for line in lines)
    events = (await served.get(f"{RUNS}/{run.id}/events"))["events"]
    root = next(event for event in events if event["parentId"] is None)
    assert isinstance(root["startTime"], str)
    assert int(root["startTime"]) // 1_000_000 == run.created_ms
    span = await served.get(f"{RUNS}/{run.id}/spans/{root['spanId']}")
    assert abs(span["durationMs"] * 1e6 - root["duration"]) < 1e6
    waiting = trigger_one_waiting(served)
    queued = (await served.get(f"{RUNS}/{waiting}/trace"))["trace"]["rootSpan"]["data"]
    assert (queued["isPartial"], queued["duration"]) == (True, 0)


def trigger_one_waiting(served: Served) -> str:
    served.world.env.queues["task/send-email"].paused = True
    trigger_one(served.world, served.world.env, "send-email", 77, delay_until_ms=None)
    return next(run.id for run in reversed(served.world.env.runs.all) if run.status == "PENDING")


async def test_queues_go_by_three_names_and_differ_in_their_404s(served: Served) -> None:
    queue = served.world.env.queues["task/send-email"]
    by_id = await served.get(f"/api/v1/queues/{queue.id}")
    for path in ("send-email?type=task", "task%252Fsend-email?type=custom"):
        assert await served.get(f"/api/v1/queues/{path}") == by_id
    assert by_id["name"] == "send-email"
    assert set(by_id["concurrency"]) == {
        "current", "base", "override", "overriddenBy", "overriddenAt",
    }  # fmt: skip
    body = {"type": "task", "action": "pause"}
    paused = await served.post("/api/v1/queues/send-email/pause", body)
    assert set(by_id) - set(paused) == {"concurrencyLimitOverridePercent"}
    missing = await served("GET", "/api/v1/queues/nope?type=task")
    assert missing.body == {"error": "queue-not-found"}
    over = {"type": "task", "concurrencyLimit": 1}
    other = await served("POST", "/api/v1/queues/nope/concurrency/override", body=over)
    assert other.body == {"error": "Queue not found"}


async def test_bulk_actions_are_accepted_first_and_done_later(served: Served) -> None:
    body = {"action": "cancel", "runIds": [await delayed(served)]}
    answer = await served("POST", "/api/v1/bulk-actions", body=body)
    assert answer.status == 202
    path = f"/api/v1/bulk-actions/{answer.body['id']}"
    assert (await served.get(path))["status"] == "PENDING"
    served.time.pass_seconds(1)
    assert (await served.get(path))["counts"] == {"total": 1, "success": 1, "failure": 0}
    assert (await served("POST", f"{path}/abort")).status == 409


async def test_schedules_come_in_three_forms_and_put_makes_new_ones(served: Served) -> None:
    body = {"task": "sync-inventory", "cron": "0 * * * *", "deduplicationKey": "k"}
    made = await served.post("/api/v1/schedules", body)
    assert (await served.post("/api/v1/schedules", body))["id"] == made["id"]
    put = await served("PUT", "/api/v1/schedules/sched_nobody", body=body)
    assert put.status == 200
    assert put.body["id"] != made["id"]
    listed = (await served.get("/api/v1/schedules"))["data"][0]
    read = await served.get(f"/api/v1/schedules/{made['id']}")
    forms = [set(form["environments"][0]) for form in (made, listed, read)]
    assert forms == [{"id", "shortcode", "type"}, {"id", "slug", "type"}, {"id", "type"}]
    assert made["nextRun"] < made["nextRunEffectiveAt"] < made["nextRun"].replace(":00.", ":59.9")


async def test_variables_ignore_the_slug_hide_secrets_and_import_a_map(served: Served) -> None:
    base = f"/api/v1/projects/{served.world.project.ref}/envvars"
    assert await served.get(f"{base}/nope") == await served.get(f"{base}/prod")
    assert "<redacted>" in {each["value"] for each in await served.get(f"{base}/prod")}
    given = {"variables": {"A": "1"}}
    assert await served.post(f"{base}/prod/import", given) == {"success": True}


async def test_deployments_have_no_latest_and_pages_of_five_at_least(served: Served) -> None:
    base = "/api/v1/deployments"
    assert (await served("GET", f"{base}/latest")).status == 404
    assert len((await served.get(base, query={"page[size]": "2"}))["data"]) == 5
    current = await served.get(f"{base}/current")
    again = await served("POST", f"{base}/{current['version']}/promote")
    assert again.status == 400
    by_id = await served("POST", f"{base}/{current['id']}/promote")
    assert by_id.status == 404


async def test_realtime_rows_are_texts_under_older_or_newer_header_names(served: Served) -> None:
    path = f"/realtime/v1/runs/{await delayed(served)}?offset=-1"
    old = await served("GET", path)
    new = await served("GET", path, headers={"x-trigger-electric-version": "1.0.0-beta.1"})
    assert "electric-shape-id" in old.headers
    assert "electric-handle" in new.headers
    row, end = new.body
    assert end == {"headers": {"control": "up-to-date"}}
    assert row["value"]["createdAt"] == "2026-03-04T12:00:00.000"
    assert "x-ratelimit-limit" not in new.headers


async def test_the_rate_limit_tells_milliseconds_and_no_retry_after(served: Served) -> None:
    answer = await served("GET", RUNS, query={"page[size]": "1"})
    assert answer.headers["x-ratelimit-limit"] == "750"
    bucket = served.state.limiter.bucket(served.world.env.id, API, served.time.ms)
    bucket.tokens = 0
    refused = await served("GET", RUNS)
    assert refused.status == 429
    assert "retry-after" not in refused.headers
    assert refused.headers["content-type"].startswith("application/problem+json")
    assert int(refused.headers["x-ratelimit-reset"]) == refused.body["reset"] > START_MS
    assert refused.body["remaining"] == -1
    served.time.pass_seconds(10)
    later = await served("GET", RUNS)
    assert (later.status, later.headers["x-ratelimit-remaining"]) == (200, "249")
