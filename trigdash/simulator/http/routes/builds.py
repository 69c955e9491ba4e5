"""Writing deployments, as the official command line does: order, register, finish or fail."""

from typing import Any

from trigdash.simulator.http.ratelimit import DEPLOYMENTS
from trigdash.simulator.http.replies import Refusal
from trigdash.simulator.http.requests import invalid, json_body, want_object
from trigdash.simulator.http.routes.deployments import find, image
from trigdash.simulator.http.routing import Call, Response, Route
from trigdash.simulator.world import deployments, records
from trigdash.simulator.world.records import Release


def _body(call: Call) -> dict[str, Any]:
    return want_object(json_body(call.body)) if call.body else {}


def _order(call: Call) -> object:
    """`POST /api/v1/deployments`: a version number and a place for the image."""
    body = _body(call)
    if not isinstance(body.get("contentHash"), str):
        raise invalid("Required", "contentHash")
    status = "PENDING" if body.get("initialStatus") == "PENDING" else "BUILDING"
    release = deployments.order(call.env, call.world.now_ms, status)
    release.said_hash = body["contentHash"]
    git = body.get("gitMeta")
    release.said_git = git if isinstance(git, dict) else None
    return {
        "id": release.id,
        "contentHash": release.content_hash,
        "shortCode": release.short_code,
        "version": release.version,
        "imageTag": image(call, release),
        "imagePlatform": "linux/amd64",
        "outcome": "created",
        "externalBuildData": {"buildId": "-", "projectId": "-", "buildToken": "-"},
        "canceledDeployments": [],
    }


def _unfinished(call: Call) -> Release:
    release = find(call)
    if release.status in records.FINAL:
        raise Refusal(409, f"Deployment is already in a final state: {release.status}")
    return release


def _register(call: Call) -> object:
    """`POST …/background-workers`: tasks that the world does not know run without a worker."""
    release = _unfinished(call)
    metadata = _body(call).get("metadata")
    tasks = metadata.get("tasks") if isinstance(metadata, dict) else None
    if not isinstance(tasks, list):
        raise invalid("Required", "metadata", "tasks")
    named = {str(task.get("id")) for task in tasks if isinstance(task, dict)}
    release.tasks = tuple(name for name in release.tasks if name in named) or release.tasks
    release.status = "DEPLOYING"
    return {
        "id": deployments.worker_id(call.env, release.version),
        "version": release.version,
        "contentHash": release.content_hash,
    }


def _finalize(call: Call) -> object:
    """`POST /api/v3/deployments/{deployment}/finalize`: an event stream of one event (recorded)."""
    release = _unfinished(call)
    if _body(call).get("skipPromotion") is True:
        release.status, release.deployed_ms = "DEPLOYED", call.world.now_ms
    else:
        deployments.finish(call.world, call.env, release)
    told = f'event: complete\ndata: {{"id":"{release.id}"}}\n\n'
    kind = {"cache-control": "no-cache", "content-type": "text/event-stream; charset=utf-8"}
    return Response(told, 200, kind)


def _fail(call: Call) -> object:
    """`POST …/fail`"""
    release = _unfinished(call)
    error = _body(call).get("error")
    release.said_error = error if isinstance(error, dict) else None
    release.status = "FAILED"
    return {"id": release.id}


_ONE = "/api/v1/deployments/{deployment}"
ROUTES = [
    Route("POST", "/api/v1/deployments", _order, rate=DEPLOYMENTS),
    Route(
        "POST", f"{_ONE}/background-workers", _register, rate=DEPLOYMENTS, wrong_method=400
    ),
    Route("POST", f"{_ONE}/fail", _fail, rate=DEPLOYMENTS, wrong_method=400),
    Route(
        "POST", "/api/v3/deployments/{deployment}/finalize", _finalize, rate=DEPLOYMENTS,
        wrong_method=400,
    ),
]  # fmt: skip
