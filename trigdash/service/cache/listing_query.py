"""One query for every paged list: keeps the first page fresh, and the others in turn.

A poll reads the first page, and one more in a round through the other loaded pages. A further page
is loaded when the user comes near the end. Rows keep their objects where nothing changed. This
module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from typing_extensions import override

from trigdash.backends.base import Refused, Unsupported
from trigdash.service.cache.query import Query, keep_rows

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.backends.operation import Operation
    from trigdash.model.listing import Listing

R = TypeVar("R")

REST_S = 6.0
"""Seconds between polls of frequently polled lists after some polls without news."""

MAX_ROWS = 10_000
"""Rows held of one list. Further pages are not loaded, and the list says so."""


@dataclass(slots=True, eq=False)
class PageWalk(Generic[R]):
    """One round through the loaded pages, one page per poll. Mutable, and not part of the list's
    value: successive lists share it."""

    rows: tuple[R, ...] = ()
    """The rows that the round has read so far, from the top."""
    next: str | None = None
    """The cursor of its next page; None before it starts."""


@dataclass(frozen=True, slots=True, eq=False)
class HeldList(Generic[R]):
    """The loaded part of a list, in the server's order. The same object means that nothing
    changed."""

    rows: tuple[R, ...] = ()
    next: str | None = None
    """The cursor of the page after the last loaded one."""
    total: int | None = None
    """Rows in all, as the server counts them."""
    unreadable: int = 0
    """Unreadable rows in the pages of the last poll."""
    is_cut: bool = False
    """Whether the link to the next page could not be read."""
    walk: PageWalk[R] = field(default_factory=lambda: PageWalk(), repr=False)
    """The round through the pages below the first."""

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def is_complete(self) -> bool:
        """Whether every row of the server is here."""
        return self.next is None and not self.unreadable and not self.is_cut


@dataclass(frozen=True, slots=True)
class ListingQuery(Query[HeldList[R]]):
    """A list by its name; its data is a HeldList."""

    name: str
    """The name of the resource and its filter. Two queries of one name are the same list."""
    page: Callable[[str | None], Operation[Listing[R]]] = field(compare=False)
    """The operation that reads a page: the first one for None, else the one after."""
    key: Callable[[R], Hashable] = field(compare=False)
    """The key that identifies a row."""
    every_s: float = field(default=10.0, compare=False)
    beside: Callable[[], Operation[Any]] | None = field(default=None, compare=False)
    """An extra read with each first page, which adds to the rows."""
    combine: Callable[[Listing[R], Any], Listing[R]] | None = field(default=None, compare=False)
    """Merges a page with the extra read; None stands for a refused one."""

    @override
    def interval_s(self, data: HeldList[R] | None) -> float:
        return self.every_s

    @override
    def rest_s(self, data: HeldList[R] | None) -> float:
        return max(self.every_s, REST_S)

    @override
    async def fetch(self, backend: Backend, previous: HeldList[R] | None) -> HeldList[R]:
        held = previous or HeldList()
        head = await self.read_page(backend, None)
        young = self._with_head(held, head)
        if head.next is not None and len(young) > len(head.rows):
            young = await self._walk_on(backend, young, head)
        return _unless_changed(previous, young)

    @override
    def is_refused_for_good(self) -> bool:
        return True

    @override
    def concerns(self, target: str) -> bool:
        return True

    async def read_page(self, backend: Backend, page: str | None) -> Listing[R]:
        """One page, merged with the extra read. Raises BackendError."""
        listing = await backend.call(self.page(page))
        if self.beside is None or self.combine is None:
            return listing
        try:
            aside = await backend.call(self.beside())
        except (Refused, Unsupported):
            aside = None
        return self.combine(listing, aside)

    async def _walk_on(self, backend: Backend, held: HeldList[R], head: Listing[R]) -> HeldList[R]:
        """Read one more page of the round. At its end the list is what the round has read, so rows
        that were on none of its pages are gone."""
        walk = held.walk
        if walk.next is None:
            walk.rows, walk.next = tuple(head.rows), head.next
        page = await self.read_page(backend, walk.next)
        if page.is_cut:
            # Not the end of the list, but the next page is unknown: the round starts over.
            walk.rows, walk.next = (), None
            return held
        kept = keep_rows(held.rows, page.rows, self.key)
        walk.rows, walk.next = (*walk.rows, *kept), page.next
        if page.next is not None and len(walk.rows) < len(held):
            fresh = {self.key(row): row for row in walk.rows}
            return replace(held, rows=tuple(fresh.get(self.key(r), r) for r in held.rows))
        rows = (*self._above(held, head, walk.rows), *self._below(head, walk.rows))
        walk.rows, walk.next = (), None
        return replace(held, rows=_distinct(rows, self.key), next=page.next)

    def _above(self, held: HeldList[R], head: Listing[R], walked: tuple[R, ...]) -> Iterable[R]:
        """The rows above those of a finished round: the present first page, and rows that it has
        pushed down since the round started."""
        top = len(head.rows)
        in_round = {self.key(row) for row in walked}
        if any(self.key(row) in in_round for row in held.rows[:top]):
            return held.rows[:top]
        return takewhile(lambda row: self.key(row) not in in_round, held.rows)

    def _below(self, head: Listing[R], walked: tuple[R, ...]) -> tuple[R, ...]:
        """The rows of a round below what it shares with the first page."""
        keys = {self.key(row) for row in head.rows}
        shared = [i for i, row in enumerate(walked) if self.key(row) in keys]
        return walked[shared[-1] + 1 :] if shared else walked

    async def load_more(self, backend: Backend, held: HeldList[R]) -> HeldList[R]:
        """The list with its next page: a step for the poller."""
        if held.next is None or len(held) >= MAX_ROWS:
            return held
        page = await self.read_page(backend, held.next)
        return replace(
            held,
            rows=_distinct((*held.rows, *page.rows), self.key),
            next=page.next,
            total=page.total,
            unreadable=held.unreadable + page.unreadable,
            is_cut=page.is_cut,
        )

    def _with_head(self, held: HeldList[R], head: Listing[R]) -> HeldList[R]:
        """The list with its first page read again. If the page shares no row with the held list,
        rows between them may be missing, so the list starts over with this page."""
        rows = keep_rows(held.rows, head.rows, self.key)
        keys = {self.key(row) for row in rows}
        shared = [i for i, row in enumerate(held.rows) if self.key(row) in keys]
        is_end = head.next is None and not head.is_cut
        if is_end or not shared:
            return HeldList(rows, head.next, head.total, head.unreadable, head.is_cut)
        tail = [row for row in held.rows[shared[-1] + 1 :] if self.key(row) not in keys]
        return replace(
            held,
            rows=(*rows, *tail),
            next=held.next if tail else head.next,
            total=held.total if head.is_cut else head.total,
            unreadable=head.unreadable,
            is_cut=held.is_cut if tail else head.is_cut,
        )


def _distinct(rows: Iterable[R], key: Callable[[R], Hashable]) -> tuple[R, ...]:
    """The rows without repetitions, which occur when pages shift while they are read."""
    return tuple({key(row): row for row in rows}.values())


def _unless_changed(previous: HeldList[R] | None, young: HeldList[R]) -> HeldList[R]:
    """The previous list if nothing on screen changed."""
    if previous is None or len(previous) != len(young):
        return young
    same = all(old is new for old, new in zip(previous.rows, young.rows, strict=True))
    return previous if same and _about(previous) == _about(young) else young


def _about(held: HeldList[Any]) -> tuple[object, ...]:
    """What an answer says of a list besides its rows."""
    return held.next, held.total, held.unreadable, held.is_cut


@dataclass(frozen=True, slots=True)
class ObjectQuery(Query[R]):
    """One thing by its id; its data is that thing."""

    name: str
    id: str
    operation: Callable[[str], Operation[R]] = field(compare=False)
    every_s: float = field(default=5.0, compare=False)

    @override
    def interval_s(self, data: R | None) -> float:
        return self.every_s

    @override
    async def read(self, backend: Backend) -> R:
        return await backend.call(self.operation(self.id))

    @override
    def concerns(self, target: str) -> bool:
        return True
