"""Answers have the keys, types and nullness that a real server's answers had."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.recorded import names_of, recorded
from tests.simulator.callers import Served, recording
from tests.simulator.shapes import Shape, shape_of
from trigdash.simulator.world.environments import Spawn

LISTS = ("runs_list", "project_runs_list", "ratelimit_headers")


@pytest.fixture(scope="module")
def served() -> Served:
    served = Served(runs=1_500)
    env = served.world.env
    env.queues["task/upload-file"].paused = True
    served.world.engine.trigger(env, Spawn("upload-file", 1))
    return served


@pytest.fixture(scope="module")
def postgres() -> Served:
    return Served(runs=1_500, store="postgres")


def successes(*operations: str, without: str = "") -> list[Any]:
    """The recorded 2xx bodies of some operations."""
    found = [recorded(name) for operation in operations for name in names_of(operation)]
    return [
        each.data
        for each in found
        if each.is_success and each.data is not None and not (without and without in each.name)
    ]


def of_status(bodies: list[Any], status: str) -> list[Any]:
    return [body for body in bodies if body["status"] == status]


def agree(shape: Shape, body: Any) -> None:
    assert shape.samples, "nothing recorded to compare with"
    assert shape.misfits(body) == []


@pytest.mark.parametrize("headers", [{}, {"x-trigger-api-version": ""}])
async def test_lists_of_runs(served: Served, headers: dict[str, str]) -> None:
    shape = shape_of(successes(*LISTS))
    for env in ("prod", "dev"):
        for query in ({"page[size]": "100"}, {"page[size]": "3", "filter[status]": "FAILED"}):
            answer = await served("GET", "/api/v1/runs", who=env, query=query, headers=headers)
            agree(shape, answer.body)
            assert answer.body["data"]


async def test_the_list_of_a_project(served: Served) -> None:
    path = f"/api/v1/projects/{served.world.project.ref}/runs"
    body = await served.get(path, who="pat", query={"filter[env]": "prod", "page[size]": "50"})
    agree(shape_of(successes(*LISTS)), body)


async def test_an_empty_list_of_runs(served: Served) -> None:
    body = await served.get("/api/v1/runs", query={"filter[tag]": "nobody"})
    assert body == recorded("runs_list__empty_env").data == {"data": [], "pagination": {}}


@pytest.mark.parametrize(
    ("own", "shown"),
    [
        ("COMPLETED_SUCCESSFULLY", "COMPLETED"),
        ("COMPLETED_WITH_ERRORS", "FAILED"),
        ("CANCELED", "CANCELED"),
        ("CRASHED", "CRASHED"),
        ("SYSTEM_FAILURE", "SYSTEM_FAILURE"),
        ("TIMED_OUT", "TIMED_OUT"),
        ("EXPIRED", "EXPIRED"),
        ("DELAYED", "DELAYED"),
        ("PENDING_VERSION", "PENDING_VERSION"),
        ("PENDING", "QUEUED"),
        ("EXECUTING", "EXECUTING"),
    ],
)
async def test_a_run_in_each_state(served: Served, own: str, shown: str) -> None:
    if own == "PENDING_VERSION":  # nothing waits for a version on a good day
        await served.post("/api/v1/tasks/translate-catalog/trigger", {"payload": {}})
    run = served.run(own)
    body = await served.get(f"/api/v3/runs/{run.id}")
    whole = successes("runs_get_v3")
    agree(shape_of(whole), body)

    alike = of_status(whole, shown)
    always = set.intersection(*(set(each) for each in alike))
    assert always - {"payload"} <= set(body), f"missing for {shown}"
    for name in (
        "isQueued",
        "isExecuting",
        "isCompleted",
        "isFailed",
        "isSuccess",
        "isCancelled",
        "isWaiting",
    ):
        assert body[name] == alike[0][name], name


async def test_a_run_with_relatives(served: Served) -> None:
    child = next(run for run in served.world.env.runs.all if run.parent and run.in_parents_trace)
    body = await served.get(f"/api/v3/runs/{child.id}")
    agree(shape_of(successes("runs_get_v3")), body)
    assert body["relatedRuns"]["parent"]["id"] == child.parent.id if child.parent else False


async def test_a_scheduled_run_has_the_payload_and_schedule_that_were_recorded(
    served: Served,
) -> None:
    run = next(run for run in served.world.env.runs.all if run.schedule)
    body = await served.get(f"/api/v3/runs/{run.id}")
    shown = [each for each in successes("runs_get_v3") if "schedule" in each]
    agree(
        shape_of([each["payload"] for each in shown]),
        body["payload"] | {"externalId": "x", "lastTimestamp": None},
    )
    agree(
        shape_of([each["schedule"] for each in shown]),
        {"externalId": "x", "deduplicationKey": "x"} | body["schedule"],
    )


@pytest.mark.parametrize(
    "status", ["COMPLETED_SUCCESSFULLY", "COMPLETED_WITH_ERRORS", "CANCELED", "EXECUTING"]
)
async def test_traces_of_the_columnar_store(served: Served, status: str) -> None:
    run = served.run(status)
    shape = shape_of(successes("run_trace"))
    agree(_endless(shape), await served.get(f"/api/v1/runs/{run.id}/trace"))


@pytest.mark.parametrize("status", ["COMPLETED_SUCCESSFULLY", "COMPLETED_WITH_ERRORS", "CANCELED"])
async def test_traces_of_the_relational_store(postgres: Served, status: str) -> None:
    run = postgres.run(status)
    shape = shape_of(successes("run_trace_pgstore"))
    agree(_endless(shape), await postgres.get(f"/api/v1/runs/{run.id}/trace"))


def _endless(shape: Shape) -> Shape:
    """A trace's shape at any depth: what was seen of spans anywhere holds for spans everywhere."""
    samples: list[Any] = []

    def walk(span: dict[str, Any]) -> None:
        samples.append({key: value for key, value in span.items() if key != "children"})
        for child in span["children"]:
            walk(child)

    for name in [*names_of("run_trace"), *names_of("run_trace_pgstore")]:
        answer = recorded(name)
        columnar = name.startswith("run_trace__")
        if answer.is_success and columnar == ("isTruncated" in shape.fields["trace"].fields):
            walk(answer.data["trace"]["rootSpan"])
    node = shape_of(samples)
    node.seen["children"] = node.samples
    node.fields["children"] = Shape()
    node.fields["children"].kinds = {"array"}
    node.fields["children"].element = node
    shape.fields["trace"].fields["rootSpan"] = node
    return shape


