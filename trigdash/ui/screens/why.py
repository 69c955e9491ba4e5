"""Why a run does not move: the verdict, and every check with its evidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from trigdash.model.clean import clean
from trigdash.service.why.query import WhyQuery
from trigdash.ui.screens.answer import AnswerScreen

if TYPE_CHECKING:
    from trigdash.presentation.cell import Cell
    from trigdash.presentation.run.fields import FieldLine
    from trigdash.service.why.verdict import Why


class WhyScreen(AnswerScreen["Why"]):
    """The checks of one run, what holds it first; a line opens what it is about."""

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
