"""Identity, projects and environments."""

from functools import partial
from typing import Any

from trigdash.simulator.http.credentials import sign_token
from trigdash.simulator.http.ratelimit import DEPLOYMENTS
from trigdash.simulator.http.replies import Refusal
from trigdash.simulator.http.requests import json_body
from trigdash.simulator.http.routing import INVALID_PAT, Call, Route
from trigdash.simulator.world import actions
from trigdash.simulator.world.deployments import find_branch
from trigdash.simulator.world.environments import Environment, Project
from trigdash.simulator.world.ids import cuid, friendly, letters, mix, seed_of
from trigdash.simulator.world.texts import iso

# Paths say `staging` where everything else says `stg` (recorded).
PATH_NAMES = {"dev": "dev", "staging": "stg", "preview": "preview", "prod": "prod"}
RUNTIME = "node-24"
# Of the project, by the version of the server.
SDK_VERSIONS = {"4.5": "4.5.12", "4.8": "4.8.3"}


def whoami(call: Call) -> Any:
    """`GET /api/v1/whoami`: the whole environment record, its key included."""
    env, project = call.env, call.world.project
    created = iso(project.created_ms)
    dev = env.type == "DEVELOPMENT"
    body: dict[str, Any] = {
        "id": env.id, "slug": env.slug, "type": env.type, "apiKey": env.secret_key,
        "organizationId": project.org_id, "projectId": project.id,
        "orgMemberId": cuid(-900_000, 5, mix(env.seed, 5)) if dev else None,
        "parentEnvironmentId": None, "branchName": None, "archivedAt": None, "paused": env.paused,
        "shortcode": f"{env.slug}-harbor", "maximumConcurrencyLimit": env.limits.concurrency,
        "concurrencyLimitBurstFactor": env.limits.burst_factor,
        "builtInEnvironmentVariableOverrides": None, "createdAt": created, "updatedAt": created,
        "project": {
            "id": project.id, "slug": project.slug, "name": project.name,
            "externalRef": project.ref, "engine": "V2", "deletedAt": None,
            "defaultWorkerGroupId": None, "organizationId": project.org_id,
            "builderProjectId": None, "defaultRuntime": RUNTIME,
        },
        "organization": {
            "id": project.org_id, "slug": project.org_slug, "title": project.org_title,
            "streamBasinName": None, "maximumConcurrencyLimit": 300, "runsEnabled": True,
            "maximumDevQueueSize": None, "maximumDeployedQueueSize": None, "featureFlags": None,
            "apiRateLimiterConfig": None, "batchRateLimitConfig": None,
            "batchQueueConcurrencyConfig": None,
        },
        "orgMember": None, "parentEnvironment": None,
    }  # fmt: skip
    if dev:
        body["userId"] = project.user_id
    return body


def whoami_v2(call: Call) -> Any:
    """`GET /api/v2/whoami`: an unknown project is left out, not refused (recorded)."""
    project = call.world.project
    body: dict[str, Any] = {
        "userId": project.user_id,
        "email": project.user_email,
        "dashboardUrl": call.origin,
    }
    if call.query.get("projectRef") == project.ref:
        body["project"] = {
            "url": f"{call.origin}/orgs/{project.org_slug}/projects/{project.slug}",
            "name": project.name,
            "orgTitle": project.org_title,
        }
    return body


def _project(call: Call, **headers: str) -> Project:
    project = call.world.project
    if call.params["ref"] != project.ref:
        raise Refusal(404, "Project not found", **headers)
    return project


def _project_view(project: Project) -> dict[str, Any]:
    return {
        "id": project.id,
        "externalRef": project.ref,
        "name": project.name,
        "slug": project.slug,
        "createdAt": iso(project.created_ms),
        "defaultRegion": None,
        "organization": _organization(project),
    }


def _organization(project: Project) -> dict[str, Any]:
    return {
        "id": project.org_id,
        "title": project.org_title,
        "slug": project.org_slug,
        "createdAt": iso(project.created_ms),
    }


def list_projects(call: Call) -> Any:
    """`GET /api/v1/projects`"""
    return [_project_view(call.world.project)]


def retrieve_project(call: Call) -> Any:
    """`GET /api/v1/projects/{ref}`"""
    body = _project_view(_project(call))
    organization = body.pop("organization")
    return body | {"defaultRuntime": RUNTIME, "organization": organization}


def list_organizations(call: Call) -> Any:
    """`GET /api/v1/orgs`"""
    return [_organization(call.world.project)]


def list_environments(call: Call) -> Any:
    """`GET /api/v1/projects/{ref}/environments`: dev, stg, preview, prod; no branches."""
    _project(call)
    return [
        {
            "id": env.id,
            "slug": env.slug,
            "type": env.type,
            "isBranchableEnvironment": env.type in {"DEVELOPMENT", "PREVIEW"},
            "branchName": None,
            "paused": env.paused,
        }
        for env in (call.world.environments[slug] for slug in PATH_NAMES.values())
    ]


def _environment(call: Call) -> Environment:
    if call.params["env"] not in PATH_NAMES:
        raise Refusal(400, "Invalid Params")
    _project(call)
    return call.world.environments[PATH_NAMES[call.params["env"]]]


def _no_environment(call: Call) -> Any:
    """None of the four names, and counted by the common limiter (recorded)."""
    raise Refusal(400, "Invalid Params")


