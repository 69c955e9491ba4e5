"""A batch in a list: its cells, and the lines above its runs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from trigdash.model.batch import Batch, BatchSummary
from trigdash.presentation.cell import Cell, Piece, cell_text, cut_text, linked
from trigdash.presentation.units import UNKNOWN, count, duration, plural, span
from trigdash.service.batches import BatchList, BatchSource
from trigdash.service.cache.store import Snapshot

BAR_WIDTH: Final = 16


def status_cell(line: BatchSummary, now_ms: float) -> Cell:
    """What the batch is at. Its runs are believed before its own status: old-style batches were
    recorded PENDING for good, and COMPLETED says nothing of how the runs went."""
    if line.ended:
        stuck = line.server_status in ("PENDING", "PROCESSING")
        note: Cell = (
            ((f" (server: {line.server_status.lower()})", "warn"),)
            if stuck and line.server_status
            else ()
        )
        if line.failed or line.failed_items:
            return (("×", "bad-strong"), (" ended, failures", "bad-strong"), *note)
        return (("✓", "good"), (" ended", "done"), *note)
    if line.server_status == "ABORTED":
        return (("‼", "bad-strong"), (" aborted", "bad-strong"))
    if line.running:
        return (("●", "running"), (" running", "running"))
    if line.unseen and not line.queued:
        return (("·", "faint"), (" not all known", "dim"))
    return (("○", "queued"), (" queued", "queued"))


def status_label(line: BatchSummary) -> str:
    """The same in words."""
    return cell_text(status_cell(line, 0.0)[1:2]).strip()


def progress_cell(line: BatchSummary, now_ms: float) -> Cell:
    """A bar of what went well, what went wrong, and what is left."""
    return share_bar(BAR_WIDTH, line.runs, _parts(line))


def _parts(line: BatchSummary) -> tuple[tuple[int, str], ...]:
    return (
        (line.succeeded, "good"),
        (line.failed, "bad"),
        (line.canceled, "done"),
        (line.running, "running"),
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


def took_ms(line: BatchSummary, now_ms: float) -> float | None:
    """How long it has taken, until now while runs of it have not ended."""
    end_ms = _ms(line.ended_at) if line.ended else now_ms
    if line.first_at is None or end_ms is None:
        return None
    return end_ms - line.first_at.timestamp() * 1000


def duration_cell(line: BatchSummary, now_ms: float) -> Cell:
    """How long it has taken; live until its runs have ended."""
    took = took_ms(line, now_ms)
    if took is None:
        return ((UNKNOWN, "faint"),)
    return ((duration(took), "dim" if line.ended else "text"),)


def totals_cell(lines: Sequence[BatchSummary]) -> Cell:
    """How many batches are unfinished, and how many have failures."""
    moving = sum(not line.ended for line in lines)
    failures = sum(bool(line.failed) for line in lines)
    pieces: list[Piece] = []
    if moving:
        pieces += [("   ● ", "running"), (f"{count(moving)} under way", "text")]
    if failures:
        pieces += [("   × ", "bad-strong"), (f"{count(failures)} with failures", "strong")]
    return tuple(pieces)


def source_cell(held: BatchList) -> Cell:
    """Where the list comes from: the API has none."""
    role = "faint" if held.source is BatchSource.QUERY else "warn"
    return ((f"from {held.source.value} ", role),)


def explain_batch(line: BatchSummary, now_ms: float) -> Cell:
    """The line under the list: what is left, and what went wrong."""
    said: list[tuple[str, str]] = [*status_cell(line, now_ms), ("   ", "text")]
    ended = line.succeeded + line.failed + line.canceled
    said.append((f"{count(ended)} of {plural(line.runs, 'run')} ended", "text"))
    if line.failed:
        said.append((f"   {count(line.failed)} failed", "bad"))
    if line.canceled:
        said.append((f"   {count(line.canceled)} canceled", "dim"))
    if line.running or line.queued:
        said.append((f"   {count(line.running)} running, {count(line.queued)} queued", "dim"))
    if line.unseen:
        said.append((f"   {count(line.unseen)} not looked at yet", "warn"))
    if line.ended_at is not None and line.ended:
        said.append((f"   {span(now_ms - line.ended_at.timestamp() * 1000)} ago", "dim"))
    return tuple(said)


WIDTH: Final = 60
LATE_MS: Final = 1000
"""A first run that is triggered so much later than its batch is worth a word."""
MAX_ERRORS: Final = 4
"""Items shown that became no run; the rest is counted."""


def batch_head(
    line: BatchSummary, snapshot: Snapshot[Batch], now_ms: float, page: str | None = None
) -> list[Cell]:
    """Id, progress, status, and the items that did not become runs. `page` is its address in the
    dashboard."""
    batch, problem = snapshot.data, snapshot.problem
    if batch is None and not line.runs:
        said: Piece = ("loading", "dim") if problem is None else (problem.message, "warn")
        return [((f" {line.id}   ", "strong"), said)]
    lines: list[Cell] = [
        ((" ", "text"), linked(line.id, "strong", page), *_times(line, now_ms)),
        ((" ", "text"), *share_bar(WIDTH, line.runs, _parts(line))),
        ((" ", "text"), *explain_batch(line, now_ms)),
    ]
    if batch is None:
        if problem is not None:
            lines.append(((f" the batch itself: {problem.message}", "warn"),))
        return lines
    if line.ended and line.runs and batch.status_name in ("PENDING", "PROCESSING"):
        lines.append(
            (
                (f" the server still calls it {batch.status_name.lower()}", "warn-strong"),
                (", although all of its runs have ended", "warn"),
            )
        )
    return lines + _errors(batch)


def _times(line: BatchSummary, now_ms: float) -> Cell:
    took = took_ms(line, now_ms)
    if took is None or line.first_at is None:
        return ()
    said: Piece = (f"   {'took' if line.ended else 'for'} {duration(took)}", "dim")
    if line.created_at is None:
        return (said,)
    before_ms = (line.first_at - line.created_at).total_seconds() * 1000
    if before_ms < LATE_MS:
        return (said,)
    return (said, (f"   first run {duration(before_ms)} after the batch was created", "dim"))


def _ms(at: datetime | None) -> float | None:
    return at.timestamp() * 1000 if at else None


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
