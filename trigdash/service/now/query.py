"""The query for what needs attention now: one read every two minutes.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from trigdash.service.cache.query import Query

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.clock import Clock
    from trigdash.service.now.finding import Now


@dataclass(frozen=True, slots=True)
class NowQuery(Query["Now"]):
    """What needs attention now."""

    EVERY_S: ClassVar[float] = 130.0
    """A read takes at most twelve requests: with those of the bar, ten a minute at rest."""
    clock: Clock = field(compare=False)

    @override
    async def read(self, backend: Backend) -> Now:
        from trigdash.service.now.findings import now_of
        from trigdash.service.now.readings import read_now

        at = self.clock.now() - timedelta(seconds=backend.clock_ahead_s)
        return now_of(await read_now(backend, at))

    @override
    def concerns(self, target: str) -> bool:
        """Any action may have fixed something."""
        return True
