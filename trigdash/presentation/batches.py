"""A batch in a list: its cells, and the lines above its runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from trigdash.model.batch import Batch, BatchSummary
from trigdash.model.run_row import RunRow
from trigdash.presentation.cell import EMPTY, Cell, Piece, cut_text
from trigdash.presentation.units import UNKNOWN, count, duration, plural, span
from trigdash.service.batches import BatchProgress, batch_progress
from trigdash.service.cache.store import Snapshot

BAR_WIDTH: Final = 16


@dataclass(frozen=True, slots=True)
class BatchLine:
    """A batch as the list shows it."""

    id: str
    progress: BatchProgress
    first_ms: float | None = None
    """When its first run was triggered; where that is not known, when the batch was created."""
    created_ms: float | None = None
    """When the batch itself was created, where it was asked for."""
    ended_ms: float | None = None
    """When the last of its ended runs did, as far as is known."""
    server_status: str | None = None
    """The batch's own status, where it was asked for."""
    failed_items: int = 0
    """Items that became no run."""


def batch_line(summary: BatchSummary, batch: Batch | None = None) -> BatchLine:
    """A line from what was found of a batch, and from the batch itself where it was opened."""
    names = (name for name, number in summary.statuses.items() for _ in range(number))
    total = max(batch.run_count if batch else 0, summary.runs)
    return BatchLine(
        id=summary.id,
        progress=batch_progress(total, names),
        first_ms=_ms(summary.first_at or (batch.created_at if batch else None)),
        created_ms=_ms(batch.created_at if batch else None),
        ended_ms=_ms(summary.ended_at),
        server_status=batch.status_name if batch else None,
        failed_items=len(batch.errors) if batch else 0,
    )


def line_of_runs(batch_id: str, batch: Batch | None, rows: Sequence[RunRow]) -> BatchLine:
    """A line from the batch itself and those of its runs that are loaded."""
    total = batch.run_count if batch is not None else len(rows)
    created_ms = _ms(batch.created_at) if batch is not None else None
    first_ms = created_ms
    if rows and len(rows) >= total:
        first_ms = min(row.created_ms for row in rows)
    return BatchLine(
        id=batch_id,
        progress=batch_progress(total, (row.status_name for row in rows)),
        first_ms=first_ms,
        created_ms=created_ms,
        ended_ms=max((row.finished_ms for row in rows if row.finished_ms), default=None),
        server_status=batch.status_name if batch is not None else None,
        failed_items=len(batch.errors) if batch is not None else 0,
    )


def _ms(at: datetime | None) -> float | None:
    return at.timestamp() * 1000 if at else None


def id_cell(line: BatchLine, now_ms: float) -> Cell:
    """The batch's id, whole."""
    return ((line.id, "dim" if line.progress.ended else "text"),)


def status_label(line: BatchLine) -> Cell:
    """What the batch is at. Its runs are believed before its own status: old-style batches were
    recorded PENDING for good, and COMPLETED says nothing of how the runs went."""
    if line.progress.ended:
        stuck = line.server_status in ("PENDING", "PROCESSING")
        note: Cell = (
            ((f" (server: {line.server_status.lower()})", "warn"),)
            if stuck and line.server_status
            else ()
        )
        if line.progress.failed or line.failed_items:
            return (("×", "bad-strong"), (" ended, failures", "bad-strong"), *note)
        return (("✓", "good"), (" ended", "done"), *note)
    if line.server_status == "ABORTED":
        return (("‼", "bad-strong"), (" aborted", "bad-strong"))
    if line.progress.running:
        return (("●", "running"), (" running", "running"))
    if line.progress.unseen and not line.progress.queued:
        return (("·", "faint"), (" not all known", "dim"))
    return (("○", "queued"), (" queued", "queued"))


def status_cell(line: BatchLine, now_ms: float) -> Cell:
    """Mark and word."""
    return status_label(line)


def runs_cell(line: BatchLine, now_ms: float) -> Cell:
    """How many runs it has."""
    return ((count(line.progress.total), "text"),)


