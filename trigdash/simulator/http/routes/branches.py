"""Preview branches of a project: list, create and archive."""

import re
from typing import Any

from trigdash.simulator.http.ratelimit import DEPLOYMENTS
from trigdash.simulator.http.replies import Refusal
from trigdash.simulator.http.requests import json_body
from trigdash.simulator.http.routing import INVALID_PAT, Call, Route
from trigdash.simulator.world.deployments import make_branch
from trigdash.simulator.world.environments import Branch, plain_branch_name
from trigdash.simulator.world.ids import letters
from trigdash.simulator.world.texts import iso

# What git refuses in the name of a branch.
_BAD_NAME = re.compile(r"[\s~^:?*\[\\]|\.\.|@\{|//|\.lock$")


def _check_project(call: Call) -> None:
    if call.params["ref"] != call.world.project.ref:
        raise Refusal(404, "Project not found", x_remix_catch="yes")


def _list(call: Call) -> object:
    """`GET /api/v1/projects/{ref}/branches`: those that are not archived."""
    _check_project(call)
    return {
        "branches": [_view(branch) for branch in call.world.branches.values() if branch.is_live]
    }


def _view(branch: Branch) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": branch.env.id,
        "name": branch.name,
        "createdAt": iso(branch.created_ms),
        "updatedAt": iso(branch.created_ms),
    }
    if branch.git is not None:
        body["git"] = branch.git
    return body | {"isPaused": branch.env.paused}


def _body(call: Call) -> tuple[str, dict[str, Any]]:
    """The name of the branch, and the whole body."""
    body = json_body(call.body, "Invalid request body")
    given: dict[str, Any] = body if isinstance(body, dict) else {}
    name = given.get("branch")
    if not isinstance(name, str) or not plain_branch_name(name):
        raise Refusal(400, "Invalid request body")
    if given.get("env", "preview") not in ("preview", "development"):
        raise Refusal(400, "Invalid request body")
    if _BAD_NAME.search(name):
        raise Refusal(400, "Invalid branch name, contains disallowed character sequences")
    return name, given


def _create(call: Call) -> object:
    """`POST /api/v1/projects/{ref}/branches`: the same name finds the same branch."""
    _check_project(call)
    name, body = _body(call)
    branch = make_branch(call.world, name)
    if isinstance(body.get("git"), dict):
        branch.git = body["git"]
    return {"id": branch.env.id}


def _archive(call: Call) -> object:
    """`POST …/branches/archive`: answers the whole record of the environment (recorded)."""
    _check_project(call)
    branch = call.world.branches.get(plain_branch_name(_body(call)[0]))
    if branch is None:
        raise Refusal(404, "Branch not found")
    if not branch.is_live:
        raise Refusal(400, "Branch already archived")
    branch.archived_ms = call.world.now_ms
    env, project = branch.env, call.world.project
    parent = call.world.environments["preview"]
    slug = f"preview-{branch.name}"
    return {
        "success": True,
        "branch": {
            "id": env.id, "slug": slug, "apiKey": env.secret_key,
            "pkApiKey": f"pk_preview_{letters(env.seed, 20)}", "type": env.type,
            "isBranchableEnvironment": False, "branchName": branch.name,
            "parentEnvironmentId": parent.id, "git": branch.git,
            "archivedAt": iso(branch.archived_ms), "shortcode": slug,
            "maximumConcurrencyLimit": env.limits.concurrency,
            "concurrencyLimitBurstFactor": f"{env.limits.burst_factor:g}",
            "paused": env.paused, "pauseSource": None, "autoEnableInternalSources": True,
            "organizationId": project.org_id, "projectId": project.id, "orgMemberId": None,
            "createdAt": iso(branch.created_ms), "updatedAt": iso(branch.archived_ms),
            "builtInEnvironmentVariableOverrides": None, "tunnelId": None,
            "currentSessionId": None,
        },
        "organization": {
            "id": project.org_id, "slug": project.org_slug, "maximumConcurrencyLimit": 300,
        },
        "project": {"id": project.id, "slug": project.slug},
    }  # fmt: skip


_BASE = "/api/v1/projects/{ref}/branches"
ROUTES = [
    Route("GET", _BASE, _list, "pat", INVALID_PAT, rate=DEPLOYMENTS),
    Route("POST", _BASE, _create, "pat", INVALID_PAT, rate=DEPLOYMENTS),
    Route(
        "POST", f"{_BASE}/archive", _archive, "pat", INVALID_PAT, rate=DEPLOYMENTS, wrong_method=400
    ),
]
