"""The runs of all environments of a project, where an access token sees them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trigdash.backends.operations.runs import project_runs
from trigdash.model.capability import Capability
from trigdash.model.run_row import RunRow
from trigdash.presentation.cell import Cell
from trigdash.presentation.resource import Resource
from trigdash.presentation.resources.runs import RESOURCE as RUNS
from trigdash.presentation.run_line import explain
from trigdash.service.runs.all_runs import AllRunsQuery

if TYPE_CHECKING:
    from trigdash.service.runs.all_runs import AllRuns


def _unread(held: AllRuns) -> Cell:
    """The environments that could not be read."""
    said = [f"{name}: {part.problem}" for name, part in held.parts.items() if part.problem]
    return ((f"  not read: {'; '.join(said)}", "warn"),) if said else ()


_ENVIRONMENT = replace(RUNS.by_key["env"], is_shown=True, width=12, importance=99)
_FIRST = [RUNS.by_key["status"], _ENVIRONMENT]

RESOURCE = Resource[RunRow](
    name="allruns",
    singular="run",
    title="All runs",
    needs=Capability.PROJECT_RUNS,
    fields=(*_FIRST, *(each for each in RUNS.fields if each.key not in ("status", "env"))),
    page=lambda page: project_runs("prod", page),
    source=lambda connection: AllRunsQuery(),
    walk=lambda backend: AllRunsQuery().pages(backend),
    key=lambda row: row.id,
    opens=lambda row: ("run_in", f"{row.environment or ''}/{row.id}"),
    explain=explain,
    sort=("age", True),
    note=_unread,
    window="last 7 days, without preview branches",
    empty=(
        "No runs in any environment in the last 7 days.",
        "A run appears when a task is triggered.",
    ),
)
