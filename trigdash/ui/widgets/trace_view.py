"""The trace on screen: a tree with its waterfall, folded, searched and zoomed by keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.message import Message
from typing_extensions import override

from trigdash.presentation.run.spans import opens_run
from trigdash.presentation.run.trace_lines import TraceLines
from trigdash.presentation.run.trace_rows import TraceRows
from trigdash.ui.input.keys import bindings
from trigdash.ui.widgets.line_list import LineList

if TYPE_CHECKING:
    from trigdash.model.span_times import SpanTimes
    from trigdash.model.trace import Trace


class TraceView(LineList):
    """Shows a trace; says which span is selected, and when another run is to be opened."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("trace")

    class RunOpened(Message):
        """A child run's span was opened."""

        def __init__(self, run_id: str) -> None:
            super().__init__()
            self.run_id = run_id

    class SpanOpened(Message):
        """A span was opened, to see its details."""

    class FindAsked(Message):
        """The user wants to look for a text."""

    class SaveAsked(Message):
        """The user wants to save what is shown."""

    class Changed(Message):
        """What is shown changed by a key: folds, matches, zoom."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.lines: TraceLines | None = None

    # What is shown

    def show_trace(self, trace: Trace, times: SpanTimes, now_ns: int) -> None:
        """Show a trace, or a newer one of the same run: the selected span stays selected."""
        if self.lines is None or not self._continues(trace):
            self.lines = TraceLines(TraceRows(trace), times, now_ns)
            self.cursor = self.top = 0
            self._show()
            return
        selected = self.selected_id
        if trace is not self.lines.rows.trace:
            self.lines.rows.replace(trace)
        self.lines.times, self.lines.now_ns = times, now_ns
        row = trace.row_of(selected) if selected is not None else None
        self._show(None if row is None else self.lines.rows.index_of(row))

    def _continues(self, trace: Trace) -> bool:
        known = self.lines.rows.trace if self.lines is not None else None
        return known is not None and known.ids[:1] == trace.ids[:1]

    def tick(self, now_ns: int) -> None:
        """Let time pass: bars of spans that have not ended grow."""
        if self.lines is not None and self.lines.times.is_live:
            self.lines.now_ns = now_ns
            self._show()

    def _show(self, cursor: int | None = None) -> None:
        if self.lines is not None:
            self.set_heads((self.lines.head(self.room),) if len(self.lines) else ())
            self.show(self.lines, cursor)

    @override
    def on_resize(self) -> None:
        if self.lines is not None and len(self.lines):
            self.set_heads((self.lines.head(self.room),))

    # The selected span

    @property
    def selected(self) -> int | None:
        """The row of the highlighted span in the trace."""
        if self.lines is None or not len(self.lines):
            return None
        return self.lines.rows.shown[min(self.cursor, len(self.lines) - 1)]

    @property
    def selected_id(self) -> str | None:
        """The id of the highlighted span."""
        row = self.selected
        return None if row is None or self.lines is None else self.lines.rows.trace.ids[row]

    def select(self, row: int) -> None:
        """Highlight a span, after showing it if it is hidden."""
        if self.lines is not None:
            self.lines.rows.reveal(row)
            self._changed(row)

    def select_id(self, span_id: str) -> bool:
        """Highlight the span with an id; False when the trace does not have it."""
        row = self.lines.rows.trace.row_of(span_id) if self.lines is not None else None
        if row is not None:
            self.select(row)
        return row is not None

    def search(self, text: str) -> None:
        """Show only spans with a text, and what is above them; "" for all."""
        if self.lines is None:
            return
        row = self.selected
        self.lines.rows.search(text)
        matches = self.lines.rows.matches
        if matches and (row is None or row not in matches):
            row = self.lines.rows.next_match(row or 0, 1)
        self._changed(row)

    def _changed(self, row: int | None) -> None:
        """The rows changed: show them, with the highlight on a row."""
        if self.lines is None:
            return
        before = self.cursor
        self._show()
        self.move_to(0 if row is None else self.lines.rows.index_of(row))
        if self.cursor == before:
            # The line is the same, the span on it may be another.
            self.post_message(self.CursorMoved(self))
        self.post_message(self.Changed())

    # Keys

    @override
    def action_open(self) -> None:
        row = self.selected
        if row is None or self.lines is None:
            return
        if opens_run(self.lines.rows, row):
            self.post_message(self.RunOpened(self.lines.rows.trace.run_id(row)))
        else:
            self.post_message(self.SpanOpened())

    def action_fold(self) -> None:
        """Fold the span, or go to its parent."""
        if self.lines is not None and (row := self.selected) is not None:
            self._changed(self.lines.rows.fold(row))

    def action_unfold(self) -> None:
        """Unfold the span, or go to its first child."""
        if self.lines is not None and (row := self.selected) is not None:
            self._changed(self.lines.rows.unfold(row))

    def action_fold_to(self, level: int) -> None:
        """Show so many levels."""
        if self.lines is not None:
            row = self.selected
            self.lines.rows.fold_to(level)
            self._changed(row)

    def action_unfold_all(self) -> None:
        """Show all levels."""
        if self.lines is not None:
            row = self.selected
            self.lines.rows.unfold_all()
            self._changed(row)

    def action_find(self) -> None:
        """Look for a text."""
        self.post_message(self.FindAsked())

    def action_next_match(self, step: int) -> None:
        """Go to the next or previous match."""
        if self.lines is None or (row := self.selected) is None:
            return
        match = self.lines.rows.next_match(row, step)
        if match is not None:
            self._changed(match)

    def action_next_error(self) -> None:
        """Go to the next span that went wrong."""
        if self.lines is None:
            return
        wrong = self.lines.rows.next_error(-1 if self.selected is None else self.selected)
        if wrong is None:
            self.app.notify("no span went wrong", markup=False, timeout=3)
        else:
            self.select(wrong)

    def action_toggle_engine(self) -> None:
        """Show or hide the engine's own lines."""
        if self.lines is not None:
            row = self.selected
            self.lines.rows.toggle_engine()
            self._changed(row)

    def action_toggle_queue(self) -> None:
        """Count queue time in or out."""
        if self.lines is not None:
            self.lines.toggle_queue()
            self._changed(self.selected)

    def action_zoom(self, direction: int) -> None:
        """Zoom the time axis in or out, around the span."""
        if self.lines is not None and (row := self.selected) is not None:
            self.lines.zoom(direction, row)
            self._changed(row)

    def action_fit(self) -> None:
        """Fit the axis to the span, or to the run again."""
        if self.lines is not None and (row := self.selected) is not None:
            self.lines.fit(row)
            self._changed(row)

    def action_save_shown(self) -> None:
        """Save what is shown."""
        self.post_message(self.SaveAsked())
