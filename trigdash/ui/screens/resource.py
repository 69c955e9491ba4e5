"""The list of any resource: columns, filter, marks, actions and help from its declaration."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual.containers import Vertical
from textual.widget import Widget
from typing_extensions import override

from trigdash.presentation.cell import EMPTY, Cell, Piece
from trigdash.presentation.columns import Column
from trigdash.presentation.list_states import list_state, unread_count_cell
from trigdash.presentation.registry import load_resource
from trigdash.presentation.resource import HIDDEN
from trigdash.presentation.units import count
from trigdash.service.cache.listing_query import MAX_ROWS, HeldList, ListingQuery
from trigdash.service.cache.store import LOADING, Snapshot
from trigdash.service.filters.completion import Completion
from trigdash.service.runs.all_runs import AllRunsQuery
from trigdash.service.watches import Watched, watched_batch
from trigdash.ui.screens.list import ListScreen
from trigdash.ui.screens.resource_detail import ResourceActions
from trigdash.ui.widgets.filter_line import FilterLine
from trigdash.ui.widgets.line import Line
from trigdash.ui.widgets.row_table import RowTable
from trigdash.ui.widgets.text_panes import Explanation, StateView

if TYPE_CHECKING:
    from trigdash.presentation.field import ResourceField
    from trigdash.presentation.resource import Resource
    from trigdash.service.cache.query import Query


class ResourceScreen(ListScreen, ResourceActions):
    """The list of one resource, narrowed here by its filter line; `enter` opens a row."""

    FOOTER: ClassVar[tuple[str, ...]] = (
        "table.open",
        "list.filter",
        "table.sort",
        "list.copy",
        "list.save",
        "app.command",
        "app.help",
    )
    DEFAULT_CSS = """
    ResourceScreen .list { height: 1fr; margin: 1 0 0 0; }
    ResourceScreen .list > RowTable { display: none; }
    ResourceScreen.-rows .list > RowTable { display: block; }
    ResourceScreen.-rows .list > StateView { display: none; }
    """

    def __init__(self, name: str, resource: Resource[Any] | None = None) -> None:
        super().__init__()
        self.resource = resource or load_resource(name)
        self.PLACE = name  # type: ignore[misc]  # one class, many lists
        self.bind_own_keys()
        self.line = ""
        """The filter, as it was typed."""
        self.snapshot: Snapshot[Any] = LOADING
        self._shown: object = None

    @override
    def compose_body(self) -> Iterable[Widget]:
        resource = self.resource
        natural_sort = resource.sort if resource.sort[0] else None
        yield Line(id="counts")
        yield FilterLine(self.complete, self.filter_problem, resource.filter_hint)
        with Vertical(classes="list"):
            yield RowTable(self.chosen_columns(), self.key_of, natural_sort=natural_sort)
            yield StateView(id="state")
        yield self.make_pane()

    def make_pane(self) -> Widget:
        """The pane below the list, with more about the highlighted row."""
        return Explanation(id="explanation")

    @override
    def on_mount(self) -> None:
        self.restore_sort()

    # What is watched

    @override
    def queries(self) -> Iterable[Query[Any]]:
        connection = self.session.connection
        return (self.resource.list_query(connection),) if connection is not None else ()

    @override
    def load_more(self, *, wished: bool) -> None:
        connection = self.session.connection
        if connection is None:
            return
        query: Any = self.resource.list_query(connection)
        is_paged = isinstance(query, ListingQuery | AllRunsQuery)
        if is_paged and self.held is not None and self.held.next is not None:
            step: Callable[[Any, Any], Awaitable[Any]] = query.load_more
            connection.run_step(query, step)

    @override
    def window(self) -> str:
        return self.resource.window

    @override
    def watched(self, until: str = "") -> Watched | None:
        row = self.chosen_row()
        opened = self.resource.opens(row) if row is not None and self.resource.opens else None
        is_batch = opened is not None and opened[0] == "batch"
        return watched_batch(opened[1], until) if opened is not None and is_batch else None

    # What is shown

    @property
    def held(self) -> HeldList[Any] | None:
        """What is loaded of the list; None before there is any."""
        return self.snapshot.data

    @override
    def main_snapshot(self) -> Snapshot[Any]:
        return self.snapshot

    @override
    def show_snapshot(self, query: Query[Any], snapshot: Snapshot[Any]) -> None:
        self.show_held(snapshot)

    def show_held(self, snapshot: Snapshot[Any]) -> None:
        """Show a list as it is known now."""
        self.snapshot = snapshot
        if snapshot.data is not self._shown:
            self._shown = snapshot.data
            self.show_rows()
        else:
            self.show_state()

    @override
    def show_time(self, now: datetime) -> None:
        self.table.tick(now.timestamp() * 1000)
        self.show_cursor()
        self.show_state()

    @override
    def key_of(self, row: Any) -> object:
        return self.resource.key(row)

    def matching_rows(self) -> Sequence[Any]:
        """The rows that the filter leaves."""
        rows = self.held.rows if self.held is not None else ()
        if not self.line:
            return rows
        now_ms = self.now_ms()
        return [row for row in rows if self.resource.matches(row, self.line, now_ms)]

    def now_ms(self) -> float:
        """The time for cells: epoch milliseconds."""
        return self.session.clock.now().timestamp() * 1000

    def show_rows(self) -> None:
        """Show what the filter leaves of what is known."""
        rows = self.matching_rows()
        self.set_class(bool(rows), "-rows")
        self.table.show(rows)
        self.show_state()
        self.show_cursor()

    def show_state(self) -> None:
        """Show the totals, the filter, and why there are no rows."""
        now, resource = self.session.clock.now(), self.resource
        # Rows that could not be read are there: the list must not say that there are none.
        unread = self.aside()
        empty = [unread] if unread else [((line, "text"),) for line in resource.empty]
        lines = list_state(
            self.session,
            self.snapshot,
            resource.title.lower(),
            empty,
            now,
            filtered=bool(self.line),
        )
        self.query_one(StateView).show_lines(lines)
        self.query_one(FilterLine).show(self.line, self.filter_note())
        self.query_one("#counts", Line).show(self.totals(now), self.totals_note())

    def totals(self, now: datetime) -> Cell:
        """What there is in all."""
        held = self.held
        if held is None:
            return EMPTY
        shown, loaded = len(self.table.rows), len(held)
        pieces: list[Piece] = [(f" {self.resource.title} ", "strong on selected")]
        if shown != loaded:
            pieces.append((f" {count(shown)} of", "text"))
        total = held.total if held.total is not None else loaded
        if held.next is not None or total > loaded:
            of_all = f" of {count(total)}" if total > loaded else ", more on the server"
            pieces.append((f" {count(loaded)} loaded{of_all}", "warn" if self.line else "dim"))
        else:
            pieces.append((f" {count(loaded)}", "dim"))
        if loaded >= MAX_ROWS:
            pieces.append(("   no more are loaded", "warn"))
        said = self.resource.totals(self.table.rows) if self.resource.totals else EMPTY
        return (*pieces, *said)

    def totals_note(self) -> Cell:
        """The note to the right of the totals."""
        note, held = self.resource.note, self.held
        return note(held) if note is not None and held is not None else EMPTY

    @override
    def aside(self) -> Cell:
        held, resource = self.held or HeldList(), self.resource
        words = resource.singular, resource.title.lower()
        return unread_count_cell(held.unreadable, *words, is_cut=held.is_cut)

    @override
    def show_cursor(self) -> None:
        row = self.table.cursor_row
        said = self.resource.explanation(row, self.now_ms()) if row is not None else EMPTY
        self.query_one(Explanation).show_text(said)

    # The filter

    def complete(self, line: str, position: int) -> Completion:
        """Names of columns that a word may begin with."""
        word = line[:position].split(" ")[-1]
        start = position - len(word)
        names = tuple(f"{key}:" for key in self.resource.by_key if key.startswith(word))
        return Completion(start, position, names if ":" not in word else ())

    def filter_problem(self, line: str) -> str | None:
        """Why a filter line cannot be used; None when it can."""
        return None

    def filter_note(self) -> Cell:
        """The note to the right of the filter."""
        return EMPTY

    @override
    def apply_line(self, line: str) -> None:
        self.line = " ".join(line.split())
        self.show_rows()
        self.table.home()

    @override
    def clear_filter(self) -> bool:
        had = bool(self.line)
        self.apply_line("")
        return had

    # Columns

    @override
    def all_columns(self) -> Mapping[str, Column[Any]]:
        return {key: self._column(field) for key, field in self.resource.by_key.items()}

    @override
    def default_columns(self) -> Sequence[Column[Any]]:
        shown = (each for each in self.resource.fields if each.is_shown or self._reveals(each))
        return tuple(map(self._column, shown))

    def _reveals(self, field: ResourceField[Any]) -> bool:
        return field.is_hidden and not self.hides(field)

    @override
    def show_revealed(self) -> None:
        self.table.columns = self.chosen_columns()
        self.show_footer()

    @override
    def saved_fields(self) -> Mapping[str, Callable[[Any], object]]:
        return {field.name: field.value for field in self.resource.fields}

    @override
    def copied_text(self, row: Any) -> str:
        return (self.resource.copied or self.resource.key)(row)

    # One row

    @override
    def open_row(self, key: object) -> None:
        row = self.table.cursor_row
        if row is None:
            return
        resource = self.resource
        opened = resource.opens(row) if resource.opens else ("", resource.key(row))
        match opened:
            case None:
                self.trigdash.toast("there is no run to open here")
            case ("runs", line):
                self.app.run_worker(self.trigdash.commands.show_runs(line))
            case ("run_in", place):
                environment, _, run_id = place.rpartition("/")
                self.app.run_worker(self.trigdash.open_run_in(environment, run_id))
            case ("", row_id):
                self.trigdash.open_resource(resource.name, row_id)
            case (kind, thing_id):
                self.trigdash.open_detail(kind, thing_id)

    @override
    def chosen_row(self) -> Any:
        return self.table.cursor_row if self.hold_row() else None

    @override
    def loaded_rows(self) -> Sequence[Any]:
        return self.held.rows if self.held is not None else ()

    def _column(self, field: ResourceField[Any]) -> Column[Any]:
        """The column that shows a field, or that it is hidden."""
        column: Column[Any] = field.column()
        return replace(column, cell=lambda row, now_ms: HIDDEN) if self.hides(field) else column
