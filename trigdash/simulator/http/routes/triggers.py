"""Triggering one task, and forgetting idempotency keys."""

from typing import Any

from trigdash.simulator.http.replies import Refusal, Reply
from trigdash.simulator.http.requests import invalid, json_body, want_object
from trigdash.simulator.http.routing import Call, Route
from trigdash.simulator.http.triggering import trigger_item
from trigdash.simulator.world.actions import to_json
from trigdash.simulator.world.environments import Environment

PAYLOAD_BYTES = 3_145_728


def token_headers(call: Call, env: Environment, scopes: list[str], told: bool) -> dict[str, str]:
    """A public token for the object that was just created; `told` repeats its scopes in the claims
    header."""
    claims: dict[str, Any] = {"sub": env.id, "pub": True}
    if told:
        claims["scopes"] = scopes
    return {"x-trigger-jwt": call.state.mint(env, scopes), "x-trigger-jwt-claims": to_json(claims)}


def sized_body(call: Call, most_bytes: int) -> Any:
    """A body of a route with a limit: it must say its length."""
    if "content-length" not in call.headers or len(call.body) > most_bytes:
        raise Refusal(413, "Request body too large")
    return json_body(call.body)


def trigger(call: Call) -> Any:
    """`POST /api/v1/tasks/{task}/trigger`: an unknown task is no error (recorded)."""
    task_id, env = call.params["task"], call.env
    body = want_object(sized_body(call, PAYLOAD_BYTES))
    call.require(f"trigger:tasks:{task_id}", f"write:tasks:{task_id}")
    once = call.headers.get("x-trigger-request-idempotency-key")
    known = env.request_keys.get((task_id, once)) if once else None
    if known is not None:
        run, cached = env.runs.by_id[known], False
    else:
        run, cached = trigger_item(call.world, env, task_id, body, call.headers)
        if once:
            env.request_keys[task_id, once] = run.id
    scopes = [f"read:runs:{run.id}", f"write:inputStreams:{run.id}"]
    return Reply({"id": run.id, "isCached": cached}, 200, token_headers(call, env, scopes, True))


def reset_key(call: Call) -> Any:
    """`POST /api/v1/idempotencyKeys/{key}/reset`"""
    body = want_object(json_body(call.body))
    call.require("write:runs")
    key, task_id = call.params["key"], body.get("taskIdentifier")
    if not isinstance(task_id, str):
        raise invalid("Required", "taskIdentifier")
    run = call.env.idempotency.pop((task_id, key), None)
    if run is None:
        raise Refusal(404, f"No runs found with idempotency key: {key} and task: {task_id}")
    run.idempotency_key = run.user_key = None
    return {"id": key}


ROUTES = [
    Route("POST", "/api/v1/tasks/{task}/trigger", trigger, "public", cors=True, wrong_method=400),
    Route(
        "POST",
        "/api/v1/idempotencyKeys/{key}/reset",
        reset_key,
        "public",
        cors=True,
        wrong_method=400,
    ),
]
