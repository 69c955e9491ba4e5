"""A resource: one kind of object in an environment, declared once for both faces.

From a declaration come the list on screen with its columns, sort, filter, marks, copy and save, the
detail, the keys of its actions, its place in tabs, palette, help and completion, and the command
`trigdash <name> list|get|<action>`. A module is imported when its resource is first used.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from trigdash.model.capability import Capability
from trigdash.presentation.cell import EMPTY, Cell, cell_text
from trigdash.presentation.field import ResourceField, json_value, plain, wire_fields
from trigdash.presentation.run.fields import LABEL, Field, FieldLine

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.backends.operation import Operation
    from trigdash.model.listing import Listing
    from trigdash.presentation.action import ActionSpec
    from trigdash.service.cache.listing_query import ListingQuery, ObjectQuery
    from trigdash.service.cache.query import Query
    from trigdash.service.connection import Connection

R = TypeVar("R")


def unpaged(page: str | None) -> Operation[Any]:
    """The page function of a list without pages."""
    raise NotImplementedError("this list is not read page by page")


@dataclass(frozen=True)
class Resource(Generic[R]):
    """One kind of object, and everything that both faces need to know about it."""

    name: str
    """The noun of the command and of `:name`: "schedules"."""
    singular: str
    title: str
    """The title of its tab: "Schedules"."""
    needs: Capability
    fields: tuple[ResourceField[R], ...]
    """All fields, in the order of the table; the first one stays in place when the table scrolls
    sideways."""
    page: Callable[[str | None], Operation[Listing[R]]]
    """Reads a page of the list: the first one for None, otherwise the one at the cursor."""
    key: Callable[[R], str]
    """The id of a row, as `get` expects it."""
    get: Callable[[str], Operation[R]] | None = None
    """Reads one object by its id; without it, the list is searched."""
    by_id: Callable[[str], R] | None = None
    """Makes a row from an id, if actions need no more than that: then nothing is read."""
    actions: tuple[ActionSpec[R], ...] = ()
    sort: tuple[str, bool] = ("", False)
    """The initial order of the list: a field's key, and whether it descends."""
    explain: Callable[[R, float], Cell] | None = None
    """The line under the list: explains the row, at `now` (epoch milliseconds)."""
    opens: Callable[[R], tuple[str, str] | None] | None = None
    """What `enter` opens: a kind of object and its id, or "runs" and a filter line of the run list,
    or None for nothing; without it, the detail."""
    place: Callable[[R], tuple[str, bool]] | None = None
    """The environment that an action on a row affects, by its slug, and whether it is production;
    without it, the current one."""
    copied: Callable[[R], str] | None = None
    """What `y` copies; without it, the key."""
    filter_hint: str = "any word, or a column: status:…"
    """The hint in the empty filter line."""
    empty: tuple[str, ...] = ()
    """The text of an empty list: what it would contain, and how to create one."""
    totals: Callable[[Sequence[R]], Cell] | None = None
    """A summary of the shown rows, next to their number."""
    note: Callable[[Any], Cell] | None = None
    """A note about the list as it was read, a HeldList."""
    window: str = ""
    """The time that the list looks back, in words."""
    every_s: float = 10.0
    """Seconds between polls of the list."""
    source: Callable[[Connection], Query[Any]] | None = None
    """The query of the list on screen, if it is not read page by page. Its data is a HeldList."""
    walk: Callable[[Backend], AsyncIterator[Listing[R]]] | None = None
    """The pages of the list for a command, if it is not read page by page."""
    beside: Callable[[], Operation[Any]] | None = None
    """An extra read with each page, which adds to its rows."""
    combine: Callable[[Listing[R], Any], Listing[R]] | None = None
    """Merges a page with the extra read; None stands for a refused one."""

    @cached_property
    def by_key(self) -> Mapping[str, ResourceField[R]]:
        """The fields by their names in `:columns`, `:sort` and `--columns`."""
        return {field.key: field for field in self.fields}

    def query(self) -> ListingQuery[R]:
        """The query of the list."""
        from trigdash.service.cache.listing_query import ListingQuery

        return ListingQuery(self.name, self.page, self.key, self.every_s, self.beside, self.combine)

    def list_query(self, connection: Connection) -> Query[Any]:
        """The query of the list on screen."""
        return self.source(connection) if self.source is not None else self.query()

    def query_one(self, row_id: str) -> ObjectQuery[R] | None:
        """The query of one object; None if only the list contains it."""
        from trigdash.service.cache.listing_query import ObjectQuery

        return ObjectQuery(self.singular, row_id, self.get) if self.get else None

    def explanation(self, row: R, now_ms: float) -> Cell:
        """The line under the list."""
        return self.explain(row, now_ms) if self.explain else EMPTY

    def matches(self, row: R, line: str, now_ms: float) -> bool:
        """Whether a row contains every word of a filter line, in any field, or in the field named
        before a colon (`status:active`). A minus before a word excludes."""
        return all(self._has(row, word, now_ms) for word in line.lower().split())

    def _has(self, row: R, word: str, now_ms: float) -> bool:
        if word.startswith("-") and len(word) > 1:
            return not self._has(row, word[1:], now_ms)
        name, colon, wanted = word.partition(":")
        field = self.by_key.get(name) if colon else None
        if field is None:
            return any(word in text for text in self._texts(row, self.fields, now_ms))
        texts = tuple(self._texts(row, (field,), now_ms))
        return any(each in text for each in wanted.split(",") for text in texts)

    def _texts(self, row: R, fields: Iterable[ResourceField[R]], now_ms: float) -> Iterable[str]:
        for field in fields:
            yield plain(field.value(row)).lower()
            yield cell_text(field.cell(row, now_ms)).lower()

    def record(self, row: R) -> dict[str, Any]:
        """A row for JSON output: the API's own keys, then computed ones (`_…`)."""
        whole = json_value(row) if wire_fields(row) is not None else {}
        told = {field.name: json_value(field.value(row)) for field in self.fields}
        if not whole:
            return told
        return whole | {name: value for name, value in told.items() if name.startswith("_")}


HIDDEN: Final[Cell] = (("••••••••", "faint"),)
_RUN_ID = re.compile(r"\brun_[a-z0-9]{20,}\b")


def detail_lines(
    resource: Resource[Any],
    row: Any,
    now_ms: float,
    hides: Callable[[ResourceField[Any]], bool],
) -> Iterator[FieldLine]:
    """The fields of a row, then its unreadable parts. `hides` says which fields hide their
    value."""
    width = max(LABEL, *(len(field.heading) for field in resource.fields))
    for field in resource.fields:
        value = plain(field.value(row))
        cell = HIDDEN if value and hides(field) else _cell(field.cell(row, now_ms), value)
        yield _line(f"{field.heading:<{width}}", cell, value)
    if unread := ", ".join(getattr(row, "unread", ())):
        yield _line(f"{'not readable':<{width}}", ((unread, "warn"),), unread)


def _cell(cell: Cell, value: str) -> Cell:
    """The cell of the list, and the raw value if that says more."""
    shown = cell_text(cell).strip()
    if not shown:
        return ((value, "text"),)
    return cell if _words(value) in _words(shown) else (*cell, (f"   {value}", "dim"))


def _words(text: str) -> str:
    return text.lower().replace("_", " ")


def _line(label: str, cell: Cell, value: str) -> FieldLine:
    run = _RUN_ID.search(value)
    field = Field(label.rstrip(), cell, value, ("run", run[0]) if run else None)
    return FieldLine(((f"{label}  ", "dim"), *cell), (field,))
