"""Schedules: tasks that are triggered by time."""

from typing import Any

from trigdash.backends.operations import inputs as calls
from trigdash.model.capability import Capability
from trigdash.model.inputs import Schedule
from trigdash.presentation.action import ActionInput, ActionSpec, Values
from trigdash.presentation.field import flag, moment, text
from trigdash.presentation.resource import Resource
from trigdash.service.actions.outcome import Made

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
        shows=lambda row, values: row.active is active,
        consequence=lambda row, values: (
            f"Triggers {row.task} {row.generator.description.lower()} ({row.timezone}) from now on."
            if active
            else f"Stops triggering {row.task}. Runs that are queued or running go on."
        ),
        disabled_reason=lambda row: f"it is {name}d already" if row.active is active else "",
    )


def _declared_in_code(row: Schedule) -> str:
    return "it is declared in the code: change it there" if row.type == "DECLARATIVE" else ""


def _runs_by(row: Schedule, values: Values) -> bool:
    """Whether it has the given cron expression and time zone."""
    zone = values.get("timezone", row.timezone)
    return (row.generator.expression, row.timezone) == (values["cron"], zone)


_CRON = ActionInput[Any](
    "cron",
    "cron expression, such as 0 9 * * 1-5",
    start=lambda row: row.generator.expression if row else "",
    is_required=True,
)
_TIMEZONE = ActionInput[Any](
    "timezone",
    "timezone, such as Europe/London (UTC unless given)",
    start=lambda row: row.timezone if row else "",
)
_CREATE = ActionSpec[Schedule](
    "create",
    "N",
    "Create",
    Capability.SCHEDULE_WRITES,
    operation=lambda row, values: calls.create_schedule(
        values["task"],
        values["cron"],
        values["key"],
        values.get("timezone"),
        values.get("external-id"),
    ),
    done=lambda answer: f"created {answer.id}: {answer.generator.description.lower()}",
    made=lambda answer, values: Made(answer.id),
    shows=lambda row, values: row.deduplication_key == values["key"] and _runs_by(row, values),
    consequence=lambda row, values: (
        f"Triggers {values['task']} by {values['cron']}. A schedule with this key is changed."
    ),
    inputs=(
        ActionInput("task", "scheduled task", is_required=True),
        _CRON,
        ActionInput("key", "deduplication key: one schedule for each", is_required=True),
        _TIMEZONE,
        ActionInput("external-id", "external id"),
    ),
    on_list=True,
)
_EDIT = ActionSpec[Schedule](
    "edit",
    "E",
    "Edit",
    Capability.SCHEDULE_WRITES,
    operation=lambda row, values: calls.update_schedule(
        row, values["cron"], values.get("timezone")
    ),
    done=lambda answer: f"changed: {answer.generator.description.lower()}",
    shows=lambda row, values: _runs_by(row, values),
    consequence=lambda row, values: f"Triggers {row.task} by {values['cron']} from now on.",
    inputs=(_CRON, _TIMEZONE),
    disabled_reason=_declared_in_code,
)
_DELETE = ActionSpec[Schedule](
    "delete",
    "D",
    "Delete",
    Capability.SCHEDULE_WRITES,
    operation=lambda row, values: calls.delete_schedule(row.id),
    done=lambda answer: "deleted",
    removes=True,
    consequence=lambda row, values: (
        f"Deletes the schedule of {row.task}."
        + (" It comes back with the next deployment." if row.type == "DECLARATIVE" else "")
    ),
)

RESOURCE = Resource[Schedule](
    name="schedules",
    singular="schedule",
    title="Schedules",
    needs=Capability.SCHEDULES,
    fields=(
        text("task", "task", 18, grow=14, importance=99),
        flag(
            "active", "active", (("● active", "running"),), (("◌ paused", "warn"),), importance=98
        ),
        text("generator.expression", "cron", 14, role="strong", importance=90),
        text("generator.description", "when", 28, grow=22, importance=92),
        text("timezone", "timezone", 16, role="dim", importance=60),
        moment("nextRun", "next", importance=95),
        text("type", "kind", 11, role="dim", importance=40),
        text("externalId", "external id", 14, role="dim", importance=20),
        text("id", "id", 27, role="faint", importance=30),
    ),
    page=calls.list_schedules,
    get=calls.get_schedule,
    key=lambda row: row.id,
    actions=(_set_active(True), _set_active(False), _CREATE, _EDIT, _DELETE),
    opens=lambda row: ("runs", f"schedule:{row.id}"),
    empty=(
        "No schedules.",
        "Declare one with schedules.task() in your code, or create one with N.",
    ),
)
