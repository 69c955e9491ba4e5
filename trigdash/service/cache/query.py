"""Queries: what is on screen, how it is fetched, how often, and when it can change no more.

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
"""What the first answers beside the rows are read with; pydantic comes along."""
MODELS_AFTER_S = 0.25
"""How long the first rows have the processor for themselves."""


class Query(Generic[T]):
    """One thing on screen: the cache key, and all that the cache must know about it.

    Subclasses are frozen dataclasses. A query holds no state: what it must remember between polls
    lives in its data. A query that needs nothing of what was read before overrides `read`, others
    override `fetch`.
    """

    __slots__ = ()

    EVERY_S: ClassVar[float] = 10.0
    """Seconds between polls, where they do not depend on the data."""

    def interval_s(self, data: T | None) -> float:
        """Seconds between polls while all is well, given what is known now."""
        return self.EVERY_S

    def rest_s(self, data: T | None) -> float:
        """Seconds between polls to which the interval grows while they bring nothing new."""
        return self.interval_s(data)

    async def fetch(self, backend: Backend, previous: T | None) -> T:
        """The data now. Returns `previous` itself, and keeps its parts, where nothing changed.
        Raises BackendError."""
        return keep(previous, await self.read(backend))

    async def read(self, backend: Backend) -> T:
        """The data now, whatever was known before. Raises BackendError."""
        raise NotImplementedError

    def is_final(self, data: T, store: Store, now: datetime) -> bool:
        """Whether the data can change no more, so that polling stops.

        `store` lets a query look at its neighbors: a trace is final when its run is.
        """
        return False

    def is_absent_for_good(self, store: Store) -> bool:
        """Whether what was not found a few times will not be there later either."""
        return False

    def is_refused_for_good(self) -> bool:
        """Whether a refusal (403, or a server without such a thing) is asked about again only on
        request."""
        return False

    def concerns(self, target: str) -> bool:
        """Whether an action on a thing with this id may change the data, so that it is polled at
        once."""
        return False

    def reread(self, target: str, data: T) -> Callable[[Backend, T], Awaitable[T]] | None:
        """After an action on one thing: a step that reads it again, where a poll would not."""
        return None

    def invalidate(self, targets: Iterable[str], data: T) -> None:
        """After an action on many things: note that the next polls must ask for them again."""

    def status_of(self, run_id: str, data: T) -> Status | None:
        """The status of a run as the data show it; None where they do not show the run."""
        return None


async def models_loaded(after_s: float = 0.0) -> None:
    """Wait until the models of answers are loaded, beside the screen.

    The first rows need none of them. What nobody waits for awaits this before it asks, some time
    after the rows were asked for, so that these come first and no answer holds up a key.
    """
    if _MODELS not in sys.modules:
        await asyncio.sleep(after_s)
        await asyncio.to_thread(import_module, _MODELS)


def keep(previous: T | None, young: T) -> T:
    """The previous value where nothing changed, so that identity tells what is new."""
    return previous if previous is not None and previous == young else young


def keep_rows(
    before: Iterable[R], rows: Iterable[R], key: Callable[[R], Hashable]
) -> tuple[R, ...]:
    """The rows, each the object from before where it is equal."""
    known = {key(row): row for row in before}
    return tuple(keep(known.get(key(row)), row) for row in rows)
