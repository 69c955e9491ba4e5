"""Error groups: what fails, how often, since when, and whether it is resolved or ignored."""

from __future__ import annotations

from trigdash.backends.operations import groups as calls
from trigdash.model.capability import Capability
from trigdash.model.error_group import ErrorGroup
from trigdash.presentation.action import ActionInput, ActionSpec, duration_ms, positive, whole
from trigdash.presentation.cell import Cell
from trigdash.presentation.field import moment, number, status, text
from trigdash.presentation.resource import Resource

_WRITES = Capability.ERROR_WRITES
_LOOKS = {
    "UNRESOLVED": ("×", "bad-strong"),
    "RESOLVED": ("✓", "good"),
    "IGNORED": ("◌", "done"),
}


def _explain(row: ErrorGroup, now_ms: float) -> Cell:
    said: Cell = ((f"{row.error_type}  ", "bad-strong"), (row.error_message, "text"))
    if row.ignored_reason:
        said = (*said, (f"   ignored: {row.ignored_reason}", "dim"))
    return said


_RESOLVE = ActionSpec[ErrorGroup](
    "resolve",
    "V",
    "Resolve",
    _WRITES,
    operation=lambda row, values: calls.resolve(row.id, values.get("version")),
    done=lambda answer: "resolved",
    shows=lambda row, values: row.status_name == "resolved",
    consequence=lambda row, values: (
        f"Marks it as resolved in {values['version']}. It comes back when a later run fails so."
        if "version" in values
        else "Marks it as resolved. It comes back when a run fails so again."
    ),
    inputs=(ActionInput("version", "resolved in version, such as 20261121.3"),),
    disabled_reason=lambda row: "it is resolved already" if row.status_name == "resolved" else "",
)
_IGNORE = ActionSpec[ErrorGroup](
    "ignore",
    "I",
    "Ignore",
    _WRITES,
    operation=lambda row, values: calls.ignore(
        row.id,
        values.get("for"),
        values.get("rate"),
        values.get("count"),
        values.get("reason"),
    ),
    done=lambda answer: "ignored",
    shows=lambda row, values: row.status_name == "ignored",
    consequence=lambda row, values: (
        "Ignores it until one of these is reached."
        if {"for", "rate", "count"} & set(values)
        else "Ignores it until it is taken back."
    ),
    inputs=(
        ActionInput("for", "for how long, such as 2h or 7d", duration_ms),
        ActionInput("rate", "until it happens this often a minute", positive),
        ActionInput("count", "until it happens this many times more", whole),
        ActionInput("reason", "reason"),
    ),
    disabled_reason=lambda row: "it is ignored already" if row.status_name == "ignored" else "",
)
_UNRESOLVE = ActionSpec[ErrorGroup](
    "unresolve",
    "U",
    "Unresolve",
    _WRITES,
    operation=lambda row, values: calls.unresolve(row.id),
    done=lambda answer: "unresolved again",
    shows=lambda row, values: row.status_name == "unresolved",
    consequence=lambda row, values: "Takes the resolution or the ignore back.",
    disabled_reason=lambda row: (
        "it is unresolved already" if row.status_name == "unresolved" else ""
    ),
)

RESOURCE = Resource[ErrorGroup](
    name="errors",
    singular="error",
    title="Errors",
    needs=Capability.ERRORS,
    fields=(
        status("status", "status", _LOOKS, 12, importance=97, value=lambda row: row.status_name),
        text("errorType", "type", 18, role="bad-strong", importance=95),
        text("errorMessage", "message", 30, grow=60, importance=90),
        text("taskIdentifier", "task", 18, importance=93),
        number("count", "runs", 7, importance=98),
        moment("lastSeen", "last", 6, importance=96),
        moment("firstSeen", "first", 6, importance=92),
        text("affectedVersions", "versions", 24, role="dim", importance=40, is_shown=False),
        text("resolvedInVersion", "resolved in", 12, role="dim", is_shown=False),
        moment("ignoredUntil", "ignored until", 13, is_shown=False),
        text("ignoredReason", "reason", 20, role="dim", is_shown=False),
        text("id", "id", 22, role="faint", importance=20),
    ),
    page=calls.list_errors,
    get=calls.get_error,
    key=lambda row: row.id,
    actions=(_RESOLVE, _IGNORE, _UNRESOLVE),
    sort=("runs", True),
    explain=_explain,
    opens=lambda row: ("error", row.id),
    empty=("No errors in the last 7 days.", "A group appears with the first run that fails."),
)
