"""What belongs to a project: tasks, environment variables, alerts."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from trigdash.model.wire import Count, Flag, Line, Lines, Moment, NullIsDefault, NullIsEmpty, Wire


class WorkerTask(Wire):
    """A task as the current worker declares it."""

    id: Line = ""
    slug: Line
    file_path: Line = ""
    trigger_source: Line = ""
    """`STANDARD`, `SCHEDULED`, `AGENT`, or a word that is newer than this."""
    payload_schema: Any = None
    """JSON Schema of the payload, where the task declares one."""
    queue_config: dict[str, Any] | None = None


class CurrentWorker(Wire):
    """The worker that new runs use."""

    id: Line = ""
    version: Line = ""
    sdk_version: Line | None = None
    tasks: Annotated[tuple[WorkerTask, ...], NullIsEmpty] = ()


class TaskFigures(Wire):
    """How the runs of a task went, by the query endpoint. Names are those of the statement."""

    slug: Line = Field(alias="task_identifier")
    runs: Count = 0
    failed: Count = 0
    running: Count = 0
    queued: Count = 0
    p50: float | None = None
    p95: float | None = None
    queue: Line | None = None
    machine: Line | None = None
    worker: Annotated[WorkerTask, NullIsDefault] | None = None
    """What the worker declares; None if it was not read or does not have the task."""

    @property
    def failed_share(self) -> float | None:
        """The part of the runs that failed; None without runs."""
        return self.failed / self.runs if self.runs else None


REDACTED = "<redacted>"
"""What the server sends in the place of a secret's value (recorded)."""


class Variable(Wire):
    """One variable. The value of a secret never leaves the server."""

    name: Line
    value: Lines = ""
    is_secret: Flag = False


class Alert(Wire):
    """One alert."""

    id: Line
    capability_key: Line = ""
    """What it watches: `limits.queue`, `runs.failed` …"""
    name: Line | None = None
    lifecycle: Line = ""
    """`active`, `completed`, `expired`, `stopped`."""
    attention: Line = ""
    """`clear` or `needs_attention`."""
    condition: Annotated[dict[str, Any], NullIsDefault] = {}  # noqa: RUF012 - frozen, copied
    params: Annotated[dict[str, Any], NullIsDefault] = {}  # noqa: RUF012 - frozen, copied
    created_at: Moment | None = None
    updated_at: Moment | None = None
