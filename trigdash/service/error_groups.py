"""Error groups: failures that look alike, the most frequent first.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from trigdash.backends.base import Backend
    from trigdash.model.error_group import ErrorGroup
    from trigdash.service.store import Store

Groups = tuple["ErrorGroup", ...]


@dataclass(frozen=True, slots=True)
class ErrorGroupsQuery:
    """The error groups of the environment."""

    def interval_s(self, data: Groups | None) -> float:
        return 10.0

    async def fetch(self, backend: Backend, previous: Groups | None) -> Groups:
        groups = await backend.error_groups()
        if previous is None or previous == groups:
            return previous or groups
        before = {group.id: group for group in previous}
        return tuple(
            before[group.id] if before.get(group.id) == group else group for group in groups
        )

    def settled(self, data: Groups, store: Store, now: datetime) -> bool:
        return False
