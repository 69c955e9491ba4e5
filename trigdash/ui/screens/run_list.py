"""A list of runs with all of its powers: columns, explanation, links, actions.

The run list is one; the runs of a batch or of a queue are others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from trigdash.model.moment import local
from trigdash.model.run_row import RunRow
from trigdash.presentation.cell import EMPTY, Cell
from trigdash.presentation.columns import MARK, with_pending
from trigdash.presentation.run_columns import DEFAULT_KEYS, run_columns
from trigdash.presentation.run_line import explain, held_text
from trigdash.presentation.runs import WENT_WRONG
from trigdash.service.cache.store import Snapshot
from trigdash.service.runs.typical import TypicalDurations
from trigdash.ui.input.keys import bindings
from trigdash.ui.screens.list import ListScreen
from trigdash.ui.widgets.text_panes import Explanation

if TYPE_CHECKING:
    from trigdash.model.span_event import Failure
    from trigdash.presentation.columns import Column
    from trigdash.service.actions.outcome import Pending
    from trigdash.service.cache.query import Query
    from trigdash.service.watches import Watched

WIDE = 174
"""With this many columns of the terminal or more, the highlighted run is shown beside its list:
then the table still has room for all columns that matter in most rows."""

_SILENT: dict[str, Callable[[RunRow], object]] = {
    "tries": lambda row: row.attempts,
    "test": lambda row: row.is_test,
    "tags": lambda row: row.tags,
    "cost": lambda row: row.cost_cents,
    "version": lambda row: row.version,
}
"""Columns that many environments have no values for: they wait for the first one."""


class RunListScreen(ListScreen):
    """Rows of runs. Subclasses say which, and call `hear` with rows that are new."""

    KEY_GROUPS: ClassVar[tuple[str, ...]] = (
        "run",
        "run writes",
        "all matches",
        "list",
        "table",
        "everywhere",
    )
    LEGEND: ClassVar[tuple[str, ...]] = ("runs", "bar", "colors")
    BINDINGS = bindings("run", "run writes", "all matches")
    FOOTER: ClassVar[tuple[str, ...]] = (
        "table.open",
        "run.trace",
        "run.events",
        "run.cancel",
        "run.replay",
        "run.tag",
        "table.mark",
        "list.filter",
        "table.sort",
        "app.command",
        "app.help",
    )

    def __init__(self) -> None:
        super().__init__()
        self._usual = TypicalDurations()
        self._silent = set(_SILENT)
        """Columns that no row has had anything to say for."""
        self._rested_on: str | None = None
        """The run that was highlighted a second ago."""
        self._explained: RunRow | None = None
        """The highlighted run with fields that lists do not have: error and attempts."""
        self._failure: Failure | None = None
        """The error of that run in full."""

    @override
    def footer_ids(self) -> Iterable[str]:
        """The footer as the highlighted run takes it: a run that has ended cannot be canceled, and
        only a delayed one can be moved."""
        row = self.table.cursor_row if self.is_mounted else None
        chosen = row if isinstance(row, RunRow) and not self.table.marked else None
        for key_id in self.FOOTER:
            if key_id != "run.cancel" or chosen is None or not chosen.status.is_final:
                yield key_id
            if key_id == "run.cancel" and chosen and chosen.status.word == "delayed":
                yield "run.reschedule"

    # What is watched in addition to the list

    @override
    def queries(self) -> Iterable[Query[Any]]:
        """The highlighted run in full, once the cursor rests on one that went wrong."""
        row = self.table.cursor_row
        if not isinstance(row, RunRow) or row.status.kind not in WENT_WRONG or row.error:
            return ()
        from trigdash.service.runs.detail import RunQuery

        return (RunQuery(row.id),) if row.id == self._rested_on else ()

    @override
    def show_snapshot(self, query: Query[Any], snapshot: Snapshot[Any]) -> None:
        from trigdash.model.span_event import failure
        from trigdash.service.runs.detail import RunQuery

        if isinstance(query, RunQuery) and snapshot.data is not None:
            self._explained, error = snapshot.data.row(), snapshot.data.error
            told = failure(error.name, error.message, error.stack_trace) if error else None
            if told is not None and told.type not in ("", "Error"):
                # The class of an error says more than that it is one.
                self._explained = replace(self._explained, error=told.headline)
            self._failure = told
            self.show_cursor()

    @override
    def show_time(self, now: datetime) -> None:
        self.show_pending(now)
        self.show_cursor()
        row = self.table.cursor_row
        self._rested_on = row.id if isinstance(row, RunRow) else None
        self.sync()

    @override
    def show_cursor(self) -> None:
        row, now_ms = self.table.cursor_row, self.session.clock.now().timestamp() * 1000
        failure = None
        if isinstance(row, RunRow) and self._explained is not None and self._explained.id == row.id:
            # The list has everything else as well, and may have newer data.
            known, failure = self._explained, self._failure
            row = replace(row, attempts=known.attempts, error=known.error)
        self._show_beside(row if isinstance(row, RunRow) else None, failure, now_ms)
        paused = self.session.environment_paused
        explained = EMPTY
        if isinstance(row, RunRow):
            why = self.session.verdict_of(row.id)
            explained = explain(row, now_ms, environment_paused=paused, why=why)
        self.query_one(Explanation).show_text(explained)

    def _show_beside(self, row: RunRow | None, failure: Failure | None, now_ms: float) -> None:
        """Show the run beside the list, in a terminal that is wide enough."""
        if self.size.width < WIDE or not (place := self.query_one(".list")).is_attached:
            return
        from trigdash.presentation.run_aside import aside_lines
        from trigdash.ui.widgets.run_pane import RunPane

        pane = next(iter(self.query(RunPane)), None)
        if pane is None:
            pane = RunPane().kept_in(self.session.choices, "pane.runs")
            place.mount(pane)
        paused = self.session.environment_paused

        def lines(width: int) -> Sequence[Cell]:
            if row is None:
                return ()
            return aside_lines(row, failure, now_ms, width, environment_paused=paused)

        pane.show_lines(lines)

    @override
    def action_toggle_wrap(self) -> None:
        if self.size.width < WIDE:
            super().action_toggle_wrap()
        else:
            self.trigdash.toast("nothing is cut here")

    def on_resize(self) -> None:
        """Explain the run where there is room for it now."""
        if self.is_intact:
            self.show_cursor()

    # What is under way

    def _pending(self) -> Mapping[str, Pending]:
        """Actions under way, by the id of their run."""
        connection = self.session.connection
        return connection.actions.pending if connection is not None else {}

    @override
    def show_pending(self, now: datetime) -> None:
        self.table.set_flags(dict.fromkeys(self._pending(), MARK))
        self.table.tick(now.timestamp() * 1000)

    # Columns

    @override
    def all_columns(self) -> Mapping[str, Column[Any]]:
        columns = run_columns(self._usual.typical_ms, self.error_of, self.held_by)
        return columns | {"status": with_pending(columns["status"], self._pending)}

    @override
    def column_choice(self) -> tuple[str, ...]:
        return super().column_choice() or self.session.settings.columns

    @override
    def default_columns(self) -> tuple[Column[Any], ...]:
        """The default columns: those that have something to show."""
        columns = self.all_columns()
        return tuple(columns[key] for key in DEFAULT_KEYS if key not in self._silent)

    def held_by(self, row: RunRow, now_ms: float) -> str:
        """What holds a run, in a few words, as far as known without a request."""
        paused = self.session.environment_paused
        why = self.session.verdict_of(row.id)
        return held_text(row, now_ms, environment_paused=paused, why=why)

    def error_of(self, row: RunRow) -> str:
        """What went wrong with a run, in a line; empty where that is not known."""
        return row.error or ""

    def observe_rows(self, rows: Sequence[RunRow]) -> None:
        """Learn from rows, and show a column from the first one on for which it has something
        to say."""
        self._usual.observe(rows)
        spoken = {key for key in self._silent if any(map(_SILENT[key], rows))}
        if spoken:
            self._silent -= spoken
            self.table.columns = self.chosen_columns()
            # It may have been by one of these.
            self.restore_sort()

    def action_pick_window(self) -> None:
        """Ask how far back the list goes."""
        from trigdash.ui.screens.run_window import pick_window

        pick_window(self, local(self.session.clock.now()))

    # One run

    @override
    def open_row(self, key: object) -> None:
        self.trigdash.open_detail("run", str(key))
        self.trigdash.hints.done("open")

    @override
    def action_mark(self) -> None:
        super().action_mark()
        self.trigdash.hints.done("mark")

    def action_show_slowest(self) -> None:
        """Show the slowest runs of the last day that began, of those that match."""
        from trigdash.service.filters.language import with_window

        line = next(iter(self.filter_lines())).line
        begun = line if "status:" in line else f"{line} -status:queued".strip()
        self.apply_line(with_window(begun, "since:1d"))
        self.sort_by("duration", descending=True)

    def action_open_tab(self, tab: str) -> None:
        """Open the highlighted run at one of its tabs."""
        row = self.table.cursor_row if self.hold_row() else None
        if isinstance(row, RunRow):
            self.trigdash.open_detail("run", row.id, tab=tab)

    @override
    def chosen_rows(self) -> list[RunRow]:
        return [row for row in super().chosen_rows() if isinstance(row, RunRow)]

    @override
    def copied_text(self, row: Any) -> str:
        return str(row.id)

    def _link(self) -> str | None:
        row = self.table.cursor_row if self.hold_row() else None
        return self.trigdash.run_link(row.id) if isinstance(row, RunRow) else None

    def action_copy_link(self) -> None:
        """Copy the dashboard's address of the highlighted run."""
        if link := self._link():
            self.trigdash.copy(link, link)

    def action_open_in_browser(self) -> None:
        """Open the highlighted run in the browser."""
        if link := self._link():
            self.trigdash.browse(link)

    def action_explain(self) -> None:
        """Say why the highlighted run does not move."""
        row = self.table.cursor_row if self.hold_row() else None
        if row is not None:
            self.trigdash.open_detail("why", row.id)

    def action_compare(self) -> None:
        """Compare the two marked runs, or the highlighted one with the last good one."""
        if not self.hold_row():
            return
        rows = self.chosen_rows()
        if len(rows) > 2:
            self.trigdash.toast("two runs can be compared: unmark the others")
        elif rows:
            other = rows[1].id if len(rows) == 2 else None
            self.trigdash.open_detail("diff", rows[0].id, other=other)

    @override
    def watched(self, until: str = "") -> Watched | None:
        from trigdash.service.watches import watched_runs

        return watched_runs(self.chosen_rows() if self.hold_row() else [], until)

    def action_write(self, verb: str) -> None:
        """Begin an action on the chosen runs."""
        from trigdash.ui.subject import ChosenRuns

        if self.hold_row():
            self.trigdash.start_action(verb, ChosenRuns(tuple(self.chosen_rows())))

    @override
    def saved_fields(self) -> Mapping[str, Callable[[Any], object]]:
        return {field.name: attrgetter(field.name) for field in fields(RunRow)}
