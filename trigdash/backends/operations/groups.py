"""Groups of runs: errors that look alike, and batches found among recent runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

from trigdash.backends.operation import Effect, Operation, cursor_page, nothing
from trigdash.backends.operations.reports import query_rows
from trigdash.backends.operations.shapes import got, listed, sent
from trigdash.model.batch import Batch, BatchSummary, RunResult
from trigdash.model.capability import Capability
from trigdash.model.error_group import ErrorGroup
from trigdash.model.listing import Listing, object_parser
from trigdash.model.run import parse_triggered_run

_PATH = ("v1", "errors")
_one = object_parser(ErrorGroup)
list_errors = listed(
    Capability.ERRORS, _PATH, ErrorGroup, cursor_page, params=(("filter[period]", "7d"),)
)
get_error = got(Capability.ERRORS, _PATH, ErrorGroup)


def resolve(error_id: str, version: str | None) -> Operation[ErrorGroup]:
    """Mark a group as resolved, in a version if given."""
    return _write(error_id, "resolve", {"resolvedInVersion": version})


def ignore(
    error_id: str,
    duration_ms: int | None,
    rate: float | None,
    total: int | None,
    reason: str | None,
) -> Operation[ErrorGroup]:
    """Ignore a group until a time, a rate per minute or a number of new occurrences."""
    return _write(
        error_id,
        "ignore",
        {
            "duration": duration_ms,
            "occurrenceRate": rate,
            "totalOccurrences": total,
            "reason": reason,
        },
    )


def unresolve(error_id: str) -> Operation[ErrorGroup]:
    """Undo a resolve or an ignore."""
    return _write(error_id, "unresolve", {})


def _write(error_id: str, step: str, body: dict[str, object]) -> Operation[ErrorGroup]:
    # A body is required; an empty object suffices (recorded).
    return sent(Capability.ERROR_WRITES, (*_PATH, error_id, step), body, _one)


PERIOD = "7d"
_BATCHES = """\
SELECT batch_id, count() AS runs, countIf(status = 'Completed') AS succeeded,
 countIf(status IN ('Failed', 'Crashed', 'System failure', 'Timed out', 'Expired', 'Interrupted'))
 AS failed, countIf(status = 'Canceled') AS canceled,
 countIf(status IN ('Queued', 'Delayed', 'Pending version', 'Dequeued')) AS queued,
 min(triggered_at) AS first_at, max(triggered_at) AS last_at, max(completed_at) AS ended_at
FROM runs WHERE batch_id != '' GROUP BY batch_id ORDER BY last_at DESC LIMIT 1000"""
get_batch = got(Capability.BATCHES, ("v2", "batches"), Batch)


def batch_results(batch_id: str) -> Operation[Listing[RunResult]]:
    """How the runs of a batch ended, all in one answer. It is empty for every batch of the current
    engine; only those of the first engine have results (recorded)."""
    path = ("v1", "batches", batch_id, "results")
    return listed(Capability.BATCHES, path, RunResult, rows_under="items")(None)


def list_batches(page: str | None = None) -> Operation[Listing[BatchSummary]]:
    """The batches whose runs were triggered within PERIOD, latest first: collected from recent
    runs, since the API has no list of them."""
    return replace(query_rows(_BATCHES, BatchSummary, PERIOD), needs=Capability.BATCHES)


def create_batch(count: int) -> Operation[str]:
    """Create a batch for a number of items, and return its id. It has its own idempotency key, so
    it is safe to send again: the same key returns the same batch."""
    body = {"runCount": count, "idempotencyKey": f"trigdash-{uuid4().hex}"}
    return sent(Capability.TRIGGER, ("v3", "batches"), body, _batch_id)


def add_items(batch_id: str, items: Sequence[Mapping[str, Any]]) -> Operation[None]:
    """Add items, each with its `index`; a repeated one counts once. The batch starts with the last
    item."""
    return Operation(
        Capability.TRIGGER,
        ("v3", "batches", batch_id, "items"),
        nothing,
        "POST",
        lines=tuple(items),
        effect=Effect.REPEATABLE,
    )


def _batch_id(body: bytes) -> str:
    return parse_triggered_run(body).id
