"""How long the oldest waiting run of a queue has waited.

The run list is newest first, so the oldest of thousands is far down; the query endpoint returns it
directly. Without that endpoint, one page of queued runs is read: it holds all of them, or gives a
lower bound. This module is imported before the first frame: standard library and light modules
only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from trigdash.backends.base import Forbidden, InvalidRequest, NotFound
from trigdash.model.capability import Capability
from trigdash.model.moment import in_utc
from trigdash.model.run_filter import RunFilter
from trigdash.service.cache.query import Query
from trigdash.service.runs.placement import is_plain

if TYPE_CHECKING:
    from trigdash.backends.base import Backend

PERIOD = "7d"
"""The default window of the run list."""


@dataclass(frozen=True, slots=True)
class OldestWaiting:
    """Since when the oldest run of a queue has waited."""

    since: datetime | None = None
    """None when nothing waits."""
    at_least: bool = False
    """Whether an older run may wait that was not read."""


@dataclass(frozen=True, slots=True)
class OldestWaitingQuery(Query[OldestWaiting]):
    """The oldest waiting run of a queue, by the name that filters use (`task/<task>`)."""

    queue: str

    EVERY_S: ClassVar[float] = 10.0

    @override
    async def read(self, backend: Backend) -> OldestWaiting:
        return await _by_query(backend, self.queue) or await _by_list(backend, self.queue)


async def _by_query(backend: Backend, queue: str) -> OldestWaiting | None:
    if Capability.QUERY not in backend.capabilities or not is_plain(queue):
        return None
    statement = (
        "SELECT count() AS waiting, min(queued_at) AS oldest FROM runs "
        f"WHERE queue = '{queue}' AND status = 'Queued'"
    )
    try:
        rows = await backend.query(statement, PERIOD)
    except (NotFound, InvalidRequest, Forbidden):
        return None
    if not rows or not rows[0].get("waiting"):
        return OldestWaiting()
    oldest = rows[0].get("oldest")
    if not isinstance(oldest, str):
        return None
    try:
        return OldestWaiting(in_utc(datetime.fromisoformat(oldest)))
    except ValueError:
        return None


async def _by_list(backend: Backend, queue: str) -> OldestWaiting:
    page = await backend.runs(RunFilter(queues=(queue,), statuses=("QUEUED",)), size=100)
    if not page.rows:
        return OldestWaiting()
    created_ms = min(max(row.created_ms, row.delayed_until_ms or 0) for row in page.rows)
    return OldestWaiting(datetime.fromtimestamp(created_ms / 1000, UTC), page.next is not None)
