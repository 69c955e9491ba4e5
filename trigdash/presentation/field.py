"""A field of a row: its name in the API, its value, and its cell.

From one declaration come a column of the list, a line of the detail, a key of the JSON output, a
column of a table or a CSV file, and a name for `:columns` and `:sort`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, Literal, TypeVar

from trigdash.model.clean import clean
from trigdash.presentation.cell import EMPTY, Cell
from trigdash.presentation.columns import Column
from trigdash.presentation.units import UNKNOWN, count, span, until

R = TypeVar("R")

_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class ResourceField(Generic[R]):
    """One field of a row."""

    name: str
    """The name in the API: `createdAt`, or `generator.expression` for a part. Computed fields begin
    with `_`."""
    heading: str
    value: Callable[[R], Any]
    """The value for sorting, JSON and CSV: text, number, bool, datetime, None, or these in tuples
    and dicts."""
    cell: Callable[[R, float], Cell]
    """The cell in a table at `now` (epoch milliseconds)."""
    width: int = 12
    align: Literal["left", "right"] = "left"
    importance: int = 50
    """In a narrow table the least important fields are dropped first."""
    is_shown: bool = True
    """Whether a table shows it by default."""
    is_hidden: bool = False
    """Whether screens hide it until the user reveals it, and hide it again later."""
    is_live: Callable[[R], bool] | None = None
    """Whether the cell changes with time alone."""
    grow: int = 0
    """Columns beyond `width` that it takes when there is room."""
    order: Callable[[R], Any] | None = None
    """The sort value on screen, if different from the value."""

    word: str = ""
    """The name in `:columns` and `:sort`, if different from the heading."""

    @property
    def key(self) -> str:
        """The name in `:columns` and `:sort`: the heading as one word."""
        return self.word or self.heading.lower().replace(" ", "-")

    def column(self) -> Column[R]:
        """The column of the field."""
        return Column(
            self.key,
            self.heading,
            self.cell,
            self.width,
            self.align,
            self.importance,
            sort_key=self.order or (lambda row: _sortable(self.value(row))),
            live=self.is_live,
            grow=self.grow,
        )


def _sortable(value: Any) -> Any:
    """A value that is comparable with others of its field; None sorts last."""
    if isinstance(value, str):
        return value.lower()
    return str(value) if isinstance(value, dict | list | tuple) else value


def attribute(name: str) -> Callable[[Any], Any]:
    """Reads a part of a model by its name on the wire: `generator.expression`."""
    steps = [_CAPITAL.sub("_", step).lower() for step in name.split(".")]

    def read(row: Any) -> Any:
        for step in steps:
            row = getattr(row, step, None)
        return row

    return read


def text(
    name: str,
    heading: str,
    width: int = 12,
    *,
    role: str = "text",
    value: Callable[[Any], Any] | None = None,
    **looks: Any,
) -> ResourceField[Any]:
    """A field with a text. `looks` are further arguments of ResourceField."""
    read = value or attribute(name)

    def cell(row: Any, now_ms: float) -> Cell:
        shown = plain(read(row))
        return ((shown, role),) if shown else ((UNKNOWN, "faint"),)

    return ResourceField(name, heading, read, cell, width, **looks)


def number(
    name: str, heading: str, width: int = 8, *, role: str = "text", **looks: Any
) -> ResourceField[Any]:
    """A field with a whole number; zero is faint."""
    read = looks.pop("value", None) or attribute(name)

    def cell(row: Any, now_ms: float) -> Cell:
        amount = read(row)
        if amount is None:
            return ((UNKNOWN, "faint"),)
        return ((count(amount), role if amount else "faint"),)

    return ResourceField(name, heading, read, cell, width, "right", **looks)


def moment(name: str, heading: str, width: int = 7, **looks: Any) -> ResourceField[Any]:
    """A field with a time, shown as how long ago or in how long."""
    read = looks.pop("value", None) or attribute(name)

    def cell(row: Any, now_ms: float) -> Cell:
        at = read(row)
        if at is None:
            return ((UNKNOWN, "faint"),)
        away_ms = at.timestamp() * 1000 - now_ms
        return ((f"in {until(away_ms)}", "text"),) if away_ms > 0 else ((span(-away_ms), "dim"),)

    def is_live(row: Any) -> bool:
        return read(row) is not None

    return ResourceField(name, heading, read, cell, width, "right", is_live=is_live, **looks)


def flag(
    name: str, heading: str, yes: Cell, no: Cell = EMPTY, width: int = 8, **looks: Any
) -> ResourceField[Any]:
    """A boolean field with one of two cells."""
    read = looks.pop("value", None) or attribute(name)
    return ResourceField(
        name, heading, read, lambda row, now_ms: yes if read(row) else no, width, **looks
    )


Look = tuple[str, str]
"""A mark and a role."""


def status(
    name: str, heading: str, looks: dict[str, Look], width: int = 14, **more: Any
) -> ResourceField[Any]:
    """A field with a status and its mark; an unknown status is shown as it is."""
    read = more.pop("value", None) or attribute(name)

    def cell(row: Any, now_ms: float) -> Cell:
        word = str(read(row) or "")
        mark, role = looks.get(word.upper(), ("·", "dim"))
        label = word.lower().replace("_", " ") or UNKNOWN
        return ((mark, role), (f" {label}", role))

    return ResourceField(name, heading, read, cell, width, **more)


LEVELS = 20
"""Levels of a value that can contain a time or a model; below them is the user's own JSON, which
may nest to any depth."""


def plain(value: Any, levels: int = LEVELS) -> str:
    """A value as one line of safe text, for tables, CSV and copying. Parts that nest deeper are
    left out."""
    match value:
        case None | "":
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return iso(value)
        case dict() | list() | tuple() | frozenset() if levels == 0:
            return "…"
        case dict():
            pairs = ((clean(str(key)), plain(each, levels - 1)) for key, each in value.items())
            return " ".join(f"{key}={each}" for key, each in pairs)
        case list() | tuple() | frozenset():
            return " ".join(plain(each, levels - 1) for each in value)
    # The user's own JSON stays as it was.
    return clean(str(value))


def iso(at: datetime) -> str:
    """A time for output: ISO 8601 in UTC with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def wire_fields(value: object) -> Mapping[str, Any] | None:
    """The fields of a wire model; None for anything else. Checked by attribute, since pydantic is
    slow to import and a list of runs does not need it."""
    return getattr(type(value), "model_fields", None)


def json_value(value: Any, levels: int = LEVELS) -> Any:
    """A value for JSON output: models by the API's own names, times as ISO 8601. Deeper levels are
    the user's own JSON and stay as they are."""
    if levels == 0:
        return value
    fields = wire_fields(value)
    if fields is not None:
        return {
            each.alias or name: json_value(getattr(value, name), levels - 1)
            for name, each in fields.items()
        }
    match value:
        case datetime():
            return iso(value)
        case dict():
            return {str(key): json_value(each, levels - 1) for key, each in value.items()}
        case list() | tuple() | frozenset():
            return [json_value(each, levels - 1) for each in value]
    return value
