"""Who and where we are.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from trigdash.backends.base import Backend
    from trigdash.model.environment import Identity
    from trigdash.service.store import Store


@dataclass(frozen=True, slots=True)
class IdentityQuery:
    """Project, environment and dashboard behind the key: asked each minute, since somebody may
    pause the environment or change its limit."""

    def interval_s(self, data: Identity | None) -> float:
        return 60.0

    async def fetch(self, backend: Backend, previous: Identity | None) -> Identity:
        identity = await backend.identity()
        return previous if previous is not None and previous == identity else identity

    def settled(self, data: Identity, store: Store, now: datetime) -> bool:
        return False
