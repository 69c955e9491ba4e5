"""The state of each run of a bulk action, and the figures counted from these states.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from trigdash.service.bulk.plan import BulkPlan


class ItemState(Enum):
    """The state of one run of a bulk action."""

    WAITING = "waiting"
    SENT = "sent"
    """Sent, alone or in a chunk; no answer yet."""
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """The answer was lost; not sent again automatically."""


@dataclass(slots=True)
class Chunk:
    """Runs that were sent to a bulk action of the server in one call."""

    run_ids: tuple[str, ...]
    bulk_id: str
    success: int = 0
    failure: int = 0
    ended: bool = False
    """Whether its figures are final."""
    aborted: bool = False
    lost: bool = False
    """Whether the server no longer knows it."""
    total: int | None = None
    """Runs that the server intends to act on, as far as it has said."""


@dataclass(slots=True)
class BulkRecord:
    """A bulk action as its journal describes it."""

    plan: BulkPlan
    started_at: datetime
    states: dict[str, ItemState] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    """Run id → why it failed, or the id of the new run."""
    chunks: list[Chunk] = field(default_factory=list)
    ended: bool = False

    def of_state(self, state: ItemState) -> list[str]:
        """Run ids in a state, in the plan's order."""
        return [run_id for run_id in self.plan.run_ids if self.state(run_id) is state]

    def state(self, run_id: str) -> ItemState:
        return self.states.get(run_id, ItemState.WAITING)

    def note(self, run_ids: Iterable[str], state: ItemState, reason: str = "") -> None:
        """Record the new state of runs."""
        for run_id in run_ids:
            self.states[run_id] = state
            if reason:
                self.reasons[run_id] = reason

    def counts(self) -> tuple[int, int, int]:
        """Done, failed, unknown. Runs of a chunk are counted by the chunk's figures; runs that
        these do not count were not acted on."""
        states = Counter(self.states.values())
        done, failed, unknown = (
            states[state] for state in (ItemState.DONE, ItemState.FAILED, ItemState.UNKNOWN)
        )
        for chunk in self.chunks:
            success, failure = self._counted(chunk)
            done += success
            failed += failure
            unknown += self.open_runs(chunk) if chunk.lost else 0
        return done, failed, unknown

    def open_runs(self, chunk: Chunk) -> int:
        """Runs of a chunk that the server has not counted (yet)."""
        size = (chunk.total or 0) if self.plan.matching is not None else len(chunk.run_ids)
        return max(0, size - sum(self._counted(chunk)))

    def _counted(self, chunk: Chunk) -> tuple[int, int]:
        """Done and failed; of a list no more than were sent, whatever the server counts."""
        if self.plan.matching is not None:
            return chunk.success, chunk.failure
        failure = min(chunk.failure, len(chunk.run_ids))
        return min(chunk.success, len(chunk.run_ids) - failure), failure

    @property
    def is_cut_short(self) -> bool:
        """Whether some runs were not tried: never sent, or skipped by an aborted bulk action."""
        return any(chunk.aborted for chunk in self.chunks) or bool(self.of_state(ItemState.WAITING))

    def dealt_with(self) -> frozenset[str]:
        """Runs that are known to be done. A bulk action of the server that ended without an abort
        has processed all of its runs."""
        done = frozenset(self.of_state(ItemState.DONE))
        ended = (chunk for chunk in self.chunks if chunk.ended and not chunk.aborted)
        return done.union(*(chunk.run_ids for chunk in ended if not chunk.lost))

    def total(self) -> int:
        """The total of runs; for a plan by filter the server's estimate, until it has ended."""
        listed = len(self.plan.run_ids)
        if self.plan.matching is None or not self.chunks:
            return listed
        told = self.chunks[0].total
        return listed if told is None else max(sum(self.counts()), told)

    @property
    def total_is_estimate(self) -> bool:
        """Whether the total is the server's estimate from the start (recorded)."""
        is_open = any(not chunk.ended or chunk.aborted for chunk in self.chunks)
        return self.plan.matching is not None and is_open
