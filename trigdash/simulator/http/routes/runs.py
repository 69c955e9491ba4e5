"""Runs: lists, one run, and what can be done to it."""

from typing import Any

from trigdash.simulator.http import replaying
from trigdash.simulator.http.listing import applied_window, page_size, run_filter
from trigdash.simulator.http.replies import Refusal
from trigdash.simulator.http.requests import json_body, type_name, want_object
from trigdash.simulator.http.routing import Call, Route
from trigdash.simulator.http.views import list_item, run_detail
from trigdash.simulator.world import actions
from trigdash.simulator.world.environments import Environment
from trigdash.simulator.world.runs import Run
from trigdash.simulator.world.texts import date_ms, duration_ms

_TOO_WIDE = (
    "This query would read too much data. Narrow the time window, for example with "
    "filter[createdAt][period]=7d."
)
METADATA_BYTES = 262_144


def find_run(call: Call, missing: str = "Not found", **headers: str) -> Run:
    """The run of the path in the caller's environment."""
    run = call.env.runs.by_id.get(call.params["run"])
    if run is None:
        raise Refusal(404, missing, **headers)
    return run


def readable_run(call: Call, **missing_headers: str) -> Run:
    """The run of the path, if the caller's token may read it; worth a retry while missing."""
    run = find_run(call, **(missing_headers or {"x_should_retry": "true"}))
    call.require(
        f"read:runs:{run.id}",
        f"read:tasks:{run.task_id}",
        *(f"read:tags:{tag}" for tag in run.tags),
        *((f"read:batch:{run.batch.id}",) if run.batch else ()),
    )
    return run


def list_runs(call: Call) -> Any:
    """`GET /api/v1/runs`"""
    tasks = [name for name in call.query.get("filter[taskIdentifier]", "").split(",") if name]
    if call.scopes is not None and not call.state.allows(call.scopes, ["read:runs"]):
        for name in tasks or ["*"]:
            call.require(f"read:tasks:{name}")
    return _page(call, call.env)


def _page(call: Call, env: Environment) -> Any:
    now_ms = call.world.now_ms
    size = page_size(call.query)
    wanted = run_filter(call.query, now_ms)
    most = call.world.scenario.most_unbounded
    if call.knows("4.8") and wanted.from_ms is None and most and len(env.runs) > most:
        raise Refusal(422, _TOO_WIDE)
    page = env.runs.page(
        wanted, size, call.query.get("page[after]"), call.query.get("page[before]")
    )
    pagination = {
        name: cursor
        for name, cursor in (("next", page.next), ("previous", page.previous))
        if cursor
    }
    body: dict[str, Any] = {
        "data": [list_item(run, call.versioned, now_ms) for run in page.runs],
        "pagination": pagination,
    }
    if call.knows("4.8"):
        body["appliedFilters"] = {"createdAt": applied_window(call.query, now_ms)}
    return body


def list_project_runs(call: Call) -> Any:
    """`GET /api/v1/projects/{ref}/runs`: one environment, the first that matches (recorded)."""
    if call.params["ref"] != call.world.project.ref:
        raise Refusal(404, "Project not found")
    slugs = call.query.get("filter[env]", "").split(",")
    envs = [env for slug, env in call.world.environments.items() if slug in slugs]
    envs.sort(key=lambda env: slugs.index(env.slug))
    if not envs:
        raise Refusal(500, "Internal Server Error")
    return _page(call, envs[0])


def retrieve(call: Call) -> Any:
    """`GET /api/v3/runs/{run}`"""
    run = readable_run(call)
    return run_detail(run, call.versioned, call.world.now_ms, call.origin, call.knows("4.6.3"))


def cancel(call: Call) -> Any:
    """`POST /api/v2/runs/{run}/cancel`: 200 in every state of the run (recorded)."""
    run = call.env.runs.by_id.get(call.params["run"])
    if run is not None or call.scopes is not None:
        task = run.task_id if run else "*"
        call.require(f"write:runs:{call.params['run']}", f"write:tasks:{task}")
    if run is None:
        raise Refusal(404, "Resource not found")
    call.world.engine.cancel(run)
    return {"id": run.id}


def replay(call: Call) -> Any:
    """`POST /api/v1/runs/{run}/replay`: a body is ignored before 4.7.4, and strict from then on."""
    body: dict[str, Any] = {}
    if call.knows("4.7.4") and call.body:
        body = want_object(json_body(call.body))
        replaying.check(call.env, body)
    run = find_run(call, "Resource not found")
    call.require(f"write:runs:{run.id}")
    call.require(f"trigger:tasks:{run.task_id}")
    if not body:
        return {"id": actions.replay(call.world, run).id}
    return {"id": replaying.replay(call.world, call.env, run, body).id}


def reschedule(call: Call) -> Any:
    """`POST /api/v1/runs/{run}/reschedule`"""
    run = find_run(call, "Run not found")
    body = json_body(call.body, None)
    delay = body.get("delay") if isinstance(body, dict) else None
    if not isinstance(delay, str):
        raise Refusal(400, "Invalid request body")
    if run.status != "DELAYED":
        raise Refusal(400, "Cannot reschedule a run that is not delayed")
    now_ms = call.world.now_ms
    length_ms = duration_ms(delay)
    until_ms = date_ms(delay) if length_ms is None else now_ms + length_ms
    if until_ms is None or until_ms <= now_ms:
        raise Refusal(400, f"Invalid delay: {delay}")
    actions.reschedule(call.world, run, until_ms)
    return run_detail(run, call.versioned, now_ms, call.origin)


