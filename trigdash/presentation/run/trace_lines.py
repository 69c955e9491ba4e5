"""The lines of a trace: message, bar and duration of each shown span, on one time axis. Pure."""

from trigdash.model.span_times import SpanTimes
from trigdash.presentation.cell import Cell, cell_width
from trigdash.presentation.run.spans import TraceColumns, length_cell, message_cell, span_bar
from trigdash.presentation.run.trace_rows import TraceRows
from trigdash.presentation.run.waterfall import Axis, axis_line

ZOOM_STEP = 0.5
"""Each step shows half as much of the axis."""


class TraceLines:
    """A trace as lines; also holds the visible part of the time axis."""

    def __init__(self, rows: TraceRows, times: SpanTimes, now_ns: int) -> None:
        self.rows = rows
        self.times = times
        self.now_ns = now_ns
        self.counts_queue = True
        """Whether the axis begins when the run was created, or when its first attempt began."""
        self._look: Axis | None = None
        """A closer look; None for the whole run."""

    def __len__(self) -> int:
        return len(self.rows.shown)

    def line(self, index: int, width: int) -> Cell:
        """One shown span."""
        row = self.rows.shown[index]
        columns = TraceColumns.of(width)
        message = message_cell(self.rows, self.times, row, columns.message)
        length = length_cell(self.times, row, self.now_ns)
        left = (" " * (columns.message - cell_width(message)), "text")
        right = (" " * max(columns.length - cell_width(length), 0), "text")
        if not columns.bar:
            return (*message, left, right, *length)
        bar = span_bar(self.times, row, self.axis, columns.bar, self.now_ns)
        return (*message, left, ("  ", "text"), *bar, right, *length)

    def head(self, width: int) -> Cell:
        """The labels of the axis."""
        columns = TraceColumns.of(width)
        if not columns.bar:
            return ()
        return ((" " * (columns.message + 2), "text"), *axis_line(self.axis, columns.bar))

    # The axis

    @property
    def whole(self) -> Axis:
        """The axis of the whole run."""
        start, end = self.times.bounds_ns(self.now_ns)
        if not self.counts_queue:
            start = self.times.queued_until.get(0, start)
        return Axis(start, max(end, start + 1), start)

    @property
    def axis(self) -> Axis:
        """The visible part of the axis."""
        whole = self.whole
        if self._look is None:
            return whole
        return Axis(self._look.start_ns, self._look.end_ns, whole.start_ns)

    @property
    def is_zoomed(self) -> bool:
        """Whether only a part of the axis is visible."""
        return self._look is not None

    def zoom(self, direction: int, row: int) -> None:
        """A closer (1) or wider (-1) look around a span."""
        axis, whole = self.axis, self.whole
        start, end = self.times.trace.start_ns[row], self.times.end_ns(row, self.now_ns)
        middle = (max(start, axis.start_ns) + min(end, axis.end_ns)) // 2
        if not axis.start_ns <= middle <= axis.end_ns:
            middle = (start + end) // 2
        factor = ZOOM_STEP if direction > 0 else 1 / ZOOM_STEP
        look = axis.zoomed(factor, middle).within(whole)
        self._look = None if look.length_ns >= whole.length_ns else look

    def fit(self, row: int) -> None:
        """Zoom to exactly one span; back to the whole run if it is zoomed to that span already."""
        whole = self.whole
        start = max(self.times.trace.start_ns[row], whole.start_ns)
        end = min(max(self.times.end_ns(row, self.now_ns), start + 1_000), whole.end_ns)
        margin = max((end - start) // 50, 500)
        look = Axis(start - margin, end + margin, whole.start_ns).within(whole)
        same = self._look is not None and (look.start_ns, look.end_ns) == (
            self._look.start_ns,
            self._look.end_ns,
        )
        self._look = None if same or look.length_ns >= whole.length_ns else look

    def toggle_queue(self) -> None:
        """Count queue time in or out."""
        self.counts_queue = not self.counts_queue
        self._look = None
