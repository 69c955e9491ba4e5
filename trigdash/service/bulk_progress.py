"""How far a bulk is.

This module is imported before the first frame: standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


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
    def goes_on(self) -> bool:
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
    sentence: str = ""
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
