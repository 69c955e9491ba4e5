"""Runs a bulk action: through the bulk actions of the server where it has them, otherwise run by
run within the rate budget.

The state of each run is kept once, by its id, and every figure is counted from these states, so
nothing is counted twice. A bulk action continues in the background, can be aborted, and can be
resumed from its journal after an interruption. This module is imported before the first frame:
standard library and light modules only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from trigdash.model.capability import Capability
from trigdash.service.actions.outcome import Outcome
from trigdash.service.bulk.account import BulkAccount
from trigdash.service.bulk.journal import BulkJournal
from trigdash.service.bulk.progress import (
    LONGEST_WAIT_S,
    BulkFollower,
    BulkProgress,
    BulkState,
    pace_s,
)
from trigdash.service.bulk_record import ItemState

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.clock import Clock
    from trigdash.service.actions.actions import Actions
    from trigdash.service.bulk.plan import WaveRules
    from trigdash.service.bulk.waves import NewRuns, WaveReport

CHUNK_SIZE = 500
"""Ids that a bulk action of the server takes in one call."""

TRIES = 7
"""Tries for a request that was not sent because there was no connection or no budget: about a
minute in all."""


class _Halt(Exception):
    """Nothing more can be sent for now, for any run; the text says why."""


class _AbortedElsewhere(Exception):
    """Somebody else stopped the server's bulk action, so nothing more is sent."""


