"""Deployments: versions of the project's code."""

from __future__ import annotations

from typing import Annotated

from trigdash.model.wire import Flag, Line, Lines, Moment, NullIsDefault, NullIsEmpty, Wire


class Git(Wire):
    """Where a deployment's code came from."""

    commit_ref: Line = ""
    commit_sha: Line = ""
    commit_message: Line = ""
    commit_author_name: Line = ""
    dirty: Flag = False
    pull_request_number: int | None = None
    pull_request_title: Line = ""
    source: Line = ""


class BuildError(Wire):
    """Why a build failed."""

    name: Line = ""
    message: Lines = ""
    stack: Lines = ""
    stderr: Lines = ""


class DeployedTask(Wire):
    """A task of a deployment."""

    id: Line = ""
    slug: Line = ""
    file_path: Line = ""
    export_name: Line = ""


class DeployedWorker(Wire):
    """What a deployment runs."""

    id: Line = ""
    version: Line = ""
    tasks: Annotated[tuple[DeployedTask, ...], NullIsEmpty] = ()


class Deployment(Wire):
    """One deployment. List items have git data, retrieved ones have tasks and the build's error."""

    id: Line
    version: Line = ""
    short_code: Line = ""
    status: Line = ""
    runtime: Line | None = None
    created_at: Moment | None = None
    deployed_at: Moment | None = None
    external_id: Line | None = None
    """From 4.6 on."""
    git: Annotated[Git, NullIsDefault] = Git()
    commit_sha: Line | None = None
    error: BuildError | None = None
    error_data: BuildError | None = None
    canceled_reason: Line | None = None
    worker: DeployedWorker | None = None
    is_current: bool | None = None
    """Whether new runs use it; None if that was not read. Not from the wire."""


class Promoted(Wire):
    """The answer to a promotion."""

    id: Line = ""
    version: Line = ""
    short_code: Line = ""
