"""Rows as aligned text: columns measured in terminal cells, cut to a width where there is one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from trigdash.model.clean import clean
from trigdash.presentation.cell import Cell, cell_width, cut_cell
from trigdash.presentation.field import ResourceField

GAP = 2
"""Blank columns between two columns."""

ANSI: Mapping[str, str] = {
    "bad": "31",
    "bad-strong": "1;31",
    "warn": "33",
    "warn-strong": "1;33",
    "good": "32",
    "running": "36",
    "strong": "1",
    "dim": "2",
    "faint": "2",
    "done": "2",
    "queued": "34",
}
"""Colors of the roles that carry meaning, as terminals name them."""


def table_lines(
    fields: Sequence[ResourceField[Any]],
    rows: Iterable[Any],
    now_ms: float,
    *,
    width: int | None = None,
    color: bool = False,
) -> Iterable[str]:
    """A heading and a line for each row. `width` in columns cuts the last ones that do not fit."""
    headings: tuple[Cell, ...] = tuple(((f.heading.upper(), "dim"),) for f in fields)
    table = [headings, *(tuple(_safe(f.cell(row, now_ms)) for f in fields) for row in rows)]
    widths = [max(cell_width(line[i]) for line in table) for i in range(len(fields))]
    for line in table:
        yield _line(fields, line, widths, width, color)


def _line(
    fields: Sequence[ResourceField[Any]],
    cells: Sequence[Cell],
    widths: Sequence[int],
    width: int | None,
    color: bool,
) -> str:
    pieces: list[tuple[str, str]] = []
    for field, cell, room in zip(fields, cells, widths, strict=True):
        blank = (" " * (room - cell_width(cell)), "text")
        pieces += [blank, *cell] if field.align == "right" else [*cell, blank]
        pieces.append((" " * GAP, "text"))
    whole = cut_cell(tuple(pieces[:-1]), width) if width else tuple(pieces[:-1])
    return "".join(painted(text, role, color) for text, role in whole).rstrip()


def painted(text: str, role: str, color: bool) -> str:
    """A text in the color of its role, where there is color."""
    code = ANSI.get(role) if color else None
    return f"\x1b[{code}m{text}\x1b[0m" if code and text.strip() else text


def _safe(cell: Cell) -> Cell:
    return tuple((clean(text), role) for text, role in cell)
