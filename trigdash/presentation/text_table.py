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


class TextTable:
    """Rows as lines, in columns as wide as the first rows need."""

    def __init__(
        self,
        fields: Sequence[ResourceField[Any]],
        now_ms: float,
        *,
        width: int | None = None,
        color: bool = False,
    ) -> None:
        """`width` in columns cuts what does not fit."""
        self._fields = fields
        self._now_ms = now_ms
        self._width = width
        self._color = color
        self._widths: Sequence[int] = ()

    def first_lines(self, rows: Iterable[Any]) -> Iterable[str]:
        """The headings and the first rows, which the widths of the columns are taken from."""
        headings: tuple[Cell, ...] = tuple(((f.heading.upper(), "dim"),) for f in self._fields)
        table = [headings, *map(self._cells, rows)]
        self._widths = [max(map(cell_width, column)) for column in zip(*table, strict=True)]
        return map(self._line, table)

    def line(self, row: Any) -> str:
        """A later row."""
        return self._line(self._cells(row))

    def _cells(self, row: Any) -> tuple[Cell, ...]:
        return tuple(_safe(field.cell(row, self._now_ms)) for field in self._fields)

    def _line(self, cells: Sequence[Cell]) -> str:
        pieces: list[tuple[str, str]] = []
        for field, cell, room in zip(self._fields, cells, self._widths, strict=True):
            blank = (" " * (room - cell_width(cell)), "text")
            pieces += [blank, *cell] if field.align == "right" else [*cell, blank]
            pieces.append((" " * GAP, "text"))
        whole = tuple(pieces[:-1])
        shown = cut_cell(whole, self._width) if self._width else whole
        return "".join(painted(text, role, self._color) for text, role in shown).rstrip()


def painted(text: str, role: str, color: bool) -> str:
    """A text in the color of its role, where there is color."""
    code = ANSI.get(role) if color else None
    return f"\x1b[{code}m{text}\x1b[0m" if code and text.strip() else text


def _safe(cell: Cell) -> Cell:
    return tuple((clean(text), role) for text, role in cell)
