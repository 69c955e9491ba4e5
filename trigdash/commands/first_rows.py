"""The first rows of a list that comes in pages, and whether that was all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Generic, TypeVar

R = TypeVar("R")

Pages = AsyncIterator[tuple[Sequence[R], bool]]
"""Rows, and whether a page comes after them."""


class FirstRows(Generic[R]):
    """The first rows of pages. Nothing is held but the page at hand, and no page is asked for to
    find out whether there is more."""

    def __init__(self, pages: Pages[R], limit: int | None) -> None:
        """`limit` rows at most; all of them for None."""
        self._pages = pages
        self._limit = limit
        self.may_go_on = False
        """Whether rows may come after the last one, which is known once that was given."""

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