async def test_events_of_both_stores(served: Served, postgres: Served) -> None:
    styles = shape_of(successes("run_events"))
    failed = served.run("COMPLETED_WITH_ERRORS")
    agree(styles, await served.get(f"/api/v1/runs/{failed.id}/events"))
    agree(styles, await served.get(f"/api/v1/runs/{served.run('PENDING').id}/events"))
    plain = shape_of(successes("run_events_pgstore"))
    agree(
        plain, await postgres.get(f"/api/v1/runs/{postgres.run('COMPLETED_WITH_ERRORS').id}/events")
    )


async def test_single_spans_of_both_stores(served: Served, postgres: Served) -> None:
    for world, operation in ((served, "run_span"), (postgres, "run_span_pgstore")):
        shape = shape_of(successes("run_span", "run_span_pgstore"))
        shape.fields.setdefault("entityType", shape_of(["attempt"]))
        run = world.run("COMPLETED_WITH_ERRORS")
        events = (await world.get(f"/api/v1/runs/{run.id}/events"))["events"]
        assert len(events) > 3, operation
        for event in events:
            body = await world.get(f"/api/v1/runs/{run.id}/spans/{event['spanId']}")
            body.pop("ai", None)
            agree(shape, body)


async def test_what_is_made_from_a_run(served: Served) -> None:
    run = served.run("COMPLETED_SUCCESSFULLY", "send-email")
    replayed = await served.post(f"/api/v1/runs/{run.id}/replay")
    agree(shape_of(successes("run_replay")), replayed)
    agree(
        shape_of(successes("run_cancel")),
        await served.post(f"/api/v2/runs/{replayed['id']}/cancel"),
    )
    agree(
        shape_of(successes("run_result")), await served.get(f"/api/v1/runs/{replayed['id']}/result")
    )
    agree(
        shape_of(successes("run_tags_post")),
        await served.post(f"/api/v1/runs/{run.id}/tags", {"tags": ["x"]}),
    )
    answer = await served(
        "PUT", f"/api/v1/runs/{replayed['id']}/metadata", body={"metadata": {"a": 1}}
    )
    assert answer.body == {"metadata": {"a": 1}}
    stored = await served.get(f"/api/v1/runs/{replayed['id']}/metadata")
    agree(shape_of([recorded("run_metadata_get__ok").data]), stored)
    assert json.loads(stored["metadata"]) == {"a": 1}
    delayed = served.run("DELAYED")
    moved = await served.post(f"/api/v1/runs/{delayed.id}/reschedule", {"delay": "2h"})
    agree(shape_of(successes("run_reschedule", "runs_get_v3")), moved)


