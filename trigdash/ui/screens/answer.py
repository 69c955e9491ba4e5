"""A screen with one answer: a head, a headline, and lines whose fields lead further."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from textual import on
from textual.widget import Widget
from typing_extensions import override

from trigdash.model.moment import local
from trigdash.presentation.list_states import list_state
from trigdash.presentation.run.fields import FieldLine, FieldLines
from trigdash.service.cache.store import LOADING, Snapshot
from trigdash.service.filters.language import FilterError, parse
from trigdash.ui.screens.saves_text import SavesText
from trigdash.ui.widgets.field_list import FieldList
from trigdash.ui.widgets.line import Line
from trigdash.ui.widgets.text_panes import StateView

if TYPE_CHECKING:
    from trigdash.presentation.cell import Cell
    from trigdash.service.cache.query import Query

A = TypeVar("A")

RESOURCE_OF = {
    "limit": "limits",
    "deployment": "deployments",
    "environment": "environments",
    "schedule": "schedules",
    "alert": "alerts",
    "token": "tokens",
}
"""Kinds of objects that are rows of a resource; the others have their own screens."""


class AnswerScreen(SavesText, Generic[A]):
    """Shows the answer of one query. Subclasses name the query, and put its answer into lines."""

    WHAT: ClassVar[str]
    """What is being loaded, in words: "checks"."""
    WRAPS: ClassVar[bool] = True
    FOOTER: ClassVar[tuple[str, ...]] = ("lines.open", "app.back", "app.refresh", "app.help")
    KEY_GROUPS: ClassVar[tuple[str, ...]] = ("lines", "text", "everywhere")
    AUTO_FOCUS = "FieldList"
    DEFAULT_CSS = """
    AnswerScreen #head, AnswerScreen #headline { margin: 1 1 0 1; }
    AnswerScreen.-low #head, AnswerScreen.-low #headline { margin: 0 1; }
    AnswerScreen #headline, AnswerScreen FieldList { display: none; }
    AnswerScreen FieldList { height: 1fr; }
    AnswerScreen.-known #headline, AnswerScreen.-known FieldList { display: block; }
    AnswerScreen.-known StateView { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.snapshot: Snapshot[A] = LOADING

    # What subclasses say

    def question(self) -> Query[A]:
        """The query of the answer."""
        raise NotImplementedError

    def head(self) -> Cell:
        """The subject, shown even before the answer; empty for none."""
        return ()

    def headline(self, answer: A) -> Cell:
        """The answer in one line."""
        raise NotImplementedError

    def lines(self, answer: A, width: int) -> Sequence[FieldLine]:
        """All of it, for a width."""
        raise NotImplementedError

    # Parts

    @override
    def compose_body(self) -> Iterable[Widget]:
        if head := self.head():
            yield Line(head, id="head")
        yield Line(id="headline")
        yield FieldList(wraps=self.WRAPS)
        yield StateView(id="state")

    # What is watched

    @override
    def queries(self) -> Iterable[Query[Any]]:
        return (self.question(),)

    @override
    def main_snapshot(self) -> Snapshot[Any]:
        return self.snapshot

    @override
    def show_snapshot(self, query: Query[Any], snapshot: Snapshot[Any]) -> None:
        self.snapshot = snapshot
        self.show_answer()

    @override
    def show_time(self, now: datetime) -> None:
        if self.snapshot.data is None:
            self.show_answer()

    def show_answer(self) -> None:
        """Show what is known, or why nothing is."""
        answer = self.snapshot.data
        self.set_class(answer is not None, "-known")
        if answer is None:
            at = self.session.clock.now()
            state = list_state(self.session, self.snapshot, self.WHAT, (), at, filtered=False)
            self.query_one(StateView).show_lines(state)
            return
        if head := self.head():
            self.query_one("#head", Line).show(head)
        self.query_one("#headline", Line).show(self.headline(answer))
        fields = FieldLines(lambda width: list(self.lines(answer, width)))
        self.query_one(FieldList).show_fields(fields)

    # Keys

    @override
    def shown_text(self) -> Iterable[str]:
        if self.snapshot.data is None:
            return ()
        told = [line.plain_text for line in self.query("#head, #headline").results(Line)]
        return (*told, "", *super().shown_text())

    @on(FieldList.FieldOpened)
    def _field_opened(self, message: FieldList.FieldOpened) -> None:
        message.stop()
        if message.field.opens is not None:
            self.open_target(*message.field.opens)

    def open_target(self, kind: str, name: str) -> None:
        """Open what a line is about."""
        if kind in RESOURCE_OF:
            self.trigdash.open_resource(RESOURCE_OF[kind], name)
        elif kind == "runs":
            self._open_runs(name)
        else:
            self.trigdash.open_detail(kind, name)

    def _open_runs(self, line: str) -> None:
        """List the runs of a filter line over this answer, so that escape comes back to it."""
        from trigdash.ui.screens.runs import RunsScreen

        now, supported = local(self.session.clock.now()), self.session.settings.supported_filters
        try:
            self.app.push_screen(RunsScreen(parse(line, now, supported)))
        except FilterError as refused:
            self.trigdash.toast(refused.words)
