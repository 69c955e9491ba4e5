"""Walks a list from its first page to its last, and not round in a circle.

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
"""How often a page is asked for when another one is given in its place."""


class Page(Protocol):
    """One page of any list."""

    @property
    def next(self) -> str | None:
        """What asks for the page after it; None on the last one."""
        ...


P = TypeVar("P", bound=Page)


async def walk_pages(read: Callable[[str | None], Awaitable[P]]) -> AsyncIterator[P]:
    """Every page once, as `read` gives them: the first one for None. A page that leads to where the
    walk has been is another than was asked for, as a cache may give it. It is asked for again, and
    a server that does not stop is Unreadable."""
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
