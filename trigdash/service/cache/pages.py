"""Walks a list from its first page to its last, and never in a circle.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

from trigdash.backends.base import Unreadable

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.model.run_filter import RunFilter
    from trigdash.model.run_row import RunsPage

TIMES_ASKED = 4
"""How often a page is requested when the server returns another one."""


class Page(Protocol):
    """One page of any list."""

    @property
    def next(self) -> str | None:
        """The cursor of the next page; None on the last one."""
        ...


P = TypeVar("P", bound=Page)


async def walk_pages(read: Callable[[str | None], Awaitable[P]]) -> AsyncIterator[P]:
    """Every page once, as `read` returns them: the first one for None. A page whose cursor was
    already visited is not the requested one; a cache may return such a page. It is requested again.
    Raises Unreadable if that goes on."""
    walked: set[str] = set()
    cursor: str | None = None
    times = 0
    while True:
        page = await read(cursor)
        times += 1
        if page.next is None or page.next not in walked:
            yield page
            if page.next is None:
                return
            walked.add(page.next)
            cursor, times = page.next, 0
        elif times == TIMES_ASKED:
            raise Unreadable("its pages repeat themselves")


PAGE_SIZE = 100
"""The most rows that a server returns at once."""


async def run_pages(
    backend: Backend, run_filter: RunFilter, size: int = PAGE_SIZE
) -> AsyncIterator[RunsPage]:
    """The pages of a run list, newest first. Lists that grow meanwhile may repeat a run on the next
    page. Raises BackendError."""

    def read(after: str | None) -> Awaitable[RunsPage]:
        return backend.runs(run_filter, after=after, size=size)

    async for page in walk_pages(read):
        yield page
