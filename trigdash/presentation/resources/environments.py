"""Environments: all of a project, which are paused, and the activity in each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from trigdash.backends.operations import environments as calls
from trigdash.model.capability import Capability
from trigdash.model.environment import EnvironmentFigures, EnvironmentRow, figures_of
from trigdash.model.listing import Listing
from trigdash.presentation.action import ActionSpec, pause_actions
from trigdash.presentation.field import ResourceField, flag, number, text
from trigdash.presentation.resource import Resource

_WRITES = Capability.ENVIRONMENT_WRITES


def _with_figures(
    page: Listing[EnvironmentRow], figures: Listing[EnvironmentFigures] | None
) -> Listing[EnvironmentRow]:
    """The page, with the activity in each environment."""
    if figures is None:
        return page
    rows = (row.model_copy(update={"figures": figures_of(row, figures.rows)}) for row in page.rows)
    return replace(page, rows=tuple(rows))


def _figure(name: str, heading: str, role: str, **looks: Any) -> ResourceField[EnvironmentRow]:
    return number(
        f"_{name}",
        heading,
        9,
        role=role,
        value=lambda row: getattr(row.figures, name, None),
        **looks,
    )


def _of_branch(row: EnvironmentRow) -> str:
    return "a branch is paused with its parent, preview" if row.branch_name else ""


_PAUSE: tuple[ActionSpec[EnvironmentRow], ...] = pause_actions(
    _WRITES,
    lambda row, paused: calls.pause_environment(row.slug, paused),
    stops=lambda row: f"Nothing new starts in {row.slug}. Running runs continue.",
    starts=lambda row: f"Runs that wait in {row.slug} start again.",
    why_not=_of_branch,
)
_ARCHIVE = ActionSpec[EnvironmentRow](
    "archive",
    "X",
    "Archive",
    _WRITES,
    operation=lambda row, values: calls.archive_branch(row.branch_name or ""),
    done=lambda answer: "archived",
    removes=True,
    consequence=lambda row, values: f"Archives the preview branch {row.branch_name}.",
    disabled_reason=lambda row: "" if row.branch_name else "only a preview branch is archived",
)

RESOURCE = Resource[EnvironmentRow](
    name="environments",
    singular="environment",
    title="Environments",
    needs=Capability.ENVIRONMENTS,
    fields=(
        text("slug", "environment", 12, role="strong", importance=99),
        text("branchName", "branch", 16, grow=20, importance=90),
        text("type", "type", 12, role="dim", importance=70),
        flag("paused", "paused", (("‖ paused", "warn-strong"),), width=9, importance=98),
        _figure("running", "running", "running", importance=95),
        _figure("queued", "queued", "queued", importance=94),
        _figure("runs", "runs 1h", "text", importance=80),
        _figure("failed", "failed 1h", "bad-strong", importance=96),
        text("id", "id", 26, role="faint", importance=20),
    ),
    page=calls.list_environments,
    key=lambda row: row.branch_name or row.slug,
    place=lambda row: (row.slug, row.is_production),
    beside=calls.environment_figures,
    combine=_with_figures,
    actions=(*_PAUSE, _ARCHIVE),
    every_s=15.0,
    empty=("No environments.",),
)
