"""The concurrency limits that hold V2 queues, read beside the queues.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trigdash.backends.base import Forbidden, NotFound, Unsupported, polling

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.model.queue import Limit, Queue, QueuesPage
    from trigdash.service.queues.query import QueueIndex

LIMITS_EVERY = 4
"""How many polls without news share one read of the limits: at most half a minute. While queues
move, the limits are read with each poll."""

MAX_LIMIT_PAGES = 5
"""Pages of concurrency limits that are read with the queues: 500 limits."""


async def with_limits(
    backend: Backend, pages: list[tuple[int, QueuesPage]], ledger: QueueIndex
) -> list[tuple[int, QueuesPage]]:
    """The pages, with the limits of their V2 queues. The limits are read while there are such
    queues, and not again once refused."""
    if ledger.limits_refused or not any(q.is_v2 for _, page in pages for q in page.data):
        return pages
    limits = ledger.limits
    if limits is None or not polling.get() or ledger.quiet % LIMITS_EVERY == 0:
        limits = ledger.limits = await all_limits(backend)
    if limits is None:
        ledger.limits_refused = True
        return pages
    return [
        (
            number,
            replace(page, data=tuple(q.held_by(limits) if q.is_v2 else q for q in page.data)),
        )
        for number, page in pages
    ]


async def all_limits(backend: Backend) -> tuple[Limit, ...] | None:
    """The concurrency limits of an environment, at most MAX_LIMIT_PAGES pages; None where they are
    not available: an older server, or a key without the right."""
    from trigdash.backends.operations.queues import list_limits

    found: list[Limit] = []
    page: str | None = None
    for _ in range(MAX_LIMIT_PAGES):
        try:
            listing = await backend.call(list_limits(page))
        except (Unsupported, NotFound, Forbidden):
            return None
        found += listing.rows
        page = listing.next
        if page is None:
            break
    return tuple(found)


async def with_own_limit(backend: Backend, queue: Queue, previous: Queue | None) -> Queue:
    """A V2 queue with the limit of its task. A refusal is remembered in what was read before."""
    was_refused = previous is not None and previous.is_v2 and previous.limits is None
    if not queue.is_v2 or was_refused:
        return queue
    if queue.kind != "task":
        return queue.held_by(())
    from trigdash.backends.operations.queues import get_limit

    try:
        return queue.held_by((await backend.call(get_limit(queue.filter_name)),))
    except (NotFound, Unsupported):
        return queue.held_by(())
    except Forbidden:
        return queue
