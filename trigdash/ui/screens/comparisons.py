"""Comparisons: a run with another one, and the variables of two environments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from trigdash.model.clean import clean
from trigdash.presentation.answer_lines import change_cell
from trigdash.presentation.run.fields import Field, FieldLine
from trigdash.presentation.units import plural
from trigdash.service.runs.comparison import DiffQuery
from trigdash.service.variables import CompareQuery, VariablesCompared
from trigdash.ui.screens.answer import AnswerScreen

if TYPE_CHECKING:
    from trigdash.presentation.cell import Cell
    from trigdash.service.runs.comparison import Comparison


class DiffScreen(AnswerScreen["Comparison"]):
    """A run compared with another, or with the last good run of its task, the first divergence on
    top."""

    PLACE: ClassVar[str] = "runs"
    WHAT: ClassVar[str] = "both runs and their traces"
    OVERDUE_S: ClassVar[float] = DiffQuery.EVERY_S + 30

    def __init__(self, run_id: str, other: str | None = None) -> None:
        super().__init__()
        self._run_id = run_id
        self._other = other

    @override
    def question(self) -> DiffQuery:
        return DiffQuery(self._run_id, self._other, self.session.clock)

    @override
    def head(self) -> Cell:
        from trigdash.presentation.diff import diff_head

        return diff_head(self.snapshot.data, self._run_id)

    @override
    def headline(self, answer: Comparison) -> Cell:
        from trigdash.presentation.diff import diff_headline

        return diff_headline(answer)

    @override
    def lines(self, answer: Comparison, width: int) -> Sequence[FieldLine]:
        from trigdash.presentation.diff import diff_lines

        return diff_lines(answer, self.session.clock.now(), width)

    @override
    def open_target(self, kind: str, name: str) -> None:
        if kind == "trace":
            self.trigdash.open_detail("run", name, tab="trace")
        else:
            super().open_target(kind, name)


class CompareScreen(AnswerScreen[VariablesCompared]):
    """The variables that are only here, only there, or differ in value; no value is shown."""

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
