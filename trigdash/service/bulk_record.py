"""What became of each run of a bulk, and the figures that are counted from it.

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
    """Where one run of a bulk stands."""

    WAITING = "waiting"
    SENT = "sent"
    """Sent, or handed to the server's bulk; no answer yet."""
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """The answer was lost; not sent again by itself."""


@dataclass(slots=True)
class Chunk:
    """Runs that were handed to the server's bulk in one call."""

    run_ids: tuple[str, ...]
    bulk_id: str
    success: int = 0
    failure: int = 0
    ended: bool = False
    """Whether its figures can change no more."""
    aborted: bool = False
    lost: bool = False
    """Whether the server knows nothing of it any more."""
    total: int | None = None
    """Runs that the server means to act on, as far as it has told."""


@dataclass(slots=True)
class BulkRecord:
    """A bulk as its journal tells it."""

    plan: BulkPlan
    started_at: datetime
    states: dict[str, ItemState] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    """Run id → why it failed, or the id of the run that was made."""
    chunks: list[Chunk] = field(default_factory=list)
    ended: bool = False

    def of_state(self, state: ItemState) -> list[str]:
        """Run ids in a state, in the plan's order."""
        return [run_id for run_id in self.plan.run_ids if self.state(run_id) is state]

    def state(self, run_id: str) -> ItemState:
        return self.states.get(run_id, ItemState.WAITING)

    def note(self, run_ids: Iterable[str], state: ItemState, reason: str = "") -> None:
        """Runs have come to a state."""
        for run_id in run_ids:
            self.states[run_id] = state
            if reason:
                self.reasons[run_id] = reason

    def counts(self) -> tuple[int, int, int]:
        """Done, failed, unknown. Runs of a chunk are counted by the chunk's own figures; those
        that it counts nowhere were not acted on."""
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
        """Done and failed; of a list no more than were handed over, whatever a server counts."""
        if self.plan.matching is not None:
            return chunk.success, chunk.failure
        failure = min(chunk.failure, len(chunk.run_ids))
        return min(chunk.success, len(chunk.run_ids) - failure), failure

    @property
    def is_cut_short(self) -> bool:
        """Whether runs were not tried: never sent, or left by a bulk action that was aborted."""
        return any(chunk.aborted for chunk in self.chunks) or bool(self.of_state(ItemState.WAITING))

    def dealt_with(self) -> frozenset[str]:
        """Runs that are done, as far as that is known of each. A bulk action that ended without
        an abort has dealt with all of its runs."""
        done = frozenset(self.of_state(ItemState.DONE))
        ended = (chunk for chunk in self.chunks if chunk.ended and not chunk.aborted)
        return done.union(*(chunk.run_ids for chunk in ended if not chunk.lost))

    def total(self) -> int:
        """Runs in all; of a plan by filter as far as the server estimates, until it has ended."""
        listed = len(self.plan.run_ids)
        if self.plan.matching is None or not self.chunks:
            return listed
        told = self.chunks[0].total
        return listed if told is None else max(sum(self.counts()), told)

    @property
    def total_is_estimate(self) -> bool:
        """Whether the total is what the server reckoned at the start (recorded)."""
        is_open = any(not chunk.ended or chunk.aborted for chunk in self.chunks)
        return self.plan.matching is not None and is_open
