"""What needs somebody now: one screen for whoever was just called."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.widget import Widget
from typing_extensions import override

from trigdash.presentation.list_states import list_state
from trigdash.presentation.registry import load_resource
from trigdash.presentation.run.fields import FieldLine, FieldLines
from trigdash.service.cache.store import LOADING, Snapshot
from trigdash.service.now.query import NowQuery
from trigdash.ui.input.keys import bindings
from trigdash.ui.screens.base import LiveScreen
from trigdash.ui.subject import OneQueue, ResourceRow
from trigdash.ui.widgets.field_list import FieldList
from trigdash.ui.widgets.line import Line
from trigdash.ui.widgets.text_panes import StateView

if TYPE_CHECKING:
    from trigdash.service.cache.query import Query
    from trigdash.service.now.findings import Now, NowFinding

_RESOURCES = {
    "limit": "limits",
    "deployment": "deployments",
    "environment": "environments",
    "schedule": "schedules",
    "alert": "alerts",
    "error": "errors",
}
"""Kinds of findings whose subjects are rows of a resource."""


class NowScreen(LiveScreen):
    """Findings by section, worst first; each line opens its cause."""

    PLACE: ClassVar[str] = "now"
    OVERDUE_S: ClassVar[float] = NowQuery.EVERY_S + 15
    FOOTER: ClassVar[tuple[str, ...]] = ("now.open", "now.act", "app.refresh", "app.help")
    KEY_GROUPS: ClassVar[tuple[str, ...]] = ("now", "lines", "everywhere")
    BINDINGS = bindings("now")
    AUTO_FOCUS = "FieldList"
    DEFAULT_CSS = """
    NowScreen #headline { margin: 1 1 0 1; display: none; }
    NowScreen FieldList { height: 1fr; margin: 0 0 0 0; display: none; }
    NowScreen.-known #headline, NowScreen.-known FieldList { display: block; }
    NowScreen.-known StateView { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._snapshot: Snapshot[Now] = LOADING

    @override
    def compose_body(self) -> Iterable[Widget]:
        yield Line(id="headline")
        yield FieldList()
        yield StateView(id="state")

    # What is watched

    @override
    def queries(self) -> Iterable[Query[Any]]:
        return (NowQuery(self.session.clock),)

    @override
    def main_snapshot(self) -> Snapshot[Any]:
        return self._snapshot

    @override
    def window(self) -> str:
        return "last hour, against 7 d"

    @override
    def show_snapshot(self, query: Query[Any], snapshot: Snapshot[Any]) -> None:
        self._snapshot = snapshot
        self._show()

    @override
    def show_time(self, now: datetime) -> None:
        if self._snapshot.data is None:
            self._show()

    def _show(self) -> None:
        found = self._snapshot.data
        self.set_class(found is not None, "-known")
        if found is None:
            at = self.session.clock.now()
            state = list_state(self.session, self._snapshot, "findings", (), at, filtered=False)
            self.query_one(StateView).show_lines(state)
            return
        from trigdash.presentation.now import headline

        self.query_one("#headline", Line).show(headline(found))
        lines = self.query_one(FieldList)
        lines.show_fields(FieldLines(lambda width: _lines(found, width)))
        if not found.findings:
            # There is nothing to choose: no line is lit.
            lines.rests = True
            self.set_focus(None)
        elif self.focused is None:
            lines.focus()

    # Keys

    def _finding(self) -> NowFinding | None:
        """The finding of the highlighted line."""
        found, field = self._snapshot.data, self.query_one(FieldList).field
        if found is None or field is None:
            return None
        from trigdash.presentation.now import field_label

        chosen = (field.label, field.copied)
        return next((e for e in found.findings if (field_label(e), e.subject) == chosen), None)

    @on(FieldList.FieldOpened)
    async def _opened(self, message: FieldList.FieldOpened) -> None:
        message.stop()
        await self.action_open_finding()

    async def action_open_finding(self) -> None:
        """Open the cause of the highlighted finding."""
        finding = self._finding()
        if finding is None:
            return
        app, subject = self.trigdash, finding.subject
        match finding.kind:
            case "task":
                bad = finding.code == "failing_more_than_usual"
                narrowed = "status:failed since:1h" if bad else "status:pending-version,dequeued"
                await app.commands.show_runs(f"task:{subject} {narrowed}")
            case "error" | "queue" as kind:
                app.open_detail(kind, subject)
            case kind if kind in _RESOURCES:
                resource = load_resource(_RESOURCES[kind])
                key = subject if finding.row is None else resource.key(finding.row)
                app.open_resource(_RESOURCES[kind], key)

    def action_act_on_finding(self) -> None:
        """Ask for what can be done about the highlighted finding."""
        finding = self._finding()
        if finding is None:
            return
        row: Any = finding.row
        if not finding.write or row is None:
            self.trigdash.toast(finding.act or "nothing can be done about it from here")
        elif finding.kind == "queue":
            self.trigdash.start_action(finding.write, OneQueue(row))
        else:
            resource = load_resource(_RESOURCES[finding.kind])
            action = next(each for each in resource.actions if each.name == finding.write)
            self.trigdash.start_action(finding.write, ResourceRow(action, resource, row))


def _lines(found: Now, width: int) -> list[FieldLine]:
    from trigdash.presentation.now import looked_at_lines, now_lines

    return [*now_lines(found, width), *looked_at_lines(found, width)]