async def test_triggers_and_batches_answer_as_recorded(served: Served) -> None:
    item = {"payload": {"n": 1}}
    named = {"task": "send-email", **item}
    for operation, path, body in (
        ("task_trigger", "/api/v1/tasks/send-email/trigger", item),
        ("tasks_batch_by_id", "/api/v1/tasks/send-email/batch", {"items": [item, item]}),
        ("tasks_batch_v1", "/api/v1/tasks/batch", {"items": [named]}),
        ("tasks_batch_v2", "/api/v2/tasks/batch", {"items": [named, named]}),
        ("batches_v3_create", "/api/v3/batches", {"runCount": 1}),
    ):
        answer = await served("POST", path, body=body)
        examples = [recorded(name) for name in names_of(operation)]
        good = [each for each in examples if each.is_success]
        assert answer.status in {each.status for each in good}, operation
        agree(shape_of([each.data for each in good]), answer.body)
        claims = json.loads(answer.headers["x-trigger-jwt-claims"])
        assert claims.keys() == json.loads(good[0].headers["x-trigger-jwt-claims"]).keys()
        assert answer.headers["x-trigger-jwt"].count(".") == 2


async def test_a_streamed_batch_goes_through_its_states(served: Served) -> None:
    made = await served.post("/api/v3/batches", {"runCount": 2})
    lines = b"\n".join(
        json.dumps({"index": n, "task": "send-email", "payload": "{}"}).encode() for n in range(2)
    )
    answer = await served(
        "POST", f"/api/v3/batches/{made['id']}/items", content=lines,
        headers={"content-type": "application/x-ndjson"},
    )  # fmt: skip
    agree(shape_of([recorded("batches_v3_items__ok").data]), answer.body)
    both = ("batches_get_v1", "batches_get_v2")
    v1, v2 = (shape_of(successes(operation)) for operation in both)
    seen = []
    for seconds in (0.0, 0.15, 300.0):
        served.time.pass_seconds(seconds)
        body = await served.get(f"/api/v2/batches/{made['id']}")
        agree(v2, body)
        agree(v1, await served.get(f"/api/v1/batches/{made['id']}"))
        seen.append((body["status"], len(body["runs"])))
    assert seen == [("PROCESSING", 0), ("PENDING", 2), ("COMPLETED", 2)]
    agree(
        shape_of(successes("batch_results")),
        await served.get(f"/api/v1/batches/{made['id']}/results"),
    )


