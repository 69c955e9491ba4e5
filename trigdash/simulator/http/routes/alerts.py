"""Monitoring alerts (from 4.7.7, for personal access tokens): conditions and events."""

from typing import Any

from trigdash.simulator import trql
from trigdash.simulator.http.dashboards import compile_query
from trigdash.simulator.http.replies import Refusal
from trigdash.simulator.http.requests import (
    custom_issue,
    invalid,
    json_body,
    query_error,
    type_name,
    want_object,
)
from trigdash.simulator.http.routes.projects import PATH_NAMES
from trigdash.simulator.http.routing import INVALID_PAT, Call, Route
from trigdash.simulator.world.deployments import find_branch
from trigdash.simulator.world.environments import Environment
from trigdash.simulator.world.ids import friendly, mix
from trigdash.simulator.world.records import Alert, AlertEvent
from trigdash.simulator.world.texts import date_ms, iso

_SCOPES = ("queue", "queuePattern", "task", "all", "errorGroup")
_LIFECYCLES = ("active", "completed", "expired", "stopped")
_ATTENTIONS = ("clear", "needs_attention")
_LEAST_QUIET_S = 1_800


def _capability(
    key: str, signal: str, title: str, unit: str | None, kinds: tuple[str, ...],
    scopes: tuple[str, ...], curated: bool = True,
) -> dict[str, Any]:  # fmt: skip
    body: dict[str, Any] = {
        "key": key, "area": key.partition(".")[0], "signal": signal, "title": title,
        "allowedKinds": list(kinds), "allowedScopes": list(scopes), "curated": curated,
    }  # fmt: skip
    if unit is not None:
        body["unit"] = unit
    return body


CAPABILITIES = {
    each["key"]: each
    for each in (
        _capability(
            "queues.backlog", "backlog", "Runs that wait in a queue", "count", ("threshold",),
            ("queue", "queuePattern", "all"),
        ),
        _capability(
            "queues.oldest", "oldest", "Age of the oldest queued run", "seconds",
            ("threshold", "absence"), ("queue", "all"),
        ),
        _capability(
            "runs.failures", "failures", "Share of runs that fail", "ratio", ("threshold",),
            ("task", "all"),
        ),
        _capability(
            "runs.errors", "errors", "An error occurs", None, ("occurrence",), ("errorGroup",)
        ),
        _capability("health.severity", "severity", "Health of the environment", None, ("state",),
                    ("all",)),
        _capability("limits.all", "limits", "Any limit comes near", None, ("state",), ("all",)),
        _capability("limits.concurrency", "limits", "The concurrency limit comes near", None,
                    ("state",), ("all",)),
        _capability("custom.query", "query", "The result of a query", None, ("threshold",),
                    ("all",), curated=False),
    )
}  # fmt: skip


def _project(call: Call) -> None:
    if call.params["ref"] != call.world.project.ref:
        raise Refusal(404, "Project not found")
    if not call.state.has_alerts:
        raise Refusal(403, "Monitoring alerts are not enabled for this organization")


def _environment(call: Call, name: object) -> Environment:
    """The environment of a name as paths have it; of a branch with its header."""
    if not isinstance(name, str) or name not in PATH_NAMES:
        choices = " | ".join(f"'{each}'" for each in PATH_NAMES)
        raise query_error(custom_issue(f"Expected {choices}", "environment"))
    env = call.world.environments[PATH_NAMES[name]]
    branch = call.headers.get("x-trigger-branch")
    if branch and env.type == "PREVIEW":
        found = find_branch(call.world, branch)
        if found is None:
            raise Refusal(404, "Branch not found")
        return found.env
    return env


def _capabilities(call: Call) -> object:
    """`GET …/monitoring-alert-capabilities`"""
    _project(call)
    area = call.query.get("area")
    chosen = [each for each in CAPABILITIES.values() if area in (None, "", each["area"])]
    return {"capabilities": chosen}


def _list(call: Call) -> object:
    """`GET …/monitoring-alerts`: those of one environment, without pages."""
    _project(call)
    env = _environment(call, call.query.get("environment"))
    wanted = {}
    for name, choices in (("lifecycle", _LIFECYCLES), ("attention", _ATTENTIONS)):
        value = call.query.get(name)
        if value and value not in choices:
            raise query_error(custom_issue(f"Invalid {name}: {value}", name))
        wanted[name] = value
    alerts = [_view(call, each) for each in call.world.alerts.values() if each.env is env]
    fitting = [
        each for each in alerts
        if all(value in (None, "", each[name]) for name, value in wanted.items())
    ]  # fmt: skip
    return {"alerts": fitting}


def _view(call: Call, alert: Alert) -> dict[str, Any]:
    return {
        "id": alert.id,
        "environmentId": alert.env.id,
        "capabilityKey": alert.capability,
        "params": alert.params,
        "condition": alert.condition,
        "lifecycle": alert.lifecycle(call.world.now_ms),
        "attention": _ATTENTIONS[alert.needs_attention],
        "name": alert.name,
        "notifiers": alert.notifiers,
        "createdAt": iso(alert.created_ms),
        "updatedAt": iso(alert.updated_ms),
    }


