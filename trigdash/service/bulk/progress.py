"""The progress of a bulk action, and the follower of the server's bulk actions until their counts
are final."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from itertools import count
from typing import TYPE_CHECKING

from trigdash.backends.base import BackendError, NotFound
from trigdash.service.actions.outcome import Result
from trigdash.service.bulk_record import Chunk, ItemState

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.clock import Clock
    from trigdash.model.capability import RateBudget
    from trigdash.service.actions.actions import Actions
    from trigdash.service.bulk.journal import BulkJournal


STATE_OF = {
    Result.DONE: ItemState.DONE,
    Result.REFUSED: ItemState.FAILED,
    Result.UNKNOWN: ItemState.UNKNOWN,
}
"""The state of a run, by the result of the action on it."""

LEAST_PACE_S = 0.1
OWN_SHARE = 0.5
"""The fraction of our rate budget that a bulk action of single requests may use; the rest is for
reads."""


def pace_s(budget: RateBudget) -> float:
    """Seconds between single requests of a bulk action."""
    if budget.limit is None:
        return LEAST_PACE_S
    own_a_minute = budget.limit * budget.share * OWN_SHARE
    return max(LEAST_PACE_S, 60 / own_a_minute) * budget.slowdown


class BulkState(Enum):
    """The state of a bulk action."""

    RUNNING = "running"
    STOPPING = "stopping"
    """Aborted here; the server may not know yet."""
    ENDED = "ended"
    ABORTED = "aborted"
    INTERRUPTED = "interrupted"
    """Stopped early; can be resumed from its journal."""

    @property
    def is_active(self) -> bool:
        """Whether runs may still be acted on."""
        return self in (BulkState.RUNNING, BulkState.STOPPING)


@dataclass(frozen=True, slots=True)
class BulkProgress:
    """The progress of a bulk action. total = done + failed + unknown + left."""

    state: BulkState
    total: int
    done: int
    failed: int
    unknown: int
    """Sent, and the answer was lost."""
    left: int
    """Not acted on: still to be sent, or not tried before an abort. When all chunks were sent, the
    runs that the server does not count: they had already ended, or it did not find them."""
    eta_s: float | None
    """Seconds until the end at the pace so far; None when unknown."""
    message: str = ""
    """Why it waits or ended early."""
    is_estimate: bool = False
    """Whether `total` and `left` rest on the server's estimate."""


@dataclass(frozen=True, slots=True)
class BulkIfLeft:
    """What happens to a bulk action in progress when its connection closes."""

    stops: int
    """Runs that will not be sent."""
    goes_on: int
    """Runs that the server already has, and continues to process."""
    can_be_resumed: bool
    """Whether its journal is kept, so that it can be resumed."""


LOOK_S = 1.0
"""Seconds between reads of the server's bulk action."""

REST_S = 6.0
"""An aborted bulk action whose figures do not change for this long is over. The server reports it
as aborted at once and still finishes the hundred runs that it has started: recorded, up to 3 s."""

LONGEST_WAIT_S = 30.0
"""The longest wait between two tries to send something to the server."""


class BulkFollower:
    """Copies the server's figures into the chunks of a journal."""

    def __init__(
        self,
        journal: BulkJournal,
        backend: Backend,
        actions: Actions,
        clock: Clock,
        say: Callable[[str], None],
    ) -> None:
        """`say` is called with a message after each read; an empty one when all is well."""
        self._journal = journal
        self._backend = backend
        self._actions = actions
        self._clock = clock
        self._say = say

    async def follow(self, chunk: Chunk) -> None:
        """Watch a bulk action of the server until it can change no more."""
        still_since_s = self._clock.monotonic()
        while not chunk.ended:
            if not await self._look(chunk):
                still_since_s = self._clock.monotonic()
            elif chunk.aborted and self._clock.monotonic() - still_since_s >= REST_S:
                self._note(chunk, ended=True)
            if not chunk.ended:
                await self._clock.wait(LOOK_S * self._backend.budget.slowdown)

    async def abort(self, chunk: Chunk) -> None:
        """Send the abort until the server confirms it, and watch the bulk action to its end."""
        for number in count():
            if chunk.ended:
                return
            outcome = await self._actions.abort_bulk(chunk.bulk_id)
            await self._look(chunk)
            if outcome.done or chunk.aborted:
                break
            if not chunk.ended:
                self._say(f"not stopped yet: {outcome.message}")
                await self._clock.wait(min(LONGEST_WAIT_S, 2.0**number))
        await self.follow(chunk)

    async def _look(self, chunk: Chunk) -> bool:
        """Read its figures; returns whether they are unchanged."""
        try:
            told = await self._backend.bulk(chunk.bulk_id)
        except NotFound:
            self._note(chunk, ended=True, lost=True)
            self._say("the server no longer knows its bulk action")
            return False
        except BackendError as error:
            self._say(error.message())
            return False
        is_done = told.is_final and not told.is_aborted
        counts = told.counts
        is_still = self._note(
            chunk,
            success=counts.success,
            failure=counts.failure,
            aborted=told.is_aborted,
            ended=is_done,
            # The server's own total is an estimate: when all is done, what was done is the total.
            total=counts.success + counts.failure if is_done else counts.total,
        )
        self._say("")
        return is_still

    def _note(self, chunk: Chunk, **changes: object) -> bool:
        """Update a chunk, here and in the journal; returns whether it was already so."""
        before = replace(chunk)
        for name, value in changes.items():
            setattr(chunk, name, value)
        if chunk == before:
            return True
        self._journal.append_chunk(chunk)
        return False
