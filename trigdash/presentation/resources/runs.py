"""Runs: the fields that a list of runs has, by the API's names."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from trigdash.model.capability import Capability
from trigdash.model.run_row import RunRow
from trigdash.presentation import runs as cells
from trigdash.presentation.cell import Cell
from trigdash.presentation.field import ResourceField, moment, text
from trigdash.presentation.resource import Resource, unpaged
from trigdash.presentation.units import UNKNOWN


def _time(name: str) -> Any:
    def value(row: RunRow) -> datetime | None:
        ms = getattr(row, name)
        # 0 stands for an unknown time.
        return datetime.fromtimestamp(ms / 1000, UTC) if ms else None

    return value


def _duration_ms(row: RunRow) -> int | None:
    """From start to end; None while it runs, and if it never started."""
    if row.started_ms is None or row.finished_ms is None:
        return None
    return max(0, row.finished_ms - row.started_ms)


def _queued_ms(row: RunRow) -> int | None:
    """How long it was queued; None for a delayed run, and while it is queued."""
    if row.started_ms is None and not row.status.is_final:
        return None
    took = cells.queued_ms(row, 0)
    return None if took is None else round(took)


def _error(row: RunRow, now_ms: float) -> Cell:
    return ((row.error, "bad"),) if row.error else ((UNKNOWN, "faint"),)


RESOURCE = Resource[RunRow](
    name="runs",
    singular="run",
    title="Runs",
    needs=Capability.RELATED,
    fields=(
        ResourceField(
            "status", "status", lambda row: row.status_name, cells.status_cell, 17, importance=100
        ),
        text("taskIdentifier", "task", 20, value=lambda row: row.task),
        text("id", "run", 29, role="dim"),
        moment("createdAt", "age", 5, value=_time("created_ms")),
        ResourceField("_durationMs", "duration", _duration_ms, cells.duration_cell, 14, "right"),
        ResourceField(
            "_queuedMs", "queued", _queued_ms, cells.queued_cell, 10, "right", is_shown=False
        ),
        ResourceField(
            "attemptCount",
            "tries",
            lambda row: row.attempts,
            cells.attempts_cell,
            5,
            "right",
            is_shown=False,
        ),
        text("version", "version", 12),
        text("tags", "tags", 16, grow=24),
        ResourceField(
            "costInCents", "cost", lambda row: row.cost_cents, cells.cost_cell, 9, "right"
        ),
        ResourceField("_error", "error", lambda row: row.error, _error, 40, is_shown=False),
        moment("startedAt", "started", 8, value=_time("started_ms"), is_shown=False),
        moment("finishedAt", "finished", 8, value=_time("finished_ms"), is_shown=False),
        moment("updatedAt", "changed", 8, value=_time("updated_ms"), is_shown=False),
        moment("delayedUntil", "delayed", 8, value=_time("delayed_until_ms"), is_shown=False),
        text("durationMs", "compute", 9, value=lambda row: row.compute_ms, is_shown=False),
        text("isTest", "test", 5, value=lambda row: row.is_test, is_shown=False),
        text("env", "env", 8, value=lambda row: row.environment, is_shown=False),
        text("region", "region", 12, is_shown=False),
        text("ttl", "ttl", 6, is_shown=False),
        text("depth", "depth", 5, is_shown=False),
        text("idempotencyKey", "key", 20, is_shown=False),
        text("taskKind", "kind", 10, value=lambda row: row.kind, is_shown=False),
    ),
    page=unpaged,
    key=lambda row: row.id,
    sort=("age", True),
)
