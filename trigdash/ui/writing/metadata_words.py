"""What is said of an edit of metadata: how much it changes, and what it would overwrite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from trigdash.model.clean import clean
from trigdash.model.json_text import escaped, json_compact
from trigdash.service.metadata_edit import ABSENT, Conflict, counts
from trigdash.ui.cells.cell import Cell, cut_text

if TYPE_CHECKING:
    from trigdash.model.run import Run

LISTED = 6
"""Conflicts that are shown; the others are counted."""

WIDEST = 60
"""Columns of a value that is shown beside another."""


def metadata_of(run: Run) -> dict[str, object]:
    """A run's metadata; none, or none that is an object, is an empty one."""
    return run.metadata if isinstance(run.metadata, dict) else {}


def effect_cell(before: Mapping[str, object], after: Mapping[str, object]) -> Cell:
    """How many keys of the top level are added, changed and removed."""
    words = zip(
        counts(before, after),
        ("added", "changed", "removed"),
        ("good", "warn", "bad"),
        strict=True,
    )
    said = tuple((f"{number} {word}  ", role) for number, word, role in words if number)
    return said or (("unchanged", "faint"),)


def conflict_lines(conflicts: Sequence[Conflict]) -> list[Cell]:
    """Both values of each key that was changed on both sides."""
    lines: list[Cell] = [(("These values changed while you were editing:", "text"),), ()]
    for conflict in conflicts[:LISTED]:
        lines += [
            ((clean(".".join(conflict.path)), "strong"),),
            (("  now    ", "dim"), (_shown(conflict.theirs), "warn")),
            (("  yours  ", "dim"), (_shown(conflict.mine), "text")),
        ]
    if len(conflicts) > LISTED:
        lines.append(((f"and {len(conflicts) - LISTED} more", "dim"),))
    return [*lines, (), (("What else changed is kept as it is.", "dim"),)]


def _shown(value: object) -> str:
    return "removed" if value is ABSENT else cut_text(escaped(json_compact(value)), WIDEST)
