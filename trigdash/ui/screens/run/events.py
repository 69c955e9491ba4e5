"""The events tab: the run's log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, overload

from textual import on
from textual.widget import Widget
from typing_extensions import override

from trigdash.model.capability import Capability
from trigdash.model.moment import datetime_of
from trigdash.model.span_event import LEVELS
from trigdash.presentation.cell import Cell, Piece
from trigdash.presentation.list_states import unread_count_cell
from trigdash.presentation.run.event_lines import EventFilter, EventLines, TimeStyle
from trigdash.presentation.units import count
from trigdash.service.filters.text_pattern import BadPattern
from trigdash.service.runs.detail import EventsQuery
from trigdash.ui.screens.run.pane import Pane
from trigdash.ui.widgets.event_log import EventLogView
from trigdash.ui.widgets.filter_line import FilterLine
from trigdash.ui.widgets.line_list import LineList

if TYPE_CHECKING:
    from trigdash.service.cache.query import Query

QUICK_ENTRIES = 100_000
"""Entries that are searched again with every letter: about 50 ms."""

SAVED = ("time", "level", "attempt", "message", "duration_ms", "span")


class EventsPane(Pane):
    """The log, its filter and what it follows."""

    TAB: ClassVar[str] = "events"
    KEY: ClassVar[str] = "e"
    TITLE: ClassVar[str] = "Events"
    SOURCE: ClassVar[str] = "events"
    NEEDS: ClassVar[Capability] = Capability.EVENTS
    WHAT: ClassVar[str] = "the log"
    SEARCH: ClassVar[str] = "text, or /regular expression/"

    @override
    def compose_body(self) -> Iterable[Widget]:
        yield EventLogView(id="log")

    @property
    def lines_view(self) -> EventLogView:
        """The log on screen."""
        return self.query_one(EventLogView)

    @override
    def queries(self) -> Iterable[Query[Any]]:
        return (EventsQuery(self.view.run_id),) if self.host.can(Capability.EVENTS) else ()

    @override
    def has_data(self) -> bool:
        return self.view.log is not None and len(self.view.log) > 0

    @override
    def show_data(self, now: datetime) -> None:
        log, run = self.view.log, self.view.run
        if log is not None:
            live = run is not None and not run.status.is_final
            start_ns, end_ns = self.view.start_ns(), self.view.run_end_ns
            self.lines_view.show_log(log, start_ns, live=live, run_end_ns=end_ns)
            self._show_scope()

    @override
    def count(self) -> str:
        return count(len(self.view.log)) if self.view.log is not None else ""

    def _show_scope(self) -> None:
        """How the log is narrowed and followed, at the right of the search."""
        view = self.lines_view
        lines = view.lines
        if lines is None:
            return
        said: list[Piece] = []
        event_filter = lines.filter
        if lines.log.dropped:
            said.append((f"{count(lines.log.dropped)} more not held   ", "warn"))
        said += unread_count_cell(lines.log.unreadable, "entry", "entries")
        if view.new_below and not view.follows:
            said += [
                (f"+{count(view.new_below)} new ", "strong"),
                ("G", "key"),
                (" shows   ", "dim"),
            ]
        if event_filter.span_id is not None:
            said += [("one span only ", "accent"), ("s", "key"), (" shows all   ", "dim")]
        if event_filter.level:
            above = "only" if event_filter.level == len(LEVELS) - 1 else "and above"
            said.append((f"{LEVELS[event_filter.level]} {above}   ", "accent"))
        if event_filter.text:
            said += _search_words(lines)
        if not (len(lines.shown) or event_filter.text):
            said += [("no such line, ", "warn"), ("esc", "key"), (" shows all   ", "warn")]
        if lines.time_style is not TimeStyle.RELATIVE:
            said.append((f"time {lines.time_style.value}   ", "dim"))
        if view.follows and view.is_live:
            said.append(("following   ", "running"))
        self.query_one(FilterLine).show(event_filter.text, tuple(said))

    @override
    def empty_lines(self) -> list[Cell]:
        return [(("nothing was logged yet", "dim"),)]

    @on(EventLogView.Changed)
    def _view_changed(self, message: EventLogView.Changed) -> None:
        message.stop()
        self._show_scope()

    # Searching and scope

    @on(EventLogView.FindAsked)
    def _find(self, message: EventLogView.FindAsked) -> None:
        message.stop()
        self.edit_search()

    @override
    def searches_quickly(self) -> bool:
        return self.view.log is not None and len(self.view.log) <= QUICK_ENTRIES

    @override
    def preview(self, line: str) -> str:
        text = line.strip()
        # A regular expression is one before its last slash is typed.
        return f"{text}/" if len(text) > 1 and text[0] == "/" and text[-1] != "/" else text

    @override
    def check(self, line: str) -> str | None:
        try:
            _ = EventFilter(text=line.strip()).pattern
        except BadPattern as problem:
            return str(problem)
        return None

    @override
    def search(self, line: str) -> None:
        if self.lines_view.lines is not None:
            self.lines_view.narrow(replace(self.lines_view.lines.filter, text=line))

    @override
    def clear(self) -> bool:
        lines = self.lines_view.lines
        if lines is None or not lines.filter.is_set():
            return False
        self.lines_view.narrow(EventFilter())
        return True

    @on(EventLogView.ScopeAsked)
    def _scope(self, message: EventLogView.ScopeAsked) -> None:
        message.stop()
        lines = self.lines_view.lines
        if lines is None:
            return
        if lines.filter.span_id is not None:
            self.lines_view.narrow(replace(lines.filter, span_id=None))
        elif (span_id := self.host.selected_span()) is not None:
            self.lines_view.narrow(replace(lines.filter, span_id=span_id))
        else:
            self.host.trigdash.toast("select a span in the trace first")

    # Opening, copying, saving

    @on(LineList.Opened, "#log")
    def _open_span(self, message: LineList.Opened) -> None:
        message.stop()
        lines, entry = self.lines_view.lines, self.lines_view.entry
        if lines is not None and entry is not None:
            self.open_target(("span", lines.log.span_id(entry)))

    @override
    def copied(self) -> tuple[str, str] | None:
        lines = self.lines_view.lines
        if lines is None or not len(lines.shown):
            return None
        return lines.text(lines.shown[self.lines_view.cursor]), "the line"

    @on(EventLogView.SaveAsked)
    def _save(self, message: EventLogView.SaveAsked) -> None:
        message.stop()
        if self.lines_view.lines is not None:
            self.host.save("events", SAVED, SavedLines(self.lines_view.lines))


def _search_words(lines: EventLines) -> list[Piece]:
    """How many entries have the text; what was not searched, if anything."""
    search, shown = lines.search, len(lines.matching or ())
    if search is None:
        return []
    around = f", {lines.filter.context} lines around" if lines.filter.context else ""
    found = f"{count(shown)} matches{around}"
    part = f"{search.searched * 100 // max(len(lines.log), 1)} %"
    if lines.is_searching:
        return [(f"{found}, searching {part}   ", "dim")]
    if search.gave_up:
        return [(f"{found}; too slow, gave up after {part}   ", "warn")]
    if search.too_slow:
        return [(f"{found}; {count(len(search.too_slow))} lines took too long   ", "warn")]
    if not shown:
        return [("no match, esc shows all   ", "warn")]
    return [(f"{found}   ", "text")]


class SavedLines(Sequence[Mapping[str, object]]):
    """The shown lines as records, made when they are written."""

    def __init__(self, lines: EventLines) -> None:
        # Of the log as it is now: a newer one may arrive before the file has its name.
        self._lines = EventLines(lines.log)
        self._shown = lines.shown

    @override
    def __len__(self) -> int:
        return len(self._shown)

    @overload
    def __getitem__(self, index: int) -> Mapping[str, object]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Mapping[str, object]]: ...
    @override
    def __getitem__(
        self, index: int | slice
    ) -> Mapping[str, object] | Sequence[Mapping[str, object]]:
        if isinstance(index, slice):
            return [self._record(line) for line in self._shown[index]]
        return self._record(self._shown[index])

    @override
    def __iter__(self) -> Iterator[Mapping[str, object]]:
        return (self._record(line) for line in self._shown)

    def _record(self, line: int) -> Mapping[str, object]:
        lines = self._lines
        entry, log = lines.entry(line), lines.log
        return {
            "time": datetime_of(log.start_ns[entry]).isoformat(),
            "level": log.level_name(entry),
            "attempt": log.attempt[entry] or None,
            "message": lines.text(line),
            "duration_ms": log.duration_ns[entry] / 1e6,
            "span": log.span_id(entry),
        }