def succeeded_cell(line: BatchLine, now_ms: float) -> Cell:
    """Runs that went well."""
    return _number(line.progress.succeeded, "good")


def failed_cell(line: BatchLine, now_ms: float) -> Cell:
    """Runs that failed, timed out or expired, and items that became no run."""
    return _number(line.progress.failed + line.failed_items, "bad-strong")


def running_cell(line: BatchLine, now_ms: float) -> Cell:
    """Runs under way, waiting ones included."""
    return _number(line.progress.running, "running")


def queued_cell(line: BatchLine, now_ms: float) -> Cell:
    """Runs not yet started."""
    return _number(line.progress.queued, "queued")


def _number(number: int, role: str) -> Cell:
    return ((count(number), role if number else "faint"),)


def progress_cell(line: BatchLine, now_ms: float) -> Cell:
    """A bar of what went well, what went wrong, and what is left."""
    return share_bar(
        BAR_WIDTH,
        line.progress.total,
        (
            (line.progress.succeeded, "good"),
            (line.progress.failed, "bad"),
            (line.progress.canceled, "done"),
            (line.progress.running, "running"),
        ),
    )


def share_bar(width: int, total: int, parts: tuple[tuple[int, str], ...]) -> Cell:
    """A bar of `width` columns with a stretch for each part; what is there shows at least once."""
    if total <= 0:
        return (("━" * width, "hairline"),)
    left = width
    drawn: list[tuple[str, str]] = []
    for number, role in parts:
        columns = min(left, max(1, round(number / total * width)) if number else 0)
        if columns:
            drawn.append(("━" * columns, role))
            left -= columns
    if left:
        drawn.append(("━" * left, "hairline"))
    return tuple(drawn)


def age_cell(line: BatchLine, now_ms: float) -> Cell:
    """Time since its first run was triggered."""
    if line.first_ms is None:
        return ((UNKNOWN, "faint"),)
    return ((span(now_ms - line.first_ms), "dim"),)


def duration_cell(line: BatchLine, now_ms: float) -> Cell:
    """How long it has taken; live until its runs have ended."""
    if line.first_ms is None:
        return ((UNKNOWN, "faint"),)
    if not line.progress.ended:
        return ((duration(now_ms - line.first_ms), "text"),)
    return ((duration(line.ended_ms - line.first_ms), "dim"),) if line.ended_ms else EMPTY


def explain_batch(line: BatchLine, now_ms: float) -> Cell:
    """The line under the list: what is left, and what went wrong."""
    progress = line.progress
    said: list[tuple[str, str]] = [*status_label(line), ("   ", "text")]
    ended = progress.succeeded + progress.failed + progress.canceled
    said.append((f"{count(ended)} of {plural(progress.total, 'run')} ended", "text"))
    if progress.failed:
        said.append((f"   {count(progress.failed)} failed", "bad"))
    if progress.canceled:
        said.append((f"   {count(progress.canceled)} canceled", "dim"))
    if progress.running or progress.queued:
        said.append(
            (f"   {count(progress.running)} running, {count(progress.queued)} queued", "dim")
        )
    if progress.unseen:
        said.append((f"   {count(progress.unseen)} not looked at yet", "warn"))
    if line.ended_ms is not None and progress.ended:
        said.append((f"   {span(now_ms - line.ended_ms)} ago", "dim"))
    return tuple(said)


WIDTH: Final = 60
LATE_MS: Final = 1000
"""A first run that is triggered so much later than its batch is worth a word."""
MAX_ERRORS: Final = 4
"""Items shown that became no run; the rest is counted."""


def batch_head(line: BatchLine, snapshot: Snapshot[Batch], now_ms: float) -> list[Cell]:
    """Id, progress, how it stands, and the items that became no run."""
    progress, batch, problem = line.progress, snapshot.data, snapshot.problem
    if batch is None and not progress.total:
        said: Piece = ("loading", "dim") if problem is None else (problem.message, "warn")
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
            lines.append(((f" the batch itself: {problem.message}", "warn"),))
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
