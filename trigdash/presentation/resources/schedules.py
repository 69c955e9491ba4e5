"""Schedules: when tasks are triggered by the clock."""

from trigdash.backends.base import Capability
from trigdash.backends.operations import schedules as calls
from trigdash.model.schedule import Schedule
from trigdash.presentation.action import ActionSpec
from trigdash.presentation.field import flag, moment, text
from trigdash.presentation.resource import Resource

_ACTIVE = (("● active", "running"),)
_PAUSED = (("◌ paused", "warn"),)


def _set_active(active: bool) -> ActionSpec[Schedule]:
    name = "activate" if active else "deactivate"
    return ActionSpec(
        name,
        "A" if active else "X",
        name.capitalize(),
        Capability.SCHEDULE_WRITES,
        operation=lambda row, values: calls.set_active(row.id, active),
        done=lambda answer: f"{name}d",
        consequence=lambda row, values: (
            f"Triggers {row.task} {row.generator.description.lower()} ({row.timezone}) from now on."
            if active
            else f"Stops triggering {row.task}. Runs that are queued or running go on."
        ),
        disabled_reason=lambda row: f"it is {name}d already" if row.active is active else "",
    )


RESOURCE = Resource[Schedule](
    name="schedules",
    singular="schedule",
    title="Schedules",
    needs=Capability.SCHEDULES,
    fields=(
        text("task", "task", 22, grow=10, importance=99),
        flag(
            "active", "active", (("● active", "running"),), (("◌ paused", "warn"),), importance=98
        ),
        text("generator.expression", "cron", 14, role="strong", importance=90),
        text("generator.description", "when", 30, grow=20, importance=70),
        text("timezone", "timezone", 16, role="dim", importance=60),
        moment("nextRun", "next", importance=95),
        text("type", "kind", 11, role="dim", importance=40),
        text("externalId", "external id", 14, role="dim", importance=20),
        text("id", "id", 27, role="faint", importance=30),
    ),
    page=calls.list_schedules,
    get=calls.get_schedule,
    key=lambda row: row.id,
    actions=(_set_active(True), _set_active(False)),
    runs_filter=lambda row: f"schedule:{row.id}",
    empty=(
        "No schedules.",
        "Declare one with schedules.task() in your code, or create one with N.",
    ),
)
