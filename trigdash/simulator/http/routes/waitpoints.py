"""Waitpoint tokens: create, list, read, complete with a key, or with the callback URL."""

from typing import Any

from trigdash.simulator.http.listing import keyed_page, listed, page_size, window
from trigdash.simulator.http.replies import Refusal, Reply
from trigdash.simulator.http.requests import (
    custom_issue,
    invalid,
    json_body,
    query_error,
    type_name,
    want_object,
)
from trigdash.simulator.http.routes.triggers import PAYLOAD_BYTES
from trigdash.simulator.http.routing import Call, Route
from trigdash.simulator.world import waitpoints
from trigdash.simulator.world.actions import fresh_seed, to_json
from trigdash.simulator.world.environments import Environment
from trigdash.simulator.world.texts import date_ms, duration_ms, iso
from trigdash.simulator.world.waitpoints import Waitpoint

_MOST_BYTES = 10_240
_DAY_S = 86_400
_STATUSES = ("WAITING", "COMPLETED", "TIMED_OUT")
_TOKENS = "/api/v1/waitpoints/tokens"
_SUPER_JSON = "application/super+json"


def _create(call: Call) -> object:
    """`POST /api/v1/waitpoints/tokens`: the same idempotency key finds the same token."""
    if len(call.body) > _MOST_BYTES:
        raise Refusal(413, "Request body too large")
    body = want_object(json_body(call.body))
    tags = _tags(body)
    key = body.get("idempotencyKey")
    found = _by_key(call, key)
    made = found or _make(call, body, tags, key)
    scopes = [f"write:waitpoints:{made.id}"]
    headers = {
        "x-trigger-jwt": call.state.mint(call.env, scopes, _DAY_S),
        # Without the scopes, unlike the token itself (recorded).
        "x-trigger-jwt-claims": to_json({"sub": call.env.id, "pub": True}),
    }
    answer = {"id": made.id, "isCached": found is not None, "url": _url(call, call.env, made)}
    return Reply(answer, 200, headers)


def _tags(body: dict[str, Any]) -> tuple[str, ...]:
    value = body.get("tags")
    if value is None:
        return ()
    if not isinstance(value, str | list):
        got = type_name(value)
        raise invalid(
            f'Expected string, received {got} at "tags", or Expected array, received {got}', "tags"
        )
    tags = [value] if isinstance(value, str) else [str(tag) for tag in value]
    if len(tags) > waitpoints.MOST_TAGS:
        raise Refusal(422, f"Waitpoints can only have 10 tags, you're trying to set {len(tags)}.")
    return tuple(tags)


def _by_key(call: Call, key: object) -> Waitpoint | None:
    if not key:
        return None
    now_ms = call.world.now_ms
    return next(
        (
            each
            for each in call.env.waitpoints.values()
            if each.key_is_users
            and each.idempotency_key == key
            and (each.key_until_ms is None or each.key_until_ms > now_ms)
        ),
        None,
    )


def _make(call: Call, body: dict[str, Any], tags: tuple[str, ...], key: object) -> Waitpoint:
    now_ms = call.world.now_ms
    seed = fresh_seed(call.world, call.env)
    made = waitpoints.make(
        call.world, call.env.waitpoints, seed, _timeout(body.get("timeout"), now_ms)
    )
    made.tags = tags
    if key:
        made.idempotency_key = str(key)
        made.key_is_users = True
        lifetime_ms = duration_ms(str(body.get("idempotencyKeyTTL") or ""))
        made.key_until_ms = None if lifetime_ms is None else now_ms + lifetime_ms
    return made


def _timeout(value: object, now_ms: int) -> int | None:
    """A duration or a date; what is neither is ignored (recorded)."""
    if not isinstance(value, str):
        return None
    length_ms = duration_ms(value)
    until_ms = date_ms(value) if length_ms is None else now_ms + length_ms
    return until_ms if until_ms is not None and until_ms > now_ms else None


def _url(call: Call, env: Environment, waitpoint: Waitpoint) -> str:
    code = waitpoints.callback_hash(waitpoint, env.secret_key)
    return f"{call.origin}{_TOKENS}/{waitpoint.id}/callback/{code}"


def _list(call: Call) -> object:
    """`GET /api/v1/waitpoints/tokens`: newest first; the cursor is an internal id (recorded)."""
    size = page_size(call.query)
    fits = _filter(call)
    found = [each for each in call.env.waitpoints.values() if fits(each)]
    found.sort(key=lambda each: each.key, reverse=True)
    chosen, pagination = keyed_page(
        call.query,
        found,
        size,
        lambda internal_id: call.env.waitpoints.get(f"waitpoint_{internal_id}"),
        lambda each: each.internal_id,
    )
    return {"data": [_item(call, each) for each in chosen], "pagination": pagination}


