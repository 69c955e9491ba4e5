"""Batches: create in four ways, read in two forms."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from trigdash.simulator.http.replies import Refusal, Reply
from trigdash.simulator.http.requests import invalid, type_name, want_object
from trigdash.simulator.http.routes.triggers import sized_body, token_headers
from trigdash.simulator.http.routing import FORBIDDEN, Call, Route
from trigdash.simulator.http.triggering import check_item, fail_item, make_batch, trigger_item
from trigdash.simulator.world.environments import Environment
from trigdash.simulator.world.runs import Batch
from trigdash.simulator.world.texts import iso, read_json
from trigdash.simulator.world.world import World

BATCH_BYTES = 1_000_000
CREATE_BYTES = 131_072
# A streamed batch is PROCESSING this long before its items are runs.
PROCESSING_MS = 120
# How long the server tries an item that is refused before it gives up (recorded).
RETRYING_MS = 39_500


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
        body["failedRunCount"] = 0
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
    processing["errors"] = []
    body["processing"] = processing
    return body


def results(call: Call) -> Any:
    """`GET /api/v1/batches/{batch}/results`: empty for the current engine (recorded)."""
    if call.params["batch"] not in call.env.batches:
        raise Refusal(404, "Batch not found")
    return {"id": call.params["batch"], "items": []}


def _items(call: Call) -> list[dict[str, Any]]:
    """The items of a v1 or v2 batch, none of which is made when one is wrong."""
    items = want_object(sized_body(call, BATCH_BYTES)).get("items")
    if items is None:
        raise invalid("Required", "items")
    if not isinstance(items, list):
        raise invalid(f"Expected array, received {type_name(items)}", "items")
    return [want_object(item, f"items[{n}]") for n, item in enumerate(items)]


def _named_items(call: Call) -> list[dict[str, Any]]:
    """Items that name their task; none at all is a missing permission (recorded)."""
    items = _items(call)
    if not items:
        raise Refusal(403, FORBIDDEN)
    if len(items) > 500:
        raise Refusal(
            400, f"Batch size of {len(items)} is too large. Maximum allowed batch size is 500."
        )
    for n, item in enumerate(items):
        task = item.get("task")
        if not isinstance(task, str):
            said = f"Expected string, received {type_name(task)}" if "task" in item else "Required"
            raise invalid(said, f"items[{n}]", "task")
        call.require(f"batchTrigger:tasks:{task}", f"trigger:tasks:{task}")
        check_item(call.env, item)
    return items


def create_for_task(call: Call) -> Any:
    """`POST /api/v1/tasks/{task}/batch`"""
    items = _items(call)
    if not items:
        raise Refusal(400, "No items to trigger")
    if len(items) > 100:
        raise Refusal(400, "Too many items. Maximum allowed batch size is 100.")
    for item in items:
        check_item(call.env, item)
    batch = make_batch(call.world, call.env, "v1", len(items))
    for item in items:
        trigger_item(call.world, call.env, call.params["task"], item, {}, batch, "batchTrigger")
    body = {"batchId": batch.id, "runs": [run.id for run in batch.runs]}
    return Reply(body, 200, token_headers(call, call.env, [f"read:batch:{batch.id}"], False))


def create_v1(call: Call) -> Any:
    """`POST /api/v1/tasks/batch`"""
    items = _named_items(call)
    key = call.headers.get("idempotency-key")
    batch = call.env.batch_keys.get(key or "")
    cached = batch is not None
    if batch is None:
        batch = make_batch(call.world, call.env, "v1", len(items))
        _remember(call.env, batch, key)
        for item in items:
            trigger_item(call.world, call.env, item["task"], item, {}, batch, "batchTrigger")
    runs = [{"id": run.id, "isCached": cached, "taskIdentifier": run.task_id} for run in batch.runs]
    body: dict[str, Any] = {"id": batch.id, "isCached": cached}
    if key:
        body["idempotencyKey"] = key
    body["runs"] = runs
    return Reply(body, 202, token_headers(call, call.env, [f"read:batch:{batch.id}"], False))


def create_v2(call: Call) -> Any:
    """`POST /api/v2/tasks/batch`"""
    items = _named_items(call)
    env = call.env
    once = call.headers.get("x-trigger-request-idempotency-key")
    known = env.request_keys.get(("batch", once)) if once else None
    if known is not None:
        batch = env.batches[known]
    else:
        batch = make_batch(call.world, env, "v2", len(items))
        batch.processed_ms = None
        for item in items:
            trigger_item(call.world, env, item["task"], item, {}, batch, "batchTrigger")
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
    if type_name(count) != "number":
        raise invalid(f"Expected number, received {type_name(count)}", "runCount")
    if not isinstance(count, int):
        raise invalid("Expected integer, received float", "runCount")
    if count < 1:
        raise invalid("Number must be greater than 0", "runCount")
    if count > 1000:
        raise invalid("Number must be less than or equal to 1000", "runCount")
    if key is not None and not isinstance(key, str):
        raise invalid(f"Expected string, received {type_name(key)}", "idempotencyKey")
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
    return Reply(body, tells_limits=False)


def _lines(content: bytes, batch: Batch) -> list[dict[str, Any]]:
    items = []
    for line in content.split(b"\n"):
        if not line.strip():
            continue
        try:
            item = read_json(line)
        except ValueError:
            raise Refusal(422, "Invalid JSON in batch items") from None
        if not _is_item(item):
            raise Refusal(422, "Invalid batch item")
        index = item["index"]
        if index >= batch.run_count:
            raise Refusal(
                422, f"Item index {index} is out of range for a batch of {batch.run_count}"
            )
        items.append(item)
    return items


def _is_item(item: object) -> bool:
    return (
        isinstance(item, dict)
        and type_name(item.get("index")) == "number"
        and isinstance(item["index"], int)
        and item["index"] >= 0
        and isinstance(item.get("task"), str)
        and isinstance(item.get("options", {}), dict)
    )


def _seal(world: World, env: Environment, batch: Batch) -> None:
    if len(batch.items) >= batch.run_count:
        batch.sealed = True
        batch.status = "PROCESSING"
        batch.updated_ms = world.now_ms
        world.later(world.now_ms + PROCESSING_MS, partial(_process, world, env, batch))


def _process(world: World, env: Environment, batch: Batch) -> None:
    """Turn the items into runs; what cannot become one is tried for a while."""
    refused = []
    for _, item in sorted(batch.items.items()):
        try:
            _one(world, env, batch, item)
        except Refusal:
            refused.append(item)
    batch.items = {}
    if refused:
        give_up = partial(_give_up, world, env, batch, refused)
        world.later(world.now_ms + RETRYING_MS, give_up)
    else:
        _all_made(world, batch)


def _one(world: World, env: Environment, batch: Batch, item: Mapping[str, Any]) -> None:
    options = dict(item.get("options") or {})
    if batch.parent is not None:
        options["parentRunId"] = batch.parent.id
    if isinstance(item.get("payload"), str):
        options.setdefault("payloadType", "application/json")
    trigger_item(world, env, item["task"], {**item, "options": options}, {}, batch, "batchTrigger")


def _give_up(
    world: World, env: Environment, batch: Batch, items: Sequence[Mapping[str, Any]]
) -> None:
    """Each item that no run could be made of becomes one that says so (recorded)."""
    for item in items:
        fail_item(world, env, batch, item)
    _all_made(world, batch)


def _all_made(world: World, batch: Batch) -> None:
    batch.processed_ms = batch.updated_ms = world.now_ms
    batch.status = "PENDING" if batch.open_runs else "COMPLETED"


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
