"""Prompts: texts with versions, filled with variables, and overridden without a deployment."""

from trigdash.simulator.http.replies import Refusal
from trigdash.simulator.http.requests import invalid, json_body, want_object
from trigdash.simulator.http.routing import Call, Route
from trigdash.simulator.world.ids import friendly, mix, seed_of
from trigdash.simulator.world.records import Prompt, PromptVersion
from trigdash.simulator.world.texts import iso


def _prompts(call: Call) -> dict[str, Prompt]:
    return call.world.prompts.get(call.env.id, {})


def _find(call: Call, scope: str = "read:prompts") -> Prompt:
    call.require(scope)
    found = _prompts(call).get(call.params["prompt"])
    if found is None:
        raise Refusal(404, "Not found", x_should_retry="false")
    return found


def _list(call: Call) -> object:
    """`GET /api/v1/prompts`"""
    call.require("read:prompts")
    return {
        "data": [
            {
                "slug": each.slug,
                "friendlyId": each.id,
                "description": each.description,
                "tags": [],
                "defaultModel": each.model,
                "currentVersion": each.current.number,
                "hasOverride": each.override is not None,
                "updatedAt": iso(each.versions[-1].created_ms),
            }
            for each in _prompts(call).values()
        ]
    }


def _labels(prompt: Prompt, version: PromptVersion) -> list[str]:
    labels = {
        "latest": version is prompt.versions[-1],
        "current": version is prompt.current,
        "override": version.number == prompt.override,
    }
    return [label for label, applies in labels.items() if applies]


def _hash(version: PromptVersion) -> str:
    return f"{mix(seed_of(version.text), version.number):016x}"


def _retrieve(call: Call) -> object:
    """`GET /api/v1/prompts/{prompt}`: with its current version."""
    prompt = _find(call)
    version = prompt.current
    return {
        "data": {
            "id": prompt.id,
            "slug": prompt.slug,
            "description": prompt.description,
            "type": "text",
            "tags": [],
            "defaultModel": prompt.model,
            "defaultConfig": {"temperature": 0.2},
            "variableSchema": None,
            "version": {
                "version": version.number,
                "textContent": version.text,
                "model": version.model,
                "config": {"temperature": 0.2},
                "source": version.source,
                "labels": _labels(prompt, version),
                "contentHash": _hash(version),
                "commitMessage": version.message,
                "createdAt": iso(version.created_ms),
            },
        }
    }


def _resolve(call: Call) -> object:
    """`POST /api/v1/prompts/{prompt}`: the text with its variables filled in."""
    body = want_object(json_body(call.body, None) or {}) if call.body else {}
    prompt = _find(call)
    version = prompt.current
    text = version.text
    for name, value in want_object(body.get("variables", {}), "variables").items():
        text = text.replace(f"{{{{{name}}}}}", str(value))
    return {
        "data": {
            "promptId": prompt.id,
            "slug": prompt.slug,
            "version": version.number,
            "labels": _labels(prompt, version),
            "template": version.text,
            "text": text,
            "model": version.model,
            "config": {"temperature": 0.2},
        }
    }


def _versions(call: Call) -> object:
    """`GET …/versions`: newest first."""
    prompt = _find(call)
    return {
        "data": [
            {
                "id": f"prompt_version_{friendly(mix(seed_of(prompt.id), each.number))}",
                "version": each.number,
                "labels": _labels(prompt, each),
                "source": each.source,
                "model": each.model,
                "textContent": each.text,
                "commitMessage": each.message,
                "contentHash": _hash(each),
                "createdAt": iso(each.created_ms),
            }
            for each in reversed(prompt.versions)
        ]
    }


def _number(call: Call, prompt: Prompt) -> int:
    number = want_object(json_body(call.body)).get("version")
    if not isinstance(number, int):
        raise invalid("Required", "version")
    if all(each.number != number for each in prompt.versions):
        raise Refusal(404, "Prompt version not found")
    return number


def _promote(call: Call) -> object:
    """`POST …/promote`: another version becomes the current one."""
    prompt = _find(call, "admin")
    prompt.promoted = _number(call, prompt)
    return {"ok": True}


def _override(call: Call) -> object:
    """`POST …/override`: a new version that counts until it is removed."""
    prompt = _find(call, "admin")
    body = want_object(json_body(call.body))
    text = body.get("textContent")
    if not isinstance(text, str):
        raise invalid("Required", "textContent")
    number = len(prompt.versions) + 1
    made = PromptVersion(number, text, body.get("model", prompt.model), call.world.now_ms)
    made.source, made.message = body.get("source", "override"), body.get("commitMessage")
    prompt.versions.append(made)
    prompt.override = number
    return {"ok": True, "version": number}


def _change_override(call: Call) -> object:
    """`PUT …/override`"""
    prompt = _find(call, "admin")
    if prompt.override is None:
        raise Refusal(400, "There is no override")
    body = want_object(json_body(call.body))
    version = prompt.current
    version.text = body.get("textContent", version.text)
    version.model = body.get("model", version.model)
    version.message = body.get("commitMessage", version.message)
    return {"ok": True}


def _remove_override(call: Call) -> object:
    """`DELETE …/override`"""
    prompt = _find(call, "admin")
    if prompt.override is None:
        raise Refusal(400, "There is no override")
    prompt.override = None
    return {"ok": True}


def _reactivate(call: Call) -> object:
    """`POST …/override/reactivate`: an earlier override counts again."""
    prompt = _find(call, "admin")
    prompt.override = _number(call, prompt)
    return {"ok": True}


_BASE = "/api/v1/prompts"
_ONE = f"{_BASE}/{{prompt}}"
ROUTES = [
    Route("GET", _BASE, _list, "public", cors=True),
    Route("GET", _ONE, _retrieve, "public", cors=True),
    Route("POST", _ONE, _resolve, "public", cors=True),
    Route("GET", f"{_ONE}/versions", _versions, "public", cors=True),
    Route("POST", f"{_ONE}/promote", _promote, "public", cors=True, wrong_method=400),
    Route("POST", f"{_ONE}/override", _override, "public", cors=True),
    Route("PUT", f"{_ONE}/override", _change_override, "public", cors=True),
    Route("DELETE", f"{_ONE}/override", _remove_override, "public", cors=True),
    Route("POST", f"{_ONE}/override/reactivate", _reactivate, "public", wrong_method=400),
]
