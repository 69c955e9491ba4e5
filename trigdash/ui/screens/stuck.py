"""All runs that do not move, grouped by reason; a line opens its runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from typing_extensions import override

from trigdash.service.why.stuck import StuckQuery
from trigdash.ui.input.keys import bindings
from trigdash.ui.screens.answer import AnswerScreen
from trigdash.ui.widgets.field_list import FieldList

if TYPE_CHECKING:
    from trigdash.presentation.cell import Cell
    from trigdash.presentation.run.fields import FieldLine
    from trigdash.service.why.stuck import Stuck


class StuckScreen(AnswerScreen["Stuck"]):
    """Groups of runs that one thing holds, the one that waits longest first."""

    PLACE: ClassVar[str] = "stuck"
    WHAT: ClassVar[str] = "runs that do not move"
    WRAPS: ClassVar[bool] = False
    OVERDUE_S: ClassVar[float] = StuckQuery.EVERY_S + 15
    BINDINGS: ClassVar[list[BindingType]] = bindings("stuck")
    KEY_GROUPS: ClassVar[tuple[str, ...]] = ("stuck", "lines", "text", "everywhere")
    FOOTER: ClassVar[tuple[str, ...]] = (
        *("lines.open", "stuck.why", "app.back", "app.refresh", "app.help"),
    )

    @override
    def question(self) -> StuckQuery:
        return StuckQuery(self.session.clock)

    @override
    def headline(self, answer: Stuck) -> Cell:
        from trigdash.presentation.stuck import stuck_headline

        return stuck_headline(answer)

    @override
    def lines(self, answer: Stuck, width: int) -> Sequence[FieldLine]:
        from trigdash.presentation.stuck import stuck_lines

        return stuck_lines(answer, width)

    def action_explain_oldest(self) -> None:
        """Say what holds the oldest run of the highlighted group, check by check."""
        field = self.query_one(FieldList).field
        if field is not None:
            self.trigdash.open_detail("why", field.copied)
