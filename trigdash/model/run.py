"""What starting a run answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field, TypeAdapter
from typing_extensions import override

from trigdash.model.odd_rows import parse_one
from trigdash.model.run_row import RunRow, region_name, timestamp_ms
from trigdash.model.status import Status, status
from trigdash.model.wire import (
    Amount,
    Count,
    Flag,
    Line,
    Lines,
    Moment,
    NullIsDefault,
    NullIsEmpty,
    Wire,
    Words,
    parse,
)


class TriggeredRun(Wire):
    """The run that was started, or the existing one with its idempotency key."""

    id: Line
    is_cached: Flag = False
    """True when the idempotency key was used before: nothing was started, the run is that one."""

    @property
    def message(self) -> str:
        """What happened, in words."""
        if self.is_cached:
            return f"this idempotency key was used before: here is that run, {self.id}"
        return f"started {self.id}"


_TRIGGERED = TypeAdapter(TriggeredRun)


def parse_triggered_run(body: bytes) -> TriggeredRun:
    """The answer of the trigger endpoint; ValueError when it does not fit."""
    return parse(_TRIGGERED, body)


class RunFacts(Wire):
    """The fields that a run and its related runs have in common.

    The seven helper booleans of the API are left out on purpose: all of them were recorded false
    for expired and timed-out runs. The status word alone decides.
    """

    id: Line
    task_identifier: Line
    status_name: Line = Field(alias="status")
    """The server's own word; see `status`."""
    idempotency_key: Line | None = None
    version: Line | None = None
    created_at: Moment
    updated_at: Moment
    started_at: Moment | None = None
    finished_at: Moment | None = None
    delayed_until: Moment | None = None
    expired_at: Moment | None = None
    ttl: Line | None = None
    cost_in_cents: Amount = 0.0
    base_cost_in_cents: Amount = 0.0
    duration_ms: Count = 0
    """Compute time used, not wall time."""
    is_test: Flag = False
    depth: Count = 0
    tags: Words = ()
    trigger_function: Line | None = None
    """trigger, triggerAndWait, batchTrigger, batchTriggerAndWait."""
    batch_id: Line | None = None
    metadata: Any = None
    region: Line | None = None
    restarted_from_run_id: Line | None = None
    """The run that this one was made from by a retry or a restart; never set by Trigger.dev."""

    @property
    def status(self) -> Status:
        """What the status word means."""
        return status(self.status_name)

    def row(self) -> RunRow:
        """The run as a list keeps it."""
        return RunRow(
            id=self.id,
            status_name=self.status_name,
            task=self.task_identifier,
            created_ms=timestamp_ms(self.created_at),
            updated_ms=timestamp_ms(self.updated_at),
            started_ms=timestamp_ms(self.started_at) if self.started_at else None,
            finished_ms=timestamp_ms(self.finished_at) if self.finished_at else None,
            delayed_until_ms=timestamp_ms(self.delayed_until) if self.delayed_until else None,
            expired_ms=timestamp_ms(self.expired_at) if self.expired_at else None,
            compute_ms=self.duration_ms,
            version=self.version,
            tags=self.tags,
            cost_cents=self.cost_in_cents + self.base_cost_in_cents,
            is_test=self.is_test,
            ttl=self.ttl,
            region=region_name(self.region),
            idempotency_key=self.idempotency_key,
            depth=self.depth,
            restarted_from=self.restarted_from_run_id,
        )


class ErrorCause(Wire):
    """An error, or one that it was thrown because of."""

    message: Lines = ""
    name: Line | None = None
    stack_trace: Lines | None = None


class RunError(ErrorCause):
    """Why a run failed. Cancelled and expired runs were recorded with one too."""

    causes: Annotated[tuple[ErrorCause, ...], NullIsEmpty] = ()
    """The chain of its `cause`, outermost first (from 4.6.3 on)."""


class ScheduleGenerator(Wire):
    """What makes a schedule fire."""

    type: Line = "CRON"
    expression: Line = ""
    description: Line = ""


class RunSchedule(Wire):
    """The schedule that started a run."""

    id: Line
    external_id: Line | None = None
    deduplication_key: Line | None = None
    generator: Annotated[ScheduleGenerator, NullIsDefault] = ScheduleGenerator()


class RunAttempt(Wire):
    """One attempt, from servers old enough to list them; today's always send an empty list."""

    id: Line
    status_name: Line = Field(alias="status")
    created_at: Moment
    updated_at: Moment
    started_at: Moment | None = None
    completed_at: Moment | None = None
    error: RunError | None = None


class RelatedRuns(Wire):
    """The runs around a run: the root of its tree, its parent, its direct children."""

    root: RunFacts | None = None
    parent: RunFacts | None = None
    children: Annotated[tuple[RunFacts, ...], NullIsEmpty] = ()


class Run(RunFacts):
    """One run, opened. Large payloads and outputs come as links that live five minutes."""

    payload: Any = None
    payload_presigned_url: str | None = None
    output: Any = None
    output_presigned_url: str | None = None
    error: RunError | None = None
    schedule: RunSchedule | None = None
    raw_tags: Annotated[tuple[str, ...], NullIsEmpty] = Field((), alias="tags")
    """The tags as they came, not safe to show: a new run gets them like that."""
    attempt_count: Count = 0
    attempts: Annotated[tuple[RunAttempt, ...], NullIsEmpty] = ()
    related_runs: Annotated[RelatedRuns, NullIsDefault] = RelatedRuns()

    @property
    def has_payload(self) -> bool:
        """Whether the server sent a payload, `null` included, inline."""
        return "payload" in self.model_fields_set

    @property
    def has_output(self) -> bool:
        """Whether the server sent an output, `null` included, inline."""
        return "output" in self.model_fields_set

    @override
    def row(self) -> RunRow:
        """The run as a row of a list, with the attempts and the error that lists do not have."""
        message = self.error.message.split("\n", 1)[0] if self.error else None
        return replace(super().row(), attempts=self.attempt_count, error=message)


def parse_run(body: bytes) -> Run:
    """The run of a retrieve or reschedule body; ValueError when it does not fit."""
    return parse_one(Run, body)
