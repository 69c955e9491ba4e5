"""Deployments: list, read, promote and cancel."""

from typing import Any

from trigdash.simulator.http.ratelimit import DEPLOYMENTS
from trigdash.simulator.http.replies import Refusal
from trigdash.simulator.http.requests import json_body, query_error, whole_number
from trigdash.simulator.http.routing import Call, Response, Route
from trigdash.simulator.world import deployments, records
from trigdash.simulator.world.records import Release
from trigdash.simulator.world.texts import date_ms, duration_ms, iso

_MISSING = "Deployment not found"
_LEAST_PAGE = 5


def _list(call: Call) -> object:
    """`GET /api/v1/deployments`: newest first; never fewer than five a page (recorded)."""
    call.require("read:deployments")
    asked = whole_number(call.query.get("page[size]"), "page[size]", 20, 100)
    size = max(_LEAST_PAGE, asked)
    fits = _filter(call)
    newest = sorted(
        (each for each in call.env.releases if fits(each)),
        key=lambda each: (each.created_ms, each.order),
        reverse=True,
    )
    after = call.query.get("page[after]")
    places = [place for place, each in enumerate(newest) if each.id == after]
    # An unknown cursor is ignored (recorded).
    start = places[0] + 1 if places else 0
    chosen = newest[start : start + size]
    more = len(newest) > start + size
    return {
        "data": [_item(call, each) for each in chosen],
        "pagination": {"next": chosen[-1].id} if more else {},
    }


def _filter(call: Call) -> Any:
    status = call.query.get("status")
    if status and status not in records.STATUSES:
        listed = " | ".join(f"'{name}'" for name in records.STATUSES)
        raise query_error(
            {
                "received": status,
                "code": "invalid_enum_value",
                "options": list(records.STATUSES),
                "path": ["status"],
                "message": f"Invalid enum value. Expected {listed}, received '{status}'",
            }
        )
    from_ms, to_ms = _date(call, "from"), _date(call, "to")
    period = call.query.get("period")
    if period:
        length_ms = duration_ms(period)
        if length_ms is None:
            raise Refusal(500, "Internal Server Error")
        from_ms, to_ms = call.world.now_ms - length_ms, None

    def fits(release: Release) -> bool:
        return (
            (not status or release.status == status)
            and (from_ms is None or release.created_ms >= from_ms)
            and (to_ms is None or release.created_ms <= to_ms)
        )

    return fits


def _date(call: Call, name: str) -> int | None:
    text = call.query.get(name)
    if not text:
        return None
    time_ms = date_ms(text)
    if time_ms is None:
        raise Refusal(500, "Internal Server Error")
    return time_ms


def _item(call: Call, release: Release) -> dict[str, Any]:
    built = release.status in {"DEPLOYED", "DEPLOYING"}
    body: dict[str, Any] = {
        "id": release.id,
        "createdAt": iso(release.created_ms),
        "shortCode": release.short_code,
        "version": release.version,
        "runtime": "node",
        "runtimeVersion": "22.11.0" if built else None,
        "status": release.status,
        "deployedAt": None if release.deployed_ms is None else iso(release.deployed_ms),
        "git": release.git,
    }
    if release.error is not None:
        body["error"] = release.error
    return body | external(call, release)


def external(call: Call, release: Release) -> dict[str, str]:
    """The external id, where there is one and the server knows them (from 4.6)."""
    return {"externalId": release.external_id} if release.external_id and call.knows("4.6") else {}


def image(call: Call, release: Release) -> str:
    """Where the built image lies."""
    tag = f"{release.version}.{call.env.type.lower()}.{release.short_code}"
    return f"registry.example.test/trigger/{call.world.project.ref}:{tag}"


def find(call: Call) -> Release:
    """The deployment of the path, by its id."""
    name = call.params["deployment"]
    for release in call.env.releases:
        if release.id == name:
            return release
    raise Refusal(404, _MISSING)


def _retrieve(call: Call) -> object:
    """`GET /api/v1/deployments/{deployment}`: with its worker once it is built."""
    release = find(call)
    body: dict[str, Any] = {
        "id": release.id,
        "status": release.status,
        "contentHash": release.content_hash,
        "shortCode": release.short_code,
        "version": release.version,
        "imageReference": image(call, release),
        "imagePlatform": "linux/amd64",
        "commitSHA": release.commit,
        "externalBuildData": {"buildId": "-", "projectId": "-", "buildToken": "-"},
        "errorData": release.error,
        "canceledReason": release.canceled_reason,
    }
    if release.status == "DEPLOYED":
        body["worker"] = _worker(call, release)
    return body | external(call, release)


def _worker(call: Call, release: Release) -> dict[str, Any]:
    tasks = [call.env.tasks[name] for name in release.tasks if name in call.env.tasks]
    return {
        "id": deployments.worker_id(call.env, release.version),
        "version": release.version,
        "tasks": [
            {
                "id": deployments.task_id(release.version, task.id),
                "slug": task.id,
                "filePath": task.file,
                "exportName": "@deprecated",
            }
            for task in tasks
        ],
    }


def _latest(call: Call) -> object:
    """`GET /api/v1/deployments/latest`: unmanaged ones only; here all are managed (recorded)."""
    raise Refusal(404, _MISSING)


def _current(call: Call) -> object:
    """`GET /api/v1/deployments/current`: the promoted one, null fields left out."""
    call.require("read:deployments")
    release = deployments.current(call.env, call.world.now_ms)
    if release is None:
        raise Refusal(404, "Not found", x_should_retry="false")
    return {name: value for name, value in _item(call, release).items() if value is not None}


def _promote(call: Call) -> object:
    """`POST /api/v1/deployments/{version}/promote`: the path holds the version, not the id."""
    now = deployments.current(call.env, call.world.now_ms)
    version = call.params["deployment"]
    release = next((each for each in call.env.releases if each.version == version), None)
    if release is None:
        raise Refusal(404, _MISSING)
    if release.status != "DEPLOYED":
        raise Refusal(400, "Deployment is not associated with a worker and cannot be promoted.")
    if release is now:
        raise Refusal(400, "Deployment is already the current deployment.")
    rollback = call.query.get("allowRollbacks") == "true"
    if now is not None and release.order < now.order and not rollback:
        raise Refusal(400, "Cannot promote a deployment that is older than the current deployment.")
    deployments.promote(call.world, call.env, release)
    return {"id": release.id, "version": release.version, "shortCode": release.short_code}


def _cancel(call: Call) -> object:
    """`POST /api/v1/deployments/{deployment}/cancel`: 204 and nothing more (recorded)."""
    release = find(call)
    body = json_body(call.body, None) if call.body else {}
    if release.status in records.FINAL:
        raise Refusal(409, f"Deployment is already in a final state: {release.status}")
    release.status = "CANCELED"
    reason = body.get("reason") if isinstance(body, dict) else None
    release.canceled_reason = str(reason)[:200] if reason else None
    return Response(b"", 204)


_BASE = "/api/v1/deployments"
_ONE = f"{_BASE}/{{deployment}}"
ROUTES = [
    Route("GET", _BASE, _list, "public", rate=DEPLOYMENTS),
    Route("GET", f"{_BASE}/latest", _latest, rate=DEPLOYMENTS),
    Route("GET", f"{_BASE}/current", _current, "public", rate=None),
    Route("GET", _ONE, _retrieve, rate=DEPLOYMENTS),
    Route("POST", f"{_ONE}/promote", _promote, rate=DEPLOYMENTS, wrong_method=400),
    Route("POST", f"{_ONE}/cancel", _cancel, rate=DEPLOYMENTS, wrong_method=400),
]
