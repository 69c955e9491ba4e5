"""Webhook deliveries: what arrived, which runs it started, and what failed."""

from trigdash.backends.operations import inputs as calls
from trigdash.model.capability import Capability
from trigdash.model.webhook import Delivery
from trigdash.presentation.action import ActionSpec
from trigdash.presentation.cell import Cell
from trigdash.presentation.field import flag, moment, status, text
from trigdash.presentation.resource import Resource

_LOOKS = {
    "SUCCEEDED": ("✓", "good"),
    "FAILED": ("×", "bad-strong"),
    "PENDING": ("○", "queued"),
    "PROCESSING": ("●", "running"),
    "FILTERED": ("◌", "done"),
    "UNMATCHED": ("·", "warn"),
}
_REPLAY = ActionSpec[Delivery](
    "replay",
    "R",
    "Replay",
    Capability.WEBHOOK_WRITES,
    operation=lambda row, values: calls.replay_delivery(row.id),
    done=lambda answer: "delivered again",
    consequence=lambda row, values: "Delivers it again: its tasks run again. Sent once.",
)


def _runs(row: Delivery) -> list[str]:
    """Ids of the runs that it started."""
    runs = [row.run_id, *(target.run_id for target in row.targets)]
    return [run for run in runs if run]


def _explain(row: Delivery, now_ms: float) -> Cell:
    said = row.error or row.filter_reason or next((t.error for t in row.targets if t.error), "")
    return ((said or "", "bad" if row.error else "dim"),)


RESOURCE = Resource[Delivery](
    name="deliveries",
    singular="delivery",
    title="Deliveries",
    needs=Capability.WEBHOOKS,
    fields=(
        text("id", "delivery", 28, importance=80),
        status("status", "status", _LOOKS, 13, importance=99),
        text("endpoint.declaredId", "webhook", 20, grow=10, importance=95),
        moment("createdAt", "age", 6, importance=98),
        moment("processedAt", "processed", 9, importance=60),
        flag("isTest", "test", (("test", "dim"),), width=5, importance=50),
        text("externalDeliveryId", "external id", 22, role="dim", importance=40),
        text("_runs", "runs", 29, role="dim", importance=70, value=_runs),
        text("error", "error", 30, role="bad", is_shown=False),
        text("filterReason", "filtered because", 30, role="dim", is_shown=False),
    ),
    page=calls.list_deliveries,
    get=calls.get_delivery,
    key=lambda row: row.id,
    actions=(_REPLAY,),
    explain=_explain,
    empty=("No webhook deliveries.", "One appears when an endpoint is sent an event."),
)
