"""The trace tab: tree and waterfall, the selected span at the side or below."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.binding import BindingType
from textual.containers import Container
from textual.timer import Timer
from textual.widget import Widget
from typing_extensions import override

from trigdash.model.capability import Capability
from trigdash.model.moment import datetime_of
from trigdash.model.span_event import LEVELS, SpanKind
from trigdash.presentation.cell import Cell, Piece
from trigdash.presentation.list_states import unread_count_cell
from trigdash.presentation.units import count, plural
from trigdash.service.cache.store import Snapshot
from trigdash.service.runs.detail import TraceQuery
from trigdash.ui.input.keys import bindings
from trigdash.ui.screens.run.inspector import InspectedPane, Inspector
from trigdash.ui.screens.run.pane import Pane
from trigdash.ui.subject import RunStep
from trigdash.ui.widgets.field_list import FieldList
from trigdash.ui.widgets.filter_line import FilterLine
from trigdash.ui.widgets.line_list import LineList
from trigdash.ui.widgets.trace_view import TraceView

if TYPE_CHECKING:
    from trigdash.model.trace import Trace
    from trigdash.service.cache.query import Query

REST_S = 0.2
"""How long the cursor rests on a span before its properties are read."""
BESIDE_FROM = 150
"""With this many columns or more, the inspector is beside the trace."""
INSPECTOR_FROM = 12
"""Lines below which there is no room for an inspector below the trace."""

SAVED = ("depth", "message", "start", "duration_ms", "level", "attempt", "run", "span")


def _cut(trace: Trace, shown: int) -> list[Piece]:
    """What is missing of a trace, and how far reading the rest has come."""
    pages = trace.pages
    if pages is not None and pages.is_under_way:
        so_far = f", {count(pages.spans)} spans so far" if pages.spans else ""
        return [(f"reading the rest by pages{so_far}   ", "accent")]
    if not trace.truncated:
        return []
    why = f" ({pages.refused})" if pages is not None and pages.refused else ""
    return [(f"truncated by the server, {count(shown)} spans shown{why}   ", "warn")]


class TracePane(Pane):
    """Tree, waterfall and inspector."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("steps")
    TAB: ClassVar[str] = "trace"
    KEY: ClassVar[str] = "t"
    TITLE: ClassVar[str] = "Trace"
    SOURCE: ClassVar[str] = "trace"
    NEEDS: ClassVar[Capability] = Capability.TRACE
    WHAT: ClassVar[str] = "the trace"
    SEARCH: ClassVar[str] = "text of a span"
    DEFAULT_CSS = """
    TracePane .split { height: 1fr; layout: vertical; }
    TracePane .split > TraceView { height: 3fr; }
    TracePane .split > .inspected { height: 2fr; border-top: solid $ground-selected; }
    TracePane.-beside .split { layout: horizontal; }
    TracePane.-beside .split > TraceView { height: 1fr; width: 1fr; }
    TracePane.-beside .split > .inspected {
        height: 1fr; width: 58; border-top: none; border-left: solid $ground-selected;
    }
    TracePane.-low .split > .inspected { display: none; }
    TracePane.-low.-close .split > .inspected { display: block; height: 1fr; border-top: none; }
    TracePane.-low.-close .split > TraceView { display: none; }
    """
    _rest: Timer | None = None
    _wanted_span: str | None = None

    @override
    def compose_body(self) -> Iterable[Widget]:
        with Container(classes="split"):
            yield TraceView(id="spans")
            with InspectedPane(classes="inspected").kept_in(
                self.host.session.choices, "pane.trace"
            ):
                yield Inspector()

    @property
    def spans(self) -> TraceView:
        """The tree."""
        return self.query_one(TraceView)

    @property
    def inspector(self) -> Inspector:
        """The selected span."""
        return self.query_one(Inspector)

    @override
    def queries(self) -> Iterable[Query[Any]]:
        span = self.inspector.span_query if self.is_ready else None
        trace = (TraceQuery(self.view.run_id),) if self.host.can(Capability.TRACE) else ()
        return (*trace, span) if span is not None else trace

    # What is shown

    @override
    def has_data(self) -> bool:
        return self.view.trace is not None and len(self.view.trace) > 0

    @override
    def show_data(self, now: datetime) -> None:
        trace, times = self.view.trace, self.view.times
        if trace is None or times is None:
            return
        self.spans.show_trace(trace, times, self.now_ns)
        if self._wanted_span is not None and self.spans.select_id(self._wanted_span):
            self._wanted_span = None
        self._inspect()
        self._show_scope()

    @override
    def show_time(self, now: datetime) -> None:
        if not self.is_ready:
            return
        self.spans.tick(self.now_ns)
        times = self.view.times
        if times is not None and times.is_live and self.has_data():
            self._inspect()

    @override
    def show_snapshot(self, query: Query[Any], snapshot: Snapshot[Any]) -> None:
        if query == self.inspector.span_query:
            self.inspector.take(snapshot)

    @override
    def gone_lines(self) -> list[Cell]:
        run = self.view.run
        lines: list[Cell] = [(("the server has no trace of this run", "text"),)]
        if run is not None and run.started_at is None:
            lines.append((("it has not started", "dim"),))
        else:
            lines.append((("its spans may have outlived the plan's log retention", "dim"),))
        return lines

    def select_span(self, span_id: str) -> None:
        """Highlight a span, at once or when it has arrived."""
        if not (self.is_ready and self.has_data() and self.spans.select_id(span_id)):
            self._wanted_span = span_id

    @override
    def count(self) -> str:
        trace = self.view.trace
        if trace is None:
            return ""
        spans = len(trace) - trace.kind.count(SpanKind.ENGINE)
        return count(spans) + ("+" if trace.truncated else "")

    def _show_scope(self) -> None:
        """What is left out or looked for, at the right of the search."""
        lines, trace = self.spans.lines, self.view.trace
        if lines is None or trace is None:
            return
        rows = lines.rows
        said: list[Piece] = []
        said += _cut(trace, len(trace) - rows.hidden_engine_lines)
        said += unread_count_cell(trace.unreadable, "span")
        if rows.text:
            at = rows.match_number(self.spans.selected or 0)
            role = "text" if rows.matches else "warn"
            of = f"{at or '–'} of {count(len(rows.matches))} matches"
            said.append((f"{of if rows.matches else 'no match'}   ", role))
        if hidden := rows.hidden_engine_lines:
            said.append((f"{plural(hidden, 'internal line')} hidden   ", "faint"))
        if not lines.counts_queue:
            said.append(("without queue time   ", "queued"))
        if lines.is_zoomed:
            said.append(("zoomed   ", "accent"))
        self.query_one(FilterLine).show(self._searched(), tuple(said))

    def _searched(self) -> str:
        lines = self.spans.lines
        return lines.rows.text if lines is not None else ""

    # The selected span

    def _inspect(self) -> None:
        times, row = self.view.times, self.spans.selected
        if times is None or row is None:
            return
        self.inspector.look_at(times, row, self.now_ns)
        if self.inspector.span_query is None:
            self._rest_before_asking()

    def _rest_before_asking(self) -> None:
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(REST_S, self._ask)

    def _ask(self) -> None:
        if self.inspector.size.height and self.has_class("-open"):
            self.inspector.fetch()
            self.host.sync()

    @on(LineList.CursorMoved, "#spans")
    def _cursor_moved(self, message: LineList.CursorMoved) -> None:
        message.stop()
        self._inspect()
        self._show_scope()

    @on(TraceView.Changed)
    def _view_changed(self, message: TraceView.Changed) -> None:
        message.stop()
        self._show_scope()

    @on(TraceView.RunOpened)
    def _open_run(self, message: TraceView.RunOpened) -> None:
        message.stop()
        self.open_target(("run", message.run_id))

    @on(TraceView.SpanOpened)
    def _open_span(self, message: TraceView.SpanOpened) -> None:
        message.stop()
        self.add_class("-close")
        self.inspector.focus()

    @on(FieldList.FramesToggled)
    def _toggle_frames(self, message: FieldList.FramesToggled) -> None:
        message.stop()
        self.inspector.toggle_frames()

    def on_resize(self, event: events.Resize) -> None:
        """Place the inspector beside or below, depending on the room."""
        self.set_class(event.size.width >= BESIDE_FROM, "-beside")
        beside = event.size.width >= BESIDE_FROM
        self.set_class(event.size.height < INSPECTOR_FROM and not beside, "-low")
        self.query_one(InspectedPane).fit()

    # Starting again

    def action_restart(self) -> None:
        """Restart the run from the step under the cursor."""
        trace, row, run = self.view.trace, self.spans.selected, self.view.run
        if reason := self.host.session.disabled_reason(Capability.RESTART):
            self.host.trigdash.toast(reason)
        elif trace is None or row is None or run is None or trace.depth[row] == 0:
            self.host.trigdash.toast("choose the step to restart from: this is the whole run")
        else:
            steps = [at for at in range(len(trace)) if trace.depth[at] == 1]
            kept = [trace.messages[at] for at in steps if at < row]
            again = [trace.messages[at] for at in steps if at >= row]
            subject = RunStep(run.row(), trace.messages[row], kept, again)
            self.host.trigdash.start_action("restart", subject)

    # Searching, copying, saving

    @on(TraceView.FindAsked)
    def _find(self, message: TraceView.FindAsked) -> None:
        message.stop()
        self.edit_search()

    @override
    def search(self, line: str) -> None:
        self.spans.search(line)
        self._show_scope()

    @override
    def clear(self) -> bool:
        if self.inspector.has_focus:
            self.remove_class("-close")
            self.spans.focus()
            return True
        if self._searched():
            self.search("")
            return True
        return False

    @override
    def copied(self) -> tuple[str, str] | None:
        if self.inspector.has_focus:
            field = self.inspector.field
            return (field.copied, field.label) if field is not None else None
        row, trace = self.spans.selected, self.view.trace
        return None if row is None or trace is None else (trace.ids[row], "span id")

    @on(TraceView.SaveAsked)
    def _save(self, message: TraceView.SaveAsked) -> None:
        message.stop()
        lines = self.spans.lines
        if lines is not None:
            rows = lines.rows.shown
            self.host.save("trace", SAVED, [self._record(row) for row in rows])

    def _record(self, row: int) -> Mapping[str, object]:
        trace, times = self.view.trace, self.view.times
        assert trace is not None
        assert times is not None
        return {
            "depth": trace.depth[row],
            "message": trace.messages[row],
            "start": datetime_of(trace.start_ns[row]).isoformat(),
            "duration_ms": times.length_ns(row, self.now_ns) / 1e6,
            "level": LEVELS[trace.level[row]],
            "attempt": trace.attempt[row] or None,
            "run": trace.run_id(row),
            "span": trace.ids[row],
        }
