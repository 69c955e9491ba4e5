"""Concurrency limits (from 4.7): list, read, override, reset, pause; per-key overrides (4.7.4)."""

import math
from typing import Any

from trigdash.simulator.http.replies import Refusal
from trigdash.simulator.http.requests import (
    invalid,
    json_body,
    query_error,
    type_name,
    want_object,
    whole_number,
)
from trigdash.simulator.http.routing import Call, Route
from trigdash.simulator.world import actions
from trigdash.simulator.world.limits import MOST, Bound, ConcurrencyLimit
from trigdash.simulator.world.texts import duration_ms, iso

_MOST_PER_PAGE = 100
_MOST_KEY = 128
_DAY_MS = 86_400_000
_DEFAULT_TTL_MS = 7 * _DAY_MS
_MOST_TTL_MS = 30 * _DAY_MS


def _list(call: Call) -> object:
    """`GET /api/v1/concurrency-limits`: by stored name, so named limits come first."""
    call.require("read:queues")
    page = whole_number(call.query.get("page"), "page", 1, None)
    per_page = whole_number(call.query.get("perPage"), "perPage", 25, _MOST_PER_PAGE)
    limits = sorted(call.env.concurrency_limits.values(), key=lambda each: each.stored_name)
    start = (page - 1) * per_page
    return {
        "data": [_view(call, each) for each in limits[start : start + per_page]],
        "pagination": {
            "currentPage": page,
            "totalPages": math.ceil(len(limits) / per_page),
            "count": len(limits),
        },
    }


def _view(call: Call, limit: ConcurrencyLimit) -> dict[str, Any]:
    most = call.env.limits.concurrency
    return {
        "id": limit.id,
        "name": limit.name,
        "perKey": _bound(limit.per_key, most),
        "total": _bound(limit.total, most),
        "running": limit.running,
        "queued": limit.waiting,
        "paused": limit.paused,
    }


def _bound(bound: Bound, most: int) -> dict[str, Any]:
    return {
        "current": bound.current(most),
        "base": bound.base,
        "override": bound.override,
        "overriddenAt": None if bound.overridden_ms is None else iso(bound.overridden_ms),
    }


def _key_view(call: Call, limit: ConcurrencyLimit, key: str) -> dict[str, Any]:
    """One key of a limit; a key that no run ever had looks the same."""
    most = call.env.limits.concurrency
    base = limit.per_key.current(most)
    found = limit.key_override(key, call.world.now_ms)
    return {
        "name": limit.name,
        "concurrencyKey": key,
        "perKey": {
            "current": base if found is None else min(found[0], most),
            "base": base,
            "override": None if found is None else found[0],
            "expiresAt": None if found is None else iso(found[1]),
        },
        "running": limit.key_running.get(key, 0),
        "paused": limit.paused,
    }


def _find(call: Call) -> ConcurrencyLimit:
    limit = call.env.concurrency_limits.get(call.params["limit"])
    if limit is None:
        raise Refusal(404, "Concurrency limit not found")
    return limit


def _retrieve(call: Call) -> object:
    """`GET …/{limit}`, or one key of it with `?concurrencyKey=`."""
    call.require("read:queues")
    key = call.query.get("concurrencyKey")
    if key is not None and not 1 <= len(key) <= _MOST_KEY:
        issue = {"code": "too_big", "path": ["concurrencyKey"], "message": "Invalid key"}
        raise query_error(issue)
    limit = _find(call)
    return _view(call, limit) if key is None else _key_view(call, limit, key)


def _body(call: Call) -> dict[str, Any]:
    return want_object(json_body(call.body)) if call.body else {}


def _key(body: dict[str, Any]) -> str | None:
    if "concurrencyKey" not in body:
        return None
    key = body["concurrencyKey"]
    if type_name(key) not in {"string", "number"}:
        raise invalid(f"Expected string, received {type_name(key)}", "concurrencyKey")
    if not 1 <= len(str(key)) <= _MOST_KEY:
        raise invalid("String must contain at least 1 character(s)", "concurrencyKey")
    return str(key)


