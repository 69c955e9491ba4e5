"""The lines above the runs of a batch."""

from typing import Final

from trigdash.model.batch import Batch
from trigdash.service.store import Snapshot
from trigdash.ui.cells.batches import BatchLine, explain_batch, share_bar
from trigdash.ui.cells.cell import Cell, Piece, cut_text
from trigdash.ui.cells.units import count, duration, plural

WIDTH: Final = 60
LATE_MS: Final = 1000
"""A first run that is triggered so much later than its batch is worth a word."""
MAX_ERRORS: Final = 4
"""Items shown that became no run; the rest is counted."""


def batch_head(line: BatchLine, snapshot: Snapshot[Batch], now_ms: float) -> list[Cell]:
    """Id, progress, how it stands, and the items that became no run."""
    progress, batch, problem = line.progress, snapshot.data, snapshot.problem
    if batch is None and not progress.total:
        said: Piece = ("loading", "dim") if problem is None else (problem.sentence, "warn")
        return [((f" {line.id}   ", "strong"), said)]
    parts = (
        (progress.succeeded, "good"),
        (progress.failed, "bad"),
        (progress.canceled, "done"),
        (progress.running, "running"),
    )
    lines: list[Cell] = [
        ((f" {line.id}", "strong"), *_times(line, now_ms)),
        ((" ", "text"), *share_bar(WIDTH, progress.total, parts)),
        ((" ", "text"), *explain_batch(line, now_ms)),
    ]
    if batch is None:
        if problem is not None:
            lines.append(((f" the batch itself: {problem.sentence}", "warn"),))
        return lines
    if progress.ended and progress.total and batch.status_name in ("PENDING", "PROCESSING"):
        lines.append(
            (
                (f" the server still calls it {batch.status_name.lower()}", "warn-strong"),
                (", although all of its runs have ended", "warn"),
            )
        )
    return lines + _errors(batch)


def _times(line: BatchLine, now_ms: float) -> Cell:
    if line.first_ms is None:
        return ()
    is_over = line.progress.ended and line.ended_ms is not None
    end_ms = line.ended_ms if is_over and line.ended_ms is not None else now_ms
    took: Piece = (f"   {'took' if is_over else 'for'} {duration(end_ms - line.first_ms)}", "dim")
    before_ms = line.first_ms - line.created_ms if line.created_ms is not None else 0.0
    if before_ms < LATE_MS:
        return (took,)
    return (took, (f"   first run {duration(before_ms)} after the batch was created", "dim"))


def _errors(batch: Batch) -> list[Cell]:
    errors = batch.errors
    if not errors:
        return []
    lines: list[Cell] = [((f" {plural(len(errors), 'item')} became no run", "bad-strong"),)]
    for error in errors[:MAX_ERRORS]:
        message = cut_text(error.error.split("\n", 1)[0], 90)
        lines.append(
            (
                (f"   {error.index} ", "dim"),
                (f"{error.task_identifier}  ", "text"),
                (message, "bad"),
            )
        )
    if len(errors) > MAX_ERRORS:
        lines.append(((f"   and {count(len(errors) - MAX_ERRORS)} more", "dim"),))
    return lines
