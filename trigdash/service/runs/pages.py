"""Every page of a run list, one after the other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

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
    cursor: str | None = None
    while True:
        page = await backend.runs(run_filter, after=cursor, size=size)
        yield page
        cursor = page.next
        if cursor is None:
            return
