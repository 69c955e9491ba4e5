"""The query for why a run does not move; final when the run has ended.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from trigdash.service.cache.query import Query

if TYPE_CHECKING:
    from datetime import datetime

    from trigdash.backends.base import Backend
    from trigdash.clock import Clock
    from trigdash.service.cache.store import Store
    from trigdash.service.why.verdict import Why


@dataclass(frozen=True, slots=True)
class WhyQuery(Query["Why"]):
    """Why a run does not move."""

    EVERY_S: ClassVar[float] = 30.0
    """A read takes nine requests for a queued run."""
    run_id: str
    clock: Clock = field(compare=False)

    @override
    async def read(self, backend: Backend) -> Why:
        from trigdash.service.why.verdict import why

        at = self.clock.now() - timedelta(seconds=backend.clock_ahead_s)
        return await why(backend, self.run_id, at)

    @override
    def is_final(self, data: Why, store: Store, now: datetime) -> bool:
        return data.cause is not None and data.cause.code == "ended"

    @override
    def concerns(self, target: str) -> bool:
        """Any action may have freed it."""
        return True
