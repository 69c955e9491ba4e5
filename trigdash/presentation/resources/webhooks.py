"""Webhook endpoints: which services may send deliveries."""

from trigdash.backends.operations import inputs as calls
from trigdash.model.capability import Capability
from trigdash.model.webhook import WebhookEndpoint
from trigdash.presentation.action import ActionSpec
from trigdash.presentation.field import flag, moment, status, text
from trigdash.presentation.resource import Resource

_LOOKS = {"ACTIVE": ("●", "running"), "INACTIVE": ("◌", "warn"), "DELETING": ("⊘", "done")}


def _enable(enabled: bool) -> ActionSpec[WebhookEndpoint]:
    name = "enable" if enabled else "disable"
    return ActionSpec(
        name,
        "A" if enabled else "X",
        name.capitalize(),
        Capability.WEBHOOK_WRITES,
        operation=lambda row, values: calls.enable_endpoint(row.id, enabled),
        done=lambda answer: f"{name}d",
        shows=lambda row, values: (row.status == "active") is enabled,
        consequence=lambda row, values: (
            "Takes deliveries again." if enabled else "Refuses every delivery until it is enabled."
        ),
        disabled_reason=lambda row: (
            f"it is {row.status} already" if (row.status == "active") is enabled else ""
        ),
    )


RESOURCE = Resource[WebhookEndpoint](
    name="webhooks",
    singular="webhook",
    title="Webhooks",
    needs=Capability.WEBHOOKS,
    fields=(
        text("declaredId", "webhook", 24, grow=12, role="strong", importance=99),
        status("status", "status", _LOOKS, 12, importance=98),
        text("source", "source", 14, importance=85),
        flag("secretSet", "secret", (("✓ set", "good"),), (("none", "warn"),), importance=80),
        moment("createdAt", "age", 6, importance=70),
        text("url", "url", 40, grow=30, role="dim", importance=60),
        text("id", "id", 24, role="faint", importance=20),
    ),
    page=calls.list_endpoints,
    get=calls.get_endpoint,
    key=lambda row: row.id,
    actions=(_enable(True), _enable(False)),
    empty=("No webhook endpoints.", "Declare one in your code with webhook()."),
)
