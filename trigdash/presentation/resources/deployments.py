"""Deployments: the current version, builds, and rollback."""

from __future__ import annotations

from dataclasses import replace

from trigdash.backends.operations import project as calls
from trigdash.model.capability import Capability
from trigdash.model.deployment import BuildError, Deployment
from trigdash.model.listing import Listing
from trigdash.presentation.action import ActionSpec
from trigdash.presentation.cell import EMPTY, Cell
from trigdash.presentation.field import flag, moment, status, text
from trigdash.presentation.resource import Resource

_LOOKS = {
    "DEPLOYED": ("✓", "good"),
    "FAILED": ("×", "bad-strong"),
    "TIMED_OUT": ("×", "bad-strong"),
    "CANCELED": ("⊘", "done"),
    "PENDING": ("○", "queued"),
    "INSTALLING": ("●", "running"),
    "BUILDING": ("●", "running"),
    "DEPLOYING": ("●", "running"),
}


def _with_current(page: Listing[Deployment], current: Deployment | None) -> Listing[Deployment]:
    """The page, with the deployment that new runs use marked."""
    version = current.version if current is not None else None
    rows = (row.model_copy(update={"is_current": row.version == version}) for row in page.rows)
    return replace(page, rows=tuple(rows))


def _error(row: Deployment) -> BuildError | None:
    return row.error or row.error_data


def _explain(row: Deployment, now_ms: float) -> Cell:
    error = _error(row)
    if error is not None:
        return ((f"{error.name or 'build failed'}  ", "bad-strong"), (error.message, "text"))
    if row.git.commit_message:
        return ((f"{row.git.commit_message}  ", "text"), (row.git.commit_author_name, "dim"))
    return EMPTY


def _promotable(row: Deployment) -> str:
    if row.is_current:
        return f"{row.version} is the current version already"
    if row.status != "DEPLOYED":
        return f"{row.version} is {row.status.lower()}: only a deployed version can be promoted"
    return ""


def _promotion(name: str, key: str, title: str) -> ActionSpec[Deployment]:
    return ActionSpec(
        name,
        key,
        title,
        Capability.DEPLOYMENT_WRITES,
        operation=lambda row, values: calls.promote(row.version),
        done=lambda answer: f"{answer.version} is the current version now",
        shows=lambda row, values: bool(row.is_current),
        consequence=lambda row, values: (
            f"New runs use {row.version}"
            f"{f' ({row.git.commit_sha[:7]})' if row.git.commit_sha else ''}"
            " instead of the current version. Runs that have started keep theirs."
        ),
        disabled_reason=_promotable,
    )


RESOURCE = Resource[Deployment](
    name="deployments",
    singular="deployment",
    title="Deployments",
    needs=Capability.DEPLOYMENTS,
    fields=(
        text("version", "version", 13, role="strong", importance=99),
        flag(
            "_current",
            "current",
            (("▶ current", "good"),),
            width=9,
            importance=98,
            value=lambda row: row.is_current,
        ),
        status("status", "status", _LOOKS, 12, importance=97),
        moment("createdAt", "age", 6, importance=95),
        text("git.commitMessage", "commit", 30, grow=40, importance=80),
        text(
            "_sha",
            "sha",
            7,
            role="dim",
            importance=75,
            value=lambda row: (row.git.commit_sha or row.commit_sha or "")[:7],
        ),
        text("git.commitRef", "branch", 14, role="dim", importance=60),
        text("git.commitAuthorName", "author", 14, role="dim", importance=40),
        text("runtime", "runtime", 8, role="dim", importance=30),
        moment("deployedAt", "deployed", 8, importance=35),
        text("externalId", "external id", 14, is_shown=False),
        text(
            "_error",
            "error",
            30,
            role="bad",
            is_shown=False,
            value=lambda row: getattr(_error(row), "message", None),
        ),
        text(
            "_tasks",
            "tasks",
            30,
            is_shown=False,
            value=lambda row: [task.slug for task in row.worker.tasks] if row.worker else None,
        ),
        text("shortCode", "code", 8, role="faint", is_shown=False),
        text("id", "id", 32, role="faint", importance=20),
    ),
    page=calls.list_deployments,
    get=calls.get_deployment,
    beside=calls.current_deployment,
    combine=_with_current,
    key=lambda row: row.id,
    actions=(
        _promotion("promote", "P", "Promote"),
        _promotion("rollback", "R", "Roll back to"),
    ),
    explain=_explain,
    opens=lambda row: ("runs", f"version:{row.version}"),
    empty=("No deployments.", "trigger.dev deploy makes the first one."),
)
