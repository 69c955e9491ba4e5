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
    """The fields of a row, then what of it could not be read. `hides` says of which fields the
    value is not to be seen."""
    for field in resource.fields:
        value, cell = plain(field.value(row)), field.cell(row, now_ms)
        if value and hides(field):
            cell = HIDDEN
        elif cell_text(cell).strip() != value and value:
            cell = (*cell, (f"   {value}", "dim"))
        yield _line(field.heading, cell, value)
    if unread := ", ".join(getattr(row, "unread", ())):
        yield _line("not readable", ((unread, "warn"),), unread)


def _line(heading: str, cell: Cell, value: str) -> FieldLine:
    run = _RUN_ID.search(value)
    field = Field(heading, cell, value, ("run", run[0]) if run else None)
    return FieldLine(((f"{heading:<{LABEL}}  ", "dim"), *cell), (field,))
