"""The variables here beside those of another environment, by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from trigdash.model.clean import clean
from trigdash.presentation.answer_lines import change_cell
from trigdash.presentation.run.fields import Field, FieldLine
from trigdash.presentation.units import plural
from trigdash.service.variables import CompareQuery, VariablesCompared
from trigdash.ui.screens.answer import AnswerScreen

if TYPE_CHECKING:
    from trigdash.presentation.cell import Cell


class CompareScreen(AnswerScreen[VariablesCompared]):
    """What is only here, only there, or of another value; no value is shown."""

    PLACE: ClassVar[str] = "variables"
    WHAT: ClassVar[str] = "both lists"
    OVERDUE_S: ClassVar[float] = CompareQuery.EVERY_S + 15

    def __init__(self, environment: str) -> None:
        super().__init__()
        self._environment = environment

    @override
    def question(self) -> CompareQuery:
        return CompareQuery(self._environment)

    @override
    def head(self) -> Cell:
        there = clean(self._environment)
        here = self.session.environment_name if self.is_mounted else ""
        return (("VARIABLES  ", "dim"), (f"{here} and {there}".strip(), "strong"))

    @override
    def headline(self, answer: VariablesCompared) -> Cell:
        if not answer.differ:
            return ((f"All {answer.alike} are alike.", "good"),)
        return (
            (f"{plural(len(answer.differ), 'variable')} differ", "warn-strong"),
            (f"   {answer.alike} alike", "dim"),
        )

    @override
    def lines(self, answer: VariablesCompared, width: int) -> Sequence[FieldLine]:
        return [
            FieldLine(cell, (Field(change[1], cell, change[1]),))
            for change in answer.differ
            if (cell := change_cell(change))
        ]
