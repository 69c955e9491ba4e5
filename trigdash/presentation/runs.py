"""A run in a list: its cells, and by what it is ordered."""

from typing import Final

from trigdash.model.run_row import RunRow
from trigdash.model.status import Kind
from trigdash.presentation.cell import EMPTY, Cell
from trigdash.presentation.marks import status_mark, status_role
from trigdash.presentation.units import (
    UNKNOWN,
    cents,
    clock_time,
    day_text,
    duration,
    factor_text,
    span,
    until,
)

_STEPPED_BACK: Final = frozenset({Kind.SUCCEEDED, Kind.CANCELED})
"""Ended well or on purpose: these rows are dim."""

WENT_WRONG: Final = frozenset({Kind.FAILED, Kind.LAPSED})

SLOW_FACTOR = 3.0
"""A run that takes this many times what its task usually takes deserves a look. Durations of a task
differ by two as a matter of course: that many marks would mark nothing."""

KIND_ORDER: Final = {
    Kind.FAILED: 0,
    Kind.LAPSED: 1,
    Kind.RUNNING: 2,
    Kind.WAITING: 3,
    Kind.QUEUED: 4,
    Kind.UNKNOWN: 5,
    Kind.CANCELED: 6,
    Kind.SUCCEEDED: 7,
}
"""Trouble first, then what is alive."""


def _plain(row: RunRow) -> str:
    """The role of statuses that are neither good nor bad."""
    return "dim" if row.status.kind in _STEPPED_BACK else "text"


def status_cell(row: RunRow, now_ms: float) -> Cell:
    """Mark and word; a success keeps its green mark while its word steps back."""
    status = row.status
    role = status_role(status)
    word_role = "done" if status.kind is Kind.SUCCEEDED else role
    return (status_mark(status), role), (f" {status.word}", word_role)


def task_cell(row: RunRow, now_ms: float) -> Cell:
    """The task's name."""
    return ((row.task, _plain(row)),)


def id_cell(row: RunRow, now_ms: float) -> Cell:
    """The run's id, whole."""
    return ((row.id, "dim"),)


def age_cell(row: RunRow, now_ms: float) -> Cell:
    """Time since the run was created."""
    return ((span(now_ms - row.created_ms), "dim"),)


def created_cell(row: RunRow, now_ms: float) -> Cell:
    """The moment at which the run was created, with its day when that is not today."""
    when = (day_text(row.created_ms, now_ms), clock_time(row.created_ms))
    return ((" ".join(filter(None, when)), "dim"),)


def is_live(row: RunRow) -> bool:
    """Whether time alone changes what its duration says."""
    return not row.status.is_final


def always(row: RunRow) -> bool:
    """An age changes with time, for every row."""
    return True


def duration_cell(row: RunRow, now_ms: float) -> Cell:
    """How long it ran, runs, has waited to start, or has yet to wait."""
    kind = row.status.kind
    if row.status.word == "delayed":
        return _delay_cell(row, now_ms)
    if kind is Kind.QUEUED:
        return ((f"waiting {span(now_ms - queued_since_ms(row))}", "dim"),)
    took = duration_ms(row, now_ms)
    if took is not None:
        return ((duration(took), _plain(row)),)
    if row.status.is_final:
        ended = ended_ms(row)
        return ((f"waited {span(ended - queued_since_ms(row))}", "dim"),)
    return ((UNKNOWN, "faint"),)


def _delay_cell(row: RunRow, now_ms: float) -> Cell:
    if row.delayed_until_ms is None:
        return ((UNKNOWN, "faint"),)
    left = row.delayed_until_ms - now_ms
    return ((f"in {until(left)}" if left > 0 else "due", "dim"),)


def queued_since_ms(row: RunRow) -> int:
    """When the run began to wait for its turn: at its creation, or when its delay was over."""
    return max(row.created_ms, row.delayed_until_ms or 0)


def ended_ms(row: RunRow) -> int:
    """When a finished run ended; its last change where the server has no time for it
    (recorded: expired runs have no `finishedAt`)."""
    return row.finished_ms or row.expired_ms or row.updated_ms


def duration_ms(row: RunRow, now_ms: float) -> float | None:
    """Wall time from start to end (or to now); None for a run that never started."""
    if row.started_ms is None:
        return None
    return (ended_ms(row) if row.status.is_final else now_ms) - row.started_ms


def queued_ms(row: RunRow, now_ms: float) -> float | None:
    """How long the run waited for its turn, or has waited so far; None for a delayed one."""
    if row.status.word == "delayed":
        return None
    ended = ended_ms(row) if row.status.is_final else now_ms
    return max(0.0, (row.started_ms or ended) - queued_since_ms(row))


def queued_cell(row: RunRow, now_ms: float) -> Cell:
    """The same in words."""
    took = queued_ms(row, now_ms)
    return ((UNKNOWN, "faint"),) if took is None else ((duration(took), _plain(row)),)


def slow_cell(row: RunRow, now_ms: float, typical_ms: float | None) -> Cell:
    """A mark before the duration of a run that takes much longer than its task usually does."""
    took = duration_ms(row, now_ms)
    if took is None or not typical_ms or took < typical_ms * SLOW_FACTOR:
        return EMPTY
    return ((f"▲{factor_text(took / typical_ms)} ", "warn"),)


def attempts_cell(row: RunRow, now_ms: float) -> Cell:
    """Attempts made; more than one deserves a look. Blank where the server does not say."""
    if row.attempts is None:
        return EMPTY
    return ((str(row.attempts), "warn" if row.attempts > 1 else "faint"),)


def version_cell(row: RunRow, now_ms: float) -> Cell:
    """The deployed version that runs it."""
    return ((row.version, "faint"),) if row.version else EMPTY


def tags_cell(row: RunRow, now_ms: float) -> Cell:
    """Its tags, separated by blanks."""
    return ((" ".join(row.tags), "dim"),) if row.tags else EMPTY


def cost_cell(row: RunRow, now_ms: float) -> Cell:
    """What it cost so far; nothing for nothing."""
    return ((cents(row.cost_cents), "dim"),) if row.cost_cents else EMPTY


def test_cell(row: RunRow, now_ms: float) -> Cell:
    """The word "test" on test runs."""
    return (("test", "waiting"),) if row.is_test else EMPTY


def environment_cell(row: RunRow, now_ms: float) -> Cell:
    """The environment's name."""
    return ((row.environment, "dim"),) if row.environment else EMPTY


def region_cell(row: RunRow, now_ms: float) -> Cell:
    """Where it runs, where known."""
    return ((row.region, "dim"),) if row.region else EMPTY


def kind_cell(row: RunRow, now_ms: float) -> Cell:
    """How it came to be: scheduled, say; nothing for the ordinary."""
    if row.kind is None or row.kind == "STANDARD":
        return EMPTY
    return ((row.kind.replace("_", " ").lower(), "dim"),)


def status_order(row: RunRow) -> tuple[int, str]:
    """Trouble first, then what is alive, then what is done."""
    return KIND_ORDER[row.status.kind], row.status.word


def duration_order(row: RunRow, now_ms: float) -> float | None:
    """By the time that the duration says: how long it ran, runs, or has waited so far. None where
    it says none, or how long is yet to wait."""
    if row.status.word == "delayed":
        return None
    if row.status.kind is Kind.QUEUED:
        return now_ms - queued_since_ms(row)
    took = duration_ms(row, now_ms)
    if took is None and row.status.is_final:
        return ended_ms(row) - queued_since_ms(row)
    return took