def _event(event: AlertEvent) -> dict[str, Any]:
    return {
        "id": event.id, "alertId": event.alert_id, "type": event.kind, "at": iso(event.at_ms),
        "facts": event.facts,
    }  # fmt: skip


def _find(call: Call) -> Alert:
    _project(call)
    alert = call.world.alerts.get(call.params["alert"])
    if alert is None:
        raise Refusal(404, "Alert not found")
    return alert


def _retrieve(call: Call) -> object:
    alert = _find(call)
    return {
        "alert": _view(call, alert),
        "environmentType": alert.env.type,
        "events": [_event(event) for event in alert.events],
    }


def _act(call: Call) -> object:
    """`POST …/{alert}`: `resolve` is the only action."""
    body = want_object(json_body(call.body))
    if body.get("action") != "resolve":
        raise invalid('Invalid literal value, expected "resolve"', "action")
    alert = _find(call)
    event = alert.add_event("resolved", call.world.now_ms, {"by": call.world.project.user_email})
    alert.needs_attention = False
    return {"alert": _view(call, alert), "event": _event(event)}


def _create(call: Call) -> object:
    """`POST …/monitoring-alerts`"""
    _project(call)
    body = want_object(json_body(call.body))
    capability = CAPABILITIES.get(str(body.get("capabilityKey")))
    if capability is None:
        raise invalid("Unknown capability", "capabilityKey")
    env = _environment(call, body.get("environment"))
    condition = _condition(want_object(body.get("condition"), "condition"), capability)
    params = want_object(body.get("params", {}), "params")
    scope = want_object(params.get("scope", {"type": "all"}), "params", "scope")
    if scope.get("type") not in capability["allowedScopes"]:
        raise invalid("This capability does not take the scope", "params", "scope", "type")
    notifiers = body.get("notifiers")
    if not isinstance(notifiers, list) or not notifiers:
        raise invalid("Array must contain at least 1 element(s)", "notifiers")
    behavior = want_object(body.get("behavior", {}), "behavior")
    now_ms = call.world.now_ms
    alert = Alert(
        f"alert_{friendly(mix(call.world.seed, 95, len(call.world.alerts)))}", env,
        capability["key"], {**params, "scope": scope}, condition, now_ms, now_ms,
        body.get("name"), notifiers,
        expires_ms=date_ms(str(behavior.get("expiresAt") or "")),
    )  # fmt: skip
    alert.add_event("created", now_ms, {})
    call.world.alerts[alert.id] = alert
    return {"alert": _view(call, alert)}


def _condition(condition: dict[str, Any], capability: dict[str, Any]) -> dict[str, Any]:
    kind = condition.get("kind")
    if kind not in capability["allowedKinds"]:
        raise invalid("This capability does not take the kind", "condition", "kind")
    if kind == "threshold":
        if condition.get("operator") not in (">", "<"):
            raise invalid("Expected '>' | '<'", "condition", "operator")
        for name in ("value", "windowSec"):
            if type_name(condition.get(name)) != "number":
                raise invalid("Expected number", "condition", name)
    if kind == "state" and not isinstance(condition.get("stateKey"), str):
        raise invalid("Required", "condition", "stateKey")
    if kind == "absence" and condition.get("quietWindowSec", 0) < _LEAST_QUIET_S:
        raise invalid(f"Number must be at least {_LEAST_QUIET_S}", "condition", "quietWindowSec")
    return condition


async def _analyze(call: Call) -> object:
    """`POST …/monitoring-alerts/analyze-query`: whether a query could be watched."""
    _project(call)
    body = want_object(json_body(call.body))
    query = body.get("query")
    if not isinstance(query, str):
        raise invalid("Required", "query")
    plan: trql.QueryPlan = await compile_query(query, call.world.now_ms)
    return {
        "analysis": {
            "valid": True,
            "tables": list(plan.reads),
            "columns": [name for name, _ in plan.outputs],
        }
    }


_PROJECT = "/api/v1/projects/{ref}"
_BASE = f"{_PROJECT}/monitoring-alerts"
_SINCE = "4.7.7"
ROUTES = [
    Route("GET", f"{_PROJECT}/monitoring-alert-capabilities", _capabilities, "pat", INVALID_PAT,
          since=_SINCE),
    Route("GET", _BASE, _list, "pat", INVALID_PAT, since=_SINCE),
    Route("POST", _BASE, _create, "pat", INVALID_PAT, since=_SINCE),
    Route("POST", f"{_BASE}/analyze-query", _analyze, "pat", INVALID_PAT, wrong_method=400,
          since=_SINCE),
    Route("GET", f"{_BASE}/{{alert}}", _retrieve, "pat", INVALID_PAT, since=_SINCE),
    Route("POST", f"{_BASE}/{{alert}}", _act, "pat", INVALID_PAT, since=_SINCE),
]  # fmt: skip
