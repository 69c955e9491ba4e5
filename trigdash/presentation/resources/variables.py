"""Environment variables: names, and values on request."""

from __future__ import annotations

from trigdash.backends.operations import project as calls
from trigdash.model.capability import Capability
from trigdash.model.project import Variable
from trigdash.presentation.action import ActionInput, ActionSpec, one_of
from trigdash.presentation.field import flag, text
from trigdash.presentation.resource import Resource

_WRITES = Capability.VARIABLE_WRITES
_VALUE = ActionInput[Variable]("value", "value", is_required=True, is_long=True)
_CREATE = ActionSpec[Variable](
    "create",
    "N",
    "Create",
    _WRITES,
    operation=lambda row, values: calls.create_variable(
        values["name"], values["value"], values.get("secret") == "yes"
    ),
    done=lambda answer: "created",
    consequence=lambda row, values: (
        f"Sets {values['name']}. A variable of that name is overwritten. New runs see it."
    ),
    inputs=(
        ActionInput("name", "name", is_required=True),
        _VALUE,
        ActionInput("secret", "secret: yes or no", one_of("yes", "no")),
    ),
    on_list=True,
)
_EDIT = ActionSpec[Variable](
    "edit",
    "E",
    "Edit",
    _WRITES,
    operation=lambda row, values: calls.update_variable(row.name, values["value"]),
    done=lambda answer: "changed",
    consequence=lambda row, values: f"Changes {row.name}. New runs see the new value.",
    inputs=(_VALUE,),
)
_DELETE = ActionSpec[Variable](
    "delete",
    "D",
    "Delete",
    _WRITES,
    operation=lambda row, values: calls.delete_variable(row.name),
    done=lambda answer: "deleted",
    consequence=lambda row, values: f"Deletes {row.name}. New runs do not have it.",
)

RESOURCE = Resource[Variable](
    name="variables",
    singular="variable",
    title="Variables",
    needs=Capability.VARIABLES,
    fields=(
        text("name", "name", 32, grow=16, role="strong", importance=99),
        flag("isSecret", "secret", (("◆ secret", "warn"),), width=8, importance=95),
        text("value", "value", 40, grow=60, role="dim", is_shown=False),
    ),
    page=calls.list_variables,
    get=calls.get_variable,
    key=lambda row: row.name,
    actions=(_CREATE, _EDIT, _DELETE),
    explain=lambda row, now_ms: (
        (("the value of a secret never leaves the server", "dim"),)
        if row.is_secret
        else (("enter", "key"), (" shows the value", "dim"))
    ),
    empty=("No environment variables.", "N creates one."),
)
