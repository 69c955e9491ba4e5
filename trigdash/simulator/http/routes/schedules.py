"""Schedules: create, list, update, activate, deactivate, delete; and the known time zones."""

import math
import re
from typing import Any

from trigdash.simulator.http.replies import Refusal
from trigdash.simulator.http.requests import json_body, type_name
from trigdash.simulator.http.routing import Call, Route
from trigdash.simulator.world import actions, cron
from trigdash.simulator.world.schedules import Schedule
from trigdash.simulator.world.texts import duration_ms, iso

# Of schedules that give none, from 4.6 on; `0m` gives none on purpose.
_DEFAULT_WINDOW = "60m"
_MISSING = "Schedule not found"
_MOST_DIGITS = 18
_LONGEST_WINDOW_MS = 86_400_000
_WINDOW = re.compile(r"\d+(\.\d+)?%|(\d+(h|m|s))+")


def _common(schedule: Schedule) -> dict[str, Any]:
    """The fields that all forms share."""
    return {
        "id": schedule.id,
        "type": schedule.kind,
        "task": schedule.task_id,
    }


def _generator(schedule: Schedule) -> dict[str, Any]:
    return {"type": "CRON", "expression": schedule.cron, "description": schedule.description}


def _times(call: Call, schedule: Schedule) -> dict[str, Any]:
    """The next start; null when the schedule is off (recorded)."""
    if not schedule.active:
        return {"nextRun": None, "nextRunEffectiveAt": None}
    due_ms = schedule.next_after(call.world.now_ms)
    return {"nextRun": iso(due_ms), "nextRunEffectiveAt": iso(schedule.effective(due_ms))}


def _names(call: Call, schedule: Schedule, null_external: bool = False) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if schedule.minimum_window_s is not None and call.knows("4.6"):
        policy = {"minimumWindowSeconds": schedule.minimum_window_s, "reason": "free_schedule"}
        body["appliedSchedulePolicy"] = policy
    if schedule.window is not None:
        body["window"] = schedule.window
    if schedule.external_id is not None or null_external:
        body["externalId"] = schedule.external_id
    if schedule.deduplication_key is not None:
        body["deduplicationKey"] = schedule.deduplication_key
    return body


def _environment(call: Call, **more: str) -> list[dict[str, Any]]:
    env = call.env
    body: dict[str, Any] = {"id": env.id, **more, "type": env.type}
    if more and env.type == "DEVELOPMENT":
        body["userName"] = env.user_name
    return [body]


def _made(call: Call, schedule: Schedule) -> dict[str, Any]:
    """The form that creating and updating answer."""
    return {
        **_common(schedule),
        "active": schedule.active,
        "generator": _generator(schedule),
        "timezone": schedule.timezone,
        **_names(call, schedule),
        "environments": _environment(call, shortcode=f"{call.env.slug}-harbor"),
        **_times(call, schedule),
    }


def _item(call: Call, schedule: Schedule) -> dict[str, Any]:
    """The form of lists: `externalId` is null where it is absent elsewhere (recorded)."""
    return {
        **_common(schedule),
        "generator": _generator(schedule),
        "timezone": schedule.timezone,
        **_names(call, schedule, null_external=True),
        "active": schedule.active,
        **_times(call, schedule),
        "environments": _environment(call, slug=call.env.slug),
    }


def _read(call: Call, schedule: Schedule) -> dict[str, Any]:
    """The form of retrieve, activate and deactivate."""
    return {
        **_common(schedule),
        "active": schedule.active,
        **_times(call, schedule),
        "generator": _generator(schedule),
        "timezone": schedule.timezone,
        **_names(call, schedule),
        "environments": _environment(call),
    }


def _find(call: Call) -> Schedule:
    """By id, or by deduplication key."""
    name = call.params["schedule"]
    schedule = call.env.schedules.get(name) or _by_key(call, name)
    if schedule is None:
        raise Refusal(404, _MISSING)
    return schedule


def _by_key(call: Call, key: str) -> Schedule | None:
    return next(
        (each for each in call.env.schedules.values() if each.deduplication_key == key), None
    )


def _list(call: Call) -> object:
    """`GET /api/v1/schedules`: newest first; none where no worker is current."""
    page = _page(call, "page", 1)
    per_page = min(100, _page(call, "perPage", 20))
    newest = reversed(call.env.schedules.values())
    found = sorted(newest, key=lambda each: -each.created_ms)
    if call.env.deployment_at(call.world.now_ms) is None:
        found = []
    start = (page - 1) * per_page
    return {
        "data": [_item(call, each) for each in found[start : start + per_page]],
        "pagination": {
            "currentPage": page,
            "totalPages": math.ceil(len(found) / per_page),
            "count": len(found),
        },
    }


def _page(call: Call, name: str, default: int) -> int:
    text = call.query.get(name)
    if text is None:
        return default
    if not text.removeprefix("-").isdecimal() or len(text) > _MOST_DIGITS:
        raise _bad(
            "Invalid request parameters",
            {
                "code": "invalid_type", "expected": "number", "received": "nan", "path": [name],
                "message": "Expected number, received nan",
            },
        )  # fmt: skip
    if int(text) < 1:
        raise _bad(
            "Invalid request parameters",
            {
                "code": "too_small", "minimum": 1, "type": "number", "inclusive": True,
                "exact": False, "message": "Number must be greater than or equal to 1",
                "path": [name],
            },
        )  # fmt: skip
    return int(text)


