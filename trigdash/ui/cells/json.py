"""Cells of a JSON row: indent, fold mark, key, value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trigdash.ui.cells.cell import Cell, Piece
from trigdash.ui.inside.json_rows import JsonKind
from trigdash.ui.inside.outline import highlighted

if TYPE_CHECKING:
    from trigdash.ui.inside.json_rows import JsonRows

VALUE_ROLES = {
    JsonKind.NULL: "faint",
    JsonKind.BOOLEAN: "waiting",
    JsonKind.NUMBER: "running",
    JsonKind.STRING: "good",
    JsonKind.ARRAY: "faint",
    JsonKind.OBJECT: "faint",
    JsonKind.TEXT: "good",
    JsonKind.LINE: "good",
}
MAX_INDENT = 48
"""Columns that depth may take; below that rows keep one margin."""


def json_line(rows: JsonRows, row: int, *, top: int = 0) -> Cell:
    """One row of a JSON value; rows of depth `top` stand at the margin, as headings if it is 1."""
    kind = rows.kind(row)
    depth = max(rows.depth[row] - top, 0)
    pieces: list[Piece] = [(" " * min(2 * depth, MAX_INDENT), "text"), _mark(rows, row)]
    if key := rows.key_text(row):
        role = "faint" if isinstance(rows.keys[row], int) else "dim"
        role = "strong" if top and not depth else role
        pieces += [*_found(key, role, rows.text), ("  ", "text")]
    if value := rows.value_text(row):
        pieces += _found(value, VALUE_ROLES[kind], rows.text)
    if note := rows.note(row):
        pieces.append((note, "faint"))
    return tuple(pieces)


def _mark(rows: JsonRows, row: int) -> Piece:
    if not rows.is_parent(row):
        return "  ", "text"
    return ("▸ ", "accent") if rows.is_folded(row) else ("▾ ", "faint")


def _found(text: str, role: str, needle: str) -> list[Piece]:
    return [(part, "match" if found else role) for part, found in highlighted(text, needle)]
