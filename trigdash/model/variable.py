"""Environment variables of a project's environment."""

from __future__ import annotations

from trigdash.model.wire import Flag, Line, Lines, Wire

REDACTED = "<redacted>"
"""What the server sends in the place of a secret's value (recorded)."""


class Variable(Wire):
    """One variable. The value of a secret never leaves the server."""

    name: Line
    value: Lines = ""
    is_secret: Flag = False
