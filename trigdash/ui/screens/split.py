"""Two environments side by side: two lists of runs with one filter, and their counts compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Any, ClassVar

from textual import events, on, work
from textual.containers import Container
from textual.widget import Widget
from typing_extensions import override

from trigdash.model.moment import local
from trigdash.model.run_filter import RunFilter
from trigdash.model.run_row import RunRow
from trigdash.presentation.cell import Cell
from trigdash.presentation.environments import read_environment
from trigdash.presentation.run_line import explain
from trigdash.presentation.split import comparison, only_here
from trigdash.service.cache.store import LOADING, Snapshot
from trigdash.service.filters.description import format_filter, window_text
from trigdash.service.runs.run_list import Gap
from trigdash.ui.screens.filtered_runs import FilterHelp
from trigdash.ui.screens.list import ListScreen
from trigdash.ui.screens.split_side import SplitSide
from trigdash.ui.widgets.filter_line import FilterLine
from trigdash.ui.widgets.line import Line, MenuItem
from trigdash.ui.widgets.row_table import RowTable
from trigdash.ui.widgets.text_panes import Explanation

SIDE_BY_SIDE = 100
"""With this many columns of the terminal or more, the two lists are side by side."""


class SplitScreen(ListScreen):
    """The run list here and that of another environment. Each side has its own connection and its
    own rate limit; nothing is written from here."""

    LEGEND: ClassVar[tuple[str, ...]] = ("split", "runs", "bar", "colors")
    FOOTER: ClassVar[tuple[str, ...]] = (
        "table.open",
        "app.next_pane",
        "list.filter",
        "table.sort",
        "list.copy",
        "list.save",
        "app.back",
        "app.help",
    )
    HORIZONTAL_BREAKPOINTS = [(0, "-stacked"), (SIDE_BY_SIDE, "-beside")]  # noqa: RUF012  as Textual has it
    DEFAULT_CSS = """
    SplitScreen .sides { height: 1fr; width: 1fr; layout: horizontal; }
    SplitScreen.-tall .sides { margin: 1 0 0 0; }
    SplitScreen.-tall Explanation { margin: 0 0 1 0; }
    SplitScreen.-beside #there { margin: 0 0 0 1; border-left: solid $role-hairline; }
    SplitScreen.-stacked .sides { layout: vertical; }
    SplitScreen.-stacked Explanation { display: none; }
    SplitScreen.-low .compared, SplitScreen.-tiny .compared { display: none; }
    """

    def __init__(self, environment: str, run_filter: RunFilter | None = None) -> None:
        super().__init__()
        self._there = read_environment(environment)
        self._base = self._filter = run_filter or RunFilter()
        self._help = FilterHelp(lambda: self.session.settings.supported_filters, self._local_now)
        self._sides: tuple[SplitSide, ...] = ()
        self._at = 0
        """The side that keys act on."""

    @override
    def compose_body(self) -> Iterable[Widget]:
        other = self.session.beside(self._there)
        there = SplitSide(other, self._filter, id="there", is_own=True)
        there.kept_in(self.session.choices, "pane.split")
        self._sides = (SplitSide(self.session, self._filter, id="here"), there)
        yield FilterLine(self._help.complete, self._help.problem, self._help.example())
        for number in range(3):
            yield Line(id=f"compared-{number}").add_class("compared")
        with Container(classes="sides"):
            yield from self._sides
        yield Explanation(id="explanation")

    @override
    def on_mount(self) -> None:
        self._show_filter()
        self._open_other()

    @property
    def side(self) -> SplitSide:
        """The side that keys act on."""
        return self._sides[self._at]

    @property
    @override
    def table(self) -> RowTable[Any]:
        return self.side.table

    # The other connection

    @work(exclusive=True, group="open the other side")
    async def _open_other(self) -> None:
        there = self._sides[1]
        if not await there.session.keep_opening(there.show_rows):
            return
        if there.session.connection is not None:
            there.session.connection.on_crash = self.trigdash.stop_on_bug
        self.sync()

    @override
    def action_refresh_now(self) -> None:
        """Ask both servers now, or try again to connect."""
        super().action_refresh_now()
        connection = self._sides[1].session.connection
        if connection is None:
            self._open_other()
        else:
            connection.refresh()

    @override
    def action_toggle_polling(self) -> None:
        """Pause or resume polling on both sides."""
        super().action_toggle_polling()
        here, there = (side.session.connection for side in self._sides)
        if here is not None and there is not None and here.paused != there.paused:
            (there.pause if here.paused else there.resume)()
        self.show_time(self.session.clock.now())

    # Watching and showing

    @override
    def sync(self) -> None:
        super().sync()
        if not self.is_alive:
            return
        is_seen = self.is_visible()
        for side in self._sides:
            if side.is_alive:
                side.sync(is_seen=is_seen)
                side.choose()

    @override
    def main_snapshot(self) -> Snapshot[Any]:
        return self._sides[0].snapshot if self._sides else LOADING

    @override
    def window(self) -> str:
        return window_text(self._filter, self._local_now(), self.session.reach)

    def _local_now(self) -> datetime:
        return local(self.session.clock.now())

    @override
    def show_time(self, now: datetime) -> None:
        for side in self._sides:
            if side.is_alive:
                side.show_time(now)
        self.show_cursor()

    @on(SplitSide.Changed)
    def _side_changed(self) -> None:
        if not all(side.is_alive for side in self._sides):
            return
        if self.focused is None and self.side.rows:
            self.table.focus()
        self._compare()
        self.show_cursor()
        self.show_bar()

    def _compare(self) -> None:
        counted = [side.counts() for side in self._sides]
        names = {name for _, by_status in counted for name, number in by_status.items() if number}
        lines = comparison([side for side, _ in counted], names, self.size.width)
        for number, line in enumerate(lines):
            self.query_one(f"#compared-{number}", Line).show(line)
        for side, other in zip(self._sides, self._sides[::-1], strict=True):
            side.mark(only_here(side.rows, other.rows, is_all_there=other.has_all))

    def on_resize(self) -> None:
        """The counts have more room, or less."""
        self._side_changed()

    @override
    def show_cursor(self) -> None:
        row, session = self.side.highlighted, self.side.session
        told: Cell = ()
        if row is not None:
            now_ms = session.clock.now().timestamp() * 1000
            told = explain(row, now_ms, environment_paused=session.environment_paused)
        self.query_one(Explanation).show_text(told)

    @on(events.DescendantFocus)
    def _side_entered(self, event: events.DescendantFocus) -> None:
        at = next((n for n, side in enumerate(self._sides) if side in event.widget.ancestors), None)
        if at is not None and at != self._at:
            self._at = at
            self.show_cursor()
            self.show_footer()

    @override
    def footer_ids(self) -> Iterable[str]:
        return self.FOOTER[1:] if self._at else self.FOOTER

    @override
    def extra_footer(self) -> Iterable[MenuItem]:
        if self._at:
            yield MenuItem("enter", f"open in {self.side.session.environment_name}", "open")

    # Filter and order, the same on both sides

    def _show_filter(self) -> None:
        line = format_filter(self._filter, self._local_now().tzinfo)
        self.query_one(FilterLine).show(line, (), self._help.example())

    def _narrow(self, run_filter: RunFilter) -> None:
        self._filter = run_filter
        for side in self._sides:
            side.narrow(run_filter)
        self._show_filter()

    @override
    def apply_line(self, line: str) -> None:
        run_filter = self._help.parse(line)
        if isinstance(run_filter, str):
            self.trigdash.toast(run_filter, "warning")
        else:
            self._narrow(run_filter)

    @override
    def clear_filter(self) -> bool:
        if self._filter == self._base:
            return False
        self._narrow(self._base)
        return True

    @override
    def state_key(self) -> str:
        return "split"

    @override
    def table_changed(self) -> None:
        for side in self._sides:
            if side.table.sort != self.table.sort:
                side.table.sort = self.table.sort
            side.choose()

    # One run

    @override
    def open_row(self, key: object) -> None:
        row, session = self.table.cursor_row, self.side.session
        if isinstance(row, Gap):
            self.side.fill(row)
        elif self._at == 0:
            self.trigdash.open_detail("run", str(key))
        else:
            place, branch = session.environment_slug, session.branch or None
            self.app.call_later(self.trigdash.open_run_in, place, str(key), branch)

    @override
    def copied_text(self, row: Any) -> str:
        return str(row.id)

    @override
    def key_of(self, row: Any) -> object:
        return row.id

    @override
    def saved_fields(self) -> Mapping[str, Callable[[Any], object]]:
        return {field.name: attrgetter(field.name) for field in fields(RunRow)}
