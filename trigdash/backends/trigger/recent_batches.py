"""Recent batches: there is no list of them, so they are gathered from recent runs by a query."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import TypeAdapter

from trigdash.backends.trigger.answers import parse_rows
from trigdash.model.batch import BatchSummary
from trigdash.model.clean import clean
from trigdash.model.moment import in_utc
from trigdash.model.wire import Whole

STATEMENT = (
    "SELECT batch_id, status, count() AS runs, "
    "min(triggered_at) AS first_at, max(triggered_at) AS last_at, max(completed_at) AS ended_at "
    "FROM runs WHERE batch_id != '' GROUP BY batch_id, status ORDER BY last_at DESC LIMIT 1000"
)
PERIOD = "7d"

_WHOLE: TypeAdapter[int] = TypeAdapter(Whole)
_FILTER_NAMES = {"PAUSED": "WAITING", "REATTEMPTING": "EXECUTING", "INTERRUPTED": "FAILED"}
"""Query words that the run list no longer uses."""


def parse(body: bytes) -> tuple[BatchSummary, ...]:
    """The batches in the answer to STATEMENT; ValueError when it does not fit."""
    return gather(parse_rows(body))


def gather(rows: Sequence[dict[str, object]]) -> tuple[BatchSummary, ...]:
    """One summary for each batch, the latest first. Raises ValueError on rows of another shape."""
    found: dict[str, list[dict[str, object]]] = {}
    for row in rows:
        batch_id = row.get("batch_id")
        if not isinstance(batch_id, str) or not batch_id:
            raise ValueError("batch_id is missing")
        found.setdefault(clean(batch_id), []).append(row)
    summaries = [_summary(batch_id, parts) for batch_id, parts in found.items()]
    earliest = datetime.min.replace(tzinfo=UTC)
    return tuple(sorted(summaries, key=lambda one: one.last_at or earliest, reverse=True))


def _summary(batch_id: str, parts: list[dict[str, object]]) -> BatchSummary:
    statuses: dict[str, int] = {}
    for part in parts:
        word = _status_word(str(part.get("status", "")))
        statuses[word] = statuses.get(word, 0) + _WHOLE.validate_python(part.get("runs"))
    first = [moment for part in parts if (moment := _moment(part.get("first_at")))]
    last = [moment for part in parts if (moment := _moment(part.get("last_at")))]
    ended = [moment for part in parts if (moment := _moment(part.get("ended_at")))]
    return BatchSummary(
        id=batch_id if batch_id.startswith("batch_") else f"batch_{batch_id}",
        runs=sum(statuses.values()),
        statuses=statuses,
        first_at=min(first, default=None),
        last_at=max(last, default=None),
        ended_at=max(ended, default=None),
    )


def _status_word(friendly: str) -> str:
    """The run list's word for the query's: "System failure" is SYSTEM_FAILURE."""
    name = clean(friendly).upper().replace(" ", "_")
    return _FILTER_NAMES.get(name, name)


def _moment(value: object) -> datetime | None:
    """A query's time: "2026-11-21 22:37:14.076", in UTC without saying so."""
    if not isinstance(value, str) or not value:
        return None
    return in_utc(datetime.fromisoformat(value))
