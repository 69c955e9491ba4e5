"""Queries: frozen, hashable names for one thing on screen, each knowing how to fetch itself.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from datetime import datetime

    from trigdash.backends.base import Backend
    from trigdash.service.store import Store

T = TypeVar("T")


class Query(Protocol[T]):
    """One thing on screen: the cache key, and how to fetch it, how often, and when it is done.

    A query holds no state: what it must remember between polls lives in its data.
    """

    def interval_s(self, data: T | None) -> float:
        """Seconds between polls while all is well, given what is known now."""
        ...

    async def fetch(self, backend: Backend, previous: T | None) -> T:
        """The data now. Returns `previous` itself, and keeps its parts, where nothing changed."""
        ...

    def settled(self, data: T, store: Store, now: datetime) -> bool:
        """Whether the data can change no more, so that polling stops.

        `store` lets a query look at its neighbours: a trace is settled when its run is.
        """
        ...


class MayBeAbsent(Protocol):
    """A query for one thing that may not be there: "not found" is then the end of asking."""

    def is_absent_for_good(self, store: Store) -> bool:
        """Whether what was not found a few times will not be there later either."""
        ...
