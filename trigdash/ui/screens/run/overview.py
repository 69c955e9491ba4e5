"""The first tab: what happened to the run, and why."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.widget import Widget
from typing_extensions import override

from trigdash.service.run_detail import TraceQuery
from trigdash.ui.cells.cell import Cell
from trigdash.ui.inside.fields import FieldLines
from trigdash.ui.inside.overview import overview_lines
from trigdash.ui.screens.run.pane import Pane
from trigdash.ui.widgets.field_list import FieldList

if TYPE_CHECKING:
    from trigdash.service.queries import Query


class OverviewPane(Pane):
    """Timeline, error, attempts, facts."""

    TAB: ClassVar[str] = "overview"
    KEY: ClassVar[str] = "d"
    TITLE: ClassVar[str] = "Overview"
    _all_frames = False

    @override
    def compose_body(self) -> Iterable[Widget]:
        yield FieldList(id="overview")

    @override
    def wanted(self) -> Iterable[Query[Any]]:
        # The trace tells the attempts.
        return (TraceQuery(self.view.run_id),) if self.host.can("TRACE") else ()

    @override
    def show_data(self, now: datetime) -> None:
        fields = FieldLines(
            lambda width: overview_lines(
                self.view,
                self.host.session.clock.now(),
                width,
                environment=self.host.session.environment_slug,
                all_frames=self._all_frames,
                note=self._trace_note(),
            )
        )
        self.query_one(FieldList).show_fields(fields)

    def _trace_note(self) -> Cell:
        """What is the matter with the trace, which tells most about attempts."""
        problem = self.host.snapshot_of("trace").problem
        if problem is None or problem.kind == "NotFound":
            return ()
        return (("× ", "bad"), (f"the trace: {problem.sentence}", "warn"))

    @override
    def show_time(self, now: datetime) -> None:
        self.update(now)

    @override
    def gone_lines(self) -> list[Cell]:
        return [
            (("this run is not here", "strong"),),
            (),
            (("it was deleted, or it belongs to another environment", "text"),),
            ((self.view.run_id, "dim"),),
        ]

    @override
    def copied(self) -> tuple[str, str] | None:
        field = self.query_one(FieldList).field
        return (field.copied, field.label) if field is not None else None

    @on(FieldList.FieldOpened)
    def _open_field(self, message: FieldList.FieldOpened) -> None:
        message.stop()
        if message.field.opens is not None:
            self.lead_to(message.field.opens)

    @on(FieldList.FramesToggled)
    def _toggle_frames(self, message: FieldList.FramesToggled) -> None:
        message.stop()
        self._all_frames = not self._all_frames
        self.update(self.host.session.clock.now())
