"""The log of a run on screen: leveled, searched, wrapped and followed by keys."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.message import Message
from typing_extensions import override

from trigdash.presentation.cell import Cell
from trigdash.presentation.run.event_lines import EventFilter, EventLines
from trigdash.presentation.run.row_cells import event_line
from trigdash.ui.input.keys import bindings
from trigdash.ui.widgets.line_list import LineList

if TYPE_CHECKING:
    from trigdash.model.event import EventLog

SLICE_S = 0.03
"""Seconds of work of a search between which keys are answered."""
SHOW_EVERY_S = 0.5
"""How often what a long search has found is shown."""
CONTEXTS = (0, 2, 5)
"""Entries shown around each match; the key goes round these."""


class LogSource:
    """The lines of a log, with the moment that their times count from."""

    def __init__(self, lines: EventLines, start_ns: int) -> None:
        self.lines = lines
        self.start_ns = start_ns

    def __len__(self) -> int:
        return len(self.lines.shown)

    def line(self, index: int, width: int) -> Cell:
        """One line."""
        return event_line(self.lines, index, self.start_ns)


class EventLogView(LineList):
    """Shows a log; follows its end until the user scrolls up."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("events")

    class FindAsked(Message):
        """The user wants to narrow by a text."""

    class SaveAsked(Message):
        """The user wants to save what is shown."""

    class ScopeAsked(Message):
        """The user wants to see the selected span's lines only, or all again."""

    class Changed(Message):
        """What is shown changed by a key."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.lines: EventLines | None = None
        self.follows = False
        """Whether new lines at the end are shown as they come."""
        self.is_live = False
        """Whether more may come."""
        self.new_below = 0
        """Lines that came while the end was not followed."""
        self._seen = 0

    def show_log(
        self, log: EventLog, start_ns: int, *, live: bool, run_end_ns: int | None = None
    ) -> None:
        """Show a log, or a newer one of the same run; `run_end_ns` once that has ended."""
        self.is_live = live
        if self.lines is None:
            self.lines = EventLines(log)
            self.follows = live
        self.lines.run_end_ns = run_end_ns
        if log is not self.lines.log:
            entry, before = self.entry, self.count
            part = self.lines.part(self.lines.shown[self.cursor]) if entry is not None else 0
            now_at = self.lines.replace(log, entry or 0)
            grown = len(self.lines.shown) - before
            self.new_below = 0 if self.follows else max(self.new_below + grown, 0)
            self._search_on()
            if not self.follows and entry is not None:
                self.show(LogSource(self.lines, start_ns), self.lines.index_of(now_at, part))
                return
        self.show(LogSource(self.lines, start_ns))
        if self.follows:
            self.move_to(self.count - 1)

    @property
    def entry(self) -> int | None:
        """The entry under the cursor."""
        if self.lines is None or not len(self.lines.shown):
            return None
        shown = self.lines.shown
        return self.lines.entry(shown[min(self.cursor, len(shown) - 1)])

    def narrow(self, event_filter: EventFilter) -> None:
        """Show something else, the cursor on the same entry or near it. May raise BadPattern."""
        if self.lines is None:
            return
        entry = self.entry
        self.lines.narrow(event_filter)
        self._reshow(entry)
        self._search_on()

    def _search_on(self) -> None:
        """Go on with a search that takes longer than a moment."""
        if self.lines is not None and self.lines.is_searching:
            self.run_worker(self._searching(self.lines), group="search", exclusive=True)

    async def _searching(self, lines: EventLines) -> None:
        shown_s = monotonic()
        while lines.is_searching:
            # Half of the time is for keys.
            await asyncio.sleep(SLICE_S)
            is_over = lines.search_on(SLICE_S)
            if is_over or monotonic() >= shown_s + SHOW_EVERY_S:
                lines.show_found()
                self._reshow(self.entry)
                shown_s = monotonic()
            else:
                self.post_message(self.Changed())

    def _reshow(self, entry: int | None) -> None:
        if self.lines is None or not isinstance(self.source, LogSource):
            return
        self.show(self.source)
        last = self.count - 1
        self.move_to(last if self.follows or entry is None else self.lines.index_of(entry))
        self.post_message(self.Changed())

    # The end

    @override
    def move_to(self, index: int) -> None:
        super().move_to(index)
        if self.follows and self.cursor < self.count - 1:
            self.follows = False
            self.post_message(self.Changed())

    @override
    def scroll_lines(self, delta: int) -> None:
        if delta < 0 and self.follows:
            self.follows = False
            self.post_message(self.Changed())
        super().scroll_lines(delta)

    @override
    def action_bottom(self) -> None:
        self.new_below = 0
        self.follows = True
        super().action_bottom()
        self.post_message(self.Changed())

    def action_toggle_follow(self) -> None:
        """Follow the newest lines, or stop following."""
        if self.follows:
            self.follows = False
            self.post_message(self.Changed())
        else:
            self.action_bottom()

    # Keys

    def action_level(self, level: int) -> None:
        """Show lines of this level and above."""
        if self.lines is not None:
            self.narrow(replace(self.lines.filter, level=level))

    def action_find(self) -> None:
        """Narrow by a text."""
        self.post_message(self.FindAsked())

    def action_next_match(self, step: int) -> None:
        """Go to the next or previous match."""
        if self.lines is not None:
            index = self.lines.next_match(self.cursor, step)
            if index is not None:
                self.follows = False
                self.move_to(index)
                self.post_message(self.Changed())

    def action_next_error(self) -> None:
        """Go to the next entry that went wrong."""
        index = self.lines.next_error(self.cursor) if self.lines is not None else None
        if index is None:
            self.app.notify("nothing that is shown went wrong", markup=False, timeout=3)
            return
        self.follows = False
        self.move_to(index)
        self.post_message(self.Changed())

    def action_next_time_style(self) -> None:
        """Write times in another way."""
        if self.lines is not None:
            self.lines.time_style = self.lines.time_style.after()
            self.redraw()
            self.post_message(self.Changed())

    def action_next_context(self) -> None:
        """Show more or fewer lines around matches."""
        if self.lines is not None:
            at = CONTEXTS.index(self.lines.filter.context)
            context = CONTEXTS[(at + 1) % len(CONTEXTS)]
            self.narrow(replace(self.lines.filter, context=context))

    def action_toggle_wrap(self) -> None:
        """Continue long lines below, or cut them."""
        self.wraps = not self.wraps
        self.move_to(self.cursor)
        self.post_message(self.Changed())

    def action_toggle_unfolding(self) -> None:
        """Show or fold exceptions and further lines."""
        if self.lines is not None:
            entry = self.entry
            self.lines.toggle_unfolding()
            self._reshow(entry)

    def action_toggle_scope(self) -> None:
        """Show the selected span's lines only, or all again."""
        self.post_message(self.ScopeAsked())

    def action_save_shown(self) -> None:
        """Save what is shown."""
        self.post_message(self.SaveAsked())
