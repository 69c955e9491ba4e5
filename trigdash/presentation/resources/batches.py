"""Batches: how the runs of each stand."""

from __future__ import annotations

from trigdash.backends.operations import groups as calls
from trigdash.model.batch import BatchFigures
from trigdash.model.capability import Capability
from trigdash.presentation.field import moment, number, text
from trigdash.presentation.resource import Resource

RESOURCE = Resource[BatchFigures](
    name="batches",
    singular="batch",
    title="Batches",
    needs=Capability.BATCHES,
    fields=(
        text("batch_id", "batch", 31, importance=99, value=lambda row: row.id),
        number("runs", "runs", importance=97),
        number("succeeded", "ok", role="good", importance=80),
        number("failed", "failed", role="bad-strong", importance=98),
        number("canceled", "canceled", importance=60),
        number("running", "running", role="running", importance=90),
        number("queued", "queued", role="queued", importance=90),
        moment("first_at", "age", 6, importance=95),
    ),
    page=calls.list_batches,
    key=lambda row: row.id,
    runs_filter=lambda row: f"batch:{row.id}",
)
