"""Changes of named things, a line each: what is new, gone, different or not told. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trigdash.presentation.cell import Cell

if TYPE_CHECKING:
    from trigdash.service.variables import Change

_ROLES = {"+": "good", "-": "bad", "~": "warn", "?": "dim"}


def change_cell(change: Change) -> Cell:
    """One change: mark, name, words."""
    mark, name, words = change
    role = _ROLES.get(mark, "faint")
    return ((f"{mark} ", role), (f"{name:<28} ", "text" if mark.strip() else "dim"), (words, role))
