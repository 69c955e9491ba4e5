"""Queues: how many runs wait and execute, and their limits."""

from __future__ import annotations

from trigdash.backends.operations import queues as calls
from trigdash.model.capability import Capability
from trigdash.model.queue import Queue
from trigdash.presentation.action import ActionInput, ActionSpec, pause_actions, whole
from trigdash.presentation.field import flag, number, text
from trigdash.presentation.resource import Resource
from trigdash.service.queues.query import QueuesQuery

_WRITES = Capability.QUEUE_WRITES


_PAUSE: tuple[ActionSpec[Queue], ...] = pause_actions(
    _WRITES,
    lambda row, paused: calls.pause_queue(row.id, paused),
    stops=lambda row: (
        f"Nothing new of {row.filter_name} starts. Running runs continue; new runs wait."
    ),
    starts=lambda row: f"{row.queued:,} waiting runs of {row.filter_name} may start.",
)


def _v2_reason(row: Queue) -> str:
    """Why the limit of a V2 queue cannot be set here; empty if it is its task's own."""
    if row.is_v2 and not row.limit_name:
        return "it is V2: named concurrency limits hold it (trigdash limits list)"
    return ""


_LIMIT = ActionSpec[Queue](
    "limit",
    "L",
    "Limit",
    _WRITES,
    operation=lambda row, values: (
        calls.override_limit(row.limit_name, None, values["to"])
        if row.is_v2
        else calls.override_queue(row.id, values["to"])
    ),
    done=lambda answer: "the limit is overridden",
    shows=lambda row, values: row.concurrency.override == values["to"],
    consequence=lambda row, values: (
        f"Nothing of {row.filter_name} starts until the override is removed."
        if values["to"] == 0
        else f"At most {values['to']:,} of {row.filter_name} run at once. None is stopped."
    ),
    inputs=(ActionInput("to", "runs at once", whole, is_required=True),),
    disabled_reason=lambda row: _v2_reason(row),
)
_UNLIMIT = ActionSpec[Queue](
    "unlimit",
    "U",
    "Remove override",
    _WRITES,
    operation=lambda row, values: (
        calls.reset_limit(row.limit_name) if row.is_v2 else calls.reset_queue(row.id)
    ),
    done=lambda answer: "the override is removed",
    shows=lambda row, values: row.concurrency.override is None,
    consequence=lambda row, values: f"{row.filter_name} has the limit that the code declares.",
    disabled_reason=lambda row: (
        _v2_reason(row)
        if row.is_v2
        else "its limit is not overridden"
        if row.concurrency.override is None
        else ""
    ),
)

RESOURCE = Resource[Queue](
    name="queues",
    singular="queue",
    title="Queues",
    needs=Capability.QUEUES,
    fields=(
        text("name", "queue", 26, grow=14, role="strong", importance=99),
        text("type", "kind", 7, role="dim", importance=60, value=lambda row: row.kind),
        number("queued", "queued", role="queued", importance=97),
        number("running", "running", role="running", importance=96),
        number("concurrencyLimit", "limit", importance=95),
        flag("paused", "paused", (("‖ paused", "warn-strong"),), width=9, importance=98),
        text("version", "version", 7, role="dim", is_shown=False),
        number("concurrency.base", "base", is_shown=False),
        number("concurrency.override", "override", is_shown=False),
        text("id", "id", 28, role="faint", is_shown=False),
    ),
    page=calls.list_queues,
    source=lambda connection: QueuesQuery(),
    key=lambda row: row.filter_name,
    actions=(*_PAUSE, _LIMIT, _UNLIMIT),
    opens=lambda row: ("runs", f"queue:{row.filter_name}"),
    filter_hint="part of a name  health:  kind:",
    empty=("no queues yet", "", "a queue appears with the first run of its task"),
    every_s=2.0,
)
