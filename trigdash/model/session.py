"""Sessions: conversations of agents, each with a run that serves it."""

from __future__ import annotations

from typing import Any

from trigdash.model.wire import Line, Moment, Wire, Words


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
        """`closed` or `active`; the server's filter has `EXPIRED` too, told by `expiresAt`."""
        return "closed" if self.closed_at else "active"
