"""A field of a row: its name as the API writes it, its value, and the cell that shows it.

From one declaration come a column of the list, a line of the detail, a key of the JSON output, a
column of a table or a CSV file, and a name that `:columns` and `:sort` take.
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
    """As the API writes it: `createdAt`, or `generator.expression` for a part. What is computed
    here begins with `_`."""
    heading: str
    value: Callable[[R], Any]
    """What sorts, and what JSON and CSV carry: text, number, bool, datetime, None, or these in
    tuples and dicts."""
    cell: Callable[[R, float], Cell]
    """What a table shows at `now` (epoch milliseconds)."""
    width: int = 12
    align: Literal["left", "right"] = "left"
    importance: int = 50
    """In a narrow table the least important fields give way first."""
    is_shown: bool = True
    """Whether a table shows it unless it is asked for."""
    is_hidden: bool = False
    """Whether screens show it only when it is asked for, and hide it again."""
    is_live: Callable[[R], bool] | None = None
    """Whether the cell changes with time alone."""
    grow: int = 0
    """Columns that it takes beyond `width` when there is room to spare."""
    order: Callable[[R], Any] | None = None
    """What sorts on screen, where it is not the value."""

    word: str = ""
    """The name that `:columns` and `:sort` take, where it is not the heading."""

    @property
    def key(self) -> str:
        """The name that `:columns` and `:sort` take: the heading as one word."""
        return self.word or self.heading.lower().replace(" ", "-")

    def column(self) -> Column[R]:
        """The column that shows the field."""
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
    """A value that can be compared with others of its field; None sorts last."""
    if isinstance(value, str):
        return value.lower()
    return str(value) if isinstance(value, dict | list | tuple) else value


def attribute(name: str) -> Callable[[Any], Any]:
    """A reader of a part of a model by its name on the wire: `generator.expression`."""
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
    """A field that shows its text as it is. `looks` are further parts of a ResourceField."""
    read = value or attribute(name)

    def cell(row: Any, now_ms: float) -> Cell:
        shown = plain(read(row))
        return ((shown, role),) if shown else ((UNKNOWN, "faint"),)

    return ResourceField(name, heading, read, cell, width, **looks)


def number(
    name: str, heading: str, width: int = 8, *, role: str = "text", **looks: Any
) -> ResourceField[Any]:
    """A field that shows a whole number; zero is faint."""
    read = looks.pop("value", None) or attribute(name)

    def cell(row: Any, now_ms: float) -> Cell:
        amount = read(row)
        if amount is None:
            return ((UNKNOWN, "faint"),)
        return ((count(amount), role if amount else "faint"),)

    return ResourceField(name, heading, read, cell, width, "right", **looks)


def moment(name: str, heading: str, width: int = 7, **looks: Any) -> ResourceField[Any]:
    """A field that shows how long ago, or in how long, a time is."""
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
    """A field that shows one of two cells."""
    read = looks.pop("value", None) or attribute(name)
    return ResourceField(
        name, heading, read, lambda row, now_ms: yes if read(row) else no, width, **looks
    )


Look = tuple[str, str]
"""A mark and a role."""


def status(
    name: str, heading: str, looks: dict[str, Look], width: int = 14, **more: Any
) -> ResourceField[Any]:
    """A field that shows a status word with its mark; an unknown word is shown as it is."""
    read = more.pop("value", None) or attribute(name)

    def cell(row: Any, now_ms: float) -> Cell:
        word = str(read(row) or "")
        mark, role = looks.get(word.upper(), ("·", "dim"))
        label = word.lower().replace("_", " ") or UNKNOWN
        return ((mark, role), (f" {label}", role))

    return ResourceField(name, heading, read, cell, width, **more)


LEVELS = 20
"""Levels of a value that can hold a time or a model of ours; below them is the user's own JSON,
which may nest without end."""


def plain(value: Any, levels: int = LEVELS) -> str:
    """A value as one line of safe text: for tables, CSV and copying. What nests deeper than so
    many levels is left out."""
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
    # The user's own JSON comes as it was.
    return clean(str(value))


def iso(at: datetime) -> str:
    """A time as every output writes it: ISO 8601 in UTC with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def wire_fields(value: object) -> Mapping[str, Any] | None:
    """The fields of a model of the wire; None for anything else. Told by what a model has, for a
    list of runs has none, and pydantic is slow to load."""
    return getattr(type(value), "model_fields", None)


def json_value(value: Any, levels: int = LEVELS) -> Any:
    """A value as JSON output carries it: models by the API's own names, times as ISO 8601. What
    nests deeper than so many levels is the user's own JSON and stays as it is."""
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
