"""A bulk action in waves: a few runs first, then some more, then the rest at a set pace. Stops when
a wave goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trigdash.service.bulk.plan import SECOND, WaveRules
from trigdash.service.runs.watch import RunWatch, WatchTarget

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.clock import Clock
    from trigdash.model.run_row import RunRow
    from trigdash.service.actions.outcome import Outcome

REST = 50
"""Runs of each wave after the second."""
LONGEST_S = 600.0
"""How long to wait for the new runs of a wave, in seconds."""
APPEAR_S = 30.0
"""How long a new run may take to become readable, in seconds."""


@dataclass(frozen=True, slots=True)
class WaveReport:
    """How one wave went."""

    number: int
    sent: int
    failed: int
    unfinished: int = 0
    """New runs that did not end within LONGEST_S."""
    returned: str = ""
    """The error with which both an original run and its new run failed."""
    last: str = ""
    """The last id that was sent: a later bulk action can start after it."""

    def stop_reason(self, rules: WaveRules) -> str:
        """Why nothing more is sent, in words; empty when the next wave may start."""
        if self.returned:
            return f"the same error is back: {self.returned}"
        if self.failed > rules.stop_above * self.sent:
            return f"{self.failed} of {self.sent} failed"
        if self.unfinished:
            return (
                f"{self.unfinished} of {self.sent} have not ended in {LONGEST_S / 60:.0f} minutes"
            )
        return ""


@dataclass(frozen=True, slots=True)
class NewRuns:
    """How the new runs of a wave ended."""

    failed: int = 0
    unfinished: int = 0
    returned: str = ""


Send = Callable[[str], Awaitable["Outcome"]]
Judge = Callable[[Sequence[tuple[str, "Outcome"]]], Awaitable[NewRuns]]
"""Waits for the new runs of a wave, from the ids that were sent and their outcomes."""


def waves(run_ids: Sequence[str], first: int) -> Iterator[Sequence[str]]:
    """The ids in waves."""
    start, size = 0, first
    while start < len(run_ids):
        yield run_ids[start : start + size]
        start, size = start + size, SECOND if start == 0 else REST


async def send_in_waves(
    run_ids: Sequence[str], rules: WaveRules, clock: Clock, send: Send, judge: Judge
) -> AsyncIterator[WaveReport]:
    """Send wave after wave and report each, until all are sent or one gives a reason to stop."""
    for number, wave in enumerate(waves(run_ids, rules.first), 1):
        sent: list[tuple[str, Outcome]] = []
        for run_id in wave:
            if number > 2:
                await clock.wait(60 / rules.per_minute)
            sent.append((run_id, await send(run_id)))
        refused = sum(not outcome.done for _, outcome in sent)
        found = await judge(sent)
        report = WaveReport(
            number, len(sent), refused + found.failed, found.unfinished, found.returned, wave[-1]
        )
        yield report
        if report.stop_reason(rules):
            return


async def judge_new_runs(
    backend: Backend, clock: Clock, sent: Sequence[tuple[str, Outcome]]
) -> NewRuns:
    """Wait for the new runs of a wave; returns how many failed, and whether an old error
    recurred."""
    origins = {outcome.new_id: run_id for run_id, outcome in sent if outcome.new_id}
    if not origins:
        return NewRuns()
    watch = RunWatch(backend, clock, WatchTarget(run_ids=tuple(origins), appear_s=APPEAR_S))
    end_s = clock.monotonic() + LONGEST_S
    async for look in watch.looks():
        seen = look.seen
        if not seen.unfinished or clock.monotonic() > end_s:
            returned = await _returned(backend, seen.failed, origins)
            return NewRuns(len(seen.failed), len(seen.unfinished), returned)
    raise AssertionError("a watch looks until it is left")


async def _returned(backend: Backend, failed: Sequence[RunRow], origins: dict[str, str]) -> str:
    """The first error with which both a new run and its original failed."""
    for row in failed:
        again, before = await asyncio.gather(backend.run(row.id), backend.run(origins[row.id]))
        error = again.row().error
        if error and error == before.row().error:
            return error
    return ""
