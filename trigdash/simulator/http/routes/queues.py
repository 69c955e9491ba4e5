"""Queues: read, pause, resume, and override limits."""

import math
from typing import Any
from urllib.parse import unquote

from trigdash.simulator.http.replies import Refusal
from trigdash.simulator.http.requests import (
    invalid,
    json_body,
    query_error,
    want_object,
    whole_number,
)
from trigdash.simulator.http.routing import Call, Route
from trigdash.simulator.world import actions
from trigdash.simulator.world.queues import Queue
from trigdash.simulator.world.runs import Run
from trigdash.simulator.world.texts import iso

_KINDS = ("task", "custom", "id")


def view(call: Call, queue: Queue[Run], read: bool = True) -> dict[str, Any]:
    """The queue object; only reads show the percentage of an override (recorded).

    From 4.7 on it has a version. A V2 queue does not have its own limit.
    """
    if not call.knows("4.7"):
        return _v1(queue, read)
    if not queue.is_v2:
        return _v1(queue, read) | {"version": "V1"}
    body = _v1(queue, False) | {"version": "V2", "concurrencyLimit": None}
    del body["concurrency"]
    return body


def _v1(queue: Queue[Run], read: bool) -> dict[str, Any]:
    overridden = queue.override is not None
    body: dict[str, Any] = {
        "id": queue.id,
        "name": queue.short_name,
        "type": queue.kind,
        "running": queue.running,
        "queued": queue.waiting_count,
        "paused": queue.paused,
        "concurrencyLimit": queue.limit,
        "concurrency": {
            "current": queue.limit,
            "base": queue.base_limit if overridden else None,
            "override": queue.override,
            "overriddenBy": None,
            "overriddenAt": iso(queue.overridden_ms) if queue.overridden_ms else None,
        },
        "releaseConcurrencyOnWaitpoint": True,
    }
    if read:
        body["concurrencyLimitOverridePercent"] = queue.override_percent
    return body


def _find(call: Call, kind: str, missing: str = "queue-not-found") -> Queue[Run]:
    """A queue by id, by task, or by its own name; slashes may come encoded once more."""
    name = unquote(call.params["queue"])
    env = call.env
    if kind == "id":
        queue = env.queue_ids.get(name)
    elif kind == "task":
        queue = env.queues.get(f"task/{name.removeprefix('task/')}")
    else:
        queue = env.queues.get(name)
    if queue is None:
        raise Refusal(404, missing)
    return queue


def list_queues(call: Call) -> Any:
    """`GET /api/v1/queues`: by name, without the `task/` prefix."""
    page = whole_number(call.query.get("page"), "page", 1, None, least_1=False)
    per_page = min(100, whole_number(call.query.get("perPage"), "perPage", 25, None, least_1=False))
    queues = sorted(call.env.queues.values(), key=lambda queue: queue.short_name)
    start = (page - 1) * per_page
    return {
        "data": [view(call, queue) for queue in queues[start : start + per_page]],
        "pagination": {
            "currentPage": page,
            "totalPages": math.ceil(len(queues) / per_page),
            "count": len(queues),
        },
    }


def retrieve(call: Call) -> Any:
    """`GET /api/v1/queues/{queue}?type=`"""
    kind = call.query.get("type", "id")
    if kind not in _KINDS:
        message = f"Invalid enum value. Expected 'task' | 'custom' | 'id', received '{kind}'"
        issue = {"received": kind, "code": "invalid_enum_value", "options": list(_KINDS)}
        raise query_error(issue | {"path": ["type"], "message": message})
    call.require("read:queues")
    return view(call, _find(call, kind))


def _body(call: Call) -> tuple[dict[str, Any], str]:
    body = want_object(json_body(call.body))
    kind = body.get("type", "id")
    if kind not in _KINDS:
        raise invalid(
            f"Invalid enum value. Expected 'id' | 'task' | 'custom', received '{kind}'", "type"
        )
    return body, kind


def pause(call: Call) -> Any:
    """`POST /api/v1/queues/{queue}/pause`: pauses or resumes; repeating is fine."""
    body, kind = _body(call)
    action = body.get("action")
    if action is None:
        raise invalid("Required", "action")
    if action not in ("pause", "resume"):
        raise invalid(
            f"Invalid enum value. Expected 'pause' | 'resume', received '{action}'", "action"
        )
    queue = _find(call, kind)
    actions.pause_queue(call.world, call.env, queue, action == "pause")
    return view(call, queue, read=False)


def override(call: Call) -> Any:
    """`POST /api/v1/queues/{queue}/concurrency/override`: a number or a percentage."""
    body, kind = _body(call)
    limit, percent = body.get("concurrencyLimit"), body.get("percent")
    if (limit is None) == (percent is None):
        raise invalid("Provide exactly one of `concurrencyLimit` or `percent`")
    most = call.env.limits.concurrency
    if percent is not None:
        if not isinstance(percent, int | float) or not 0 < percent <= 100:
            raise invalid("Number must be less than or equal to 100", "percent")
        limit = max(1, int(most * percent / 100))
    elif not isinstance(limit, int) or isinstance(limit, bool):
        raise invalid("Expected number, received string", "concurrencyLimit")
    elif limit < 0:
        raise invalid("Number must be greater than or equal to 0", "concurrencyLimit")
    queue = _find(call, kind, "Queue not found")
    _refuse_v2(call, queue)
    if limit > most:
        raise Refusal(
            400, f"Concurrency limit ({limit}) cannot exceed the environment limit ({most})"
        )
    actions.override_limit(call.world, call.env, queue, limit, percent)
    return view(call, queue, read=False)


def _refuse_v2(call: Call, queue: Queue[Run]) -> None:
    """Overrides are for V1 queues; what a server answers for a V2 queue is not known."""
    if call.knows("4.7") and queue.is_v2:
        raise Refusal(400, "This queue has no concurrency limit: override its concurrency limits")


def reset(call: Call) -> Any:
    """`POST /api/v1/queues/{queue}/concurrency/reset`"""
    _, kind = _body(call)
    queue = _find(call, kind, "Queue not found")
    _refuse_v2(call, queue)
    if queue.override is None:
        raise Refusal(400, "Queue is not overridden")
    actions.reset_limit(call.world, call.env, queue)
    return view(call, queue, read=False)


_PATH = "/api/v1/queues/{queue}"
ROUTES = [
    Route("GET", "/api/v1/queues", list_queues),
    Route("GET", _PATH, retrieve, "public"),
    Route("POST", f"{_PATH}/pause", pause, wrong_method=400),
    Route("POST", f"{_PATH}/concurrency/override", override, wrong_method=400),
    Route("POST", f"{_PATH}/concurrency/reset", reset, wrong_method=400),
]
