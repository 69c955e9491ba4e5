"""Why a run does not move: the verdict, and every check with its evidence."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.widget import Widget
from typing_extensions import override

from trigdash.model.clean import clean
from trigdash.presentation.list_states import list_state
from trigdash.presentation.run.fields import FieldLines
from trigdash.service.cache.store import LOADING, Snapshot
from trigdash.service.why.query import WhyQuery
from trigdash.ui.screens.base import LiveScreen
from trigdash.ui.widgets.field_list import FieldList
from trigdash.ui.widgets.line import Line
from trigdash.ui.widgets.text_panes import StateView

if TYPE_CHECKING:
    from trigdash.service.cache.query import Query
    from trigdash.service.why.verdict import Why

_RESOURCES = {"token": "tokens", "limit": "limits"}


class WhyScreen(LiveScreen):
    """The checks of one run, what holds it first; a line opens what it is about."""

    PLACE: ClassVar[str] = "runs"
    OVERDUE_S: ClassVar[float] = WhyQuery.EVERY_S + 15
    FOOTER: ClassVar[tuple[str, ...]] = ("lines.open", "app.back", "app.refresh", "app.help")
    KEY_GROUPS: ClassVar[tuple[str, ...]] = ("lines", "everywhere")
    AUTO_FOCUS = "FieldList"
    DEFAULT_CSS = """
    WhyScreen #why-run, WhyScreen #verdict { margin: 1 1 0 1; }
    WhyScreen #verdict, WhyScreen FieldList { display: none; }
    WhyScreen FieldList { height: 1fr; margin: 1 0 0 0; }
    WhyScreen.-known #verdict, WhyScreen.-known FieldList { display: block; }
    WhyScreen.-known StateView { display: none; }
    """

    def __init__(self, run_id: str) -> None:
        super().__init__()
        self._run_id = run_id
        self._snapshot: Snapshot[Why] = LOADING

    @override
    def compose_body(self) -> Iterable[Widget]:
        name = clean(self._run_id)
        yield Line((("WHY  ", "dim"), (name, "strong")), id="why-run")
        yield Line(id="verdict")
        yield FieldList(wraps=True)
        yield StateView(id="state")

    @override
    def queries(self) -> Iterable[Query[Any]]:
        return (WhyQuery(self._run_id, self.session.clock),)

    @override
    def main_snapshot(self) -> Snapshot[Any]:
        return self._snapshot

    @override
    def show_snapshot(self, query: Query[Any], snapshot: Snapshot[Any]) -> None:
        self._snapshot = snapshot
        self._show()

    @override
    def show_time(self, now: datetime) -> None:
        if self._snapshot.data is None:
            self._show()

    def _show(self) -> None:
        answer = self._snapshot.data
        self.set_class(answer is not None, "-known")
        if answer is None:
            at = self.session.clock.now()
            state = list_state(self.session, self._snapshot, "checks", (), at, filtered=False)
            self.query_one(StateView).show_lines(state)
            return
        from trigdash.presentation.why import verdict_cell, why_lines

        lines = why_lines(answer)
        run: tuple[tuple[str, str], ...] = (
            ("WHY  ", "dim"),
            (clean(self._run_id), "strong"),
            (f"   {answer.status.lower().replace('_', ' ')}", "dim"),
        )
        self.query_one("#why-run", Line).show(run)
        self.query_one("#verdict", Line).show(verdict_cell(answer))
        self.query_one(FieldList).show_fields(FieldLines(lambda width: lines))

    @on(FieldList.FieldOpened)
    def _opened(self, message: FieldList.FieldOpened) -> None:
        message.stop()
        if message.field.opens is None:
            return
        kind, name = message.field.opens
        if kind in _RESOURCES:
            self.trigdash.open_resource(_RESOURCES[kind], name)
        else:
            self.trigdash.open_detail(kind, name)
