"""Bulk actions: create, list, read and abort."""

from typing import Any

from trigdash.simulator.http.listing import MOST_IDS, bulk_filter, page_of, page_size
from trigdash.simulator.http.replies import Refusal, Reply
from trigdash.simulator.http.requests import invalid, json_body, type_name, want_object
from trigdash.simulator.http.routing import Call, Route
from trigdash.simulator.world import bulk_actions
from trigdash.simulator.world.records import BulkAction
from trigdash.simulator.world.runs import Run
from trigdash.simulator.world.texts import decode_cursor, encode_cursor, iso

_MOST_NAME = 255
_MOST_BYTES = 1_048_576


def _create(call: Call) -> object:
    """`POST /api/v1/bulk-actions`: 202 at once, the work follows."""
    if len(call.body) > _MOST_BYTES:
        raise Refusal(413, "Request body too large")
    body = want_object(json_body(call.body))
    kind = _kind(body)
    name, region = _text(body, "name", _MOST_NAME), _text(body, "targetRegion", _MOST_NAME)
    targets = _targets(call, body)
    if kind == "REPLAY" and bulk_actions.replays_under_way(call.env) >= bulk_actions.MOST_REPLAYS:
        raise Refusal(
            429,
            f"You can only run {bulk_actions.MOST_REPLAYS} bulk replays at a time in this "
            "environment. Wait for an in-progress replay to finish before starting another.",
            x_should_retry="false",
        )
    action = bulk_actions.start(call.world, call.env, kind, targets)
    action.name, action.region = name, region
    return Reply({"id": action.id}, 202)


def _kind(body: dict[str, Any]) -> str:
    if body.get("action") not in ("cancel", "replay"):
        raise invalid("Invalid discriminator value. Expected 'cancel' | 'replay'", "action")
    if body["action"] == "cancel" and "targetRegion" in body:
        raise invalid("Unrecognized key(s) in object: 'targetRegion'")
    return str(body["action"]).upper()


def _text(body: dict[str, Any], name: str, most: int) -> str | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise invalid(f"Expected string, received {type_name(value)}", name)
    if len(value) > most:
        raise invalid(f"String must contain at most {most} character(s)", name)
    return value


def _targets(call: Call, body: dict[str, Any]) -> list[Run]:
    """The runs, newest first; unknown ids are skipped silently (recorded)."""
    ids, wanted = body.get("runIds"), body.get("filter")
    if (ids is None) == (wanted is None):
        raise invalid("Exactly one of filter or runIds must be provided")
    if wanted is not None:
        return call.env.runs.select(bulk_filter(want_object(wanted, "filter"), call.world.now_ms))
    if not isinstance(ids, list):
        raise invalid(f"Expected array, received {type_name(ids)}", "runIds")
    if not ids:
        raise invalid("Array must contain at least 1 element(s)", "runIds")
    if len(ids) > MOST_IDS:
        raise Refusal(
            400,
            f"Too many runIds ({len(ids)}). Maximum is {MOST_IDS}. "
            "Use a filter to select more runs.",
        )
    by_id = call.env.runs.by_id
    found = [by_id[name] for name in dict.fromkeys(map(str, ids)) if name in by_id]
    return sorted(found, reverse=True)


def _list(call: Call) -> object:
    """`GET /api/v1/bulk-actions`: newest first in both directions; a bad cursor is a 500."""
    size = page_size(call.query)
    after, before = call.query.get("page[after]"), call.query.get("page[before]")
    if after and before:
        raise Refusal(500, "Internal Server Error")
    newest = sorted(call.env.bulk_actions.values(), key=lambda action: action.key, reverse=True)
    behind, ahead = _place(after), _place(before)
    chosen, pagination = page_of(
        newest,
        size,
        None if behind is None else lambda action: action.key < behind,
        None if ahead is None else lambda action: action.key > ahead,
        _cursor,
    )
    return {"data": [_shown(action) for action in chosen], "pagination": pagination}


def _cursor(action: BulkAction) -> str:
    return encode_cursor({"createdAt": action.created_ms, "id": action.id.removeprefix("bulk_")})


def _place(text: str | None) -> tuple[int, str] | None:
    if not text:
        return None
    parts = decode_cursor(text) or {}
    created_ms = parts.get("createdAt")
    if not isinstance(created_ms, int) or "id" not in parts:
        raise Refusal(500, "Internal Server Error")
    return created_ms, f"bulk_{parts['id']}"


def _shown(action: BulkAction) -> dict[str, Any]:
    body: dict[str, Any] = {"id": action.id}
    if action.name is not None:
        body["name"] = action.name
    body |= {
        "type": action.kind,
        "status": action.status,
        "counts": {
            "total": action.total,
            "success": action.success,
            "failure": action.failure,
        },
        "createdAt": iso(action.created_ms),
    }
    if action.completed_ms is not None:
        body["completedAt"] = iso(action.completed_ms)
    return body


def _retrieve(call: Call) -> object:
    action = call.env.bulk_actions.get(call.params["bulk"])
    if action is None:
        raise Refusal(404, "Not found", x_should_retry="false")
    return _shown(action)


def _abort(call: Call) -> object:
    """`POST …/abort`: what is done stays done; 409 once it has ended."""
    action = call.env.bulk_actions.get(call.params["bulk"])
    if action is None:
        raise Refusal(404, "Resource not found")
    if not bulk_actions.abort(action):
        state = action.status.lower()
        raise Refusal(409, f"Bulk action group already {state}: {action.id}")
    return {"id": action.id}


ROUTES = [
    Route("POST", "/api/v1/bulk-actions", _create),
    Route("GET", "/api/v1/bulk-actions", _list),
    Route("GET", "/api/v1/bulk-actions/{bulk}", _retrieve),
    Route("POST", "/api/v1/bulk-actions/{bulk}/abort", _abort, wrong_method=400),
]
