"""Monitoring alerts of an environment (private beta, from server 4.7 on)."""

from __future__ import annotations

from typing import Annotated, Any

from trigdash.model.wire import Line, Moment, NullIsDefault, Wire


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
