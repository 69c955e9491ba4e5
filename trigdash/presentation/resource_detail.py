"""One row of a resource in detail: a line for each of its fields. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from trigdash.presentation.cell import Cell, cell_text
from trigdash.presentation.field import ResourceField, plain
from trigdash.presentation.resource import Resource
from trigdash.presentation.run.fields import LABEL, Field, FieldLine

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
