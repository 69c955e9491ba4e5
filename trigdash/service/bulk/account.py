"""Summaries of a bulk action's journal: what failed, what is done, and what happens when trigdash
quits.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trigdash.service.bulk.progress import STATE_OF, BulkIfLeft
from trigdash.service.bulk_record import Chunk, ItemState

if TYPE_CHECKING:
    from trigdash.service.actions.outcome import Outcome
    from trigdash.service.bulk.journal import BulkJournal
    from trigdash.service.bulk.plan import BulkPlan


class BulkAccount:
    """What the journal of a bulk action says of each run."""

    def __init__(self, journal: BulkJournal) -> None:
        self.journal = journal
        self.plan = journal.record.plan

    def wave_key(self, run_id: str) -> str:
        """The idempotency key of a replay in waves. It stays the same when the bulk action is
        resumed."""
        if self.plan.waves is None:
            return ""
        return f"trigdash-{self.journal.record.started_at:%Y%m%dT%H%M%S%f}-{run_id}"

    def record(self, run_ids: tuple[str, ...], outcome: Outcome) -> None:
        """Record the states of runs."""
        if outcome.done and outcome.new_id and outcome.verb.startswith("bulk"):
            self.journal.append_chunk(Chunk(run_ids, outcome.new_id))
            return
        if outcome.may_retry or outcome.is_general:
            self.journal.append(run_ids, ItemState.WAITING)
            return
        reason = outcome.new_id or ("" if outcome.done else outcome.message)
        self.journal.append(run_ids, STATE_OF[outcome.result], reason)

    @property
    def failures(self) -> list[tuple[str, str]]:
        """Run ids that failed, and why. A bulk action of the server counts its failures but does
        not name them."""
        record = self.journal.record
        return [(i, record.reasons.get(i, "")) for i in record.of_state(ItemState.FAILED)]

    @property
    def unknown(self) -> list[str]:
        """Run ids whose answer was lost."""
        return self.journal.record.of_state(ItemState.UNKNOWN)

    @property
    def dealt_with(self) -> frozenset[str]:
        """Run ids that need no more attention: those that are known to be done."""
        return self.journal.record.dealt_with()

    @property
    def if_left(self) -> BulkIfLeft:
        """What happens to the bulk action when trigdash quits or switches environments now."""
        record = self.journal.record
        handed_over = [chunk for chunk in record.chunks if not chunk.ended]
        return BulkIfLeft(
            stops=len(record.of_state(ItemState.WAITING)),
            goes_on=sum(record.open_runs(chunk) for chunk in handed_over),
            can_be_resumed=self.journal.can_be_resumed,
        )

    @property
    def retry_plan(self) -> BulkPlan:
        """A plan that repeats the failures whose ids are known."""
        failed = tuple(run_id for run_id, _ in self.failures)
        if self.plan.matching is not None:
            return replace(self.plan, run_ids=failed)
        return replace(self.plan, run_ids=failed, label=f"failures of: {self.plan.label}")
