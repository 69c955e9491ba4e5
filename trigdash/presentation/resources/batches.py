"""Batches: the statuses of their runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trigdash.backends.operations import groups as calls
from trigdash.model.batch import BatchSummary
from trigdash.model.capability import Capability
from trigdash.presentation import batches as cells
from trigdash.presentation.action import ActionInput, ActionSpec, Values, file_text
from trigdash.presentation.field import ResourceField, moment, number, text
from trigdash.presentation.resource import Resource
from trigdash.presentation.units import plural
from trigdash.service.actions.batch_trigger import Item, batch_items, trigger_batch
from trigdash.service.batches import BatchesQuery

if TYPE_CHECKING:
    from trigdash.service.actions.actions import Actions
    from trigdash.service.actions.outcome import Outcome


def _failed(row: BatchSummary) -> int:
    return row.failed + row.failed_items


def _took_ms(row: BatchSummary) -> float | None:
    """How long its runs took, if all have ended."""
    return cells.took_ms(row, 0.0) if row.ended else None


def _tasks(items: list[Item]) -> str:
    names = sorted({item["task"] for item in items})
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{', '.join(names[:3])}{more}"


async def _send(actions: Actions, values: Values) -> Outcome:
    return await trigger_batch(actions, values["file"])


_TRIGGER = ActionSpec[BatchSummary](
    "trigger",
    "N",
    "Trigger",
    Capability.TRIGGER,
    operation=lambda row, values: calls.create_batch(len(values["file"])),
    done=lambda answer: "triggered",
    consequence=lambda row, values: (
        f"Triggers {plural(len(values['file']), 'run')} of {_tasks(values['file'])}."
    ),
    inputs=(
        ActionInput(
            "file",
            "file of JSON lines: task, payload, options",
            lambda name: batch_items(file_text(name)),
            is_required=True,
        ),
    ),
    perform=_send,
    on_list=True,
    is_verb=False,
)

RESOURCE = Resource[BatchSummary](
    name="batches",
    singular="batch",
    title="Batches",
    needs=Capability.BATCHES,
    fields=(
        text("batch_id", "batch", 31, importance=90, value=lambda row: row.id),
        ResourceField(
            "_status",
            "status",
            lambda row: cells.status_label(row),
            cells.status_cell,
            17,
            importance=100,
            # Unfinished runs first, then failed ones.
            order=lambda row: (row.ended, not row.failed),
        ),
        number("runs", "runs", 7, importance=80),
        number("succeeded", "ok", 7, role="good", importance=60),
        number("failed", "failed", 7, role="bad-strong", importance=85, value=_failed),
        number("canceled", "canceled", 8, is_shown=False),
        number("running", "running", 7, role="running"),
        number("queued", "queued", 7, role="queued"),
        ResourceField(
            "_progress",
            "progress",
            lambda row: row.runs and (row.runs - row.running - row.queued) / row.runs,
            cells.progress_cell,
            cells.BAR_WIDTH,
            importance=70,
        ),
        moment("first_at", "age", 5, importance=75),
        ResourceField(
            "_tookMs",
            "took",
            _took_ms,
            cells.duration_cell,
            9,
            "right",
            importance=40,
            is_live=lambda row: not row.ended,
        ),
    ),
    page=calls.list_batches,
    source=lambda connection: BatchesQuery(connection.known_batches),
    key=lambda row: row.id,
    opens=lambda row: ("batch", row.id),
    sort=("age", True),
    explain=cells.explain_batch,
    totals=cells.totals_cell,
    note=cells.source_cell,
    actions=(_TRIGGER,),
    window="last 7 days",
    empty=(
        "no batches were triggered in the last 7 days",
        "",
        "N triggers one from a file   :batch <id> opens one by its id",
    ),
)
