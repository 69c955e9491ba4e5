"""A server's bulk actions in memory, as they were recorded, and what tests ask of a bulk."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from tests.fakes.backend import FakeBackend
from tests.fakes.clock import FakeClock
from trigdash.service.bulk.bulk import Bulk


def ids(numbers: range) -> tuple[str, ...]:
    return tuple(f"run_{number:06d}" for number in numbers)


@dataclass
class Counts:
    total: int
    success: int = 0
    failure: int = 0


@dataclass
class FakeBulkAction:
    """A server's bulk action that gets on by 100 with each look. As recorded, it finishes the
    hundred that it has begun after it says that it is aborted, and is completed when nothing was
    left then."""

    total: int
    counts: Counts
    is_aborted: bool = False
    looks_until_stopped: int = 0
    """How often it still says the old figures after an abort before it stops."""

    def look(self) -> FakeBulkAction:
        if self.is_aborted:
            self.looks_until_stopped -= 1
            if self.looks_until_stopped == 0:
                self._get_on()
                self.is_aborted = self.counts.success + self.counts.failure < self.total
        else:
            self._get_on()
        return self

    def _get_on(self) -> None:
        self.counts.success = min(self.total - 1, self.counts.success + 100)
        if self.counts.success == self.total - 1:
            self.counts.failure = 1

    @property
    def is_final(self) -> bool:
        return self.is_aborted or self.counts.success + self.counts.failure == self.total


class FakeBulkServer:
    """Keeps the bulk actions that a backend started."""

    def __init__(self, backend: FakeBackend, matching: int = 0, wrong_by: int = 0) -> None:
        self.matching = matching
        """How many runs a filter finds."""
        self.wrong_by = wrong_by
        """By how many the estimate of a total is too high."""
        self.stops_after = 3
        """Looks after an abort until the hundred that were begun are done; 0: none were."""
        self.actions: dict[str, FakeBulkAction] = {}
        backend.answers["start_bulk"] = self.start
        backend.answers["bulk"] = lambda bulk_id: self.actions[bulk_id].look()
        backend.answers["abort_bulk"] = self.abort

    def start(self, verb: str, run_ids: Any, narrowed: Any) -> str:
        bulk_id = f"bulk_{len(self.actions)}"
        total = self.matching if run_ids is None else len(run_ids)
        self.actions[bulk_id] = FakeBulkAction(total, Counts(total + self.wrong_by))
        return bulk_id

    def abort(self, bulk_id: str) -> None:
        self.actions[bulk_id].is_aborted = True
        self.actions[bulk_id].looks_until_stopped = self.stops_after


async def aborted(bulk: Bulk, clock: FakeClock, within_s: float = 30) -> None:
    """Abort a bulk and let time pass until it has ended."""
    aborting = asyncio.create_task(bulk.abort())
    await clock.advance(within_s)
    assert aborting.done()
    await aborting


def figures(bulk: Bulk) -> tuple[int, int, int, int]:
    progress = bulk.progress
    assert progress.total == progress.done + progress.failed + progress.unknown + progress.left
    return (progress.done, progress.failed, progress.unknown, progress.left)
