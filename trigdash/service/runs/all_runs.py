"""The runs of all environments of a project, newest first.

Recorded: the project's list covers one environment at a time. So each is read separately, and a run
is shown once every environment has been read back to the time of that run. This module is imported
before the first frame: standard library and light modules only.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from trigdash.backends.base import BackendError
from trigdash.service.cache.listing_query import HeldList
from trigdash.service.cache.query import Query, keep_rows
from trigdash.service.runs.row_index import key_of

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.backends.operation import Operation
    from trigdash.model.listing import Listing
    from trigdash.model.run_row import RunRow


@dataclass(frozen=True, slots=True)
class RunsOfOne:
    """What is loaded of one environment, newest first."""

    rows: tuple[RunRow, ...] = ()
    next: str | None = None
    problem: str = ""
    """Why it could not be read, in words."""


@dataclass(frozen=True, slots=True, eq=False)
class AllRuns(HeldList["RunRow"]):
    """The runs of all environments, as far back as all of them are loaded."""

    parts: Mapping[str, RunsOfOne] = field(default_factory=dict)
    """By the environment's slug."""


@dataclass(frozen=True, slots=True)
class AllRunsQuery(Query[AllRuns]):
    """The newest page of each environment, and older ones as the user scrolls."""

    EVERY_S: ClassVar[float] = 10.0

    @override
    async def fetch(self, backend: Backend, previous: AllRuns | None) -> AllRuns:
        held = previous.parts if previous is not None else {}
        names = list(held) or await _environments(backend)
        parts = await asyncio.gather(*(_newest(backend, name, held.get(name)) for name in names))
        if all(part.problem for part in parts):
            await backend.call(_page(names[0] if names else "prod", None))  # to raise what it says
        return _merged(previous, dict(zip(names, parts, strict=True)))

    @override
    def is_refused_for_good(self) -> bool:
        return True

    @override
    def concerns(self, target: str) -> bool:
        return True

    async def load_more(self, backend: Backend, data: AllRuns) -> AllRuns:
        """A step: one more page of the environment that limits the list."""
        name = _least_read(data.parts)
        if name is None:
            return data
        part = data.parts[name]
        listing = await backend.call(_page(name, part.next))
        longer = replace(part, rows=(*part.rows, *listing.rows), next=listing.next)
        return _merged(data, {**data.parts, name: longer})

    async def pages(self, backend: Backend) -> AsyncIterator[Listing[RunRow]]:
        """The whole list page by page, for a command. Raises BackendError."""
        from trigdash.model.listing import Listing

        data, told = await self.fetch(backend, None), 0
        while True:
            yield Listing(data.rows[told:], data.next)
            told = len(data.rows)
            if data.next is None:
                return
            data = await self.load_more(backend, data)


def _page(name: str, after: str | None) -> Operation[Listing[RunRow]]:
    from trigdash.backends.operations.runs import project_runs

    return project_runs(name, after)


async def _environments(backend: Backend) -> list[str]:
    """The slugs of environments. Preview branches are left out: no answer contains the slug of
    one."""
    return list(dict.fromkeys(each.slug for each in await backend.environments()))


async def _newest(backend: Backend, name: str, held: RunsOfOne | None) -> RunsOfOne:
    """One environment with its newest page read again."""
    known = held or RunsOfOne()
    try:
        listing = await backend.call(_page(name, None))
    except BackendError as error:
        return replace(known, problem=error.message())
    rows = keep_rows(known.rows, listing.rows, lambda row: row.id)
    if listing.next is None or not rows:
        return RunsOfOne(rows, listing.next)
    fresh, last = {row.id for row in rows}, key_of(rows[-1])
    older = tuple(r for r in known.rows if r.id not in fresh and key_of(r) > last)
    meets = any(row.id in fresh for row in known.rows)
    if meets and older:
        return RunsOfOne((*rows, *older), known.next)
    # If the page shares no run with the held ones, runs between them may be missing.
    return RunsOfOne(rows, listing.next)


def _least_read(parts: Mapping[str, RunsOfOne]) -> str | None:
    """The environment whose loaded runs go back least far; None when all are loaded."""
    open_parts = {name: part for name, part in parts.items() if part.next and part.rows}
    return min(open_parts, key=lambda name: key_of(open_parts[name].rows[-1]), default=None)


def _merged(previous: AllRuns | None, parts: Mapping[str, RunsOfOne]) -> AllRuns:
    rows = sorted((row for part in parts.values() for row in part.rows), key=key_of)
    least = _least_read(parts)
    if least is not None:
        bound = key_of(parts[least].rows[-1])
        rows = [row for row in rows if key_of(row) <= bound]
    if previous is not None and parts == previous.parts:
        return previous
    return AllRuns(tuple(rows), "more" if least is not None else None, parts=parts)
