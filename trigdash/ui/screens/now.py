"""What needs attention now: one screen for somebody who was just paged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from typing_extensions import override

from trigdash.presentation.registry import load_resource
from trigdash.service.now.query import NowQuery
from trigdash.ui.input.keys import bindings, find, shown
from trigdash.ui.screens.answer import RESOURCE_OF, AnswerScreen
from trigdash.ui.subject import OneQueue, ResourceRow
from trigdash.ui.widgets.field_list import FieldList
from trigdash.ui.widgets.line import MenuItem
from trigdash.ui.widgets.line_list import LineList

if TYPE_CHECKING:
    from trigdash.presentation.cell import Cell
    from trigdash.presentation.run.fields import FieldLine
    from trigdash.service.now.finding import Now, NowFinding


class NowScreen(AnswerScreen["Now"]):
    """Findings by section, worst first; each line opens its cause."""

    PLACE: ClassVar[str] = "now"
    WHAT: ClassVar[str] = "findings"
    WRAPS: ClassVar[bool] = False
    OVERDUE_S: ClassVar[float] = NowQuery.EVERY_S + 15
    FOOTER: ClassVar[tuple[str, ...]] = ("now.open", "now.stuck", "app.refresh", "app.help")
    KEY_GROUPS: ClassVar[tuple[str, ...]] = ("now", "lines", "text", "everywhere")
    BINDINGS = bindings("now")

    @override
    def question(self) -> NowQuery:
        return NowQuery(self.session.clock)

    @override
    def window(self) -> str:
        return "last hour, against 7 d"

    @override
    def headline(self, answer: Now) -> Cell:
        from trigdash.presentation.now import headline

        return headline(answer)

    @override
    def lines(self, answer: Now, width: int) -> Sequence[FieldLine]:
        from trigdash.presentation.now import looked_at_lines, now_lines

        return [*now_lines(answer, width), *looked_at_lines(answer, width)]

    @override
    def show_answer(self) -> None:
        super().show_answer()
        lines, found = self.query_one(FieldList), self.snapshot.data
        if found is not None and not found.findings:
            # There is nothing to choose: no line is lit.
            lines.rests = True
            self.set_focus(None)
        elif found is not None and self.focused is None:
            lines.focus()
        self.show_footer()

    @override
    def extra_footer(self) -> Iterable[MenuItem]:
        """What the key of acting does for the highlighted line: narrow lines do not say it."""
        finding, key = self._finding(), find("now.act")
        if finding is not None and finding.write:
            can = not self.session.read_only
            yield MenuItem(
                shown(key, self.session.settings.keys), finding.act, key.action, enabled=can
            )

    @on(LineList.CursorMoved)
    def _line_chosen(self) -> None:
        self.show_footer()

    # Keys

    def _finding(self) -> NowFinding | None:
        """The finding of the highlighted line."""
        found, field = self.snapshot.data, self.query_one(FieldList).field
        if found is None or field is None:
            return None
        from trigdash.presentation.now import field_label

        chosen = (field.label, field.copied)
        return next((e for e in found.findings if (field_label(e), e.subject) == chosen), None)

    @override
    def open_target(self, kind: str, name: str) -> None:
        self.action_open_finding()

    def action_open_finding(self) -> None:
        """Open the cause of the highlighted finding."""
        finding = self._finding()
        if finding is None:
            return
        kind, subject = finding.kind, finding.subject
        if kind == "task":
            bad = finding.code == "failing_more_than_usual"
            narrowed = "status:failed since:1h" if bad else "status:pending-version,dequeued"
            super().open_target("runs", f"task:{subject} {narrowed}")
        elif kind in RESOURCE_OF and finding.row is not None:
            key = load_resource(RESOURCE_OF[kind]).key(finding.row)
            super().open_target(kind, key)
        elif kind != "rate":
            super().open_target(kind, subject)

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
            resource = load_resource({**RESOURCE_OF, "error": "errors"}[finding.kind])
            action = next(each for each in resource.actions if each.name == finding.write)
            self.trigdash.start_action(finding.write, ResourceRow(action, resource, row))
