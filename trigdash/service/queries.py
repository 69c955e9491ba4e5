"""Queries: frozen, hashable names for one thing on screen, each knowing how to fetch itself.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from trigdash.backends.base import Backend

T = TypeVar("T")


class Query(Protocol[T]):
    """One thing on screen: the cache key, and how to fetch it, how often, and when it is done."""

    @property
    def interval_s(self) -> float:
        """Seconds between polls while all is well."""
        ...

    async def fetch(self, backend: Backend, previous: T | None) -> T:
        """The data now. Returns `previous` itself, and keeps its parts, where nothing changed."""
        ...

    def settled(self, data: T) -> bool:
        """Whether the data can change no more, so that polling stops."""
        ...

    def __hash__(self) -> int: ...