def _number(call: Call, body: dict[str, Any], name: str) -> int | None:
    """A bound of an override: 0 to 100,000, and no more than the environment's limit."""
    if name not in body:
        return None
    value, most = body[name], call.env.limits.concurrency
    if type_name(value) != "number":
        raise invalid(f"Expected number, received {type_name(value)}", name)
    if not isinstance(value, int):
        raise invalid("Expected integer, received float", name)
    if not 0 <= value <= MOST:
        raise invalid(f"Number must be between 0 and {MOST}", name)
    if value > most:
        raise Refusal(400, f"`{name}` ({value}) cannot exceed the environment limit ({most})")
    return value


def _ttl_ms(body: dict[str, Any]) -> int:
    ttl = body.get("ttl")
    if ttl is None:
        return _DEFAULT_TTL_MS
    is_seconds = isinstance(ttl, int) and not isinstance(ttl, bool)
    length_ms = ttl * 1000 if is_seconds else duration_ms(str(ttl))
    if not length_ms or length_ms < 0:
        raise invalid("Invalid ttl", "ttl")
    if length_ms > _MOST_TTL_MS:
        raise invalid("ttl is too long (max 30d)", "ttl")
    return int(length_ms)


def _override(call: Call) -> object:
    """`POST …/override`: the given bounds, or the bound of one key for a time."""
    call.require("write:queues")
    body = _body(call)
    key = _key(body)
    per_key, total = (_number(call, body, name) for name in ("perKey", "total"))
    limit = _find(call)
    if key is not None:
        if total is not None or per_key is None:
            raise invalid("An override of a key takes `perKey` only")
        if limit.per_key.stored is None:
            raise Refusal(400, "This concurrency limit has no perKey bound")
        until_ms = call.world.now_ms + _ttl_ms(body)
        actions.override_key(call.world, call.env, limit, key, (per_key, until_ms))
        return _key_view(call, limit, key)
    if per_key is None and total is None:
        raise invalid("Provide at least one of `perKey` or `total`")
    if "ttl" in body:
        raise invalid("`ttl` needs a `concurrencyKey`", "ttl")
    actions.override_bounds(call.world, call.env, limit, per_key, total)
    return _view(call, limit)


def _reset(call: Call) -> object:
    """`POST …/reset`: the overrides of both bounds, or that of one key."""
    call.require("write:queues")
    key = _key(_body(call))
    limit = _find(call)
    if key is not None:
        actions.override_key(call.world, call.env, limit, key, None)
        return _key_view(call, limit, key)
    if not limit.is_overridden:
        raise Refusal(400, "Concurrency limit has no override to reset")
    actions.reset_bounds(call.world, call.env, limit)
    return _view(call, limit)


def _pause(call: Call) -> object:
    """`POST …/pause`: pauses or resumes; repeating is fine."""
    call.require("write:queues")
    action = _body(call).get("action")
    if action not in ("pause", "resume"):
        raise invalid(
            f"Invalid enum value. Expected 'pause' | 'resume', received '{action}'", "action"
        )
    limit = _find(call)
    actions.pause_limit(call.world, call.env, limit, action == "pause")
    return _view(call, limit)


_BASE = "/api/v1/concurrency-limits"
_ONE = f"{_BASE}/{{limit}}"
ROUTES = [
    Route("GET", _BASE, _list, cors=True, since="4.7"),
    Route("GET", _ONE, _retrieve, cors=True, since="4.7"),
    Route("POST", f"{_ONE}/override", _override, cors=True, wrong_method=400, since="4.7"),
    Route("POST", f"{_ONE}/reset", _reset, cors=True, wrong_method=400, since="4.7"),
    Route("POST", f"{_ONE}/pause", _pause, cors=True, wrong_method=400, since="4.7"),
]
