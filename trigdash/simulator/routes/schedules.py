"""Schedules, as far as they are declared in code: listed and read."""

import math
from typing import Any

from trigdash.simulator.durations import iso
from trigdash.simulator.replies import Refusal
from trigdash.simulator.requests import whole_number
from trigdash.simulator.routing import Call, Route
from trigdash.simulator.schedules import Schedule


def view(call: Call, schedule: Schedule) -> dict[str, Any]:
    """The schedule object; inactive ones have no next run."""
    next_ms = schedule.next_after(call.world.now_ms)
    body: dict[str, Any] = {
        "id": schedule.id,
        "type": schedule.kind,
        "task": schedule.task_id,
        "active": schedule.active,
        "generator": {
            "type": "CRON",
            "expression": schedule.cron,
            "description": schedule.description,
        },
        "timezone": schedule.timezone,
        "nextRun": iso(next_ms) if schedule.active else None,
        "environments": [{"id": call.env.id, "type": call.env.type}],
    }
    if schedule.deduplication_key is not None:
        body["deduplicationKey"] = schedule.deduplication_key
    if schedule.external_id is not None:
        body["externalId"] = schedule.external_id
    return body


def list_schedules(call: Call) -> Any:
    """`GET /api/v1/schedules`"""
    page = whole_number(call.query.get("page"), "page", 1, None, least_1=False)
    per_page = min(100, whole_number(call.query.get("perPage"), "perPage", 20, None, least_1=False))
    schedules = list(call.env.schedules.values())
    start = (page - 1) * per_page
    return {
        "data": [view(call, each) for each in schedules[start : start + per_page]],
        "pagination": {
            "currentPage": page,
            "totalPages": math.ceil(len(schedules) / per_page),
            "count": len(schedules),
        },
    }


def retrieve(call: Call) -> Any:
    """`GET /api/v1/schedules/{schedule}`"""
    schedule = call.env.schedules.get(call.params["schedule"])
    if schedule is None:
        raise Refusal(404, "Schedule not found")
    return view(call, schedule)


ROUTES = [
    Route("GET", "/api/v1/schedules", list_schedules, "key", "Invalid or Missing API Key"),
    Route("GET", "/api/v1/schedules/{schedule}", retrieve, "key", "Invalid or Missing API Key"),
]
