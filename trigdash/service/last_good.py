"""The last good run of a task: what a failed run is compared with."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from trigdash.model.run_filter import RunFilter
from trigdash.service.run_diff import shape

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.model.run import Run

LOOKED_AT = 6
"""Good runs whose payloads are looked at: a request each."""
LOOK_BACK = timedelta(days=30)


async def last_good_run(backend: Backend, run: Run) -> tuple[Run, bool] | None:
    """The newest good run of the same task before this one, with a payload of the same shape
    where one of the newest has that; and whether it has. None where no run went well. Raises
    BackendError."""
    before = RunFilter(
        statuses=("COMPLETED",),
        tasks=(run.task_identifier,),
        since=run.created_at - LOOK_BACK,
        until=run.created_at,
    )
    page = await backend.runs(before, size=LOOKED_AT)
    wanted = shape(run.payload)
    newest: Run | None = None
    for row in page.rows:
        if row.id == run.id:
            continue
        found = await backend.run(row.id)
        if shape(found.payload) == wanted:
            return found, True
        newest = newest or found
    return (newest, False) if newest is not None else None
