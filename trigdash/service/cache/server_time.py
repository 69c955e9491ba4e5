"""A lower bound of the server's clock, from what it said last.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from trigdash.service.runs.detail import RunQuery
from trigdash.service.runs.query import RunsQuery

if TYPE_CHECKING:
    from trigdash.service.cache.store import Store

NEWEST = 1_000
"""Rows of a list that are checked: the latest changes are among the newest runs."""


def server_time_seen(store: Store) -> datetime | None:
    """The latest timestamp of the server's clock in the cache; whatever happens next is later. None
    while no run is known. Uses the last change of a run and not its creation, since a scheduled run
    may have a creation time in the future (recorded).
    """
    latest_ms = 0.0
    for query in store.cached_queries():
        data = store.get(query).data
        if data is None:
            continue
        if isinstance(query, RunsQuery):
            rows = islice(data.rows, NEWEST)
            latest_ms = max(latest_ms, max((row.updated_ms for row in rows), default=0))
        elif isinstance(query, RunQuery):
            latest_ms = max(latest_ms, data.updated_at.timestamp() * 1000)
    return datetime.fromtimestamp(latest_ms / 1000, UTC) if latest_ms else None
