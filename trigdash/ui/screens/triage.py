"""One error: since when it occurs, where its runs are, what sets them apart, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from trigdash.model.clean import clean
from trigdash.model.run_filter import RunFilter
from trigdash.presentation.registry import load_resource
from trigdash.service.triage.triage import TriageQuery
from trigdash.ui.input.keys import bindings
from trigdash.ui.screens.answer import AnswerScreen
from trigdash.ui.screens.resource_detail import ResourceActions
from trigdash.ui.subject import MatchingRuns
from trigdash.ui.widgets.field_list import FieldList

if TYPE_CHECKING:
    from trigdash.presentation.cell import Cell
    from trigdash.presentation.run.fields import FieldLine
    from trigdash.service.triage.triage import Triage


class TriageScreen(AnswerScreen["Triage"], ResourceActions):
    """What a sample of an error's runs shows; `enter` opens the runs of a value, or a run."""

    PLACE: ClassVar[str] = "errors"
    WHAT: ClassVar[str] = "runs of this error"
    WRAPS: ClassVar[bool] = False
    OVERDUE_S: ClassVar[float] = TriageQuery.EVERY_S + 30
    FOOTER: ClassVar[tuple[str, ...]] = (
        "lines.open",
        "triage.replay",
        "triage.compare",
        "app.back",
        "app.help",
    )
    KEY_GROUPS: ClassVar[tuple[str, ...]] = ("triage", "lines", "text", "everywhere")
    BINDINGS = bindings("triage")

    def __init__(self, error_id: str) -> None:
        super().__init__()
        self._error_id = error_id
        self.resource = load_resource("errors")
        self.bind_own_keys()

    @override
    def question(self) -> TriageQuery:
        return TriageQuery(self._error_id)

    @override
    def window(self) -> str:
        return "last 7 d"

    @override
    def chosen_row(self) -> Any:
        return self.snapshot.data.error if self.snapshot.data is not None else None

    # What is shown

    @override
    def head(self) -> Cell:
        if self.snapshot.data is None:
            return (("ERROR  ", "dim"), (clean(self._error_id), "strong"))
        from trigdash.presentation.triage import error_head

        return error_head(self.snapshot.data)

    @override
    def headline(self, answer: Triage) -> Cell:
        from trigdash.presentation.triage import error_headline

        return error_headline(answer, self.session.clock.now())

    @override
    def lines(self, answer: Triage, width: int) -> Sequence[FieldLine]:
        from trigdash.presentation.triage import triage_lines

        return triage_lines(answer, self.session.clock.now(), width)

    # Keys

    def action_replay_these(self) -> None:
        """Ask to replay exactly the runs that this error has."""
        matching = MatchingRuns(RunFilter(error=self._error_id))
        self.trigdash.start_action("replay", matching)

    def action_compare(self) -> None:
        """Compare the highlighted run, or the newest, with the last good one."""
        field, answer = self.query_one(FieldList).field, self.snapshot.data
        if field is not None and field.opens is not None and field.opens[0] == "run":
            self.trigdash.open_detail("diff", field.opens[1])
        elif answer is not None and answer.failing:
            self.trigdash.open_detail("diff", answer.failing[0].id)
