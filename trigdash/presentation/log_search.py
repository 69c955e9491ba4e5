"""What a search through logs has found, as lines. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trigdash.presentation.cell import Cell, cut_cell
from trigdash.presentation.marks import status_mark, status_role
from trigdash.presentation.run.fields import Field, FieldLine
from trigdash.presentation.units import count, plural, span

if TYPE_CHECKING:
    from trigdash.service.runs.log_search import Found, FoundRun

_ROLES = {"ERROR": "bad", "WARN": "warn"}


def search_headline(found: Found, more_key: str) -> Cell:
    """How far the search is, and how it continues."""
    of = f"{count(len(found.runs))} of {plural(found.searched, 'run')} searched"
    has = "has it" if len(found.runs) == 1 else "have it"
    said: Cell = ((f"{of} {has}", "strong"),)
    if found.is_over:
        said = (*said, ("   all that match the filter", "dim"))
    elif found.rests:
        said = (
            *said,
            ("   more match the filter: ", "warn"),
            (more_key, "key"),
            (" goes on", "dim"),
        )
    else:
        said = (*said, ("   searching …", "running"))
    if found.left_out:
        said = (*said, (f"   {plural(found.left_out, 'line')} took too long to search", "warn"))
    return said


def search_lines(found: Found, now_ms: float, width: int) -> list[FieldLine]:
    """A line for each run that has it, the newest first."""
    return [_line(each, now_ms, width) for each in found.runs]


def _line(found: FoundRun, now_ms: float, width: int) -> FieldLine:
    row = found.row
    first = re.sub(r"\s+", " ", found.first)
    cell: Cell = (
        (f"{status_mark(row.status)} ", status_role(row.status)),
        (f"{row.id:<30}", "text"),
        (f"{span(now_ms - row.created_ms):>9}", "dim"),
        (f"{plural(found.lines, 'line'):>10}  ", "strong"),
        (f"{row.task}  ", "dim"),
        (first, _ROLES.get(found.level, "text")),
    )
    return FieldLine(cut_cell(cell, width), (Field("run", cell, row.id, ("events", row.id)),))
