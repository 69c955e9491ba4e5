"""Queries: what is on screen, how it is fetched, how often, and when it is final.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Hashable, Iterable
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

if TYPE_CHECKING:
    from datetime import datetime

    from trigdash.backends.base import Backend
    from trigdash.model.status import Status
    from trigdash.service.cache.store import Store

T = TypeVar("T")
R = TypeVar("R")

_MODELS = "trigdash.model.environment"
"""The modules that parse the first answers other than rows; they import pydantic."""
MODELS_AFTER_S = 0.25
"""Seconds for which the first rows have the processor to themselves."""


class Query(Generic[T]):
    """One thing on screen: the cache key, and all that the cache must know about it.

    Subclasses are frozen dataclasses. A query holds no state: what it must remember between polls
    is in its data. A query that does not use its previous data overrides `read`, others override
    `fetch`.
    """

    __slots__ = ()

    EVERY_S: ClassVar[float] = 10.0
    """Seconds between polls, if independent of the data."""

    def interval_s(self, data: T | None) -> float:
        """Seconds between polls while all is well, given the present data."""
        return self.EVERY_S

    def rest_s(self, data: T | None) -> float:
        """Seconds to which the interval grows while polls bring no news."""
        return self.interval_s(data)

    async def fetch(self, backend: Backend, previous: T | None) -> T:
        """The present data. Returns `previous` itself, and keeps its parts, where nothing changed.
        Raises BackendError."""
        return keep(previous, await self.read(backend))

    async def read(self, backend: Backend) -> T:
        """The present data, regardless of earlier data. Raises BackendError."""
        raise NotImplementedError

    def is_final(self, data: T, store: Store, now: datetime) -> bool:
        """Whether the data cannot change any more, so that polling stops.

        `store` lets a query look at its neighbors: a trace is final when its run is.
        """
        return False

    def is_absent_for_good(self, store: Store) -> bool:
        """Whether something that was not found a few times will never exist."""
        return False

    def is_refused_for_good(self) -> bool:
        """Whether a refused query (403, or not supported by the server) is polled again only on
        request."""
        return False

    def concerns(self, target: str) -> bool:
        """Whether an action on a thing with this id may change the data, so that it is polled at
        once."""
        return False

    def reread(self, target: str, data: T) -> Callable[[Backend, T], Awaitable[T]] | None:
        """A step that reads one object again after an action on it, where a poll would not."""
        return None

    def invalidate(self, targets: Iterable[str], data: T) -> None:
        """Make the next polls read many objects again after an action on them."""

    def status_of(self, run_id: str, data: T) -> Status | None:
        """The status of a run in the data; None where they do not contain the run."""
        return None


async def models_loaded(after_s: float = 0.0) -> None:
    """Wait until the models of answers are imported, in the background. The first rows need none of
    them. Less urgent queries await this before their first request, some time after that for the
    rows, so that the rows come first and no answer delays a key.
    """
    if _MODELS not in sys.modules:
        await asyncio.sleep(after_s)
        await asyncio.to_thread(import_module, _MODELS)


def keep(previous: T | None, young: T) -> T:
    """The previous value where nothing changed, so that a changed identity means news."""
    return previous if previous is not None and previous == young else young


def keep_rows(
    before: Iterable[R], rows: Iterable[R], key: Callable[[R], Hashable]
) -> tuple[R, ...]:
    """The rows, each replaced by the previous object where they are equal."""
    known = {key(row): row for row in before}
    return tuple(keep(known.get(key(row)), row) for row in rows)
