"""A run list with a filter line: narrowing, going from match to match, acting on every match."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from trigdash.model.moment import local
from trigdash.model.run_filter import RunFilter
from trigdash.model.run_row import RunRow
from trigdash.presentation.cell import Cell
from trigdash.presentation.match_walk import MatchNavigator
from trigdash.presentation.run_columns import NATURAL_SORT
from trigdash.service.filters.completion import Completion, SeenValues, complete
from trigdash.service.filters.description import format_filter, without_text
from trigdash.service.filters.fields import supports
from trigdash.ui.input.keys import bindings
from trigdash.ui.screens.run_list import RunListScreen
from trigdash.ui.screens.run_rows import unloaded_run
from trigdash.ui.widgets.filter_line import FilterLine

if TYPE_CHECKING:
    from trigdash.model.run_filter import RunFilter, SupportedFilters
    from trigdash.service.filters.row_values import RowValue
    from trigdash.service.runs.run_list import RunList

EXAMPLES = ("status", "task", "tag", "since")
"""Fields that an empty filter line suggests: the most common ones."""


class FilterHelp:
    """Help with filters of one list. `supported_filters` is called when needed, since the system
    may not be known yet."""

    def __init__(
        self, supported_filters: Callable[[], SupportedFilters], now: Callable[[], datetime]
    ) -> None:
        self._supported = supported_filters
        self._now = now
        self.seen = SeenValues()
        """Values met in rows, for completion."""

    def parse(self, line: str) -> RunFilter | str:
        """The filter that a line describes, or a message that says what is wrong with the line."""
        from trigdash.service.filters.language import FilterError, parse

        try:
            return parse(line, self._now(), self._supported())
        except FilterError as error:
            return error.words

    def problem(self, line: str) -> str | None:
        """What is wrong with a line; None for a good one."""
        parsed = self.parse(line)
        return parsed if isinstance(parsed, str) else None

    def complete(self, line: str, position: int) -> Completion:
        """Candidates for the next word."""
        return complete(line, position, self.seen, self._supported())

    def example(self) -> str:
        """The hint in an empty filter line."""
        fields = (f"{name}:" for name in EXAMPLES if supports(self._supported(), name))
        return " ".join([*fields, "… or any word"])


_NEWS = 100
"""Rows at either end that may be new: a page."""


class FilteredRunsScreen(RunListScreen):
    """Runs of a filter. What a list begins with stays when its filter is cleared."""

    BINDINGS = bindings("values")
    KEY_GROUPS: ClassVar[tuple[str, ...]] = ("values", *RunListScreen.KEY_GROUPS)

    def __init__(self, run_filter: RunFilter | None = None) -> None:
        super().__init__()
        self._base = self._filter = run_filter or RunFilter()
        self._walk = MatchNavigator(self._filter.text, self._filter.conditions)
        self._help = FilterHelp(lambda: self.session.settings.supported_filters, self._local_now)

    # For subclasses

    @property
    def runs(self) -> RunList | None:
        """The list that is shown; None while nothing is known."""
        raise NotImplementedError

    def filter_changed(self, *, same_query: bool) -> None:
        """Show the runs of the filter; `same_query` if the request to the server stays the same."""

    def filter_note(self, runs: RunList) -> Cell:
        """A note next to the filter."""
        return ()

    @property
    def run_filter(self) -> RunFilter:
        """What the list is narrowed to."""
        return self._filter

    @property
    def seen(self) -> SeenValues:
        """Values met in rows, for completion."""
        return self._help.seen

    @property
    def is_sorted(self) -> bool:
        """Whether the runs are shown in any other order than the newest first."""
        return self.table.sort != NATURAL_SORT

    def observe_ends(self, runs: RunList | None) -> None:
        """Remember values for completion: new rows come at the ends."""
        if runs is not None:
            for rows in (runs.rows[:_NEWS], runs.rows[-_NEWS:]):
                self.seen.observe(rows)
                self.observe_rows(rows)

    def _local_now(self) -> datetime:
        return local(self.session.clock.now())

    def _show_filter(self) -> None:
        note = self._walk.match_label(self.table.cursor_key)
        if self.runs is not None:
            note = (*note, *self.filter_note(self.runs))
        line = format_filter(self._filter, self._local_now().tzinfo)
        self.query_one(FilterLine).show(line, note, self._help.example())

    @override
    def show_cursor(self) -> None:
        super().show_cursor()
        self._show_filter()

    # The filter

    def narrow(self, run_filter: RunFilter) -> None:
        """Show the runs of another filter."""
        same_query = without_text(run_filter) == without_text(self._filter)
        self._filter = run_filter
        self._walk.start(run_filter.text, run_filter.conditions)
        if not same_query:
            self.table.clear_marks()
            self.table.forget_end()
        self.filter_changed(same_query=same_query)
        self.table.home()

    @override
    def apply_line(self, line: str) -> None:
        run_filter = self._help.parse(line)
        if isinstance(run_filter, str):
            # Not all lines are typed: another system may not filter by what a row names.
            self.trigdash.toast(run_filter, "warning")
        elif (run_id := unloaded_run(run_filter.text, self.runs)) is not None:
            self.trigdash.open_detail("run", run_id)
        else:
            self.narrow(run_filter)
            self.trigdash.hints.done("filter")

    @override
    def clear_filter(self) -> bool:
        if self._walk.is_seeking:
            self._walk.stop()
            self.filter_changed(same_query=True)
            return True
        if self._filter == self._base:
            return False
        self.narrow(self._base)
        return True

    @override
    def step_match(self, step: int) -> None:
        """Go from match to match, round the end; without a filter, that of the text before."""
        walk, table = self._walk, self.table
        if not walk.text:
            self.trigdash.toast("no text to look for: press / and type a word")
            return
        at = walk.next(table.rows, table.cursor_index, step)
        if at is None:
            self.trigdash.toast(f"no loaded run matches {walk.text}")
            return
        walk.is_seeking = not self._filter.text
        table.move_to(at)
        walk.gone_to(table.cursor_key)
        table.set_highlight(walk.text)
        self._show_filter()

    def action_write_everything(self) -> None:
        """Begin an action on everything that the filter matches, loaded or not."""
        from trigdash.ui.subject import MatchingRuns

        if self._filter.is_narrowed_here:
            self.trigdash.toast(
                "this filter is matched here, not by the server: mark the runs instead"
            )
        else:
            self.trigdash.start_action("bulk", MatchingRuns(self._filter))

    # Values of the highlighted run

    def action_take_value(self) -> None:
        """Narrow the list to a value of the highlighted run."""
        self._ask_value("only runs with", takes=True)

    def action_exclude_value(self) -> None:
        """Leave out runs with a value of the highlighted run."""
        self._ask_value("no runs with", takes=False)

    def _ask_value(self, title: str, *, takes: bool) -> None:
        from trigdash.presentation.row_values import value_options
        from trigdash.ui.dialogs.picker import Option, Picker

        row = self.table.cursor_row if self.hold_row() else None
        if not isinstance(row, RunRow):
            return
        supported = self.session.settings.supported_filters
        offered = value_options(row, supported, takes=takes)
        order = self.table.sort
        wanted = order[0] if order is not None and order != NATURAL_SORT else "task"
        # A stable order: the wanted column first.
        offered.sort(key=lambda each: each[0].column != wanted)
        options = [Option(str(n), name, words) for n, (_, name, words) in enumerate(offered)]

        def chosen(number: str | None) -> None:
            if number is not None:
                self._narrow_by(offered[int(number)][0], takes=takes)

        self.app.push_screen(Picker(title, options), chosen)

    def _narrow_by(self, value: RowValue, *, takes: bool) -> None:
        from trigdash.service.filters.row_values import with_value, without_value

        if takes:
            self.narrow(with_value(self._filter, value))
            return
        try:
            supported = self.session.settings.supported_filters
            self.narrow(without_value(self._filter, value, supported))
        except ValueError as problem:
            self.trigdash.toast(str(problem))
