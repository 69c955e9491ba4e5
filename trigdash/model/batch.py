"""Batches: many runs triggered at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from pydantic import Field, TypeAdapter

from trigdash.model.wire import (
    Count,
    Line,
    Lines,
    Moment,
    NullIsDefault,
    NullIsEmpty,
    Whole,
    Wire,
    Words,
    parse,
)


class BatchError(Wire):
    """An item of a batch that could not be turned into a run."""

    index: Count = 0
    task_identifier: Line = ""
    error: Lines = ""
    error_code: Line | None = None


class BatchProcessing(Wire):
    """How far the items of a batch have been turned into runs (v2 of the route tells it)."""

    completed_at: Moment | None = None
    errors: Annotated[tuple[BatchError, ...], NullIsEmpty] = ()


class Batch(Wire):
    """One batch, as either version of its route tells it.

    A batch's status says little about its runs: COMPLETED includes failed runs, and batches of the
    old trigger route were recorded PENDING for good. Count the runs' own statuses.
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
    """As v1 tells them; see `errors`."""
    processing_completed_at: Moment | None = None
    processing: Annotated[BatchProcessing, NullIsDefault] = BatchProcessing()

    @property
    def errors(self) -> tuple[BatchError, ...]:
        """Items that became no run, whichever version told them."""
        return self.processing.errors or self.item_errors

    @property
    def is_final(self) -> bool:
        """Whether it can change no more."""
        return self.status_name in {"COMPLETED", "ABORTED"}


class BatchFigures(Wire):
    """How the runs of a batch stand, by the query endpoint. Names are those of the statement."""

    id: Line = Field(alias="batch_id")
    runs: Count = 0
    succeeded: Count = 0
    failed: Count = 0
    canceled: Count = 0
    running: Count = 0
    queued: Count = 0
    first_at: Moment | None = Field(None, alias="first_at")


@dataclass(frozen=True, slots=True)
class BatchSummary:
    """A batch as found among recent runs: there is no list of batches."""

    id: str
    runs: int
    """Runs within the time window looked at."""
    statuses: Mapping[str, int] = field(default_factory=dict)
    """Status word of the run list (COMPLETED, FAILED …) → number of runs."""
    first_at: datetime | None = None
    """When its first run was triggered."""
    last_at: datetime | None = None
    """When its last run was triggered, or the batch itself changed last."""
    ended_at: datetime | None = None
    """When the last of its runs that have ended did."""


@dataclass(frozen=True, slots=True)
class BatchesFound:
    """The batches among recent runs, the latest first."""

    batches: tuple[BatchSummary, ...] = ()
    unreadable: int = 0
    """Batches that could not be read, or not all of them."""


_BATCH = TypeAdapter(Batch)


def parse_batch(body: bytes) -> Batch:
    """One batch; ValueError when the body does not fit."""
    return parse(_BATCH, body)
