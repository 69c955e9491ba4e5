"""Schedules: when a task is triggered by the clock."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from trigdash.model.wire import Flag, Line, Moment, NullIsDefault, NullIsEmpty, Wire


class Generator(Wire):
    """The rule of a schedule."""

    type: Line = ""
    """`CRON`."""
    expression: Line = ""
    description: Line = ""
    """The expression in words, by the server."""


class ScheduleEnvironment(Wire):
    """An environment that a schedule is attached to."""

    id: Line = ""
    type: Line = ""
    slug: Line = ""


class Schedule(Wire):
    """One schedule of an environment."""

    id: Line
    type: Line = ""
    """`DECLARATIVE` (declared in the task's code, read-only here) or `IMPERATIVE`."""
    task: Line = ""
    active: Flag = False
    deduplication_key: Line | None = None
    external_id: Line | None = None
    generator: Annotated[Generator, NullIsDefault] = Generator()
    timezone: Line = "UTC"
    window: Line | None = None
    next_run: Moment | None = None
    next_run_effective_at: Moment | None = None
    """When it starts in truth: servers spread schedules over a window."""
    environments: Annotated[tuple[ScheduleEnvironment, ...], NullIsEmpty] = Field(default=())
