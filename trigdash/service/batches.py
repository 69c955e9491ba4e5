"""Batches, collected from several sources, since the API has no list of them.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from trigdash.backends.base import Forbidden, InvalidRequest, NotFound
from trigdash.config.files import FileTrouble, read_text, write_private
from trigdash.model.run_filter import RunFilter
from trigdash.service.cache.listing_query import HeldList
from trigdash.service.cache.query import Query, keep_rows

if TYPE_CHECKING:
    from datetime import datetime

    from trigdash.backends.base import Backend
    from trigdash.model.batch import Batch, BatchSummary
    from trigdash.service.cache.store import Store

MAX_KNOWN = 200
"""Batch ids remembered. Without a query endpoint, each costs two requests per round."""

MAX_FILE_BYTES = 100_000
"""The largest file of ids that is read: five times the size of MAX_KNOWN ids."""

_BATCH_ID = re.compile(r"[A-Za-z0-9_\-]{1,100}")

LOOKUPS = 2
"""Remembered batches looked up in one poll."""


class BatchSource(Enum):
    """Where a list of batches came from, as shown above it."""

    QUERY = "the query endpoint"
    SEEN = "opened runs and remembered ids (this server has no list of batches)"


class KnownBatches:
    """Ids of batches that were seen or typed, latest first, and what was looked up of them. With a
    path, the ids are saved there for the next start, one a line."""

    def __init__(self, ids: Iterable[str] = (), path: Path | None = None) -> None:
        self.looked_up: dict[str, BatchSummary] = {}
        self.settled: set[str] = set()
        """Ids of batches whose runs have all ended."""
        self._path = path
        self._ids: dict[str, None] = dict.fromkeys((*ids, *_read(path)))
        self._turn = 0

    def remember(self, batch_id: str) -> bool:
        """Remember an id; returns whether it is new."""
        if batch_id in self._ids:
            return False
        self._ids = {batch_id: None, **self._ids}
        while len(self._ids) > MAX_KNOWN:
            self._drop(next(reversed(self._ids)))
        self._save()
        return True

    def forget(self, batch_id: str) -> None:
        """Forget an id that does not exist here."""
        self._drop(batch_id)
        self._save()

    def _drop(self, batch_id: str) -> None:
        self._ids.pop(batch_id, None)
        self.looked_up.pop(batch_id, None)
        self.settled.discard(batch_id)

    def _save(self) -> None:
        """Write the ids to a file that only the owner can read. If that fails, they are known until
        the program ends, which needs no message."""
        if self._path is None:
            return
        with suppress(FileTrouble):
            write_private(self._path, "".join(f"{batch_id}\n" for batch_id in self._ids))

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(self._ids)

    def due(self, listed: set[str]) -> list[str]:
        """The next ids to look up: new ones first, then batches that have not ended, in turn."""
        wanted = [i for i in self._ids if i not in listed]
        unknown = [i for i in wanted if i not in self.looked_up]
        moving = [i for i in wanted if i in self.looked_up and i not in self.settled]
        if moving:
            self._turn = (self._turn + LOOKUPS) % len(moving)
        return (unknown + moving[self._turn :] + moving[: self._turn])[:LOOKUPS]


@dataclass(frozen=True, slots=True, eq=False)
class BatchList(HeldList["BatchSummary"]):
    """Recent batches, newest first, and how they were found."""

    source: BatchSource = BatchSource.QUERY


@dataclass(frozen=True, slots=True)
class BatchesQuery(Query[BatchList]):
    """The batches that can be found."""

    known: KnownBatches
    """Compared by identity: each connection has one."""

    EVERY_S: ClassVar[float] = 10.0

    @override
    async def fetch(self, backend: Backend, previous: BatchList | None) -> BatchList:
        # Not at the top: pydantic must not load before the first frame.
        from trigdash.backends.operations.groups import list_batches
        from trigdash.model.listing import Listing

        try:
            found, source = await backend.call(list_batches()), BatchSource.QUERY
        except (NotFound, InvalidRequest, Forbidden):
            found, source = Listing(), BatchSource.SEEN
        ids = {batch.id for batch in found.rows}
        for batch_id in self.known.due(ids):
            await _look_up(self.known, backend, batch_id)
        remembered = [b for i, b in self.known.looked_up.items() if i not in ids]
        rows = sorted((*found.rows, *remembered), key=_newest_first, reverse=True)
        held = previous or BatchList()
        young = replace(
            held,
            rows=keep_rows(held.rows, rows, key=lambda batch: batch.id),
            unreadable=found.unreadable,
            source=source,
        )
        return young if previous is None or _differs(previous, young) else previous


@dataclass(frozen=True, slots=True)
class BatchQuery(Query["Batch"]):
    """One batch. Its runs are the run list of `RunFilter(batch=…)`."""

    batch_id: str

    EVERY_S: ClassVar[float] = 4.0

    @override
    async def read(self, backend: Backend) -> Batch:
        return await backend.batch(self.batch_id)

    @override
    def is_final(self, data: Batch, store: Store, now: datetime) -> bool:
        return data.is_final

    @override
    def is_absent_for_good(self, store: Store) -> bool:
        return True


def _read(path: Path | None) -> list[str]:
    """The saved ids; other lines are skipped."""
    if path is None:
        return []
    try:
        words = (read_text(path, MAX_FILE_BYTES) or "").split()
    except FileTrouble:
        return []
    return [word for word in words if _BATCH_ID.fullmatch(word)][:MAX_KNOWN]


async def _look_up(known: KnownBatches, backend: Backend, batch_id: str) -> None:
    """Read a remembered batch and the statuses of its first page of runs."""
    from trigdash.model.batch import summary_of_runs

    try:
        batch = await backend.batch(batch_id)
    except NotFound:
        known.forget(batch_id)
        return
    page = await backend.runs(RunFilter(batch=batch_id, since=batch.created_at), size=100)
    summary = known.looked_up[batch_id] = summary_of_runs(batch_id, batch, page.rows)
    if batch.is_final or summary.ended:
        known.settled.add(batch_id)


def _newest_first(batch: BatchSummary) -> tuple[bool, float, str]:
    moment = batch.first_at or batch.last_at
    return (moment is not None, moment.timestamp() if moment else 0.0, batch.id)


def _differs(old: BatchList, new: BatchList) -> bool:
    return (old.rows, old.unreadable, old.source) != (new.rows, new.unreadable, new.source)
