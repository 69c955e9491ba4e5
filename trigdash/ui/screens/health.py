"""What the server itself thinks of an environment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from trigdash.service.environments import HealthQuery
from trigdash.ui.screens.answer import AnswerScreen

if TYPE_CHECKING:
    from trigdash.model.health import HealthReport
    from trigdash.presentation.cell import Cell
    from trigdash.presentation.run.fields import FieldLine


class HealthScreen(AnswerScreen["HealthReport"]):
    """Findings and figures of the last hour; a finding due to a queue opens it."""

    PLACE: ClassVar[str] = "health"
    WHAT: ClassVar[str] = "the health report"
    OVERDUE_S: ClassVar[float] = HealthQuery.EVERY_S + 15

    @override
    def question(self) -> HealthQuery:
        return HealthQuery()

    @override
    def window(self) -> str:
        return "last hour, against 7 d"

    @override
    def headline(self, answer: HealthReport) -> Cell:
        from trigdash.presentation.health import health_headline

        return health_headline(answer)

    @override
    def lines(self, answer: HealthReport, width: int) -> Sequence[FieldLine]:
        from trigdash.presentation.health import health_lines

        return health_lines(answer)
