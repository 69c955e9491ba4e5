"""Waitpoint tokens: what runs wait for until somebody completes it."""

from __future__ import annotations

from trigdash.model.wire import Flag, Line, Moment, Wire, Words


class WaitpointToken(Wire):
    """One token. Retrieved ones tell of their output; list items do not."""

    id: Line
    url: Line = ""
    """The callback: whoever posts there completes the token, without a key."""
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
