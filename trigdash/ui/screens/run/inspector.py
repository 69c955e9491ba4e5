"""The inspector: the selected span in detail, with its properties, which are read on selection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.containers import Container
from typing_extensions import override

from trigdash.presentation.cell import Cell
from trigdash.presentation.run.fields import FieldLine, FieldLines
from trigdash.presentation.run.inspection import inspection
from trigdash.service.cache.store import LOADING, Snapshot, State
from trigdash.service.runs.detail import SpanQuery
from trigdash.ui.screens.run.pane import Pane
from trigdash.ui.widgets.dragged import DraggedPane, Edge
from trigdash.ui.widgets.field_list import FieldList

if TYPE_CHECKING:
    from trigdash.model.span import SpanDetail
    from trigdash.model.span_times import SpanTimes


class InspectedPane(Container, DraggedPane):
    """The selected span, beside the trace or below it."""

    @override
    def edge(self) -> Edge | None:
        pane = self.query_ancestor(Pane)
        if pane.has_class("-low"):
            return None
        return "left" if pane.has_class("-beside") else "top"


class Inspector(FieldList):
    """Shows one span of a trace."""

    DEFAULT_CSS: ClassVar[str] = "Inspector { height: 1fr; }"

    def __init__(self) -> None:
        super().__init__(id="inspector", wraps=True)
        self.rests = True
        self._times: SpanTimes | None = None
        self._row = 0
        self._now_ns = 0
        self._all_frames = False
        self._snapshot: Snapshot[SpanDetail] = LOADING
        self._fetched: SpanQuery | None = None

    @property
    def span_query(self) -> SpanQuery | None:
        """What to ask the server for."""
        return self._fetched

    def look_at(self, times: SpanTimes, row: int, now_ns: int) -> None:
        """Look at a span; a different one begins at its top, with nothing fetched yet."""
        before = self._times.trace.ids[self._row] if self._times is not None else None
        self._times, self._row, self._now_ns = times, row, now_ns
        if times.trace.ids[row] != before:
            self._snapshot, self._fetched = LOADING, None
            self._all_frames = False
            self._draw_span()
            self.home()
        else:
            self._draw_span()

    def fetch(self) -> None:
        """The look rests on this span: its properties are worth a request."""
        if self._times is not None:
            trace = self._times.trace
            self._fetched = SpanQuery(trace.run_id(self._row), trace.ids[self._row])

    def take(self, snapshot: Snapshot[Any]) -> None:
        """What is known of the span's properties changed."""
        self._snapshot = snapshot
        self._draw_span()

    def toggle_frames(self) -> None:
        """All frames, or the user's own only."""
        self._all_frames = not self._all_frames
        self._draw_span()

    def _draw_span(self) -> None:
        self.show_fields(FieldLines(self._make))

    def _make(self, width: int) -> list[FieldLine]:
        times = self._times
        if times is None or self._row >= len(times.trace):
            return []
        detail = self._snapshot.data
        note = self._notice()
        return inspection(times, self._row, detail, self._now_ns, note, all_frames=self._all_frames)

    def _notice(self) -> Cell:
        snapshot = self._snapshot
        if snapshot.problem is not None:
            said = f"properties: {snapshot.problem.message}"
            return (("× ", "bad"), (said, "warn" if snapshot.state is State.STALE else "bad"))
        return (("loading properties", "faint"),) if snapshot.data is None else ()
