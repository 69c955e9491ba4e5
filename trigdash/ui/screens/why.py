"""Why runs do not move: the checks of one run with their evidence, and all stuck runs by reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from typing_extensions import override

from trigdash.model.clean import clean
from trigdash.service.why.query import WhyQuery
from trigdash.service.why.stuck import StuckQuery
from trigdash.ui.input.keys import bindings
from trigdash.ui.screens.answer import AnswerScreen
from trigdash.ui.widgets.field_list import FieldList

if TYPE_CHECKING:
    from trigdash.presentation.cell import Cell
    from trigdash.presentation.run.fields import FieldLine
    from trigdash.service.why.stuck import Stuck
    from trigdash.service.why.verdict import Why


class WhyScreen(AnswerScreen["Why"]):
    """The checks of one run, those that hold it first; a line opens the subject of its check."""

    PLACE: ClassVar[str] = "runs"
    WHAT: ClassVar[str] = "checks"
    OVERDUE_S: ClassVar[float] = WhyQuery.EVERY_S + 15
    DEFAULT_CSS = "WhyScreen FieldList { margin: 1 0 0 0; }"

    def __init__(self, run_id: str) -> None:
        super().__init__()
        self._run_id = run_id

    @override
    def question(self) -> WhyQuery:
        return WhyQuery(self._run_id, self.session.clock)

    @override
    def head(self) -> Cell:
        known = self.snapshot.data
        status = f"   {known.status.lower().replace('_', ' ')}" if known is not None else ""
        return (("WHY  ", "dim"), (clean(self._run_id), "strong"), (status, "dim"))

    @override
    def headline(self, answer: Why) -> Cell:
        from trigdash.presentation.why import verdict_cell

        return verdict_cell(answer)

    @override
    def lines(self, answer: Why, width: int) -> Sequence[FieldLine]:
        from trigdash.presentation.why import why_lines

        return why_lines(answer, width)


class StuckScreen(AnswerScreen["Stuck"]):
    """Runs that do not move, grouped by reason, longest wait first; a line opens its runs."""

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
        """Open the checks of the oldest run in the highlighted group."""
        field = self.query_one(FieldList).field
        if field is not None:
            self.trigdash.open_detail("why", field.copied)
