"""Environment variables: names, and values on request."""

from __future__ import annotations

from trigdash.backends.operations import project as calls
from trigdash.model.capability import Capability
from trigdash.model.dotenv import parse_dotenv
from trigdash.model.project import Variable
from trigdash.presentation.action import ActionInput, ActionSpec, Values, file_text, one_of
from trigdash.presentation.field import flag, text
from trigdash.presentation.resource import Resource
from trigdash.presentation.units import plural
from trigdash.service.actions.outcome import Made
from trigdash.service.variables import import_changes, values_of

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
    made=lambda answer, values: Made(values["name"]),
    shows=lambda row, values: (row.name, row.value) == (values["name"], values["value"]),
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
    shows=lambda row, values: row.value == values["value"],
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
    removes=True,
    consequence=lambda row, values: f"Deletes {row.name}. New runs do not have it.",
)


def _dotenv(name: str) -> dict[str, str]:
    return parse_dotenv(file_text(name))


def _new(values: Values) -> str:
    return f"Sets {plural(len(values['file']), 'variable')}. New runs see them."


_IMPORT = ActionSpec[Variable](
    "import",
    "I",
    "Import",
    _WRITES,
    operation=lambda row, values: calls.import_variables(values["file"], override=True),
    done=lambda answer: "imported",
    consequence=lambda row, values: _new(values),
    inputs=(ActionInput("file", "dotenv file, such as ~/.env", _dotenv, is_required=True),),
    preview=lambda rows, values: import_changes(values_of(rows), values["file"]),
    on_list=True,
    is_verb=False,
)

RESOURCE = Resource[Variable](
    name="variables",
    singular="variable",
    title="Variables",
    needs=Capability.VARIABLES,
    fields=(
        text("name", "name", 32, grow=16, role="strong", importance=99),
        flag("isSecret", "secret", (("◆ secret", "warn"),), width=8, importance=95),
        text("value", "value", 40, grow=60, role="dim", is_shown=False, is_hidden=True),
    ),
    page=calls.list_variables,
    get=calls.get_variable,
    key=lambda row: row.name,
    actions=(_CREATE, _EDIT, _DELETE, _IMPORT),
    explain=lambda row, now_ms: (
        (("the value of a secret never leaves the server", "dim"),)
        if row.is_secret
        else (
            ("v", "key"),
            (" shows values until you leave   ", "dim"),
            (":compare staging", "key"),
            (" tells what is different there", "dim"),
        )
    ),
    empty=("No environment variables.", "N creates one."),
)
