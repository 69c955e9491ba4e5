"""The legend: what each mark and color on a screen means, for the help and the documentation.

Marks are taken from the tables that draw them; only the descriptions are here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from trigdash.model.span_event import LEVELS
from trigdash.model.status import FILTERABLE, Kind, status
from trigdash.presentation.cell import Cell
from trigdash.presentation.marks import KIND_MARKS, KIND_ROLES, status_mark, status_role
from trigdash.presentation.queue_readings import Health
from trigdash.presentation.queues import health_cell
from trigdash.presentation.run.spans import LEVEL_MARKS, LEVEL_ROLES

Entry = tuple[Cell, str]
"""A mark as it is drawn, and what it means."""

_STATUSES: Final[Mapping[str, str]] = {
    "pending version": "no deployed version has this task yet",
    "delayed": "starts at a set time; D moves it",
    "queued": "waits for a place in its queue",
    "dequeued": "has a place and waits for a worker",
    "executing": "runs now",
    "waiting": "has started and waits for a token, a time or another run",
    "completed": "ended well",
    "canceled": "was canceled",
    "failed": "its code failed in every attempt",
    "crashed": "its process ended: out of memory, for instance",
    "system failure": "the platform failed, not the code",
    "expired": "was not started within its time to live",
    "timed out": "ran longer than it may",
}

_HEALTH: Final[Mapping[Health, str]] = {
    Health.STALLED: "runs wait and none starts, though nobody paused it",
    Health.BLOCKED: "its limit is 0: nothing can start",
    Health.BACKLOGGED: "runs come in faster than they leave",
    Health.AT_LIMIT: "every place is taken and runs wait, but they leave",
    Health.PAUSED: "the queue or its environment is paused",
    Health.ACTIVE: "runs start as they come",
    Health.IDLE: "nothing runs or waits",
}

_BAR: Final[tuple[Entry, ...]] = (
    ((("● ", "good"), ("live", "dim")), "what you see was confirmed seconds ago"),
    ((("◌ ", "warn"), ("overdue", "warn-strong")), "older than it should be: the server is slow"),
    (
        (("◌ ", "warn"), ("reconnecting", "warn-strong")),
        "no server; what was known stays",
    ),
    ((("‖ ", "warn"), ("paused", "warn-strong")), "polling is paused: a resumes"),
    ((("✓ ", "good"), ("final", "dim")), "it cannot change any more, so nothing is asked"),
    ((("rate 741/750", "dim"),), "requests left in the limit that your workers share"),
    ((("slowed ×2", "warn"),), "trigdash asks half as often, to leave the limit to your workers"),
)
_COLORS: Final[tuple[Entry, ...]] = (
    ((("red", "bad-strong"),), "it failed"),
    ((("amber", "warn-strong"),), "it does not move, or is near a limit"),
    ((("green", "good"),), "it is well"),
    ((("gray", "dim"),), "it is over, or of less weight"),
)
_RUNS: Final[tuple[Entry, ...]] = (
    ((("▲3.4×", "warn"),), "took 3.4 times as long as its task usually does"),
    ((("waiting 4 m", "dim"),), "in place of a duration: the time since it was queued"),
    ((("▌", "accent"),), "the row under the cursor"),
)
_SPLIT: Final[tuple[Entry, ...]] = (
    ((("≠", "warn"), ("42", "strong")), "a larger share of the runs than on the other side"),
    (
        (("≠", "warn"),),
        "beside a run: it went wrong, and of those of its task on the other side none did",
    ),
)
_QUEUES: Final[tuple[Entry, ...]] = (
    ((("◇", "faint"),), "a queue of its own, not of one task"),
    ((("*", "warn"),), "the limit is an override: U takes it away"),
)
_RUN: Final[tuple[Entry, ...]] = (
    ((("▸ ", "accent"), ("▾ ", "faint")), "folded and unfolded"),
    ((("≈", "dim"),), "about: the end was never told"),
    ((("◇ never closed", "unknown"),), "a span without an end in a run that has ended"),
)


def _status_entries() -> Iterator[Entry]:
    for name in FILTERABLE:
        each = status(name)
        role = status_role(each)
        yield ((f"{status_mark(each)} ", role), (each.word, role)), _STATUSES[each.word]
    mark, role = KIND_MARKS[Kind.UNKNOWN], KIND_ROLES[Kind.UNKNOWN]
    yield ((f"{mark} ", role), ("any other", role)), "a status that trigdash does not know"


def _health_entries() -> Iterator[Entry]:
    for health, words in _HEALTH.items():
        yield health_cell(health), words


def _level_entries() -> Iterator[Entry]:
    for name, mark, role in zip(LEVELS, LEVEL_MARKS, LEVEL_ROLES, strict=True):
        yield ((f"{mark} ", role), (name.lower(), role)), f"a line of the level {name.lower()}"


LEGEND: Final[Mapping[str, tuple[Entry, ...]]] = {
    "runs": (*_status_entries(), *_RUNS),
    "split": _SPLIT,
    "queues": (*_health_entries(), *_QUEUES),
    "run": (*_RUN, *_level_entries()),
    "bar": _BAR,
    "colors": _COLORS,
}
"""Sections of the legend by name; a screen names those that it draws."""