def _filter(call: Call) -> Any:
    name = "filter[status]"
    statuses = listed(call.query, name)
    unknown = [each for each in statuses if each not in _STATUSES]
    if unknown:
        raise query_error(custom_issue(f"Invalid status values: {', '.join(unknown)}", name))
    tags = set(listed(call.query, "filter[tags]"))
    key = call.query.get("filter[idempotencyKey]")
    asked = any(name.startswith("filter[createdAt]") for name in call.query)
    from_ms, to_ms = window(call.query, call.world.now_ms) if asked else (None, None)

    def fits(each: Waitpoint) -> bool:
        return (
            (not statuses or each.status in statuses)
            and (not tags or not tags.isdisjoint(each.tags))
            and (not key or (each.key_is_users and each.idempotency_key == key))
            and (from_ms is None or each.created_ms >= from_ms)
            and (to_ms is None or each.created_ms <= to_ms)
        )

    return fits


def _moments(waitpoint: Waitpoint) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if waitpoint.timeout_ms is not None:
        body["timeoutAt"] = body["completedAfter"] = iso(waitpoint.timeout_ms)
    if waitpoint.completed_ms is not None:
        body["completedAt"] = iso(waitpoint.completed_ms)
    return body


def _item(call: Call, waitpoint: Waitpoint) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": waitpoint.id,
        "url": _url(call, call.env, waitpoint),
        "status": waitpoint.status,
        **_moments(waitpoint),
    }
    if waitpoint.key_is_users:
        body["idempotencyKey"] = waitpoint.idempotency_key
        if waitpoint.key_until_ms is not None:
            body["idempotencyKeyExpiresAt"] = iso(waitpoint.key_until_ms)
    return body | {"tags": list(waitpoint.tags), "createdAt": iso(waitpoint.created_ms)}


def _retrieve(call: Call) -> object:
    """`GET …/{token}`: an unknown one is a 500, not a 404 (recorded)."""
    waitpoint = call.env.waitpoints.get(call.params["token"])
    if waitpoint is None:
        raise Refusal(500, "Internal Server Error")
    body = {
        "id": waitpoint.id,
        "type": "MANUAL",
        "url": _url(call, call.env, waitpoint),
        "status": waitpoint.status,
        "idempotencyKey": waitpoint.idempotency_key,
        "userProvidedIdempotencyKey": waitpoint.key_is_users,
    }
    if waitpoint.key_until_ms is not None:
        body["idempotencyKeyExpiresAt"] = iso(waitpoint.key_until_ms)
    if waitpoint.output is not None:
        body["output"] = waitpoint.output
    return body | {
        "outputType": waitpoint.output_type,
        "outputIsError": waitpoint.output_is_error,
        **_moments(waitpoint),
        "createdAt": iso(waitpoint.created_ms),
        "tags": list(waitpoint.tags),
    }


def _complete(call: Call) -> object:
    """`POST …/{token}/complete`: completing twice is well, and the first data stays (recorded)."""
    call.require(f"write:waitpoints:{call.params['token']}")
    if len(call.body) > PAYLOAD_BYTES:
        raise Refusal(413, "Request body too large")
    body = want_object(json_body(call.body)) if call.body else {}
    waitpoint = call.env.waitpoints.get(call.params["token"])
    if waitpoint is None:
        raise Refusal(404, "Waitpoint not found")
    if "data" in body:
        waitpoints.complete(call.world, waitpoint, _stored(body["data"]), _SUPER_JSON)
    else:
        waitpoints.complete(call.world, waitpoint, None, "application/json")
    return {"success": True}


def _stored(data: object) -> str:
    """Data as the server keeps it (recorded): wrapped once."""
    return to_json({"json": data})


def _call_back(call: Call) -> object:
    """`POST …/{token}/callback/{hash}`: the URL is the credential."""
    if "content-length" not in call.headers:
        raise Refusal(411, "Content-Length header is required")
    if len(call.body) > PAYLOAD_BYTES:
        raise Refusal(413, "Request body too large")
    for env in call.world.every_environment():
        waitpoint = env.waitpoints.get(call.params["token"])
        if waitpoint is None:
            continue
        if waitpoints.callback_hash(waitpoint, env.secret_key) != call.params["hash"]:
            raise Refusal(401, "Invalid URL, hash doesn't match")
        data = json_body(call.body, None) if call.body else None
        waitpoints.complete(call.world, waitpoint, _stored(data), _SUPER_JSON)
        return {"success": True}
    raise Refusal(404, "Waitpoint not found")


ROUTES = [
    Route("POST", _TOKENS, _create),
    Route("GET", _TOKENS, _list),
    Route("GET", f"{_TOKENS}/{{token}}", _retrieve),
    Route("POST", f"{_TOKENS}/{{token}}/complete", _complete, "public", cors=True),
    Route("POST", f"{_TOKENS}/{{token}}/callback/{{hash}}", _call_back, "none", rate=None),
]
