"""What runs of a task usually do: how long they take, the last good one, which errors are alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from trigdash.model.run_filter import RunFilter
from trigdash.model.run_row import RunRow
from trigdash.model.status import Kind
from trigdash.service.cache.query import Query, keep, keep_rows
from trigdash.service.runs.diff import shape

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.model.error_group import ErrorGroup
    from trigdash.model.run import Run

LEAST = 12
"""Runs of a task that must have been seen: of fewer nobody can say what is usual."""

MOST = 100
"""Runs of a task that are remembered: what is usual follows what has become of it."""

MAX_TASKS = 500
"""Tasks that are remembered; a project has some dozens."""


class TypicalDurations:
    """The median wall time of each task."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[str, int]] = {}
        """Task → run → milliseconds, the newest seen last."""
        self._medians: dict[str, int] = {}

    def observe(self, rows: Iterable[RunRow]) -> None:
        """Learn from the completed ones among these rows, each once."""
        for row in rows:
            if row.status.kind is Kind.SUCCEEDED and row.started_ms and row.finished_ms:
                self._add(row, row.finished_ms - row.started_ms)

    def _add(self, row: RunRow, took_ms: int) -> None:
        seen = self._seen.get(row.task)
        if seen is None:
            if len(self._seen) >= MAX_TASKS:
                return
            seen = self._seen[row.task] = {}
        if row.id in seen:
            return
        seen[row.id] = took_ms
        if len(seen) > MOST:
            del seen[next(iter(seen))]
        self._medians.pop(row.task, None)

    def typical_ms(self, row: RunRow) -> int | None:
        """What a run of this task usually takes, in milliseconds; None while too few were seen."""
        known = self._medians.get(row.task)
        if known is None:
            seen = self._seen.get(row.task, {})
            if len(seen) < LEAST:
                return None
            known = self._medians[row.task] = sorted(seen.values())[len(seen) // 2]
        return known


LOOKED_AT = 6
"""Good runs whose payloads are looked at: a request each."""
LOOK_BACK = timedelta(days=30)


async def last_good_run(backend: Backend, run: Run) -> tuple[Run, bool] | None:
    """The newest good run of the same task before this one, with a payload of the same shape
    where one of the newest has that; and whether it has. None where no run went well. Raises
    BackendError."""
    before = RunFilter(
        statuses=("COMPLETED",),
        tasks=(run.task_identifier,),
        since=run.created_at - LOOK_BACK,
        until=run.created_at,
    )
    page = await backend.runs(before, size=LOOKED_AT)
    wanted = shape(run.payload)
    newest: Run | None = None
    for row in page.rows:
        if row.id == run.id:
            continue
        found = await backend.run(row.id)
        if shape(found.payload) == wanted:
            return found, True
        newest = newest or found
    return (newest, False) if newest is not None else None


Groups = tuple["ErrorGroup", ...]


@dataclass(frozen=True, slots=True)
class ErrorGroupsQuery(Query[Groups]):
    """The error groups of the environment."""

    EVERY_S: ClassVar[float] = 10.0

    @override
    async def fetch(self, backend: Backend, previous: Groups | None) -> Groups:
        groups = await backend.error_groups()
        return keep(previous, keep_rows(previous or (), groups, key=lambda group: group.id))
