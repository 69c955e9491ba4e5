"""Batches: found where they can be found, since the API has no list of them.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from trigdash.backends.base import Forbidden, InvalidRequest, NotFound
from trigdash.config.files import FileTrouble, read_text, write_private
from trigdash.model.run_filter import RunFilter
from trigdash.model.status import Kind, status
from trigdash.service.cache.query import Query, keep_rows

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.model.batch import Batch, BatchSummary
    from trigdash.model.run_row import RunRow
    from trigdash.service.cache.store import Store
    from trigdash.service.runs.run_list import RunList

MAX_KNOWN = 200
"""Batch ids remembered; each costs two requests in its turn where there is no query endpoint."""

MAX_FILE_BYTES = 100_000
"""Of the file that they are kept in: five times what so many ids take."""

_BATCH_ID = re.compile(r"[A-Za-z0-9_\-]{1,100}")

LOOKUPS = 2
"""Remembered batches looked up in one poll."""


class BatchSource(Enum):
    """Where a list of batches came from, to be said above it."""

    QUERY = "the query endpoint"
    SEEN = "opened runs and remembered ids (this server has no list of batches)"


class KnownBatches:
    """Ids of batches that were seen or typed, the latest first, and what was looked up of them.

    With a path the ids are kept there, one a line, for the next start."""

    def __init__(self, ids: Iterable[str] = (), path: Path | None = None) -> None:
        self.looked_up: dict[str, BatchSummary] = {}
        self.settled: set[str] = set()
        """Ids of batches whose runs have all ended."""
        self._path = path
        self._ids: dict[str, None] = dict.fromkeys((*ids, *_read(path)))
        self._turn = 0

    def remember(self, batch_id: str) -> bool:
        """Note an id; whether it is new."""
        if batch_id in self._ids:
            return False
        self._ids = {batch_id: None, **self._ids}
        while len(self._ids) > MAX_KNOWN:
            self._drop(next(reversed(self._ids)))
        self._save()
        return True

    def forget(self, batch_id: str) -> None:
        """There is no such batch here."""
        self._drop(batch_id)
        self._save()

    def _drop(self, batch_id: str) -> None:
        self._ids.pop(batch_id, None)
        self.looked_up.pop(batch_id, None)
        self.settled.discard(batch_id)

    def _save(self) -> None:
        """Write the ids, readable by their owner alone. Where that fails they are known until the
        program ends, which is not worth a word."""
        if self._path is None:
            return
        with suppress(FileTrouble):
            write_private(self._path, "".join(f"{batch_id}\n" for batch_id in self._ids))

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(self._ids)

    def due(self, listed: set[str]) -> list[str]:
        """The next ids to look up: unknown ones first, then the unsettled in turn."""
        wanted = [i for i in self._ids if i not in listed]
        unknown = [i for i in wanted if i not in self.looked_up]
        moving = [i for i in wanted if i in self.looked_up and i not in self.settled]
        if moving:
            self._turn = (self._turn + LOOKUPS) % len(moving)
        return (unknown + moving[self._turn :] + moving[: self._turn])[:LOOKUPS]


@dataclass(frozen=True, slots=True, eq=False)
class BatchList:
    """Recent batches, the newest first, and how they were found."""

    batches: tuple[BatchSummary, ...] = ()
    source: BatchSource = BatchSource.QUERY
    unreadable: int = 0
    """Batches that could not be read, or not all of them."""


@dataclass(frozen=True, slots=True)
class BatchesQuery(Query[BatchList]):
    """The batches that can be found; its data is a BatchList."""

    known: KnownBatches
    """Compared by identity: there is one for each connection."""

    EVERY_S: ClassVar[float] = 10.0

    @override
    async def fetch(self, backend: Backend, previous: BatchList | None) -> BatchList:
        source = BatchSource.QUERY
        listed: tuple[BatchSummary, ...] = ()
        unreadable = 0
        try:
            found = await backend.batches()
            listed, unreadable = found.batches, found.unreadable
        except (NotFound, InvalidRequest, Forbidden):
            source = BatchSource.SEEN
        ids = {batch.id for batch in listed}
        for batch_id in self.known.due(ids):
            await _look_up(self.known, backend, batch_id)
        remembered = [b for i, b in self.known.looked_up.items() if i not in ids]
        batches = sorted((*listed, *remembered), key=_newest_first, reverse=True)
        return _kept(previous, BatchList(tuple(batches), source, unreadable))


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


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """How the runs of a batch stand, counted from the runs themselves: the server's own word may
    stay PENDING for ever (recorded)."""

    total: int
    succeeded: int = 0
    failed: int = 0
    """Ended in any way but success and cancellation."""
    canceled: int = 0
    running: int = 0
    """Executing or waiting."""
    queued: int = 0
    unseen: int = 0
    """Runs of the batch that are not loaded."""

    @property
    def ended(self) -> bool:
        """Whether every run has."""
        return self.unseen == 0 and self.running == 0 and self.queued == 0


def _read(path: Path | None) -> list[str]:
    """The ids that were kept; what is no id is left out."""
    if path is None:
        return []
    try:
        words = (read_text(path, MAX_FILE_BYTES) or "").split()
    except FileTrouble:
        return []
    return [word for word in words if _BATCH_ID.fullmatch(word)][:MAX_KNOWN]


def batch_progress(total: int, statuses: Iterable[str] | RunList) -> BatchProgress:
    """Count runs, or their status words, against the batch's number of runs."""
    words = (s if isinstance(s, str) else s.status_name for s in statuses)
    kinds = Counter(status(word).kind for word in words)
    seen = kinds.total()
    return BatchProgress(
        total=max(total, seen),
        succeeded=kinds[Kind.SUCCEEDED],
        failed=kinds[Kind.FAILED] + kinds[Kind.LAPSED],
        canceled=kinds[Kind.CANCELED],
        running=kinds[Kind.RUNNING] + kinds[Kind.WAITING] + kinds[Kind.UNKNOWN],
        queued=kinds[Kind.QUEUED],
        unseen=max(0, total - seen),
    )


