"""What lines of answers have in common: headings, labels, runs and changes in one line. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from trigdash.presentation.cell import (
    Cell,
    Piece,
    cell_width,
    cut_cell,
    cut_text,
    text_width,
    wrap_cell,
)
from trigdash.presentation.marks import status_mark, status_role
from trigdash.presentation.run.fields import Field, FieldLine, Target
from trigdash.presentation.runs import duration_ms
from trigdash.presentation.units import duration, span

if TYPE_CHECKING:
    from trigdash.model.run_row import RunRow
    from trigdash.service.variables import Change

BLANK = FieldLine()
LABEL_WIDTH = 13
LEAST_WORDS = 20
"""Words behind a name have at least so many columns."""
MAX_WIDTH = 150
"""Wider lines would part what belongs together."""


def heading(words: str, aside: str = "") -> FieldLine:
    """A section's name, and what there is to know about all of it."""
    return FieldLine(((words, "dim"), (f"   {aside}" if aside else "", "faint")))


def labeled(label: str, cell: Cell, copied: str = "", opens: Target | None = None) -> FieldLine:
    """What is said of one thing, behind its name; a line that says something can be copied."""
    whole: Cell = ((f"{label:<{LABEL_WIDTH}}", "dim"), *cell)
    return FieldLine(whole, (Field(label, whole, copied, opens),) if copied or opens else ())


def indented(cell: Cell) -> FieldLine:
    """A line that continues the label above it."""
    return FieldLine(((" " * LABEL_WIDTH, "text"), *cell))


def labeled_words(label: str, piece: Piece, width: int) -> Iterator[FieldLine]:
    """Text after a label, wrapped to a width below its own start."""
    first, *rest = wrap_cell((piece,), max(width - LABEL_WIDTH, LEAST_WORDS), indent=0)
    yield labeled(label, first, piece[0])
    yield from map(indented, rest)


def run_line(row: RunRow, now_ms: float, width: int, label: str = "run") -> FieldLine:
    """A run of a sample: opened by `enter`."""
    took = duration_ms(row, now_ms)
    cell: Cell = (
        (f"{status_mark(row.status)} ", status_role(row.status)),
        (f"{row.id:<30}  ", "text"),
        (f"{row.version or '–':<12}  ", "dim"),
        (f"{span(now_ms - row.created_ms):>10}  ", "text"),
        (f"{'–' if took is None else duration(took):>9}  ", "text"),
        (" ".join(row.tags), "faint"),
    )
    return FieldLine(cut_cell(cell, width), (Field(label, cell, row.id, ("run", row.id)),))


def padded(cell: Cell, width: int) -> Cell:
    """A cell in so many columns: cut, or with blanks after it."""
    cut = cut_cell(cell, width)
    return (*cut, (" " * (width - cell_width(cut)), "text"))


def whole_clauses(text: str, room: int) -> str:
    """A sentence in so many columns: its last clauses go whole, for half a figure misleads."""
    kept = text
    while text_width(kept) + (2 if kept != text else 0) > room:
        kept, more, _ = kept.rpartition("; ")
        if not more:
            return cut_text(text, room)
    return kept if kept == text else f"{kept} …"


_ROLES = {"+": "good", "-": "bad", "~": "warn", "?": "dim"}


def change_cell(change: Change) -> Cell:
    """One change: mark, name, words."""
    mark, name, words = change
    role = _ROLES.get(mark, "faint")
    return ((f"{mark} ", role), (f"{name:<28} ", "text" if mark.strip() else "dim"), (words, role))
