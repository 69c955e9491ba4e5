"""Environments: all of a project, which are paused, and what goes on in each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from trigdash.backends.operations import environments as calls
from trigdash.model.capability import Capability
from trigdash.model.environment import EnvironmentFigures, EnvironmentRow
from trigdash.model.listing import Listing
from trigdash.presentation.action import ActionSpec
from trigdash.presentation.field import ResourceField, flag, number, text
from trigdash.presentation.resource import Resource

_WRITES = Capability.ENVIRONMENT_WRITES


def _with_figures(
    page: Listing[EnvironmentRow], figures: Listing[EnvironmentFigures] | None
) -> Listing[EnvironmentRow]:
    """The page with what goes on in each environment."""
    known = {each.environment: each for each in figures.rows} if figures is not None else {}
    nothing = EnvironmentFigures() if figures is not None else None
    rows = (
        row.model_copy(update={"figures": known.get(row.branch_name or row.slug, nothing)})
        for row in page.rows
    )
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


def _pause(paused: bool) -> ActionSpec[EnvironmentRow]:
    return ActionSpec(
        "pause" if paused else "resume",
        "P" if paused else "O",
        "Pause" if paused else "Resume",
        _WRITES,
        operation=lambda row, values: calls.pause_environment(row.slug, paused),
        done=lambda answer: "paused" if paused else "resumed",
        shows=lambda row, values: row.paused is paused,
        consequence=lambda row, values: (
            f"Nothing new starts in {row.slug}. Running runs continue."
            if paused
            else f"Runs that wait in {row.slug} start again."
        ),
        disabled_reason=lambda row: _why_not(row, paused),
    )


def _why_not(row: EnvironmentRow, paused: bool) -> str:
    if row.branch_name:
        return "a branch is paused with its parent, preview"
    if row.paused is paused:
        return f"it is {'paused' if paused else 'not paused'} already"
    return ""


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
        text("branchName", "branch", 20, grow=16, importance=90),
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
    beside=calls.environment_figures,
    combine=_with_figures,
    actions=(_pause(True), _pause(False), _ARCHIVE),
    every_s=15.0,
    empty=("No environments.",),
)
