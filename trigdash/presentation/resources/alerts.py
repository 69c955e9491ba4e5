"""Alerts: what the platform watches, and what needs attention."""

from trigdash.backends.operations import project as calls
from trigdash.model.capability import Capability
from trigdash.model.project import Alert
from trigdash.presentation.action import ActionSpec
from trigdash.presentation.field import moment, plain, status, text
from trigdash.presentation.resource import Resource

_LOOKS = {"NEEDS_ATTENTION": ("▲", "bad-strong"), "CLEAR": ("✓", "good")}
_LIFECYCLES = {"ACTIVE": ("●", "running"), "EXPIRED": ("◌", "done"), "STOPPED": ("⊘", "done")}
_RESOLVE = ActionSpec[Alert](
    "resolve",
    "V",
    "Resolve",
    Capability.ALERT_WRITES,
    operation=lambda row, values: calls.resolve_alert(row.id),
    done=lambda answer: "resolved",
    shows=lambda row, values: row.lifecycle != "active",
    consequence=lambda row, values: "Ends this alert. It notifies nobody any more.",
    disabled_reason=lambda row: "" if row.lifecycle == "active" else f"it is {row.lifecycle}",
)

RESOURCE = Resource[Alert](
    name="alerts",
    singular="alert",
    title="Alerts",
    needs=Capability.ALERTS,
    fields=(
        text(
            "name",
            "alert",
            28,
            grow=16,
            role="strong",
            importance=99,
            value=lambda row: row.name or row.capability_key,
        ),
        status("attention", "attention", _LOOKS, 17, importance=98),
        status("lifecycle", "lifecycle", _LIFECYCLES, 12, importance=90),
        text("capabilityKey", "watches", 24, importance=85),
        moment("updatedAt", "changed", 8, importance=80),
        moment("createdAt", "age", 6, importance=60),
        text("condition", "condition", 40, role="dim", is_shown=False),
        text("params", "params", 30, role="dim", is_shown=False),
        text("id", "id", 24, role="faint", importance=20),
    ),
    page=calls.list_alerts,
    get=calls.get_alert,
    key=lambda row: row.id,
    actions=(_RESOLVE,),
    explain=lambda row, now_ms: ((plain(row.condition), "dim"),),
    empty=("No alerts in this environment.", "Press ctrl+e to look at another one."),
)
