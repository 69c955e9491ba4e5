"""The list of errors: each with its failures of the last day, read rarely and separately from the
list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from trigdash.presentation.error_trends import Bars, bars_of, errors_with_trends
from trigdash.service.error_trends import ErrorTrends, ErrorTrendsQuery
from trigdash.ui.screens.resource import ResourceScreen

if TYPE_CHECKING:
    from trigdash.model.error_group import ErrorGroup
    from trigdash.presentation.cell import Cell
    from trigdash.service.cache.listing_query import HeldList
    from trigdash.service.cache.query import Query
    from trigdash.service.cache.store import Snapshot


class ErrorsScreen(ResourceScreen):
    """The list of errors."""

    def __init__(self) -> None:
        self._trends: ErrorTrends | None = None
        self._bars: Mapping[str, Bars] | None = None
        super().__init__("errors", errors_with_trends(lambda: self._bars))

    @override
    def queries(self) -> Iterable[Query[Any]]:
        return (*super().queries(), ErrorTrendsQuery(self.session.clock))

    @override
    def show_snapshot(self, query: Query[Any], snapshot: Snapshot[Any]) -> None:
        if isinstance(query, ErrorTrendsQuery):
            self._trends = snapshot.data
            self._count(self.held)
            self.show_rows()
        else:
            if snapshot.data is not self.held:
                self._count(snapshot.data)
            super().show_snapshot(query, snapshot)

    def _count(self, held: HeldList[ErrorGroup] | None) -> None:
        if held is not None and self._trends is not None:
            self._bars = bars_of(self._trends, held.rows, is_whole=held.is_complete)

    @override
    def totals_note(self) -> Cell:
        refused = self._trends.refused if self._trends is not None else ""
        return ((f"trend: {refused}", "faint"),) if refused else super().totals_note()
