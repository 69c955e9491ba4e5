"""Our trace and log with many lines: `python -m tests.bench.span_views trace|log COUNT`.

Keys: F5 shows it; trace: F6 unfolds all, F7 folds or unfolds the highlighted branch; log: F8
adds 100 lines a second at the end.
"""

import sys
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.widgets import Header
from typing_extensions import override

from tests.bench.spans import START_NS, log_of, trace_of
from trigdash.model.event import EventLog
from trigdash.model.span_times import SpanTimes
from trigdash.ui.theme.paint import THEMES, variable_defaults
from trigdash.ui.widgets.event_log import EventLogView
from trigdash.ui.widgets.trace_view import TraceView


class SpanApp(App[None]):
    """One view below a header."""

    BINDINGS: ClassVar = [("f5", "load", "Load")]

    def __init__(self) -> None:
        super().__init__()
        self.animation_level = "none"
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = "trigdash-dark"

    @override
    def get_theme_variable_defaults(self) -> dict[str, str]:
        return variable_defaults()

    def on_ready(self) -> None:
        """Say that keys may come."""
        self.sub_title = "ready"


class OurTrace(SpanApp):
    """A TraceView."""

    BINDINGS: ClassVar = [("f6", "unfold_all", "All"), ("f7", "fold_branch", "Fold")]

    def __init__(self, count: int) -> None:
        super().__init__()
        self._trace = trace_of(count)
        self._view = TraceView()

    @override
    def compose(self) -> ComposeResult:
        yield Header()
        yield self._view

    def action_load(self) -> None:
        """Show the trace with its branches folded."""
        self._view.show_trace(self._trace, SpanTimes(self._trace), START_NS)
        self._view.action_fold_to(1)
        self._view.focus()

    def action_unfold_all(self) -> None:
        """Unfold everything."""
        self._view.action_unfold_all()

    def action_fold_branch(self) -> None:
        """Fold or unfold the highlighted branch."""
        lines, row = self._view.lines, self._view.selected
        if lines is None or row is None:
            return
        if len(lines.rows.shown) > 1 and lines.rows.folded_below(row) and self._is_folded(row):
            self._view.action_unfold()
        else:
            self._view.action_fold()

    def _is_folded(self, row: int) -> bool:
        lines = self._view.lines
        assert lines is not None
        at = lines.rows.index_of(row) + 1
        return at >= len(lines.rows.shown) or lines.rows.parent[lines.rows.shown[at]] != row


class OurLog(SpanApp):
    """An EventLogView that follows its end."""

    BINDINGS: ClassVar = [("f8", "grow", "Grow")]

    def __init__(self, count: int) -> None:
        super().__init__()
        self._entries = log_of(count)
        self._count = count
        self._grown: list[EventLog] = []
        self._view = EventLogView()

    @override
    def compose(self) -> ComposeResult:
        yield Header()
        yield self._view

    def action_load(self) -> None:
        """Show the log from its end."""
        self._view.show_log(self._entries, START_NS, live=True)
        self._view.focus()

    def action_grow(self) -> None:
        """Prepare the answers of the next seconds, then show one each second."""
        self._grown = [log_of(self._count + 100 * turn) for turn in range(1, 13)]
        self.sub_title = "updating"
        self.set_interval(1.0, self._show_next)

    def _show_next(self) -> None:
        if self._grown:
            self._view.show_log(self._grown.pop(0), START_NS, live=True)


if __name__ == "__main__":
    {"trace": OurTrace, "log": OurLog}[sys.argv[1]](int(sys.argv[2])).run()
