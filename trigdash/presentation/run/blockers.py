"""What blocks a queued run: its environment, its queue, its concurrency key. Pure. None of this is
in the run's own answer; it is derived from the run's placement, its queue, and the other executing
runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trigdash.presentation.cell import Cell, Piece, cell_text
from trigdash.presentation.marks import status_mark, status_role
from trigdash.presentation.run.fields import Field, FieldLine, Target
from trigdash.presentation.run_line import ahead_text
from trigdash.presentation.units import duration

if TYPE_CHECKING:
    from trigdash.model.environment import Identity
    from trigdash.model.inputs import WaitpointToken
    from trigdash.model.queue import Limit, Queue
    from trigdash.model.run_row import RunRow
    from trigdash.service.runs.placement import Capacity, RunPlacement
    from trigdash.service.why.verdict import Why

NO_LIMIT_S = 2_147_483_647
"""What the official SDK sends for a task without a time limit."""


@dataclass(frozen=True, slots=True)
class QueueBlockers:
    """The surroundings of a run, as far as they have been read."""

    place: RunPlacement | None = None
    queue: Queue | None = None
    room: Capacity | None = None
    identity: Identity | None = None
    outlook: str = ""
    """When its queue drains, in words."""
    why: Why | None = None
    """The verdict on what holds the run, check by check."""
    restarts: tuple[RunRow, ...] = ()
    """The runs that were made from it, the latest first."""
    tokens: tuple[WaitpointToken, ...] = ()
    """The tokens that wait and name it: a waiting run waits for one of them."""

    @property
    def known_blockers(self) -> str:
        """What holds the run back by what environment and queue say of themselves."""
        if self.identity is not None and self.identity.paused:
            return "the environment is paused"
        queue = self.queue
        if queue is None:
            return ""
        if queue.paused:
            return f"its queue {queue.name} is paused"
        if queue.paused_limit is not None:
            return f"the limit {queue.paused_limit.name} is paused"
        limit = self._queue_limit
        if limit == 0:
            return f"{self._holder} {'is' if self._inline else 'has a limit of'} 0"
        if limit is not None and self._taken >= limit and (self._inline or not self._key):
            return f"{self._holder} is full: {self._taken:,} of {limit:,} running"
        return ""

    @property
    def _holder(self) -> str:
        """What limits the queue, by its name."""
        if self._inline is not None:
            return f"the limit {self._inline.name}"
        return f"its queue {self.queue.name}" if self.queue is not None else ""

    @property
    def _taken(self) -> int:
        """Places taken of the limit: a concurrency limit counts the runs of other queues, too."""
        if self.queue is None:
            return 0
        return self.queue.running if self._inline is None else self._inline.running

    @property
    def _inline(self) -> Limit | None:
        """The concurrency limit whose total holds the queue, which is then V2."""
        limits = self.queue.limits if self.queue is not None else None
        return next((each for each in limits or () if each.total.current is not None), None)

    @property
    def blocked_by(self) -> str:
        """What holds the run back; empty when nothing is known to."""
        if told := self.known_blockers:
            return told
        if self.room is None:
            return ""
        limit = self._key_limit
        if self._key and limit is not None and self.room.alike >= limit:
            return (
                f"its concurrency key {self._key} is full: {self.room.alike:,} of {limit:,} running"
            )
        limit = self._environment_limit
        if limit is not None and self.room.environment >= limit:
            # Not "full": a burst of several queues together may go over it.
            return (
                f"the environment is at its limit: {self.room.environment:,} of {limit:,} running"
            )
        return ""

    @property
    def needs_capacity(self) -> bool:
        """Whether the concurrency in use must be read: the queue itself does not block the run, and
        something else may be full."""
        if self.queue is None or self.known_blockers:
            return False
        return bool(self._key) or self._environment_limit is not None

    @property
    def _environment_limit(self) -> int | None:
        return self.identity.concurrency_limit if self.identity is not None else None

    @property
    def _queue_limit(self) -> int | None:
        """What the queue may run: its own limit, and never more than the environment's."""
        own = self.queue.concurrency_limit if self.queue is not None else None
        limits = [limit for limit in (own, self._environment_limit) if limit is not None]
        return min(limits, default=None)

    @property
    def _key_limit(self) -> int | None:
        """What one concurrency key may run: the limit of a V1 queue, the bound of a V2 one."""
        if self.queue is None or not self.queue.is_v2:
            return self._queue_limit
        return self.queue.limits[0].per_key.current if self.queue.limits else None

    @property
    def _key(self) -> str:
        return self.place.concurrency_key if self.place is not None else ""

    @property
    def opens(self) -> tuple[str, str] | None:
        """The run's queue, as what a field leads to."""
        return ("queue", self.place.queue) if self.place is not None and self.place.queue else None


NOWHERE = QueueBlockers()
"""Nothing is known."""


def blocker_lines(blockers: QueueBlockers) -> list[FieldLine]:
    """Why a queued run has not been started, and what waits with it."""
    cause, queue = blockers.blocked_by or _verdict(blockers), blockers.queue
    pieces: list[Piece] = [(f"  {cause}", "warn")] if cause else []
    if blockers.why is not None and (ahead := ahead_text(blockers.why)):
        pieces.append((f"{'   ' if cause else '  '}{ahead}", "text"))
    if queue is not None and queue.queued:
        there = "" if queue.name in cause else f" in {queue.name}"
        pieces.append((f"{'   ' if pieces else '  '}{queue.queued:,} queued{there}", "dim"))
        if blockers.outlook:
            pieces.append((f"   {blockers.outlook}", "dim"))
    if not pieces:
        return []
    cell: Cell = tuple(pieces)
    return [FieldLine(cell, (Field("held by", cell, cell_text(cell).strip(), blockers.opens),))]


def _verdict(blockers: QueueBlockers) -> str:
    """What the checks found to hold the run; empty while they are not made, and where none does."""
    cause = blockers.why.cause if blockers.why is not None else None
    return "" if cause is None or cause.code == "ended" else cause.evidence


def verdict_line(blockers: QueueBlockers) -> list[FieldLine]:
    """What holds a run that has started, by the checks; the key that shows them all."""
    verdict = _verdict(blockers)
    if not verdict:
        return []
    cell: Cell = ((f"  {verdict}", "warn"), ("   W", "key"), (" shows each check", "dim"))
    return [FieldLine(cell, (Field("held by", cell, verdict),))]


def placement_facts(blockers: QueueBlockers) -> list[Field]:
    """Queue, machine and limits of the run, as far as known, and the runs made from it."""
    return [*_told_place(blockers.place, blockers.opens), *map(_restart, blockers.restarts)]


def _restart(row: RunRow) -> Field:
    value: Cell = (
        (f"{status_mark(row.status)} ", status_role(row.status)),
        (f"{row.status.word} ", "text"),
        (row.id, "link"),
    )
    return Field("restarted", value, row.id, ("run", row.id))


def _told_place(place: RunPlacement | None, queue: Target | None) -> list[Field]:
    if place is None:
        return []
    limit_s = place.max_duration_s
    limit = duration(limit_s * 1000) if limit_s and limit_s < NO_LIMIT_S else ""
    told = (
        ("queue", place.queue, queue),
        ("concurrency", place.concurrency_key, None),
        ("machine", place.machine, None),
        ("time limit", limit, None),
    )
    return [
        Field(label, ((text, "link" if opens else "text"),), text, opens)
        for label, text, opens in told
        if text
    ]
