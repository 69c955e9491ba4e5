"""How far a bulk is, and following the server's bulk actions until their counts are final."""

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
"""What has become of a run, by how the action on it ended."""

LEAST_PACE_S = 0.1
OWN_SHARE = 0.5
"""Part of the own rate budget that a bulk of single requests may use; the rest is for looking."""


def pace_s(budget: RateBudget) -> float:
    """Seconds between single requests of a bulk."""
    if budget.limit is None:
        return LEAST_PACE_S
    own_a_minute = budget.limit * budget.share * OWN_SHARE
    return max(LEAST_PACE_S, 60 / own_a_minute) * budget.slowdown


class BulkState(Enum):
    """Where a bulk stands."""

    RUNNING = "running"
    STOPPING = "stopping"
    """Aborted here, while the server may not have heard of it yet."""
    ENDED = "ended"
    ABORTED = "aborted"
    INTERRUPTED = "interrupted"
    """Left undone, to be resumed from its list."""

    @property
    def is_active(self) -> bool:
        """Whether runs may still be acted on."""
        return self in (BulkState.RUNNING, BulkState.STOPPING)


@dataclass(frozen=True, slots=True)
class BulkProgress:
    """How far a bulk is. total = done + failed + unknown + left."""

    state: BulkState
    total: int
    done: int
    failed: int
    unknown: int
    """Sent, and the answer was lost."""
    left: int
    """Not acted on: still to be done, or not tried before an abort. When all was handed over, runs
    that the server counts nowhere: they had ended by themselves, or it did not find them."""
    eta_s: float | None
    """Seconds until the end at the pace so far; None when it cannot be told."""
    message: str = ""
    """What there is to say: why it waits or ended early."""
    is_estimate: bool = False
    """Whether `total` and `left` rest on the server's estimate."""


@dataclass(frozen=True, slots=True)
class BulkIfLeft:
    """What becomes of a bulk under way when its connection is closed."""

    stops: int
    """Runs that were not sent yet and will not be."""
    goes_on: int
    """Runs that the server has been handed: it works on by itself."""
    can_be_resumed: bool
    """Whether its list is kept, to go on with later."""


LOOK_S = 1.0
"""Between looks at the server's bulk action."""

REST_S = 6.0
"""An aborted bulk action whose figures stand still for this long is over. The server says that it
is aborted at once and still finishes the hundred runs that it has begun: recorded, up to 3 s."""

LONGEST_WAIT_S = 30.0
"""Between two tries to tell the server something."""


class BulkFollower:
    """Reads the server's figures into a journal's chunks."""

    def __init__(
        self,
        journal: BulkJournal,
        backend: Backend,
        actions: Actions,
        clock: Clock,
        say: Callable[[str], None],
    ) -> None:
        """`say` is given what there is to tell after each look; empty when all is well."""
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
        """Tell the server to stop until it has heard, and watch it to its end."""
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
        """Read its figures; whether they are as they were."""
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
        """Change a chunk, here and in its list; whether it was like that before."""
        before = replace(chunk)
        for name, value in changes.items():
            setattr(chunk, name, value)
        if chunk == before:
            return True
        self._journal.append_chunk(chunk)
        return False
