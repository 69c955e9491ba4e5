"""The related tab: the family of a run as a tree."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual.widget import Widget
from typing_extensions import override

from trigdash.model.capability import Capability
from trigdash.presentation.run.fields import FieldLines
from trigdash.presentation.run.run_view import RunView
from trigdash.presentation.run.tree import build_run_tree, run_tree_lines
from trigdash.service.cache.store import Snapshot
from trigdash.service.runs.placement import period_since
from trigdash.service.runs.tree import RunTree, RunTreeQuery
from trigdash.ui.screens.run.pane import Pane
from trigdash.ui.widgets.field_list import FieldList

if TYPE_CHECKING:
    from trigdash.service.cache.query import Query


class RelatedPane(Pane):
    """Root, parent, this run, its children."""

    TAB: ClassVar[str] = "related"
    KEY: ClassVar[str] = "r"
    TITLE: ClassVar[str] = "Related"

    @override
    def compose_body(self) -> Iterable[Widget]:
        yield FieldList(id="family")

    def __init__(self, view: RunView) -> None:
        super().__init__(view)
        self._family: RunTree | None = None
        self._query: RunTreeQuery | None = None

    @override
    def queries(self) -> Iterable[Query[Any]]:
        """The run has its closest relatives; only the query endpoint has the others."""
        run = self.view.run
        if run is None or not self.host.can(Capability.QUERY):
            return
        related = run.related_runs
        if self._query is None and (related.root is not None or related.children):
            root = related.root or run
            period = period_since(root.created_at, self.host.session.clock.now())
            self._query = RunTreeQuery(run.id, root.id, period)
        if self._query is not None:
            yield self._query

    @override
    def show_snapshot(self, query: Query[Any], snapshot: Snapshot[Any]) -> None:
        if query == self._query:
            self._family = snapshot.data
            self.update(self.host.session.clock.now())

    @override
    def show_data(self, now: datetime) -> None:
        run, clock = self.view.run, self.host.session.clock
        if run is None:
            return
        fields = FieldLines(lambda width: run_tree_lines(run, self._family, clock.now(), width))
        self.query_one(FieldList).show_fields(fields)

    @override
    def show_time(self, now: datetime) -> None:
        self.update(now)

    @override
    def count(self) -> str:
        run = self.view.run
        others = len(build_run_tree(run, self._family)) - 1 if run is not None else 0
        more = "+" if self._family is not None and self._family.is_cut else ""
        return f"{others}{more}" if others > 0 else ""

    @override
    def copied(self) -> tuple[str, str] | None:
        field = self.query_one(FieldList).field
        return (field.copied, field.copied) if field is not None else None
