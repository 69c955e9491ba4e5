"""Environment variables: list, read, set, delete and import."""

from typing import Any

from trigdash.simulator.http.ratelimit import DEPLOYMENTS
from trigdash.simulator.http.replies import Refusal
from trigdash.simulator.http.requests import json_body, type_name
from trigdash.simulator.http.routing import Call, Route
from trigdash.simulator.world.environments import (
    CannotSet,
    Environment,
    Variable,
    store_variables,
)

_SLUGS = {"dev": "dev", "staging": "stg", "stg": "stg", "prod": "prod", "preview": "preview"}
_TITLES = {
    "DEVELOPMENT": "Development", "STAGING": "Staging", "PREVIEW": "Preview",
    "PRODUCTION": "Production",
}  # fmt: skip
_DONE = {"success": True}


def _environment(call: Call) -> Environment:
    """The environment of the secret key (the path is ignored, recorded), else that of the path."""
    own = call.params["ref"] == call.world.project.ref
    if call.environment is not None:
        if not own:
            raise Refusal(
                400,
                "Invalid project ref for this API key. Make sure you are using an API key "
                "associated with that project.",
                x_remix_catch="yes",
            )
        return call.environment
    if not own:
        raise Refusal(404, "Project not found", x_remix_catch="yes")
    env = call.world.environments.get(_SLUGS.get(call.params["slug"], ""))
    if env is None:
        raise Refusal(404, "Environment not found", x_remix_catch="yes")
    return env


def _found(call: Call, env: Environment) -> Variable:
    variable = env.variables.get(call.params["name"])
    if variable is None:
        raise Refusal(404, "Environment variable not found")
    return variable


def _body(call: Call, *texts: str) -> dict[str, Any]:
    body = json_body(call.body, "Invalid request body")
    given = body if isinstance(body, dict) else {}
    issues = []
    for name in texts:
        if not isinstance(given.get(name), str):
            received = type_name(given[name]) if name in given else "undefined"
            said = f"Expected string, received {received}" if name in given else "Required"
            issues.append(
                {
                    "code": "invalid_type", "expected": "string", "received": received,
                    "path": [name], "message": said,
                }
            )  # fmt: skip
    if issues:
        raise Refusal(400, {"error": "Invalid request body", "issues": issues})
    return given


def _store(env: Environment, given: dict[str, str], is_secret: bool) -> object:
    try:
        store_variables(env.variables, given, is_secret)
    except CannotSet as problem:
        raise Refusal(400, str(problem)) from None
    return _DONE


def _view(variable: Variable) -> dict[str, object]:
    return {
        "name": variable.name,
        "value": variable.shown,
        "isSecret": variable.is_secret,
    }


def _list(call: Call) -> object:
    """`GET …/envvars/{slug}`: a bare array."""
    return [_view(variable) for variable in _environment(call).variables.values()]


def _all(call: Call) -> object:
    """`GET …/envvars`: for a worker, so with the real values, secrets included."""
    env = _environment(call)
    body: dict[str, Any] = {"variables": {v.name: v.value for v in env.variables.values()}}
    return body | ({"allowEmptyEnvironmentVariableValues": False} if call.knows("4.7.7") else {})


def _create(call: Call) -> object:
    """`POST …/envvars/{slug}`: an existing one is overwritten (recorded)."""
    env = _environment(call)
    body = _body(call, "name", "value")
    return _store(env, {body["name"]: body["value"]}, body.get("isSecret") is True)


def _retrieve(call: Call) -> object:
    return _view(_found(call, _environment(call)))


def _update(call: Call) -> object:
    """`PUT` or `POST …/envvars/{slug}/{name}`"""
    env = _environment(call)
    body = _body(call, "value")
    held = _found(call, env)
    return _store(env, {held.name: body["value"]}, body.get("isSecret", held.is_secret) is True)


def _delete(call: Call) -> object:
    env = _environment(call)
    del env.variables[_found(call, env).name]
    return _DONE


def _import(call: Call) -> object:
    """`POST …/envvars/{slug}/import`: a map; all or nothing without `override` (recorded)."""
    env = _environment(call)
    body = _body(call)
    given = body.get("variables")
    if not isinstance(given, dict):
        received = type_name(given) if "variables" in body else "undefined"
        said = f"Expected object, received {received}" if "variables" in body else "Required"
        issue = {"code": "invalid_type", "expected": "object", "received": received}
        details = [issue | {"path": ["variables"], "message": said}]
        raise Refusal(400, {"error": "Invalid request body", "issues": details})
    clashes = [name for name in given if name in env.variables]
    if clashes and body.get("override") is not True:
        said = f"Variable already set in {_TITLES[env.type]}."
        error = (
            "Some of the variables are already set for these environments. "
            "Set override to true to override them."
        )
        errors = [{"key": name, "error": said} for name in clashes]
        raise Refusal(400, {"error": error, "variableErrors": errors})
    texts = {str(name): str(value) for name, value in given.items()}
    return _store(env, texts, body.get("isSecret") is True)


_BASE = "/api/v1/projects/{ref}/envvars"
_ONE = f"{_BASE}/{{slug}}/{{name}}"
ROUTES = [
    Route("GET", _BASE, _all, rate=DEPLOYMENTS),
    Route("GET", f"{_BASE}/{{slug}}", _list, "any"),
    Route("POST", f"{_BASE}/{{slug}}", _create, "any"),
    Route("POST", f"{_BASE}/{{slug}}/import", _import, "any", rate=DEPLOYMENTS, wrong_method=400),
    Route("GET", _ONE, _retrieve, "any"),
    Route("PUT", _ONE, _update, "any"),
    Route("POST", _ONE, _update, "any"),
    Route("DELETE", _ONE, _delete, "any"),
]
