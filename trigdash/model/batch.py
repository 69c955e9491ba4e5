"""Batches: many runs triggered at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from trigdash.model.odd_row import MAX_KEY
from trigdash.model.odd_rows import parse_one
from trigdash.model.run_row import RunRow
from trigdash.model.status import Kind, status
from trigdash.model.wire import (
    Count,
    Flag,
    Line,
    Lines,
    Moment,
    NullIsDefault,
    NullIsEmpty,
    Whole,
    Wire,
    Words,
)

NoTextIsNone = Annotated[Moment | None, BeforeValidator(lambda value: value or None)]
"""A time that the query endpoint may leave empty. It is in UTC without saying so:
`2026-11-21 22:37:14.076`."""


class BatchError(Wire):
    """An item of a batch that could not be turned into a run."""

    index: Count = 0
    task_identifier: Line = ""
    error: Lines = ""
    error_code: Line | None = None


class BatchProcessing(Wire):
    """How many items of a batch have been turned into runs (in v2 of the route)."""

    completed_at: Moment | None = None
    errors: Annotated[tuple[BatchError, ...], NullIsEmpty] = ()


class Batch(Wire):
    """One batch, as either version of its route returns it. A batch's status says little about its
    runs: COMPLETED includes failed runs, and batches of the old trigger route were recorded PENDING
    for good. Count the runs' own statuses.
    """

    id: Line
    status_name: Line = Field(alias="status")
    """PENDING, PROCESSING, COMPLETED, PARTIAL_FAILED, ABORTED."""
    idempotency_key: Line | None = None
    created_at: Moment
    updated_at: Moment
    run_count: Count = 0
    runs: Words = ()
    """Ids of the runs created so far."""
    successful_run_count: Whole | None = None
    """Runs that could be created (v1, streamed batches): not runs that succeeded."""
    failed_run_count: Whole | None = None
    item_errors: Annotated[tuple[BatchError, ...], NullIsEmpty] = Field((), alias="errors")
    """The errors in v1; see `errors`."""
    processing_completed_at: Moment | None = None
    processing: Annotated[BatchProcessing, NullIsDefault] = BatchProcessing()

    @property
    def errors(self) -> tuple[BatchError, ...]:
        """Items that did not become runs, from either version."""
        return self.processing.errors or self.item_errors

    @property
    def is_final(self) -> bool:
        """Whether it can change no more."""
        return self.status_name in {"COMPLETED", "ABORTED"}


class RunResult(Wire):
    """How one run of a batch ended, from the batch's results."""

    id: Line
    task_identifier: Line = ""
    ok: Flag = False
    output: Lines | None = None
    """The output as text, whatever its type."""
    output_type: Line | None = None
    error: Any = None
    """`{"type": "INTERNAL_ERROR", "code": "TASK_RUN_CANCELLED"}` (recorded), or the task's own."""


def _prefixed(batch_id: str) -> str:
    """The id as the routes take it: the query endpoint leaves its beginning out (recorded)."""
    return batch_id if batch_id.startswith("batch_") else f"batch_{batch_id}"


class BatchSummary(Wire):
    """The statuses of a batch's runs, counted from the runs themselves, since the batch's own
    status may stay PENDING forever (recorded). Read from recent runs, since the API has no list of
    batches."""

    id: Annotated[Line, Field(min_length=1, max_length=MAX_KEY), AfterValidator(_prefixed)] = Field(
        alias="batch_id"
    )
    runs: Whole
    """Runs of the batch, as far as is known."""
    succeeded: Count = 0
    failed: Count = 0
    """Runs that ended in any way but success and cancellation."""
    canceled: Count = 0
    queued: Count = 0
    unseen: Count = 0
    """Runs of the batch that are not loaded."""
    failed_items: Count = 0
    """Items that became no run, where the batch itself was read."""
    first_at: NoTextIsNone = Field(None, alias="first_at")
    """When its first run was triggered; where that is not known, when the batch was created."""
    last_at: NoTextIsNone = Field(None, alias="last_at")
    """When its last run was triggered, or the batch itself changed last."""
    ended_at: NoTextIsNone = Field(None, alias="ended_at")
    """When the last of its runs that have ended did."""
    created_at: Moment | None = None
    """When the batch itself was created, where it was read."""
    server_status: Line | None = None
    """The batch's own status, where it was read."""

    @property
    def running(self) -> int:
        """Runs that execute or wait."""
        known = self.succeeded + self.failed + self.canceled + self.queued + self.unseen
        return max(0, self.runs - known)

    @property
    def ended(self) -> bool:
        """Whether every run has."""
        return self.unseen == 0 and self.running == 0 and self.queued == 0

    def told_by(self, batch: Batch | None) -> BatchSummary:
        """The same with the data of the batch itself, if it was read."""
        if batch is None:
            return self
        unseen = self.unseen + max(0, batch.run_count - self.runs)
        return self.model_copy(
            update={
                "runs": max(batch.run_count, self.runs),
                "unseen": unseen,
                "failed_items": len(batch.errors),
                "first_at": self.first_at or batch.created_at,
                "created_at": batch.created_at,
                "server_status": batch.status_name,
            }
        )


def summary_of_runs(batch_id: str, batch: Batch | None, runs: Sequence[RunRow]) -> BatchSummary:
    """A summary from the batch itself and those of its runs that are loaded."""
    kinds = Counter(status(row.status_name).kind for row in runs)
    total = batch.run_count if batch is not None else len(runs)
    is_whole = bool(runs) and len(runs) >= total
    ended_ms = max((row.finished_ms for row in runs if row.finished_ms), default=None)
    return BatchSummary(
        id=batch_id,
        runs=len(runs),
        succeeded=kinds[Kind.SUCCEEDED],
        failed=kinds[Kind.FAILED] + kinds[Kind.LAPSED],
        canceled=kinds[Kind.CANCELED],
        queued=kinds[Kind.QUEUED],
        first_at=_time(min(row.created_ms for row in runs)) if is_whole else None,
        last_at=batch.updated_at if batch is not None else None,
        ended_at=None if ended_ms is None else _time(ended_ms),
    ).told_by(batch)


def _time(ms: float) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def parse_batch(body: bytes) -> Batch:
    """One batch; ValueError when the body does not fit."""
    return parse_one(Batch, body)