class Bulk(BulkAccount):
    """One bulk action in progress. Listeners are called after each change of `progress`."""

    def __init__(
        self, journal: BulkJournal, backend: Backend, actions: Actions, clock: Clock
    ) -> None:
        super().__init__(journal)
        self.listener: Callable[[], None] | None = None
        self.waves: tuple[WaveReport, ...] = ()
        """How each wave went, when the runs are sent in waves."""
        self.is_watched = False
        """Whether its progress is on screen; then its end needs no notification."""
        self._backend = backend
        self._actions = actions
        self._clock = clock
        self._state = BulkState.RUNNING
        self._sentence = ""
        self._began_s = clock.monotonic()
        self._handled_before = sum(journal.record.counts())
        self._task: asyncio.Task[None] | None = None
        self._over = asyncio.Event()
        """Set when nothing continues any more."""
        self._acting: tuple[tuple[str, ...], asyncio.Future[Outcome]] | None = None
        """The request that was sent and not recorded yet: its run ids and its outcome."""
        self._follower = BulkFollower(journal, backend, actions, clock, self._say)

    @property
    def progress(self) -> BulkProgress:
        """The progress, counted from the state of each run."""
        done, failed, unknown = self.journal.record.counts()
        total = self.journal.record.total()
        left = total - done - failed - unknown
        return BulkProgress(
            self._state,
            total,
            done,
            failed,
            unknown,
            left,
            self._eta_s(left),
            self._sentence,
            self.journal.record.total_is_estimate,
        )

    @property
    def state(self) -> BulkState:
        return self._state

    def start(self) -> asyncio.Task[None]:
        """Start, or continue where the journal ends."""
        self._task = asyncio.create_task(self._run(), name=f"bulk {self.plan.verb}")
        self._task.add_done_callback(self._crashed)
        return self._task

    async def wait(self) -> None:
        """Wait until it has ended in any way: done, aborted, halted, or by a bug, which is reported
        elsewhere."""
        await self._over.wait()

    def _crashed(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None:
            self._over.set()

    async def abort(self) -> None:
        """Stop for good: what was done stays done, and the rest is not sent. The state is
        `STOPPING` until the server confirms."""
        if self._state is not BulkState.RUNNING:
            return
        self._state = BulkState.STOPPING
        await self._stop()
        if self._state is BulkState.STOPPING:
            self._task = asyncio.create_task(self._abort_chunks(), name="abort bulk")
            await asyncio.wait([self._task])
            if not self._task.cancelled():
                self._task.result()

    async def interrupt(self) -> None:
        """Stop because the connection closes; the journal stays, so that the bulk action can be
        resumed."""
        if self._state.is_active:
            self._state = BulkState.INTERRUPTED
            await self._stop()
            self.journal.release()
            self._over.set()

    async def _stop(self) -> None:
        """End the task; wait for requests that were sent, and record them."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        if self._acting is not None:
            run_ids, answer = self._acting
            await asyncio.wait([answer])
            if not answer.cancelled():
                self._record_outcome(run_ids, answer.result())

    async def _run(self) -> None:
        self._settle_interrupted()
        try:
            await self._follow_chunks()
            if self.plan.waves is not None:
                await self._in_waves(self.plan.waves)
            elif self.plan.verb != "tag" and Capability.BULK in self._backend.capabilities:
                await self._by_chunks()
            else:
                await self._one_by_one()
        except _Halt as halt:
            self._state = BulkState.INTERRUPTED
            self.journal.release()
            self._over.set()
            self._say(str(halt))
        except _AbortedElsewhere:
            self._sentence = "the bulk action was aborted on the server, not from here"
            self._finish(BulkState.ABORTED)
        else:
            self._finish(BulkState.ENDED)

    async def _follow_chunks(self) -> None:
        """Follow the bulk actions of the server to their end."""
        for chunk in self.journal.record.chunks:
            await self._follower.follow(chunk)
            if chunk.aborted:
                raise _AbortedElsewhere

    async def _abort_chunks(self) -> None:
        for chunk in self.journal.record.chunks:
            await self._follower.abort(chunk)
        # All may have been done before the abort reached the server.
        is_cut_short = self.journal.record.is_cut_short and self.progress.left > 0
        self._finish(BulkState.ABORTED if is_cut_short else BulkState.ENDED)

    def _finish(self, state: BulkState) -> None:
        """Record the end: nothing more will be sent."""
        self._state = state
        self._over.set()
        self.journal.finish()
        self._actions.wake_all(self.plan.run_ids)
        self._publish()

    def _settle_interrupted(self) -> None:
        """Settle requests that were in flight when an earlier program ended: safe to repeat, or
        unknown."""
        chunked = {i for chunk in self.journal.record.chunks for i in chunk.run_ids}
        lost = [i for i in self.journal.record.of_state(ItemState.SENT) if i not in chunked]
        if lost:
            again = self.plan.verb != "replay"
            self.journal.append(lost, ItemState.WAITING if again else ItemState.UNKNOWN)

    # Through the server's bulk

    async def _by_chunks(self) -> None:
        verb, matching = self.plan.verb, self.plan.matching
        waiting = self.journal.record.of_state(ItemState.WAITING)
        size = CHUNK_SIZE if matching is None else len(waiting)
        for first in range(0, len(waiting), size):
            run_ids = tuple(waiting[first : first + size])
            self.journal.append(run_ids, ItemState.SENT)
            if matching is None:
                words = f"{len(run_ids)} run{'s' if len(run_ids) != 1 else ''}"
                send = partial(self._actions.start_bulk, verb, run_ids, None, words)
            else:
                words = f"all that match {self.plan.label}"
                send = partial(self._actions.start_bulk, verb, None, matching, words)
            await self._act(run_ids, partial(send, chosen_by=self.plan.label))
            await self._follow_chunks()

    # In waves

    async def _in_waves(self, rules: WaveRules) -> None:
        """Send wave after wave. Raises _Halt when one went wrong, so that the rest can be
        resumed."""
        from trigdash.service.bulk.waves import send_in_waves  # loads what watches runs

        waiting = self.journal.record.of_state(ItemState.WAITING)
        async for report in send_in_waves(
            waiting, rules, self._clock, self._send_one, self._judge_wave
        ):
            self.waves = (*self.waves, report)
            self._publish()
            if reason := report.stop_reason(rules):
                raise _Halt(f"stopped after wave {report.number}: {reason}")

    async def _send_one(self, run_id: str) -> Outcome:
        self.journal.append([run_id], ItemState.SENT)
        outcome = await self._act((run_id,), self._single(run_id))
        self._publish()
        return outcome

    async def _judge_wave(self, sent: Sequence[tuple[str, Outcome]]) -> NewRuns:
        from trigdash.service.bulk.waves import judge_new_runs

        self._say(f"waiting for what {len(sent)} runs come to")
        found = await judge_new_runs(self._backend, self._clock, sent)
        self._say("")
        return found

    # One by one

    async def _one_by_one(self) -> None:
        for run_id in self.journal.record.of_state(ItemState.WAITING):
            await self._send_one(run_id)
            await self._clock.wait(pace_s(self._backend.budget))

    def _single(self, run_id: str) -> Callable[[], Awaitable[Outcome]]:
        if self.plan.verb == "cancel":
            return partial(self._actions.cancel, run_id, quiet=True)
        if self.plan.verb == "replay":
            key = self.wave_key(run_id)
            return partial(self._actions.replay, run_id, quiet=True, key=key)
        return partial(self._actions.add_tags, run_id, self.plan.tags, quiet=True)

    async def _act(
        self, run_ids: tuple[str, ...], send: Callable[[], Awaitable[Outcome]]
    ) -> Outcome:
        """Send, record the outcome, and return it. Waits and sends again only while nothing was
        sent or the server is busy. Raises _Halt when nothing was sent for a reason that does not
        concern these runs."""
        tries = 0
        for number in count():
            await self._while_held()
            self._acting = (run_ids, asyncio.ensure_future(send()))
            outcome = await asyncio.shield(self._acting[1])
            # Waits for a busy server as long as it takes: the user can abort.
            tries += not outcome.is_busy
            if not outcome.may_retry or tries == TRIES:
                break
            self._say(outcome.message)
            await self._clock.wait(min(LONGEST_WAIT_S, 2.0**number))
        self._record_outcome(run_ids, outcome)
        if outcome.may_retry or outcome.is_general:
            raise _Halt(outcome.message)
        self._sentence = ""
        return outcome

    async def _while_held(self) -> None:
        """Pause while the rate limit is nearly used up."""
        while self._backend.budget.stopped:
            until = self._backend.budget.resets_at
            wait_s = (until - self._clock.now()).total_seconds() if until else 10.0
            if wait_s <= 0:
                return
            self._say("waiting for the rate limit")
            await self._clock.wait(wait_s)

    # Noting

    def _record_outcome(self, run_ids: tuple[str, ...], outcome: Outcome) -> None:
        self._acting = None
        self.record(run_ids, outcome)

    def _eta_s(self, left: int) -> float | None:
        handled = sum(self.journal.record.counts()) - self._handled_before
        took_s = self._clock.monotonic() - self._began_s
        if self._state is not BulkState.RUNNING or left == 0 or handled <= 0 or took_s <= 0:
            return None
        return left * took_s / handled

    def _say(self, sentence: str) -> None:
        """Change the message, and notify the listeners."""
        self._sentence = sentence
        self._publish()

    def _publish(self) -> None:
        if self.listener is not None:
            self.listener()
