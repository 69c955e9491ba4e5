"""What starts and resumes runs: schedules, waitpoint tokens, sessions."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from trigdash.model.wire import Flag, Line, Moment, NullIsDefault, NullIsEmpty, Wire, Words


class TimeZones(Wire):
    """The time zones that a server takes for schedules: some go by their older names alone, such
    as Asia/Calcutta."""

    names: Words = Field(alias="timezones")


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


class WaitpointToken(Wire):
    """One token. Retrieved ones have their output; list items do not."""

    id: Line
    url: Line = ""
    """The callback: a post to it completes the token, without a key."""
    status: Line = ""
    """`WAITING`, `COMPLETED`, `TIMED_OUT`."""
    tags: Words = ()
    created_at: Moment | None = None
    timeout_at: Moment | None = None
    completed_at: Moment | None = None
    idempotency_key: Line | None = None
    output: str | None = None
    """Raw stored text, SuperJSON as a rule (recorded)."""
    output_type: Line | None = None
    output_is_error: Flag = False


class CreatedToken(Wire):
    """The answer to a creation."""

    id: Line
    is_cached: Flag = False
    """True when the idempotency key was used before: the token is that one."""
    url: Line = ""


class AgentSession(Wire):
    """One session."""

    id: Line
    external_id: Line | None = None
    type: Line = ""
    task_identifier: Line = ""
    current_run_id: Line | None = None
    tags: Words = ()
    metadata: Any = None
    closed_at: Moment | None = None
    closed_reason: Line | None = None
    expires_at: Moment | None = None
    created_at: Moment | None = None
    updated_at: Moment | None = None

    @property
    def state(self) -> str:
        """`closed` or `active`; the server's filter also has `EXPIRED`, derived from
        `expiresAt`."""
        return "closed" if self.closed_at else "active"
