"""Schedules: https://trigger.dev/docs/management/schedules."""

from __future__ import annotations

from trigdash.backends.base import Capability
from trigdash.backends.operation import Operation, nothing, numbered_page
from trigdash.backends.operations.shapes import got, listed, sent
from trigdash.model.listing import object_parser
from trigdash.model.schedule import Schedule

_PATH = ("v1", "schedules")
_WRITES = Capability.SCHEDULE_WRITES
_one = object_parser(Schedule)
list_schedules = listed(Capability.SCHEDULES, _PATH, Schedule, numbered_page)
get_schedule = got(Capability.SCHEDULES, _PATH, Schedule)


def create_schedule(
    task: str, cron: str, key: str, timezone: str | None, external_id: str | None
) -> Operation[Schedule]:
    """Create a schedule, or change the one with this deduplication key: sending it twice makes
    one (recorded)."""
    body = {
        "task": task,
        "cron": cron,
        "deduplicationKey": key,
        "timezone": timezone,
        "externalId": external_id,
    }
    return sent(_WRITES, _PATH, body, _one)


def update_schedule(row: Schedule, cron: str, timezone: str | None) -> Operation[Schedule]:
    """Change an imperative schedule. The task is required and stays as it is (recorded)."""
    body = {
        "task": row.task,
        "cron": cron,
        "timezone": timezone or row.timezone,
        "externalId": row.external_id,
    }
    return sent(_WRITES, (*_PATH, row.id), body, _one, method="PUT")


def set_active(schedule_id: str, active: bool) -> Operation[Schedule]:
    """Activate or deactivate a schedule."""
    step = "activate" if active else "deactivate"
    return sent(_WRITES, (*_PATH, schedule_id, step), parser=_one)


def delete_schedule(schedule_id: str) -> Operation[None]:
    """Delete a schedule. A declarative one comes back with the next deployment (recorded)."""
    return sent(_WRITES, (*_PATH, schedule_id), parser=nothing, method="DELETE")