def add_tags(call: Call) -> Any:
    """`POST /api/v1/runs/{run}/tags`: adds; nothing removes a tag."""
    body = json_body(call.body, "Invalid request body")
    wanted = body.get("tags") if isinstance(body, dict) else None
    tags = [wanted] if isinstance(wanted, str) else wanted
    if not isinstance(tags, list) or not all(
        isinstance(tag, str) and len(tag) <= 128 for tag in tags
    ):
        raise Refusal(400, {"error": "Invalid request body", "issues": [_tags_issue(wanted)]})
    run = find_run(call, "Run not found")
    new = [tag for tag in dict.fromkeys(tags) if tag.strip() and tag not in run.tags]
    total = len(run.tags) + len(new)
    if total > actions.MOST_TAGS:
        names = ", ".join(f"'{tag}'" for tag in new)
        raise Refusal(
            422,
            f"Runs can only have 10 tags, you're trying to set {total}. "
            f"These tags have not been set: {names}.",
        )
    if not new:
        return {"message": "No new tags to add"}
    actions.add_tags(call.world, run, new)
    return {"message": f"Successfully set {len(new)} new tags."}


def _tags_issue(value: object) -> dict[str, Any]:
    received = "undefined" if value is None else type_name(value)
    said = "Required" if value is None else f"Expected string, received {received}"

    def union(expected: str) -> dict[str, Any]:
        issue = {"code": "invalid_type", "expected": expected, "received": received}
        return {"issues": [issue | {"path": ["tags"], "message": said}], "name": "ZodError"}

    return {
        "code": "invalid_union",
        "unionErrors": [union("string"), union("array")],
        "path": ["tags"],
        "message": "Invalid input",
    }


def put_metadata(call: Call) -> Any:
    """`PUT /api/v1/runs/{run}/metadata`: replaces, or applies operations."""
    body = want_object(json_body(call.body))
    wanted, operations = body.get("metadata"), body.get("operations")
    if wanted is not None:
        want_object(wanted, "metadata")
    if wanted is not None and len(actions.to_json(wanted).encode()) > METADATA_BYTES:
        raise Refusal(413, f"Metadata exceeds maximum size of {METADATA_BYTES} bytes")
    run = find_run(call, "Task Run not found")
    if run.finished_ms is not None and call.world.now_ms - run.finished_ms > 3_600_000:
        raise Refusal(422, "Cannot update metadata for a completed run")
    for name, other in (("parentOperations", run.parent), ("rootOperations", run.root)):
        if isinstance(body.get(name), list) and other is not None:
            actions.operate_on_metadata(call.world, other, body[name])
    if isinstance(operations, list):
        return {"metadata": actions.operate_on_metadata(call.world, run, operations)}
    if wanted is None:
        return {"metadata": {}}
    actions.replace_metadata(call.world, run, wanted)
    return {"metadata": wanted}


def get_metadata(call: Call) -> Any:
    """`GET /api/v1/runs/{run}/metadata`: the raw JSON text, not an object (recorded)."""
    run = find_run(call, "Run not found")
    metadata = actions.metadata_of(call.world, run)
    text = None if metadata is None else actions.to_json(metadata)
    return {"metadata": text, "metadataType": "application/json"}


def result(call: Call) -> Any:
    """`GET /api/v1/runs/{run}/result`: only a canceled run has one (recorded)."""
    run = call.env.runs.by_id.get(call.params["run"])
    if run is None or run.status != "CANCELED":
        raise Refusal(404, "Run either doesn't exist or is not finished")
    error = {"type": "INTERNAL_ERROR", "code": "TASK_RUN_CANCELLED"}
    return {"ok": False, "id": run.id, "taskIdentifier": run.task_id, "error": error}


_OLD_KEY = "Invalid or Missing API Key"
ROUTES = [
    Route("GET", "/api/v1/runs", list_runs, "public", cors=True),
    Route("GET", "/api/v1/projects/{ref}/runs", list_project_runs, "pat", "Invalid PAT", cors=True),
    Route("GET", "/api/v3/runs/{run}", retrieve, "public", cors=True),
    Route("POST", "/api/v2/runs/{run}/cancel", cancel, "public", wrong_method=400),
    Route("POST", "/api/v1/runs/{run}/replay", replay, wrong_method=400),
    Route("POST", "/api/v1/runs/{run}/reschedule", reschedule, "key", _OLD_KEY, wrong_method=400),
    Route("POST", "/api/v1/runs/{run}/tags", add_tags, "key", _OLD_KEY, wrong_method=400),
    Route("PUT", "/api/v1/runs/{run}/metadata", put_metadata),
    Route("GET", "/api/v1/runs/{run}/metadata", get_metadata),
    Route("GET", "/api/v1/runs/{run}/result", result, "key", _OLD_KEY),
]
