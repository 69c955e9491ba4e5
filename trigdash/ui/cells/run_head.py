"""The heading of an opened run: its status first, then what and which it is. Pure, no terminal."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from trigdash.ui.cells.cell import Cell, Piece
from trigdash.ui.cells.runs import duration_cell
from trigdash.ui.cells.units import plural
from trigdash.ui.marks import status_mark, status_role

if TYPE_CHECKING:
    from trigdash.model.run import Run


def run_head(run: Run | None, run_id: str, now: datetime) -> Cell:
    """Status, task, id, and how far it is; the id alone until the run is known."""
    if run is None:
        return ((" ‹ ", "faint"), (run_id, "dim"))
    status = run.status
    pieces: list[Piece] = [
        (" ‹ ", "faint"),
        (f"{status_mark(status)} {status.word}   ", status_role(status)),
        (f"{run.task_identifier}  ", "strong"),
        (f"{run.id}   ", "dim"),
    ]
    facts = ["".join(text for text, _ in duration_cell(run.row(), now.timestamp() * 1000))]
    if run.attempt_count > 1:
        facts.append(plural(run.attempt_count, "attempt"))
    facts += [fact for fact in (run.version, *run.tags) if fact]
    pieces.append((" · ".join(facts), "dim"))
    if run.is_test:
        pieces.append(("  test", "waiting"))
    return tuple(pieces)
