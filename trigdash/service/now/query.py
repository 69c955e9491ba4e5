"""The query for what needs somebody now: one look a minute and a quarter, kept meanwhile.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from trigdash.backends.base import Backend
    from trigdash.clock import Clock
    from trigdash.service.cache.store import Store
    from trigdash.service.now.findings import Now

INTERVAL_S = 75.0
"""At most twelve requests a look: less than ten a minute at rest."""


@dataclass(frozen=True, slots=True)
class NowQuery:
    """What needs somebody now."""

    clock: Clock = field(compare=False)

    def interval_s(self, data: Now | None) -> float:
        return INTERVAL_S

    async def fetch(self, backend: Backend, previous: Now | None) -> Now:
        from trigdash.service.now.findings import now_of
        from trigdash.service.now.readings import read_now

        at = self.clock.now() - timedelta(seconds=backend.clock_ahead_s)
        return now_of(await read_now(backend, at))

    def is_final(self, data: Now, store: Store, now: datetime) -> bool:
        return False
