"""Preview branches of a project: listed, made and archived."""

from typing import Any

from trigdash.simulator.http.ratelimit import DEPLOYMENTS
from trigdash.simulator.http.replies import Refusal
from trigdash.simulator.http.requests import json_body
from trigdash.simulator.http.routing import Call, Route
from trigdash.simulator.world.deployments import find_branch, make_branch
from trigdash.simulator.world.environments import plain_branch_name
from trigdash.simulator.world.texts import iso

_PAT = "Invalid PAT"


def _check_project(call: Call) -> None:
    if call.params["ref"] != call.world.project.ref:
        raise Refusal(404, "Project not found", x_remix_catch="yes")


def _list(call: Call) -> object:
    """`GET /api/v1/projects/{ref}/branches`"""
    _check_project(call)
    return {
        "branches": [
            {
                "id": branch.env.id,
                "name": branch.name,
                "createdAt": iso(branch.created_ms),
                "updatedAt": iso(branch.created_ms),
                "isPaused": branch.env.paused,
            }
            for branch in call.world.branches.values()
            if branch.archived_ms is None
        ]
    }


def _name(call: Call) -> str:
    body = json_body(call.body, "Invalid request body")
    given: dict[str, Any] = body if isinstance(body, dict) else {}
    name = given.get("branch")
    if not isinstance(name, str) or not plain_branch_name(name):
        raise Refusal(400, "Invalid request body")
    if given.get("env", "preview") != "preview":
        raise Refusal(400, "Only preview branches are simulated")
    return name


def _create(call: Call) -> object:
    """`POST /api/v1/projects/{ref}/branches`: the same name finds the same branch."""
    _check_project(call)
    return {"id": make_branch(call.world, _name(call)).env.id}


def _archive(call: Call) -> object:
    """`POST /api/v1/projects/{ref}/branches/archive`"""
    _check_project(call)
    branch = find_branch(call.world, _name(call))
    if branch is None:
        raise Refusal(404, "Branch not found")
    branch.archived_ms = call.world.now_ms
    return {"branch": {"id": branch.env.id, "name": branch.name}}


_BASE = "/api/v1/projects/{ref}/branches"
ROUTES = [
    Route("GET", _BASE, _list, "pat", _PAT, rate=DEPLOYMENTS),
    Route("POST", _BASE, _create, "pat", _PAT, rate=DEPLOYMENTS),
    Route("POST", f"{_BASE}/archive", _archive, "pat", _PAT, rate=DEPLOYMENTS, wrong_method=400),
]
