"""What needs attention now: the findings from the readings, and their query. Nothing is guessed,
and every finding has figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from trigdash.service.cache.query import Query
from trigdash.service.now.changed import errors_back, overridden_queues, promoted
from trigdash.service.now.failing import alerts, failing_tasks, new_errors
from trigdash.service.now.finding import Now, NowFinding, Section, Severity
from trigdash.service.now.looked_at import looked_at
from trigdash.service.now.near_limit import full_limits, full_queues, near_environment, near_rate
from trigdash.service.now.not_moving import (
    paused_environment,
    paused_limits,
    queues_held,
    stuck_runs,
)
from trigdash.service.now.readings import Readings, read_now

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.clock import Clock

_CHECKS: tuple[Callable[[Readings], Iterator[NowFinding]], ...] = (
    new_errors,
    failing_tasks,
    alerts,
    paused_environment,
    queues_held,
    paused_limits,
    stuck_runs,
    near_environment,
    full_queues,
    full_limits,
    near_rate,
    overridden_queues,
    promoted,
    errors_back,
)


def now_of(readings: Readings) -> Now:
    """The findings from the readings."""
    found = [finding for check in _CHECKS for finding in check(readings)]
    order = list(Severity)
    found.sort(key=lambda each: (list(Section).index(each.section), order.index(each.severity)))
    return Now(readings.at, tuple(found), tuple(looked_at(readings)))


@dataclass(frozen=True, slots=True)
class NowQuery(Query["Now"]):
    """What needs attention now."""

    EVERY_S: ClassVar[float] = 130.0
    """A read takes at most twelve requests: with those of the bar, ten a minute at rest."""
    clock: Clock = field(compare=False)

    @override
    async def read(self, backend: Backend) -> Now:
        at = self.clock.now() - timedelta(seconds=backend.clock_ahead_s)
        return now_of(await read_now(backend, at))

    @override
    def concerns(self, target: str) -> bool:
        """Any action may have fixed something."""
        return True