async def _look_up(known: KnownBatches, backend: Backend, batch_id: str) -> None:
    """Read a remembered batch and the statuses of its first page of runs."""
    # Not at the top: pydantic has no place before the first frame.
    from trigdash.model.batch import BatchSummary

    try:
        batch = await backend.batch(batch_id)
    except NotFound:
        known.forget(batch_id)
        return
    page = await backend.runs(RunFilter(batch=batch_id, since=batch.created_at), size=100)
    statuses = Counter(row.status_name for row in page.rows)
    ended_ms = [row.finished_ms for row in page.rows if row.finished_ms is not None]
    known.looked_up[batch_id] = BatchSummary(
        id=batch.id,
        runs=max(batch.run_count, len(page.rows)),
        statuses=dict(statuses),
        first_at=_first_at(batch, page.rows),
        last_at=batch.updated_at,
        ended_at=datetime.fromtimestamp(max(ended_ms) / 1000, UTC) if ended_ms else None,
    )
    if batch.is_final or batch_progress(batch.run_count, statuses.elements()).ended:
        known.settled.add(batch_id)


def _first_at(batch: Batch, rows: Sequence[RunRow]) -> datetime:
    """When the first run of a batch was triggered, where all of them were read."""
    if not rows or len(rows) < batch.run_count:
        return batch.created_at
    return datetime.fromtimestamp(min(row.created_ms for row in rows) / 1000, UTC)


def _newest_first(batch: BatchSummary) -> tuple[bool, float, str]:
    moment = batch.first_at or batch.last_at
    return (moment is not None, moment.timestamp() if moment else 0.0, batch.id)


def _kept(previous: BatchList | None, young: BatchList) -> BatchList:
    """The previous list, or its batches, where nothing changed."""
    if previous is None:
        return young
    before_and_now = ((each.batches, each.source, each.unreadable) for each in (previous, young))
    if next(before_and_now) == next(before_and_now):
        return previous
    batches = keep_rows(previous.batches, young.batches, key=lambda batch: batch.id)
    return replace(young, batches=batches)
