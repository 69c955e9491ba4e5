"""The runs that were made from a run by a retry or a restart.

Such a run names the one that it was made from; nothing leads the other way. So the younger runs of
the same task are looked through.
This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trigdash.model.run_filter import RunFilter

if TYPE_CHECKING:
    from datetime import datetime

    from trigdash.backends.base import Backend
    from trigdash.model.run_row import RunRow
    from trigdash.service.store import Store

MAX_PAGES = 3
"""Pages of a hundred runs that are looked through: who made a restart looks for it soon after."""


@dataclass(frozen=True, slots=True)
class RestartsQuery:
    """The runs made from one run, the latest first."""

    run_id: str
    task: str
    created_at: datetime

    def interval_s(self, data: tuple[RunRow, ...] | None) -> float:
        return 15.0

    async def fetch(
        self, backend: Backend, previous: tuple[RunRow, ...] | None
    ) -> tuple[RunRow, ...]:
        younger = RunFilter(tasks=(self.task,), since=self.created_at)
        found: list[RunRow] = []
        after: str | None = None
        for _ in range(MAX_PAGES):
            page = await backend.runs(younger, after=after, size=100)
            found += (row for row in page.rows if row.restarted_from == self.run_id)
            after = page.next
            if after is None:
                break
        restarts = tuple(found)
        return previous if previous == restarts else restarts

    def settled(self, data: tuple[RunRow, ...], store: Store, now: datetime) -> bool:
        return False
