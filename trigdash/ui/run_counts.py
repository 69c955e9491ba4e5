"""How many runs are in which state, added up for the eye."""

from collections.abc import Mapping
from dataclasses import dataclass

from trigdash.model.status import Kind, status


@dataclass(frozen=True, slots=True)
class RunCounts:
    """Runs of one thing (a batch, a bulk action) by what their status means."""

    succeeded: int = 0
    failed: int = 0
    """Failed, timed out or expired."""
    canceled: int = 0
    running: int = 0
    waiting: int = 0
    """Started, and waiting on something."""
    queued: int = 0
    unknown: int = 0

    @classmethod
    def of(cls, statuses: Mapping[str, int]) -> "RunCounts":
        """From the number of runs of each status word of the server."""
        counts = dict.fromkeys(_FIELDS.values(), 0)
        for name, number in statuses.items():
            counts[_FIELDS[status(name).kind]] += number
        return cls(**counts)

    @property
    def total(self) -> int:
        return self.ended + self.running + self.waiting + self.queued + self.unknown

    @property
    def ended(self) -> int:
        """Runs that can change no more."""
        return self.succeeded + self.failed + self.canceled


_FIELDS = {
    Kind.SUCCEEDED: "succeeded",
    Kind.FAILED: "failed",
    Kind.LAPSED: "failed",
    Kind.CANCELED: "canceled",
    Kind.RUNNING: "running",
    Kind.WAITING: "waiting",
    Kind.QUEUED: "queued",
    Kind.UNKNOWN: "unknown",
}
