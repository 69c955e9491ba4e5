"""Sessions: start with a first run, list, read, update and close."""

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
    want_types,
    whole_number,
)
from trigdash.simulator.http.routing import Call, Route
from trigdash.simulator.http.triggering import trigger_item
from trigdash.simulator.world.actions import fresh_seed
from trigdash.simulator.world.records import Session, session_id
from trigdash.simulator.world.texts import date_ms, iso

_MOST_BYTES = 32_768
_TYPES = {
    "type": ("string",), "taskIdentifier": ("string",), "triggerConfig": ("object",),
    "externalId": ("string",), "tags": ("array",), "expiresAt": ("string",),
}  # fmt: skip
_SAID = (
    ("user", "Where is my order?"),
    ("assistant", "It left the warehouse this morning."),
    ("user", "Thank you."),
)
_STATUSES = ("ACTIVE", "CLOSED", "EXPIRED")


def _held(call: Call) -> dict[str, Session]:
    return call.world.sessions.setdefault(call.env.id, {})


def _by_name(call: Call, name: object) -> Session | None:
    """By id or by the client's own id."""
    held = _held(call)
    found = held.get(str(name))
    return found or next((each for each in held.values() if each.external_id == name), None)


def _body(call: Call) -> dict[str, Any]:
    if len(call.body) > _MOST_BYTES:
        raise Refusal(413, "Request body too large")
    return want_object(json_body(call.body))


def _create(call: Call) -> object:
    """`POST /api/v1/sessions`: 201 with the first run; the same external id finds it again."""
    body = _body(call)
    for name in ("type", "taskIdentifier", "triggerConfig"):
        if name not in body:
            raise invalid("Required", name)
    want_types(body, _TYPES)
    call.require("write:sessions", f"trigger:tasks:{body['taskIdentifier']}")
    external = body.get("externalId")
    if external is not None and external.startswith("session_"):
        raise Refusal(422, "externalId cannot start with the reserved session_ prefix")
    session = _by_name(call, external) if external else None
    cached = session is not None
    if session is not None and session.status(call.world.now_ms) != "ACTIVE":
        raise Refusal(409, f"Session {external} is {session.status(call.world.now_ms).lower()}")
    if session is None:
        session = _make(call, body)
    else:
        session.updated_ms = call.world.now_ms
    run = session.run.id if session.run else None
    scopes = [f"read:sessions:{session.id}", f"write:sessions:{session.id}", f"read:runs:{run}"]
    answer = _view(session) | {
        "runId": run,
        "publicAccessToken": call.state.mint(call.env, scopes),
        "isCached": cached,
    }
    return Reply(answer, 200 if cached else 201)


def _make(call: Call, body: dict[str, Any]) -> Session:
    now_ms, held = call.world.now_ms, _held(call)
    config = body["triggerConfig"]
    name = session_id(now_ms - call.world.start_ms, len(held), fresh_seed(call.world, call.env))
    session = Session(name, body["type"], body["taskIdentifier"], config, now_ms, now_ms)
    session.external_id = body.get("externalId")
    session.tags = [str(tag) for tag in body.get("tags") or []]
    session.metadata = body.get("metadata")
    session.expires_ms = date_ms(str(body.get("expiresAt") or ""))
    item = {"payload": config.get("basePayload"), "options": {"tags": config.get("tags") or []}}
    session.run, _ = trigger_item(call.world, call.env, session.task_id, item, {})
    held[session.id] = session
    return session


def _view(session: Session, listed: bool = False) -> dict[str, Any]:
    """The session; rows of a list come without the trigger's settings (recorded)."""
    body: dict[str, Any] = {
        "id": session.id,
        "externalId": session.external_id,
        "type": session.kind,
        "taskIdentifier": session.task_id,
    }
    if not listed:
        body["triggerConfig"] = session.trigger_config
    return body | {
        "currentRunId": session.run.id if session.run else None,
        "tags": session.tags,
        "metadata": session.metadata,
        "closedAt": None if session.closed_ms is None else iso(session.closed_ms),
        "closedReason": session.closed_reason,
        "expiresAt": None if session.expires_ms is None else iso(session.expires_ms),
        "createdAt": iso(session.created_ms),
        "updatedAt": iso(session.updated_ms),
    }