async def test_items_that_cannot_be_triggered_become_runs_that_say_so(served: Served) -> None:
    sent = recording("batches_v3_items__some_will_fail")["request"]["body"]
    made = await served.post("/api/v3/batches", {"runCount": 3})
    await served(
        "POST", f"/api/v3/batches/{made['id']}/items",
        content=sent.replace("child-task", "send-email").encode(),
        headers={"content-type": "application/x-ndjson"},
    )  # fmt: skip
    served.time.pass_seconds(10)
    working = await served.get(f"/api/v2/batches/{made['id']}")
    assert (working["status"], "processingCompletedAt" in working) == ("PROCESSING", False)
    served.time.pass_seconds(50)
    done = await served.get(f"/api/v2/batches/{made['id']}")
    agree(shape_of([recorded("batches_get_v2__partial_failed_done").data]), done)
    assert (len(done["runs"]), done["processing"]["errors"]) == (3, [])
    for n, run_id in enumerate(done["runs"]):
        body = await served.get(f"/api/v3/runs/{run_id}")
        assert body["payload"] == {"i": n}
        if n:
            like = recorded(f"runs_get_v3__batch_item_{n}_of_partially_failed_batch").data
            agree(shape_of([like]), body)
            assert (body["status"], body["error"]) == (like["status"], like["error"])
            trace = (await served.get(f"/api/v1/runs/{run_id}/trace"))["trace"]["rootSpan"]["data"]
            assert (trace["isError"], trace["isPartial"]) == (True, False)
    served.time.pass_seconds(300)
    assert (await served.get(f"/api/v2/batches/{made['id']}"))["status"] == "COMPLETED"


async def test_the_payload_of_a_batch_is_a_text_unless_it_is_streamed(served: Served) -> None:
    item = {"task": "send-email", "payload": '{"i": 0}'}
    made = await served.post("/api/v2/tasks/batch", {"items": [item]})
    (run_id,) = (await served.get(f"/api/v2/batches/{made['id']}"))["runs"]
    body = await served.get(f"/api/v3/runs/{run_id}")
    assert body["payload"] == recorded("runs_get_v3__batch_item").data["payload"]


async def test_queues_and_what_is_done_to_them(served: Served) -> None:
    agree(shape_of(successes("queues_list")), await served.get("/api/v1/queues"))
    queue = served.world.env.queues["crm"]
    listed = [queue for body in successes("queues_list") for queue in body["data"]]
    reads = shape_of([*successes("queues_get"), *listed])
    agree(reads, await served.get(f"/api/v1/queues/{queue.id}"))
    agree(reads, await served.get("/api/v1/queues/task%252Fsend-email", query={"type": "custom"}))
    path = f"/api/v1/queues/{queue.id}"
    written = shape_of(
        successes("queues_pause", "queues_resume", "queues_override", "queues_reset")
    )
    agree(written, await served.post(f"{path}/pause", {"action": "pause"}))
    agree(written, await served.post(f"{path}/pause", {"action": "resume"}))
    agree(written, await served.post(f"{path}/concurrency/override", {"concurrencyLimit": 2}))
    agree(reads, await served.get(path))
    agree(written, await served.post(f"{path}/concurrency/reset", {"type": "id"}))


@pytest.mark.parametrize(
    ("operation", "path", "who"),
    [
        ("whoami_v1", "/api/v1/whoami", "prod"),
        ("whoami_v2", "/api/v2/whoami?projectRef={ref}", "pat"),
        ("projects_list", "/api/v1/projects", "pat"),
        ("projects_get", "/api/v1/projects/{ref}", "pat"),
        ("orgs_list", "/api/v1/orgs", "pat"),
        ("org_projects", "/api/v1/orgs/acme/projects", "pat"),
        ("project_environments", "/api/v1/projects/{ref}/environments", "pat"),
        ("project_dev_status", "/api/v1/projects/{ref}/dev-status", "pat"),
        ("project_env_get", "/api/v1/projects/{ref}/staging", "pat"),
        ("project_workers_current", "/api/v1/projects/{ref}/prod/workers/current", "pat"),
    ],
)
async def test_who_and_where(served: Served, operation: str, path: str, who: str) -> None:
    body = await served.get(path.format(ref=served.world.project.ref), who=who)
    agree(shape_of(successes(operation)), body)
