"""What is known of a run or a queue: which queries mention it, and whether it was seen to end.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trigdash.service.listing_query import ListingQuery, ObjectQuery
from trigdash.service.queues import QueueQuery, QueuesQuery
from trigdash.service.run_detail import EventsQuery, RunQuery, TraceQuery
from trigdash.service.runs import RunsQuery

if TYPE_CHECKING:
    from trigdash.service.queries import Query
    from trigdash.service.store import Snapshot


def mentions(query: Query[Any], target: str) -> bool:
    """Whether what a query shows may change with an action on a run or a queue."""
    if isinstance(query, RunQuery | TraceQuery | EventsQuery):
        return query.run_id == target
    return isinstance(query, RunsQuery | QueuesQuery | QueueQuery | ListingQuery | ObjectQuery)


def shows_end(query: Query[Any], snapshot: Snapshot[Any], run_id: str) -> bool:
    """Whether a snapshot shows that a run has ended."""
    if snapshot.data is None or not tells_of(query, snapshot, run_id):
        return False
    if isinstance(query, RunsQuery):
        row = snapshot.data.find(run_id)
        return row is not None and row.status.is_final
    return bool(snapshot.data.status.is_final)


def tells_of(query: Query[Any], snapshot: Snapshot[Any], run_id: str) -> bool:
    """Whether a snapshot tells of a run."""
    if snapshot.data is None:
        return False
    if isinstance(query, RunsQuery):
        return snapshot.data.find(run_id) is not None
    return isinstance(query, RunQuery) and query.run_id == run_id
