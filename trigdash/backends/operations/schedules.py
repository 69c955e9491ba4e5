"""Schedules: https://trigger.dev/docs/management/schedules."""

from trigdash.backends.base import Capability
from trigdash.backends.operation import Effect, Operation, numbered_page
from trigdash.backends.operations.shapes import got, listed
from trigdash.model.listing import object_parser
from trigdash.model.schedule import Schedule

_PATH = ("v1", "schedules")
list_schedules = listed(Capability.SCHEDULES, _PATH, Schedule, numbered_page)
get_schedule = got(Capability.SCHEDULES, _PATH, Schedule)


def set_active(schedule_id: str, active: bool) -> Operation[Schedule]:
    """Activate or deactivate a schedule."""
    path = (*_PATH, schedule_id, "activate" if active else "deactivate")
    parser = object_parser(Schedule)
    return Operation(Capability.SCHEDULE_WRITES, path, parser, "POST", effect=Effect.REPEATABLE)
