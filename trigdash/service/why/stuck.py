"""All runs that do not move, grouped by reason, longest wait first. The reasons are those of `why`:
the same checks, for the oldest run of each queue, task and key. Nothing is guessed: a group without
a known reason is reported as such.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from trigdash.service.cache.query import Query

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.clock import Clock

NOT_MOVING = timedelta(minutes=2)
"""A run that has waited for less than this still counts as moving."""
NO_REASON = "unknown"
"""The code of a group without a known reason."""
WAITING_CODES = frozenset({"waits_for_child", "waits_for_token", "waits_until", "waits"})
"""Runs that wait on purpose: they do not move either, and may be fine."""


@dataclass(frozen=True, slots=True)
class HeldRuns:
    """Runs that do not move for one reason."""

    code: str
    subject: str
    evidence: str
    """Why the oldest of them does not move, in one line."""
    act: str
    runs: int
    since: datetime
    """Since when the oldest run has waited."""
    oldest: str
    """The id of the oldest run."""
    tasks: tuple[str, ...]
    queues: tuple[str, ...]
    """As filters write them; empty where no queue is known."""
    statuses: tuple[str, ...]
    """By the API's names."""
    wait_s: float | None = None
    """How long these take at the rate of the last hour; None if unknown."""


@dataclass(frozen=True, slots=True)
class Stuck:
    """The answer: groups of runs that do not move, longest wait first."""

    at: datetime
    groups: tuple[HeldRuns, ...]
    unseen: tuple[str, ...] = ()
    """What could not be checked, and why, in words."""

    @property
    def runs(self) -> int:
        """How many runs do not move."""
        return sum(group.runs for group in self.groups)


@dataclass(frozen=True, slots=True)
class StuckQuery(Query[Stuck]):
    """All runs that do not move."""

    clock: Clock = field(compare=False)

    EVERY_S: ClassVar[float] = 75.0
    """A read takes about twenty requests."""

    @override
    async def read(self, backend: Backend) -> Stuck:
        from trigdash.service.why.stuck_reads import find_stuck

        at = self.clock.now() - timedelta(seconds=backend.clock_ahead_s)
        return await find_stuck(backend, at)

    @override
    def concerns(self, target: str) -> bool:
        """Any action may have freed some of them."""
        return True


def merged(found: Iterable[HeldRuns]) -> tuple[HeldRuns, ...]:
    """Groups merged by reason, longest wait first."""
    by_reason: dict[tuple[str, ...], HeldRuns] = {}
    for each in sorted(found, key=lambda group: group.since):
        # Groups without a known reason may have different ones.
        key = (each.code, each.subject, *(each.tasks if each.code == NO_REASON else ()))
        known = by_reason.get(key)
        by_reason[key] = each if known is None else _joined(known, each)
    return tuple(sorted(by_reason.values(), key=lambda group: (group.since, group.oldest)))


def _joined(older: HeldRuns, other: HeldRuns) -> HeldRuns:
    waits = [each.wait_s for each in (older, other) if each.wait_s is not None]
    return replace(
        older,
        runs=older.runs + other.runs,
        tasks=tuple(_unique(older.tasks, other.tasks)),
        queues=tuple(_unique(older.queues, other.queues)),
        statuses=tuple(_unique(older.statuses, other.statuses)),
        wait_s=max(waits, default=None),
    )


def _unique(*lists: tuple[str, ...]) -> Iterator[str]:
    return iter(dict.fromkeys(each for several in lists for each in several))


def moment_of(ms: int) -> datetime:
    """A moment of epoch milliseconds."""
    return datetime.fromtimestamp(ms / 1000, UTC)
