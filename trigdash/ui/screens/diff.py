"""What is different between a run and another, or the last good run of its task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from trigdash.service.runs.comparison import DiffQuery
from trigdash.ui.screens.answer import AnswerScreen

if TYPE_CHECKING:
    from trigdash.presentation.cell import Cell
    from trigdash.presentation.run.fields import FieldLine
    from trigdash.service.runs.comparison import Comparison


class DiffScreen(AnswerScreen["Comparison"]):
    """Two runs beside each other, the first divergence on top."""

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
