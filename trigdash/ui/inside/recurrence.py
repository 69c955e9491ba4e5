"""Whether a failure is the only one of its kind or one of many: its error group. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from trigdash.model.clean import one_line
from trigdash.ui.cells.cell import Cell, cell_text
from trigdash.ui.cells.failures import internal_code
from trigdash.ui.cells.units import count, span
from trigdash.ui.inside.fields import Field, FieldLine

if TYPE_CHECKING:
    from trigdash.model.error_group import ErrorGroup
    from trigdash.model.run import Run

_CHANGING = re.compile(r"(?<![0-9a-fA-F-])(?=[a-fA-F-]*\d)[0-9a-fA-F-]+")
"""Numbers and ids in a message: failures that differ in these alone are of one kind. Tried once
for each run of such characters: a message may have millions."""


def group_of(run: Run, groups: Iterable[ErrorGroup]) -> ErrorGroup | None:
    """The group that a run's error belongs to. The server tells a run no fingerprint, so it is
    told by task, type and message; None where no group is like that."""
    error = run.error
    if error is None:
        return None
    groups = [group for group in groups if group.task_identifier == run.task_identifier]
    if code := internal_code(error.message):
        return _only_one([group for group in groups if group.error_type == code], run)
    shape = _shape(error.message)
    return next(
        (
            group
            for group in groups
            if _shape(group.error_message) == shape and error.name in (None, group.error_type)
        ),
        None,
    )


def _only_one(groups: list[ErrorGroup], run: Run) -> ErrorGroup | None:
    """The one group that a failure of the platform can be of. Recorded: it has the code for a type
    and words of its own for a message (each exit code is a group), and counts from the creation
    of its first run to that of its last."""
    if len(groups) > 1:
        groups = [group for group in groups if _spans(group, run.created_at)]
    return groups[0] if len(groups) == 1 else None


def _spans(group: ErrorGroup, at: datetime) -> bool:
    first, last = group.first_seen or at, group.last_seen or at
    return first <= at <= last


def _shape(message: str) -> str:
    return _CHANGING.sub("#", one_line(message))


def recurrence_line(group: ErrorGroup, now: datetime) -> FieldLine:
    """How often it happened within the day that the server looks at, since when, and the last."""
    times = "once" if group.count == 1 else f"{count(group.count)} times"
    pieces = [("  this error ", "dim"), (times, "strong" if group.count > 1 else "text")]
    pieces.append((" in 24 h", "dim"))
    # Its first time may be long before the 24 hours that are counted.
    ago = [
        f"{word} {span((now - moment).total_seconds() * 1000)} ago"
        for word, moment in (("last", group.last_seen), ("first seen", group.first_seen))
        if moment is not None
    ]
    if group.count > 1 and ago:
        pieces.append((f", {', '.join(ago)}", "dim"))
    pieces.append(("  runs ›", "link"))
    cell: Cell = tuple(pieces)
    said = cell_text(cell).strip().removesuffix("  runs ›")
    return FieldLine(cell, (Field("same error", cell, said, ("error", group.id)),))
