"""Every page of a run list, one after the other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from typing import TYPE_CHECKING

from trigdash.service.cache.pages import walk_pages

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.model.run_filter import RunFilter
    from trigdash.model.run_row import RunsPage

PAGE_SIZE = 100
"""The most that a server gives at once."""


async def run_pages(
    backend: Backend, run_filter: RunFilter, size: int = PAGE_SIZE
) -> AsyncIterator[RunsPage]:
    """The pages of a run list, newest first. Lists that grow meanwhile may repeat a run on the next
    page. Raises BackendError."""

    def read(after: str | None) -> Awaitable[RunsPage]:
        return backend.runs(run_filter, after=after, size=size)

    async for page in walk_pages(read):
        yield page
