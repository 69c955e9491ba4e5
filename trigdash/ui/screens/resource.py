"""The list of any resource: columns, filter, marks, actions and help from its declaration."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual.containers import Vertical
from textual.widget import Widget
from typing_extensions import override

from trigdash.presentation.cell import EMPTY, Cell, Piece
from trigdash.presentation.columns import Column
from trigdash.presentation.field import ResourceField
from trigdash.presentation.list_states import unread_count_cell
from trigdash.presentation.registry import load_resource
from trigdash.presentation.units import count
from trigdash.service.cache.listing_query import MAX_ROWS, HeldList
from trigdash.service.filters.completion import Completion
from trigdash.ui.screens.resource_detail import ResourceActions
from trigdash.ui.screens.whole_list import WholeListScreen
from trigdash.ui.widgets.filter_line import FilterLine
from trigdash.ui.widgets.line import Line
from trigdash.ui.widgets.row_table import RowTable
from trigdash.ui.widgets.text_panes import Explanation, StateView

if TYPE_CHECKING:
    from trigdash.service.cache.query import Query


class ResourceScreen(WholeListScreen, ResourceActions):
    """The list of one resource; `enter` opens a row."""

    FOOTER: ClassVar[tuple[str, ...]] = (
        "table.open",
        "list.filter",
        "table.sort",
        "list.copy",
        "list.save",
        "app.command",
        "app.help",
    )

    def __init__(self, name: str) -> None:
        super().__init__()
        self.resource = load_resource(name)
        self.WHAT = self.resource.title.lower()  # type: ignore[misc]  # one class, many lists
        self.PLACE = name  # type: ignore[misc]  # as above
        self.NOTHING = tuple(((line, "text"),) for line in self.resource.empty)  # type: ignore[misc]
        self.bind_actions(self.resource)

    @override
    def compose_body(self) -> Iterable[Widget]:
        resource = self.resource
        yield Line(id="counts")
        yield FilterLine(self._complete, lambda line: None, "any word, or a column: status:…")
        with Vertical(classes="list"):
            yield RowTable(
                self.chosen_columns(),
                resource.key,
                natural_sort=resource.sort if resource.sort[0] else None,
            )
            yield StateView(id="state")
        yield Explanation(id="explanation")

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
        if connection is not None and self._held is not None and self._held.next is not None:
            query = self.resource.query()
            connection.run_step(query, query.load_more)

    @override
    def window(self) -> str:
        return self.resource.window

    # What is shown

    @property
    def _held(self) -> HeldList[Any] | None:
        return self.snapshot.data

    @override
    def key_of(self, row: Any) -> object:
        return self.resource.key(row)

    @override
    def matching_rows(self) -> Sequence[Any]:
        rows = self._held.rows if self._held is not None else ()
        if not self.line:
            return rows
        now_ms = self.session.clock.now().timestamp() * 1000
        return [row for row in rows if self.resource.matches(row, self.line, now_ms)]

    @override
    def totals(self, now: datetime) -> Cell:
        held = self._held
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

    @override
    def totals_note(self) -> Cell:
        note, held = self.resource.note, self._held
        return note(held) if note is not None and held is not None else EMPTY

    @override
    def aside(self) -> Cell:
        unreadable = 0 if self._held is None else self._held.unreadable
        return unread_count_cell(unreadable, self.resource.singular, self.WHAT)

    @override
    def show_cursor(self) -> None:
        row = self.table.cursor_row
        now_ms = self.session.clock.now().timestamp() * 1000
        said = self.resource.explanation(row, now_ms) if row is not None else EMPTY
        self.query_one(Explanation).show_text(said)

    def _complete(self, line: str, position: int) -> Completion:
        """Names of columns that a word may begin with."""
        word = line[:position].split(" ")[-1]
        start = position - len(word)
        names = tuple(f"{key}:" for key in self.resource.by_key if key.startswith(word))
        return Completion(start, position, names if ":" not in word else ())

    # Columns

    @override
    def all_columns(self) -> Mapping[str, Column[Any]]:
        return {key: _column(field) for key, field in self.resource.by_key.items()}

    @override
    def default_columns(self) -> Sequence[Column[Any]]:
        return tuple(_column(field) for field in self.resource.fields if field.is_shown)

    @override
    def saved_fields(self) -> Mapping[str, Callable[[Any], object]]:
        return {field.name: field.value for field in self.resource.fields}

    @override
    def copied_text(self, row: Any) -> str:
        return self.resource.key(row)

    # One row

    @override
    def open_row(self, key: object) -> None:
        row = self.table.cursor_row
        if row is None:
            return
        resource = self.resource
        kind, wanted = resource.opens(row) if resource.opens else ("", resource.key(row))
        if kind == "runs":
            self.app.run_worker(self.trigdash.commands.show_runs(wanted))
        elif kind:
            self.trigdash.open_detail(kind, wanted)
        else:
            self.trigdash.open_resource(resource.name, wanted)

    @override
    def chosen_row(self) -> Any:
        return self.table.cursor_row if self.hold_row() else None


def _column(field: ResourceField[Any]) -> Column[Any]:
    """The column that shows a field."""
    return Column(
        field.key,
        field.heading,
        field.cell,
        field.width,
        field.align,
        field.importance,
        sort_key=lambda row: _sortable(field.value(row)),
        live=field.is_live,
        grow=field.grow,
    )


def _sortable(value: Any) -> Any:
    """A value that can be compared with others of its field; None sorts last."""
    if isinstance(value, str):
        return value.lower()
    return str(value) if isinstance(value, dict | list | tuple) else value
