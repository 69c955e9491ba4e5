"""The tree of a run: every run below its root, and the runs that were restarted from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from trigdash.backends.base import Forbidden, InvalidRequest, NotFound
from trigdash.model.clean import clean
from trigdash.model.run_filter import RunFilter
from trigdash.model.run_row import RunRow
from trigdash.service.cache.query import Query
from trigdash.service.runs.detail import RunQuery
from trigdash.service.runs.placement import is_plain
from trigdash.service.runs.statements import row_of

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.service.cache.store import Store

MAX_ENTRIES = 1_000
"""Entries of a tree; nobody would read more."""

_COLUMNS = (
    "run_id, parent_run_id, task_identifier, status, depth, triggered_at, dequeued_at, "
    "completed_at, delay_until, usage_duration"
)


@dataclass(frozen=True, slots=True)
class RunTreeEntry:
    """One run of a family."""

    row: RunRow
    parent_id: str


@dataclass(frozen=True, slots=True)
class RunTree:
    """The runs below a root, oldest first."""

    relatives: tuple[RunTreeEntry, ...] = ()
    is_cut: bool = False
    """Whether there are more than MAX_RELATIVES."""
    is_refused: bool = False
    """Whether this server has no query endpoint for us: it is not asked again."""

    def __len__(self) -> int:
        return len(self.relatives)


@dataclass(frozen=True, slots=True)
class RunTreeQuery(Query[RunTree]):
    """The family of a run, by its root."""

    run_id: str
    root_id: str
    period: str
    """Reaches back to the root's creation."""

    EVERY_S: ClassVar[float] = 10.0

    @override
    async def read(self, backend: Backend) -> RunTree:
        if not is_plain(self.root_id):
            return RunTree(is_refused=True)
        statement = (
            f"SELECT {_COLUMNS} FROM runs WHERE root_run_id = '{self.root_id}' "
            f"ORDER BY triggered_at LIMIT {MAX_ENTRIES + 1}"
        )
        try:
            rows = await backend.query(statement, self.period)
        except (NotFound, InvalidRequest, Forbidden):
            return RunTree(is_refused=True)
        found = tuple(each for row in rows[:MAX_ENTRIES] if (each := _relative(row)))
        return RunTree(found, len(rows) > MAX_ENTRIES)

    @override
    def is_final(self, data: RunTree, store: Store, now: datetime) -> bool:
        """Final when the run, its root, and every run that was found are."""
        if data.is_refused:
            return True
        is_over = all(each.row.status.is_final for each in data.relatives)
        return is_over and store.get(RunQuery(self.run_id)).is_final


def _relative(told: dict[str, Any]) -> RunTreeEntry | None:
    """An entry from a row of the answer; None for a row of another shape."""
    row, parent_id = row_of(told), told.get("parent_run_id")
    if row is None:
        return None
    return RunTreeEntry(row, clean(parent_id) if isinstance(parent_id, str) else "")


MAX_PAGES = 3
"""Pages of a hundred runs that are searched: a restart is looked up soon after it was made."""


@dataclass(frozen=True, slots=True)
class RestartsQuery(Query[tuple[RunRow, ...]]):
    """The runs made from one run, latest first."""

    run_id: str
    task: str
    created_at: datetime

    EVERY_S: ClassVar[float] = 15.0

    @override
    async def read(self, backend: Backend) -> tuple[RunRow, ...]:
        younger = RunFilter(tasks=(self.task,), since=self.created_at)
        found: list[RunRow] = []
        after: str | None = None
        for _ in range(MAX_PAGES):
            page = await backend.runs(younger, after=after, size=100)
            found += (row for row in page.rows if row.restarted_from == self.run_id)
            after = page.next
            if after is None:
                break
        return tuple(found)
