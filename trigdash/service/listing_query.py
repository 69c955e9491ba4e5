"""One query for every list that comes in pages: the head is kept fresh, the rest in turn.

A poll reads the first page and one of the others that are loaded; a further page is loaded when
the user comes near the end. Rows keep their objects where nothing changed.
This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from datetime import datetime

    from trigdash.backends.base import Backend
    from trigdash.backends.operation import Operation
    from trigdash.model.listing import Listing
    from trigdash.service.store import Store

R = TypeVar("R")

MAX_ROWS = 10_000
"""Rows held of one list. Further pages are not loaded, and that is said."""


@dataclass(frozen=True, slots=True, eq=False)
class HeldList(Generic[R]):
    """What is loaded of a list, in the server's order. The same object means that nothing
    changed."""

    rows: tuple[R, ...] = ()
    next: str | None = None
    """What asks for the page after the last one that is loaded."""
    total: int | None = None
    """Rows in all, as the server counts them."""
    unreadable: int = 0
    """Rows of the pages read last that could not be read."""
    cursors: tuple[str, ...] = ()
    """What asked for each loaded page after the first."""
    turns: Iterator[int] = field(default_factory=count, repr=False)
    """Counts the polls, which take these pages in turn."""

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def is_complete(self) -> bool:
        """Whether every row of the server is here."""
        return self.next is None and not self.unreadable


@dataclass(frozen=True, slots=True)
class ListingQuery(Generic[R]):
    """A list by its name; its data is a HeldList."""

    name: str
    """Of the resource, with what narrows it: two lists of one name are the same list."""
    page: Callable[[str | None], Operation[Listing[R]]] = field(compare=False)
    """The operation that reads a page: the first one for None, else the one after."""
    key: Callable[[R], Hashable] = field(compare=False)
    """What tells one row from another."""
    every_s: float = field(default=10.0, compare=False)

    def interval_s(self, data: HeldList[R] | None) -> float:
        return self.every_s

    async def fetch(self, backend: Backend, previous: HeldList[R] | None) -> HeldList[R]:
        held = previous or HeldList()
        young = self._with_head(held, await backend.call(self.page(None)))
        if young.cursors:
            cursor = young.cursors[next(young.turns) % len(young.cursors)]
            young = self._with_page(young, await backend.call(self.page(cursor)))
        return _unless_changed(previous, young)

    async def load_more(self, backend: Backend, held: HeldList[R]) -> HeldList[R]:
        """The list with its next page: a step for the poller."""
        if held.next is None or len(held) >= MAX_ROWS:
            return held
        page = await backend.call(self.page(held.next))
        return replace(
            held,
            rows=_distinct((*held.rows, *page.rows), self.key),
            cursors=(*held.cursors, held.next),
            next=page.next,
            total=page.total,
            unreadable=held.unreadable + page.unreadable,
        )

    def settled(self, data: HeldList[R], store: Store, now: datetime) -> bool:
        return False

    def _with_head(self, held: HeldList[R], head: Listing[R]) -> HeldList[R]:
        """The list with its first page read again. Where the page shares no row with what is
        held, what lies between is not known: the list begins anew with this page."""
        rows = tuple(self._kept(held, head.rows))
        keys = {self.key(row) for row in rows}
        shared = [i for i, row in enumerate(held.rows) if self.key(row) in keys]
        if head.next is None or not shared:
            return HeldList(rows, head.next, head.total, head.unreadable)
        tail = [row for row in held.rows[shared[-1] + 1 :] if self.key(row) not in keys]
        return replace(
            held,
            rows=(*rows, *tail) if held.cursors else rows,
            next=held.next if held.cursors else head.next,
            total=head.total,
            unreadable=head.unreadable,
        )

    def _with_page(self, held: HeldList[R], page: Listing[R]) -> HeldList[R]:
        """The list with one of its pages read again. What lay between the page's ends and is not
        in it has left the list."""
        place = {self.key(row): i for i, row in enumerate(held.rows)}
        seen = [place[self.key(row)] for row in page.rows if self.key(row) in place]
        if not seen:
            return held
        rows = tuple(self._kept(held, page.rows))
        around = (*held.rows[: min(seen)], *rows, *held.rows[max(seen) + 1 :])
        return replace(held, rows=_distinct(around, self.key))

    def _kept(self, held: HeldList[R], rows: Iterable[R]) -> Iterable[R]:
        """The rows, each the object from before where it is equal."""
        before = {self.key(row): row for row in held.rows}
        for row in rows:
            old = before.get(self.key(row))
            yield old if old is not None and old == row else row


def _distinct(rows: Iterable[R], key: Callable[[R], Hashable]) -> tuple[R, ...]:
    """The rows without repetitions, which pages that shift while they are read bring."""
    return tuple({key(row): row for row in rows}.values())


def _unless_changed(previous: HeldList[R] | None, young: HeldList[R]) -> HeldList[R]:
    """The previous list where nothing that is shown changed."""
    if previous is None or len(previous) != len(young):
        return young
    same = all(old is new for old, new in zip(previous.rows, young.rows, strict=True))
    seen = (previous.next, previous.total, previous.unreadable)
    return previous if same and seen == (young.next, young.total, young.unreadable) else young


@dataclass(frozen=True, slots=True)
class ObjectQuery(Generic[R]):
    """One thing by its id; its data is that thing."""

    name: str
    id: str
    operation: Callable[[str], Operation[R]] = field(compare=False)
    every_s: float = field(default=5.0, compare=False)

    def interval_s(self, data: R | None) -> float:
        return self.every_s

    async def fetch(self, backend: Backend, previous: R | None) -> R:
        young: Any = await backend.call(self.operation(self.id))
        return previous if previous is not None and previous == young else young

    def settled(self, data: R, store: Store, now: datetime) -> bool:
        return False
