"""What is said of a bulk: its preview before anything is sent, and its progress after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from trigdash.model.status import status
from trigdash.service.bulk import Bulk, BulkProgress, BulkState
from trigdash.service.bulk_plan import MAX_RUNS, BulkPreview
from trigdash.ui.cells.batches import share_bar
from trigdash.ui.cells.cell import Cell, cut_text
from trigdash.ui.cells.units import count, duration, plural, span
from trigdash.ui.marks import status_mark, status_role

LINES: Final = 5
"""Statuses and tasks listed; the rest is added up."""

NAMES: Final[Mapping[str, str]] = {"cancel": "Cancel", "replay": "Replay", "tag": "Tag"}


def title(preview: BulkPreview) -> str:
    """`Cancel 312 runs`."""
    return f"{NAMES[preview.plan.verb]} {plural(preview.count, 'run')}"


def preview_lines(preview: BulkPreview, now_ms: float, seconds: float | None) -> list[Cell]:
    """The frozen preview: chosen by what, which statuses and tasks, how old, and how long it
    takes (`seconds`, where that can be told)."""
    lines: list[Cell] = [(("chosen by  ", "dim"), (preview.plan.label, "text"))]
    if preview.plan.tags:
        lines.append((("tags       ", "dim"), (" ".join(preview.plan.tags), "good")))
    lines.append(())
    lines += _table(preview)
    lines += [(), _ages(preview, now_ms)]
    if preview.plan.verb == "cancel" and preview.finished:
        lines.append(((f"{count(preview.finished)} of them have ended and are left out", "warn"),))
    elif preview.plan.verb == "replay" and preview.count > preview.finished:
        going_on = preview.count - preview.finished
        lines.append(
            ((f"{count(going_on)} have not ended: these go on beside their replay", "warn"),)
        )
    if preview.truncated:
        lines.append(((f"more than {count(MAX_RUNS)} match: these are the newest", "warn-strong"),))
    if seconds is not None:
        lines.append((("takes about ", "dim"), (duration(seconds * 1000), "text")))
    return lines


def _table(preview: BulkPreview) -> list[Cell]:
    """Statuses at the left, tasks at the right."""
    statuses = [_status_cell(name, number) for name, number in preview.by_status.items()]
    tasks = list(preview.by_task.items())
    right: list[Cell] = [
        ((f"{count(number):>7} ", "strong"), (cut_text(task, 32), "text"))
        for task, number in tasks[:LINES]
    ]
    if len(tasks) > LINES:
        rest = sum(number for _, number in tasks[LINES:])
        right.append(((f"{count(rest):>7} ", "strong"), (f"in {len(tasks) - LINES} more", "dim")))
    height = max(len(statuses), len(right))
    lines = []
    for index in range(height):
        left = statuses[index] if index < len(statuses) else ((" " * 28, "text"),)
        lines.append((*left, *(right[index] if index < len(right) else ())))
    return lines


def _status_cell(name: str, number: int) -> Cell:
    """28 columns: mark, number, word."""
    known = status(name)
    role = status_role(known)
    return (
        (f"{status_mark(known)} ", role),
        (f"{count(number):>6} ", "strong"),
        (f"{known.word:<19}", "text"),
    )


def _ages(preview: BulkPreview, now_ms: float) -> Cell:
    if preview.oldest is None or preview.newest is None:
        return (("nothing to act on", "warn"),)
    return (
        ("oldest ", "dim"),
        (span(now_ms - preview.oldest.created_ms), "strong"),
        ("   newest ", "dim"),
        (span(now_ms - preview.newest.created_ms), "strong"),
        ("   ", "dim"),
        (" · ".join(f"{count(number)} {age}" for age, number in preview.by_age.items()), "dim"),
    )


def progress_lines(progress: BulkProgress, width: int = 60) -> list[Cell]:
    """How far a bulk is: a bar, the figures, and what there is to say."""
    handled = ((progress.done, "good"), (progress.failed, "bad"), (progress.unknown, "warn"))
    figures: Cell = (
        (f"{count(progress.done)} done", "good"),
        (f"   {count(progress.failed)} failed", "bad" if progress.failed else "faint"),
        (f"   {count(progress.left)} left", "text"),
    )
    if progress.unknown:
        figures = (*figures, (f"   {count(progress.unknown)} unknown", "warn"))
    lines: list[Cell] = [share_bar(width, progress.total, handled), figures, _state(progress)]
    if progress.sentence:
        lines.append(((progress.sentence, "warn"),))
    return lines


def _state(progress: BulkProgress) -> Cell:
    if progress.state is BulkState.STOPPING:
        return (("stopping", "warn"),)
    if progress.state is BulkState.RUNNING:
        if progress.eta_s is None:
            return (("under way", "running"),)
        return (
            ("under way, about ", "running"),
            (duration(progress.eta_s * 1000), "strong"),
            (" left", "running"),
        )
    role = {BulkState.ENDED: "good", BulkState.ABORTED: "warn"}.get(progress.state, "warn-strong")
    return ((progress.state.value, role),)


def unnamed_lines(verb: str, number: int) -> list[Cell]:
    """What is said of failures that the server counts and does not name."""
    if number <= 0:
        return []
    lines: list[Cell] = [((f"{count(number)} failed that the server does not name", "warn"),)]
    if verb == "cancel":
        lines.append((("a run that ended before it was cancelled is counted as failed", "dim"),))
    return lines


def bar_words(verb: str, progress: BulkProgress) -> str:
    """The mark in the bar while a bulk goes on in the background."""
    handled = progress.total - progress.left
    return f"bulk {verb} {count(handled)}/{count(progress.total)}"


def bar_notes(bulks: Iterable[Bulk]) -> list[str]:
    """The marks of the bulks that are under way."""
    return [bar_words(bulk.plan.verb, bulk.progress) for bulk in bulks if bulk.state.goes_on]


def ended_words(verb: str, progress: BulkProgress) -> str:
    """The toast at its end."""
    parts = [f"bulk {verb} {progress.state.value}: {count(progress.done)} done"]
    if progress.failed:
        parts.append(f"{count(progress.failed)} failed")
    if progress.unknown:
        parts.append(f"{count(progress.unknown)} unknown, not sent again")
    if progress.left:
        parts.append(f"{count(progress.left)} left undone")
    said = ", ".join(parts)
    return f"{said}: {progress.sentence}" if progress.sentence else said
