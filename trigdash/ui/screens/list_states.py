"""What a list of queues or batches says when it has no rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from trigdash.service.store import Snapshot, State
from trigdash.ui.cells.cell import EMPTY, Cell
from trigdash.ui.screens.run_states import failed_lines

if TYPE_CHECKING:
    from trigdash.service.session import Session


def list_state(
    session: Session,
    snapshot: Snapshot[Any],
    what: str,
    empty: Sequence[Cell],
    now: datetime,
    *,
    filtered: bool,
) -> Sequence[Cell]:
    """The lines in the place of rows; `empty` is said when all is well and nothing is there."""
    if session.connection is None and session.problem is not None:
        return failed_lines(session.problem, now)
    if snapshot.state is State.LOADING:
        source = f" from {session.settings.server}" if session.settings.server else ""
        return [(("○ ", "queued"), (f"loading the {what}{source}", "dim"))]
    if snapshot.state is State.FAILED and snapshot.problem is not None:
        return failed_lines(snapshot.problem, now)
    if filtered:
        return [
            ((f"no {what} match", "text"),),
            EMPTY,
            (("esc", "key"), (" clears the filter   ", "dim"), ("/", "key"), (" edits it", "dim")),
        ]
    return empty