def _bad(error: str, *issues: dict[str, Any]) -> Refusal:
    return Refusal(400, {"error": error, "issues": list(issues)})


def _body(call: Call, *required: str) -> dict[str, Any]:
    """The body, with texts where texts belong."""
    body = json_body(call.body, "Invalid request body")
    given = body if isinstance(body, dict) else {}
    issues = []
    for name in ("task", "cron", "deduplicationKey", "externalId", "timezone", "window"):
        value = given.get(name)
        if name in required and name not in given:
            issues.append(_issue(name, "undefined", "Required"))
        elif value is not None and not isinstance(value, str):
            kind = type_name(value)
            issues.append(_issue(name, kind, f"Expected string, received {kind}"))
    if issues:
        raise _bad("Invalid request body", *issues)
    return given


def _issue(name: str, received: str, message: str) -> dict[str, Any]:
    return {
        "code": "invalid_type", "expected": "string", "received": received, "path": [name],
        "message": message,
    }  # fmt: skip


def _check(call: Call, body: dict[str, Any]) -> None:
    """Refuse expressions, zones and tasks that cannot be scheduled (recorded texts)."""
    try:
        cron.check(body["cron"])
    except cron.BadCron as problem:
        raise Refusal(422, f"Invalid cron expression: {problem}") from None
    zone = body.get("timezone") or "UTC"
    if not cron.is_timezone(zone):
        raise Refusal(
            422,
            f"Invalid IANA timezone: '{zone}'. View the list of valid timezones at "
            f"{call.origin}/timezones",
        )
    if body.get("window") and not _is_window(body["window"]):
        raise Refusal(422, f"Invalid window: {body['window']}")
    task = call.env.tasks.get(body["task"])
    if task is None:
        raise Refusal(422, f"Task with identifier {body['task']} not found in project.")
    if task.source != "SCHEDULED":
        raise Refusal(422, f"Task with identifier {task.id} is not a scheduled task.")


def _is_window(text: str) -> bool:
    """A share of the time between starts up to the whole of it, or up to a day."""
    if _WINDOW.fullmatch(text) is None:
        return False
    if text.endswith("%"):
        return float(text[:-1]) <= 100
    return (duration_ms(text) or _LONGEST_WINDOW_MS + 1) <= _LONGEST_WINDOW_MS


def _create(call: Call) -> object:
    """`POST /api/v1/schedules`: the same deduplication key updates what is there."""
    body = _body(call, "task", "cron", "deduplicationKey")
    _check(call, body)
    schedule = _by_key(call, body["deduplicationKey"])
    if schedule is None:
        schedule = actions.make_schedule(call.world, call.env, body["task"], body["cron"])
        schedule.deduplication_key = body["deduplicationKey"]
    _change(call, schedule, body)
    return _made(call, schedule)


def _update(call: Call) -> object:
    """`PUT …/{schedule}`: an unknown id makes a new schedule; the task stays (recorded)."""
    body = _body(call, "task", "cron")
    name = call.params["schedule"]
    schedule = call.env.schedules.get(name)
    if schedule is None and any(name in env.schedules for env in call.world.environments.values()):
        raise Refusal(404, _MISSING)
    if schedule is not None and schedule.kind == "DECLARATIVE":
        raise Refusal(422, "Cannot update a declarative schedule")
    _check(call, body)
    if schedule is None:
        schedule = actions.make_schedule(call.world, call.env, body["task"], body["cron"])
    _change(call, schedule, body)
    return _made(call, schedule)


def _change(call: Call, schedule: Schedule, body: dict[str, Any]) -> None:
    schedule.cron = body["cron"]
    schedule.timezone = body.get("timezone") or "UTC"
    schedule.external_id = body.get("externalId")
    schedule.window = body.get("window")
    if schedule.window is None and call.knows("4.6"):
        schedule.window = _DEFAULT_WINDOW
    actions.plan_schedule(call.world, call.env, schedule, call.world.now_ms)


def _retrieve(call: Call) -> object:
    return _read(call, _find(call))


def _delete(call: Call) -> object:
    """`DELETE …/{schedule}`: declared ones too, until the next deployment (recorded)."""
    schedule = _find(call)
    del call.env.schedules[schedule.id]
    return {"id": schedule.id}


def _activate(call: Call) -> object:
    schedule = _find(call)
    schedule.active = True
    return _read(call, schedule)


def _deactivate(call: Call) -> object:
    schedule = _find(call)
    schedule.active = False
    return _read(call, schedule)


def _timezones(call: Call) -> object:
    """`GET /api/v1/timezones`: needs no credential."""
    names = cron.timezones()
    return {"timezones": names[1:] if call.query.get("excludeUtc") == "true" else names}


_KEY = "Invalid or Missing API Key"
_PATH = "/api/v1/schedules/{schedule}"
ROUTES = [
    Route("GET", "/api/v1/schedules", _list, "key", _KEY),
    Route("POST", "/api/v1/schedules", _create, "key", _KEY),
    Route("GET", _PATH, _retrieve, "key", _KEY),
    Route("PUT", _PATH, _update, "key", _KEY),
    Route("DELETE", _PATH, _delete, "key", _KEY),
    Route("POST", f"{_PATH}/activate", _activate, "key", _KEY, wrong_method=400),
    Route("POST", f"{_PATH}/deactivate", _deactivate, "key", _KEY, wrong_method=400),
    Route("GET", "/api/v1/timezones", _timezones, "none", cors=True, rate=None),
]