def hand_out_key(slug: str, call: Call) -> Any:
    """`GET /api/v1/projects/{ref}/{env}`: the environment's secret key.

    A caller with a secret key always gets its own key back (recorded).
    """
    project = _project(call, x_remix_catch="yes")
    env = call.world.environments[slug]
    name = call.headers.get("x-trigger-branch")
    if name and env.type == "PREVIEW" and find_branch(call.world, name) is None:
        raise Refusal(404, "Branch not found", x_remix_catch="yes")
    if call.environment is not None:
        env = call.environment
    return {
        "apiKey": env.secret_key,
        "name": project.name,
        "apiUrl": call.origin,
        "projectId": project.id,
        "defaultRuntime": RUNTIME,
    }


def current_worker(call: Call) -> Any:
    """`GET /api/v1/projects/{ref}/{env}/workers/{tag}`: the only listing of tasks."""
    env = _environment(call)
    deployment = env.deployment_at(call.world.now_ms)
    if deployment is None or call.params["tag"] not in {"current", deployment.version}:
        raise Refusal(404, "Worker not found")
    project = call.world.project
    tasks = [env.tasks[name] for name in sorted(deployment.tasks)]
    runs = f"{call.origin}/orgs/{project.org_slug}/projects/{project.slug}/env/{env.slug}/runs"
    return {
        "worker": {
            "id": f"worker_{cuid(-1, 7, seed_of(env.slug + deployment.version))}",
            "version": deployment.version,
            "engine": "V2",
            "sdkVersion": SDK_VERSIONS[call.world.version],
            "cliVersion": SDK_VERSIONS[call.world.version],
            "tasks": [
                {
                    "id": f"task_{friendly(seed_of(task.id + deployment.version))}",
                    "slug": task.id,
                    "filePath": task.file,
                    "triggerSource": task.source,
                    "createdAt": iso(deployment.since_ms),
                    "payloadSchema": task.schema,
                    "queueConfig": _queue_config(task.queue, task.limit),
                }
                for task in tasks
            ],
        },
        "urls": {"runs": f"{runs}?versions={deployment.version}"},
    }


def _queue_config(name: str, limit: int | None) -> dict[str, Any] | None:
    config: dict[str, Any] = {"name": name} if name else {}
    if limit is not None:
        config["concurrencyLimit"] = limit
    return config or None


def dev_status(call: Call) -> Any:
    """`GET /api/v1/projects/{ref}/dev-status`"""
    _project(call)
    return {"isConnected": call.world.environments["dev"].worker_connected}


def pause(call: Call) -> Any:
    """`POST /api/v1/projects/{ref}/{env}/pause`: nothing starts in the whole environment."""
    actions.pause_environment(call.world, _environment(call), True)
    return {"paused": True, "state": "paused"}


def resume(call: Call) -> Any:
    """`POST /api/v1/projects/{ref}/{env}/resume`"""
    actions.pause_environment(call.world, _environment(call), False)
    return {"paused": False, "state": "resumed"}


def environment_token(call: Call) -> Any:
    """`POST /api/v1/projects/{ref}/{env}/jwt`: an hour-long token of the environment."""
    env = _environment(call)
    body = json_body(call.body, None)
    claims = body.get("claims") if isinstance(body, dict) else None
    scopes = claims.get("scopes") if isinstance(claims, dict) else None
    project = call.world.project
    acting = {"sub": env.id, "pub": True, "scopes": scopes or [], "act": {"sub": project.user_id}}
    token = sign_token(acting, env.secret_key, call.state.now_ms() // 1000, 3600)
    return {"token": token} | ({"environmentId": env.id} if call.knows("4.6") else {})


def regenerate_key(call: Call) -> Any:
    """`POST /api/v1/projects/{ref}/{env}/regenerate-api-key`: the old key works for a day more."""
    env = _environment(call)
    seed = actions.fresh_seed(call.world, env)
    return {"apiKey": call.state.replace_key(env, f"tr_{env.slug}_{letters(seed, 24)}")}


_PROJECT = "/api/v1/projects/{ref}"
_ENV = f"{_PROJECT}/{{env}}"
_OLD_KEY = "Invalid or Missing API key"
ROUTES = [
    Route("GET", "/api/v1/whoami", whoami, "key", _OLD_KEY),
    Route("GET", "/api/v2/whoami", whoami_v2, "pat", "Invalid or Missing Access Token"),
    Route("GET", "/api/v1/projects", list_projects, "pat", INVALID_PAT),
    Route("GET", "/api/v1/orgs", list_organizations, "pat", INVALID_PAT),
    Route("GET", "/api/v1/orgs/{org}/projects", list_projects, "pat", INVALID_PAT),
    Route("GET", _PROJECT, retrieve_project, "pat", INVALID_PAT),
    Route("GET", f"{_PROJECT}/environments", list_environments, "pat", INVALID_PAT, cors=True),
    Route("GET", f"{_PROJECT}/dev-status", dev_status, "pat", INVALID_PAT),
    *(
        Route("GET", f"{_PROJECT}/{name}", partial(hand_out_key, slug), "any", rate=DEPLOYMENTS)
        for name, slug in PATH_NAMES.items()
    ),
    Route("GET", _ENV, _no_environment, "any"),
    Route("GET", f"{_ENV}/workers/{{tag}}", current_worker, "pat", INVALID_PAT),
    Route("POST", f"{_ENV}/pause", pause, "pat", INVALID_PAT, wrong_method=400),
    Route("POST", f"{_ENV}/resume", resume, "pat", INVALID_PAT, wrong_method=400),
    Route(
        "POST", f"{_ENV}/regenerate-api-key", regenerate_key, "pat", INVALID_PAT, wrong_method=400
    ),
    Route("POST", f"{_ENV}/jwt", environment_token, "pat", INVALID_PAT, wrong_method=400),
]
