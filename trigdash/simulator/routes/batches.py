"""Batches: made in four ways, and read in two forms."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from trigdash.simulator.batches import Batch
from trigdash.simulator.durations import iso
from trigdash.simulator.environments import Environment
from trigdash.simulator.replies import Refusal, Reply, json_response
from trigdash.simulator.requests import invalid, want_object
from trigdash.simulator.routes.triggers import sized_body, token_headers
from trigdash.simulator.routing import FORBIDDEN, Call, Route
from trigdash.simulator.triggering import make_batch, trigger_item
from trigdash.simulator.world import World

BATCH_BYTES = 1_000_000
CREATE_BYTES = 131_072
# A streamed batch is PROCESSING this long before its items are runs.
PROCESSING_MS = 120


def _find(call: Call) -> Batch:
    batch = call.env.batches.get(call.params["batch"])
    if batch is None:
        raise Refusal(404, "Not found", x_should_retry="true")
    call.require(f"read:batch:{batch.id}", "read:runs")
    return batch


def _common(batch: Batch) -> dict[str, Any]:
    body: dict[str, Any] = {"id": batch.id, "status": batch.status}
    if batch.idempotency_key is not None:
        body["idempotencyKey"] = batch.idempotency_key
    body["createdAt"] = iso(batch.created_ms)
    body["updatedAt"] = iso(batch.updated_ms)
    return body


def retrieve_v1(call: Call) -> Any:
    """`GET /api/v1/batches/{batch}`; the counts are of runs made, not of outcomes (recorded)."""
    batch = _find(call)
    body = _common(batch)
    body["runCount"] = batch.run_count
    body["runs"] = [run.id for run in batch.runs]
    if batch.style == "v3" and batch.processed_ms is not None:
        body["successfulRunCount"] = len(batch.runs)
        body["failedRunCount"] = len(batch.errors)
    if batch.errors:
        body["errors"] = batch.errors
    return body


def retrieve_v2(call: Call) -> Any:
    """`GET /api/v2/batches/{batch}`"""
    batch = _find(call)
    body = _common(batch)
    processing: dict[str, Any] = {}
    if batch.processed_ms is not None:
        body["processingCompletedAt"] = iso(batch.processed_ms)
        processing["completedAt"] = iso(batch.processed_ms)
    body["runCount"] = batch.run_count
    body["runs"] = [run.id for run in batch.runs]
    processing["errors"] = batch.errors
    body["processing"] = processing
    return body


def results(call: Call) -> Any:
    """`GET /api/v1/batches/{batch}/results`: empty for the current engine (recorded)."""
    if call.params["batch"] not in call.env.batches:
        raise Refusal(404, "Batch not found")
    return {"id": call.params["batch"], "items": []}


def _items(body: object) -> list[dict[str, Any]]:
    items = want_object(body).get("items")
    if items is None:
        raise invalid("Required", "items")
    if not isinstance(items, list):
        raise invalid("Expected array, received object", "items")
    return [want_object(item, "items", str(n)) for n, item in enumerate(items)]


def _checked(call: Call) -> list[dict[str, Any]]:
    """The items of a v1 or v2 batch; none at all is a missing permission (recorded)."""
    items = _items(sized_body(call, BATCH_BYTES))
    if not items:
        raise Refusal(403, FORBIDDEN)
    if len(items) > 500:
        raise Refusal(
            400, f"Batch size of {len(items)} is too large. Maximum allowed batch size is 500."
        )
    for item in items:
        call.require(f"batchTrigger:tasks:{item.get('task')}", f"trigger:tasks:{item.get('task')}")
    return items


def create_for_task(call: Call) -> Any:
    """`POST /api/v1/tasks/{task}/batch`"""
    items = _items(sized_body(call, BATCH_BYTES))
    if not items:
        raise Refusal(400, "No items to trigger")
    if len(items) > 100:
        raise Refusal(400, "Too many items. Maximum allowed batch size is 100.")
    batch = make_batch(call.world, call.env, "v1", len(items))
    for item in items:
        trigger_item(call.world, call.env, call.params["task"], item, {}, batch, "batchTrigger")
    body = {"batchId": batch.id, "runs": [run.id for run in batch.runs]}
    return Reply(body, 200, token_headers(call, call.env, [f"read:batch:{batch.id}"], False))


def create_v1(call: Call) -> Any:
    """`POST /api/v1/tasks/batch`"""
    items = _checked(call)
    key = call.headers.get("idempotency-key")
    batch = call.env.batch_keys.get(key or "")
    cached = batch is not None
    if batch is None:
        batch = make_batch(call.world, call.env, "v1", len(items))
        _remember(call.env, batch, key)
        for item in items:
            trigger_item(
                call.world, call.env, str(item.get("task")), item, {}, batch, "batchTrigger"
            )
    runs = [{"id": run.id, "isCached": cached, "taskIdentifier": run.task_id} for run in batch.runs]
    body: dict[str, Any] = {"id": batch.id, "isCached": cached}
    if key:
        body["idempotencyKey"] = key
    body["runs"] = runs
    return Reply(body, 202, token_headers(call, call.env, [f"read:batch:{batch.id}"], False))


def create_v2(call: Call) -> Any:
    """`POST /api/v2/tasks/batch`"""
    items = _checked(call)
    env = call.env
    once = call.headers.get("x-trigger-request-idempotency-key")
    known = env.request_keys.get(("batch", once)) if once else None
    if known is not None:
        batch = env.batches[known]
    else:
        batch = make_batch(call.world, env, "v2", len(items))
        batch.processed_ms = None
        for item in items:
            trigger_item(call.world, env, str(item.get("task")), item, {}, batch, "batchTrigger")
        if once:
            env.request_keys["batch", once] = batch.id
    body = {"id": batch.id, "isCached": False, "runCount": batch.run_count}
    headers = token_headers(call, env, [f"read:batch:{batch.id}"], False)
    return Reply(body, 202 if known is None else 200, headers)


def create_v3(call: Call) -> Any:
    """`POST /api/v3/batches`: the first phase of streaming; items follow."""
    body = want_object(sized_body(call, CREATE_BYTES))
    count, key = body.get("runCount"), body.get("idempotencyKey")
    if count is None:
        raise invalid("Required", "runCount")
    if not isinstance(count, int) or not 1 <= count <= 1000:
        raise invalid("Number must be less than or equal to 1000", "runCount")
    batch = call.env.batch_keys.get(key or "")
    cached = batch is not None
    if batch is None:
        batch = make_batch(call.world, call.env, "v3", count)
        batch.parent = call.env.runs.by_id.get(str(body.get("parentRunId")))
        _remember(call.env, batch, key)
    answer: dict[str, Any] = {"id": batch.id, "runCount": batch.run_count, "isCached": cached}
    if key:
        answer["idempotencyKey"] = key
    headers = token_headers(call, call.env, [f"read:batch:{batch.id}"], False)
    return Reply(answer, 200 if cached else 202, headers)


def _remember(env: Environment, batch: Batch, key: str | None) -> None:
    if key:
        batch.idempotency_key = key
        env.batch_keys[key] = batch


def add_items(call: Call) -> Any:
    """`POST /api/v3/batches/{batch}/items`: NDJSON; repeated indexes count once."""
    kind = call.headers.get("content-type", "").partition(";")[0]
    if kind not in {"application/x-ndjson", "application/ndjson"}:
        raise Refusal(415, "Content-Type must be application/x-ndjson or application/ndjson")
    batch = call.env.batches.get(call.params["batch"])
    if batch is None:
        raise Refusal(422, f"Batch {call.params['batch']} not found")
    accepted = repeated = 0
    if not batch.sealed:
        for item in _lines(call.body, batch):
            repeated += item["index"] in batch.items
            accepted += item["index"] not in batch.items
            batch.items.setdefault(item["index"], item)
        _seal(call.world, call.env, batch)
    body: dict[str, Any] = {
        "id": batch.id, "itemsAccepted": accepted, "itemsDeduplicated": repeated,
        "sealed": batch.sealed, "runCount": batch.run_count,
    }  # fmt: skip
    if not batch.sealed:
        body |= {"enqueuedCount": len(batch.items), "expectedCount": batch.run_count}
    # Without the limiter's headers, unlike the refusals of this route (recorded).
    return json_response(body, 200, {}, False)


def _lines(content: bytes, batch: Batch) -> list[dict[str, Any]]:
    items = []
    for line in content.split(b"\n"):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
        except ValueError:
            raise Refusal(422, "Invalid JSON in batch items") from None
        index = item.get("index") if isinstance(item, dict) else None
        if not isinstance(index, int) or not isinstance(item.get("task"), str):
            raise Refusal(422, "Invalid batch item")
        if index >= batch.run_count:
            raise Refusal(
                422, f"Item index {index} is out of range for a batch of {batch.run_count}"
            )
        items.append(item)
    return items


def _seal(world: World, env: Environment, batch: Batch) -> None:
    if len(batch.items) >= batch.run_count:
        batch.sealed = True
        batch.status = "PROCESSING"
        batch.updated_ms = world.now_ms
        world.later(world.now_ms + PROCESSING_MS, partial(_process, world, env, batch))


def _process(world: World, env: Environment, batch: Batch) -> None:
    """Turn the items into runs; one that cannot become a run is an error of the batch."""
    for index, item in sorted(batch.items.items()):
        _one(world, env, batch, index, item)
    batch.items = {}
    batch.processed_ms = batch.updated_ms = world.now_ms
    batch.status = "PENDING" if batch.runs else "ABORTED"
    if batch.errors and batch.runs:
        batch.status = "PARTIAL_FAILED"
    if batch.runs and not batch.open_runs and not batch.errors:
        batch.status = "COMPLETED"


def _one(world: World, env: Environment, batch: Batch, index: int, item: Mapping[str, Any]) -> None:
    item = {**item, "options": {**(item.get("options") or {})}}
    if batch.parent is not None:
        item["options"]["parentRunId"] = batch.parent.id
    if isinstance(item.get("payload"), str) and "payloadType" not in item["options"]:
        item["options"]["payloadType"] = "application/json"
    try:
        trigger_item(world, env, item["task"], item, {}, batch, "batchTrigger")
    except Refusal as refusal:
        text = refusal.body["error"] if isinstance(refusal.body, dict) else str(refusal.body)
        batch.errors.append({"index": index, "taskIdentifier": item["task"], "error": text})


ROUTES = [
    Route("GET", "/api/v1/batches/{batch}", retrieve_v1, "public", cors=True),
    Route("GET", "/api/v2/batches/{batch}", retrieve_v2, "public", cors=True),
    Route("GET", "/api/v1/batches/{batch}/results", results, "key", "Invalid or Missing API Key"),
    Route("POST", "/api/v1/tasks/{task}/batch", create_for_task, wrong_method=400),
    Route("POST", "/api/v1/tasks/batch", create_v1, "public", cors=True, wrong_method=400),
    Route("POST", "/api/v2/tasks/batch", create_v2, "public", cors=True, wrong_method=400),
    Route("POST", "/api/v3/batches", create_v3, "public", cors=True, wrong_method=400),
    Route("POST", "/api/v3/batches/{batch}/items", add_items, "public"),
]
