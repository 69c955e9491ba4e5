"""The newest runs of a filter, for rules that notify of runs. One request in 15 seconds, whatever
is on screen; a run list reads more pages, more often.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from trigdash.model.run_filter import RunFilter
from trigdash.service.cache.query import Query
from trigdash.service.filters.matching import TextMatch

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.model.run_row import RunRow

PAGE = 100
MAX_KNOWN = 5_000
"""Ids that are remembered; a run is announced twice only after that many others."""


@dataclass(frozen=True, slots=True)
class NewestRunsQuery(Query["tuple[RunRow, ...]"]):
    """The newest page of the runs that match a filter; of the last day unless the filter sets a
    window."""

    run_filter: RunFilter
    EVERY_S: ClassVar[float] = 15.0

    @override
    async def read(self, backend: Backend) -> tuple[RunRow, ...]:
        asked = replace(self.run_filter, text="", conditions=())
        if not (asked.period or asked.since or asked.until):
            asked = replace(asked, period="24h")
        match = TextMatch(self.run_filter.text, self.run_filter.conditions)
        page = await backend.runs(asked, size=PAGE)
        return tuple(row for row in page.rows if match.matches(row))


class Newcomers:
    """Finds runs that newly match a filter. The first poll reports none."""

    def __init__(self) -> None:
        self._known: dict[str, None] | None = None

    def of(self, rows: Iterable[RunRow]) -> Sequence[RunRow]:
        """The rows that were in no earlier poll."""
        rows = list(rows)
        known = self._known
        new = [] if known is None else [row for row in rows if row.id not in known]
        ids = [*(known or ()), *(row.id for row in rows)]
        self._known = dict.fromkeys(ids[-MAX_KNOWN:])
        return new
