"""The first rows of a paged list, and whether there are more."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Generic, TypeVar

R = TypeVar("R")

Pages = AsyncIterator[tuple[Sequence[R], bool]]
"""The rows of each page, and whether another page follows."""


class FirstRows(Generic[R]):
    """The first rows of pages. Holds only the current page, and requests no page just to find out
    whether there are more rows."""

    def __init__(self, pages: Pages[R], limit: int | None) -> None:
        """At most `limit` rows; None for all."""
        self._pages = pages
        self._limit = limit
        self.may_go_on = False
        """Whether there may be more rows; known once the last row was yielded."""

    async def rows(self) -> AsyncIterator[R]:
        """The rows, one by one."""
        count = 0
        async for page, goes_on in self._pages:
            for row in page:
                if count == self._limit:
                    self.may_go_on = True
                    return
                count += 1
                yield row
            if count == self._limit:
                self.may_go_on = goes_on
                return
