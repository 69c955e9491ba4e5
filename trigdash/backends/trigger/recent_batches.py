"""Recent batches: there is no list of them, so they are gathered from recent runs by a query."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field, ValidationError

from trigdash.backends.trigger.parsers import parse_rows
from trigdash.model.batch import BatchesFound, BatchSummary
from trigdash.model.clean import clean
from trigdash.model.odd_rows import MAX_KEY
from trigdash.model.wire import Line, Moment, Whole, Wire

STATEMENT = (
    "SELECT batch_id, status, count() AS runs, "
    "min(triggered_at) AS first_at, max(triggered_at) AS last_at, max(completed_at) AS ended_at "
    "FROM runs WHERE batch_id != '' GROUP BY batch_id, status ORDER BY last_at DESC LIMIT 1000"
)
PERIOD = "7d"

NoTextIsNone = Annotated[Moment | None, BeforeValidator(lambda value: value or None)]


class _StatusPart(Wire):
    """A row of the answer: the runs of a batch in one status. Times are in UTC without saying so:
    `2026-11-21 22:37:14.076`."""

    model_config = ConfigDict(alias_generator=None)

    batch_id: Annotated[Line, Field(min_length=1, max_length=MAX_KEY)]
    status: Line
    runs: Whole
    first_at: NoTextIsNone = None
    last_at: NoTextIsNone = None
    ended_at: NoTextIsNone = None


_FILTER_NAMES = {"PAUSED": "WAITING", "REATTEMPTING": "EXECUTING", "INTERRUPTED": "FAILED"}
"""Query words that the run list no longer uses."""


def parse(body: bytes) -> BatchesFound:
    """The batches in the answer to STATEMENT; ValueError when it does not fit."""
    return summarize_batches(parse_rows(body))


def summarize_batches(rows: Sequence[dict[str, object]]) -> BatchesFound:
    """One summary for each batch, the latest first."""
    found: dict[str, list[_StatusPart]] = {}
    unreadable: set[str] = set()
    for number, row in enumerate(rows):
        try:
            part = _StatusPart.model_validate(row)
        except ValidationError:
            batch_id = row.get("batch_id")
            unreadable.add(batch_id if isinstance(batch_id, str) else f"?{number}")
        else:
            found.setdefault(part.batch_id, []).append(part)
    # A batch without some of its runs would be counted wrong.
    summaries = [_summary(i, parts) for i, parts in found.items() if i not in unreadable]
    earliest = datetime.min.replace(tzinfo=UTC)
    ordered = sorted(summaries, key=lambda one: one.last_at or earliest, reverse=True)
    return BatchesFound(tuple(ordered), len(unreadable))


def _summary(batch_id: str, parts: Sequence[_StatusPart]) -> BatchSummary:
    statuses: dict[str, int] = {}
    for part in parts:
        word = _status_word(part.status)
        statuses[word] = statuses.get(word, 0) + part.runs
    return BatchSummary(
        id=batch_id if batch_id.startswith("batch_") else f"batch_{batch_id}",
        runs=sum(statuses.values()),
        statuses=statuses,
        first_at=min((part.first_at for part in parts if part.first_at), default=None),
        last_at=max((part.last_at for part in parts if part.last_at), default=None),
        ended_at=max((part.ended_at for part in parts if part.ended_at), default=None),
    )


def _status_word(friendly: str) -> str:
    """The run list's word for the query's: "System failure" is SYSTEM_FAILURE."""
    name = clean(friendly).upper().replace(" ", "_")
    return _FILTER_NAMES.get(name, name)