def _list(call: Call) -> object:
    """`GET /api/v1/sessions`: newest first; cursors are ids of sessions."""
    call.require("read:sessions")
    size = page_size({"page[size]": call.query.get("page[size]", "20")})
    held = _held(call)
    fits = _filter(call)
    found = sorted(
        (each for each in held.values() if fits(each)), key=lambda each: each.key, reverse=True
    )
    chosen, pagination = keyed_page(call.query, found, size, held.get, lambda each: each.id)
    return {"data": [_view(each, listed=True) for each in chosen], "pagination": pagination}


def _filter(call: Call) -> Any:
    name = "filter[status]"
    statuses = listed(call.query, name)
    unknown = [each for each in statuses if each not in _STATUSES]
    if unknown:
        raise query_error(custom_issue(f"Invalid status values: {', '.join(unknown)}", name))
    kinds, tasks = listed(call.query, "filter[type]"), listed(call.query, "filter[taskIdentifier]")
    tags, external = set(listed(call.query, "filter[tags]")), call.query.get("filter[externalId]")
    asked = any(name.startswith("filter[createdAt]") for name in call.query)
    now_ms = call.world.now_ms
    from_ms, to_ms = window(call.query, now_ms) if asked else (None, None)

    def fits(each: Session) -> bool:
        return (
            (not statuses or each.status(now_ms) in statuses)
            and (not kinds or each.kind in kinds)
            and (not tasks or each.task_id in tasks)
            and (not tags or not tags.isdisjoint(each.tags))
            and (not external or each.external_id == external)
            and (from_ms is None or each.created_ms >= from_ms)
            and (to_ms is None or each.created_ms <= to_ms)
        )

    return fits


def _find(call: Call, missing: str, **headers: str) -> Session:
    session = _by_name(call, call.params["session"])
    if session is None:
        raise Refusal(404, missing, **headers)
    return session


def _retrieve(call: Call) -> object:
    session = _find(call, "Not found", x_should_retry="false")
    call.require(f"read:sessions:{session.id}", f"read:sessions:{session.external_id}")
    return _view(session)


def _transcript(call: Call) -> object:
    """`GET …/{session}/transcript`: what was said, newest first with a limit."""
    session = _find(call, "Not found", x_should_retry="false")
    said = [
        {"id": f"{session.id}_{number}", "role": role, "parts": [{"type": "text", "text": text}]}
        for number, (role, text) in enumerate(_SAID, 1)
    ]
    limit = whole_number(call.query.get("limit"), "limit", len(said), None)
    newest = list(reversed(said))
    names = [each["id"] for each in newest]
    start = names.index(call.query["before"]) + 1 if call.query.get("before") in names else 0
    chosen = newest[start : start + limit]
    body: dict[str, Any] = {"messages": chosen, "cursors": {}}
    if len(newest) > start + limit:
        body["nextCursor"] = chosen[-1]["id"]
    return body


def _update(call: Call) -> object:
    """`PATCH …/{session}`: tags and metadata; the external id stays."""
    body = _body(call)
    session = _find(call, "Resource not found")
    if "externalId" in body and body["externalId"] != session.external_id:
        raise Refusal(422, "externalId is read-only")
    if "tags" in body:
        if not isinstance(body["tags"], list):
            raise invalid(f"Expected array, received {type_name(body['tags'])}", "tags")
        session.tags = [str(tag) for tag in body["tags"]]
    if "metadata" in body:
        session.metadata = body["metadata"]
    session.updated_ms = call.world.now_ms
    return _view(session)


def _close(call: Call) -> object:
    """`POST …/{session}/close`: for good; closing again changes nothing."""
    body = json_body(call.body, None) if call.body else {}
    session = _find(call, "Resource not found")
    if session.closed_ms is None:
        session.closed_ms = session.updated_ms = call.world.now_ms
        session.closed_reason = body.get("reason") if isinstance(body, dict) else None
    return _view(session)


_BASE = "/api/v1/sessions"
_ONE = f"{_BASE}/{{session}}"
ROUTES = [
    Route("POST", _BASE, _create, "public", cors=True),
    Route("GET", _BASE, _list, "public", cors=True),
    Route("GET", _ONE, _retrieve, "public", cors=True),
    Route("GET", f"{_ONE}/transcript", _transcript, since="4.6"),
    Route("PATCH", _ONE, _update, cors=True),
    Route("POST", f"{_ONE}/close", _close, cors=True, wrong_method=400),
]
