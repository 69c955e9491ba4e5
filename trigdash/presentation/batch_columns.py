"""The columns of the batch list, and what is saved of a batch."""

from collections.abc import Callable, Mapping

from trigdash.presentation import batches
from trigdash.presentation.batches import BatchLine
from trigdash.presentation.columns import Column

NATURAL_SORT = ("age", False)
"""Newest first, as the list comes."""


def batch_columns() -> tuple[Column[BatchLine], ...]:
    """All columns in their order."""
    return (
        Column("batch", "batch", batches.id_cell, 31, importance=90, sort_key=lambda b: b.id),
        Column("status", "status", batches.status_cell, 17, importance=100, sort_key=_status),
        Column("runs", "runs", batches.runs_cell, 7, "right", 80, lambda b: b.progress.total),
        Column("ok", "ok", batches.succeeded_cell, 7, "right", 60, lambda b: b.progress.succeeded),
        Column(
            "failed", "failed", batches.failed_cell, 7, "right", 85, lambda b: b.progress.failed
        ),
        Column(
            "running", "running", batches.running_cell, 7, "right", 50, lambda b: b.progress.running
        ),
        Column(
            "queued", "queued", batches.queued_cell, 7, "right", 50, lambda b: b.progress.queued
        ),
        Column("progress", "progress", batches.progress_cell, batches.BAR_WIDTH, importance=70),
        Column("age", "age", batches.age_cell, 5, "right", 75, _age, live=_always),
        Column("took", "took", batches.duration_cell, 9, "right", 40, live=_moving),
    )


SAVED_FIELDS: Mapping[str, Callable[[BatchLine], object]] = {
    "id": lambda line: line.id,
    "runs": lambda line: line.progress.total,
    "succeeded": lambda line: line.progress.succeeded,
    "failed": lambda line: line.progress.failed,
    "canceled": lambda line: line.progress.canceled,
    "running": lambda line: line.progress.running,
    "queued": lambda line: line.progress.queued,
}
"""What is saved of a line, by name."""


def _status(line: BatchLine) -> tuple[bool, bool]:
    """What goes on first, then what went wrong."""
    return line.progress.ended, not line.progress.failed


def _age(line: BatchLine) -> float | None:
    return None if line.first_ms is None else -line.first_ms


def _always(line: BatchLine) -> bool:
    return True


def _moving(line: BatchLine) -> bool:
    return not line.progress.ended
