"""Batches: found among recent runs, since the API has no list of them."""

from __future__ import annotations

from trigdash.backends.base import Capability
from trigdash.backends.operation import Operation
from trigdash.backends.operations.query import query_rows
from trigdash.backends.operations.shapes import got
from trigdash.model.batch import Batch, BatchFigures
from trigdash.model.listing import Listing

PERIOD = "7d"
_STATEMENT = """\
SELECT batch_id, count() AS runs, countIf(status = 'Completed') AS succeeded,
 countIf(status IN ('Failed', 'Crashed', 'System failure', 'Timed out', 'Expired')) AS failed,
 countIf(status = 'Canceled') AS canceled,
 countIf(status IN ('Executing', 'Waiting')) AS running,
 countIf(status IN ('Queued', 'Delayed', 'Pending version', 'Dequeued')) AS queued,
 min(triggered_at) AS first_at
FROM runs WHERE batch_id != '' GROUP BY batch_id ORDER BY first_at DESC LIMIT 1000"""
get_batch = got(Capability.BATCHES, ("v2", "batches"), Batch)


def list_batches(page: str | None) -> Operation[Listing[BatchFigures]]:
    """The batches whose runs were triggered within PERIOD, the latest first."""
    return query_rows(_STATEMENT, BatchFigures, PERIOD)
