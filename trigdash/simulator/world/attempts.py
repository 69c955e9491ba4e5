"""The attempts of a run, read back from its journal."""

from dataclasses import dataclass, field

from trigdash.simulator.world import runs as journal
from trigdash.simulator.world.runs import Run

_ENDS_WORK = {
    journal.BLOCKED,
    journal.FAILED,
    journal.ENDED,
    journal.CANCEL_ASKED,
    journal.CANCELED,
}
_BEGINS_WORK = {journal.STARTED, journal.CONTINUED, journal.RESUMED}


@dataclass(slots=True)
class Attempt:
    """One attempt read from the journal: when it worked, and how it ended."""

    number: int
    start_ms: int
    # Of the first attempt: when the run left its queue.
    dequeued_ms: int | None = None
    worked: list[tuple[int, int | None]] = field(default_factory=list)
    end_ms: int | None = None
    error: int | str | None = None
    retry_until_ms: int | None = None
    retried: bool = False

    def active_ms(self, now_ms: int) -> int:
        return sum((now_ms if end is None else end) - start for start, end in self.worked)

    def starts_at(self, offset_ms: int, stops: int) -> int:
        """The wall time at which an amount of compute was exceeded, after `stops` stops."""
        for start, end in self.worked[:stops]:
            offset_ms -= (end or start) - start
        if stops >= len(self.worked):
            return self.worked[-1][1] or self.start_ms
        # What was planned and what was done can differ by a millisecond.
        start, end = self.worked[stops]
        moment = start + max(0, offset_ms)
        return moment if end is None else min(moment, end)

    def ends_at(self, offset_ms: int) -> int | None:
        """The wall time at which some amount of compute was reached."""
        for start, end in self.worked:
            if end is None or offset_ms <= end - start:
                return start + offset_ms
            offset_ms -= end - start
        return self.end_ms


def attempts_of(run: Run) -> list[Attempt]:
    """The attempts in a run's journal."""
    attempts: list[Attempt] = []
    dequeued_ms: int | None = None
    for time_ms, kind, argument in run.entries():
        if kind == journal.DEQUEUED:
            dequeued_ms = time_ms
        current = attempts[-1] if attempts else None
        if kind == journal.STARTED:
            if current is not None and current.retried:
                current.retry_until_ms = time_ms
            attempts.append(Attempt(argument, time_ms, dequeued_ms, [(time_ms, None)]))
            dequeued_ms = None
        elif current is None:
            continue
        elif kind in _BEGINS_WORK:
            current.worked.append((time_ms, None))
        elif kind in _ENDS_WORK:
            if current.worked[-1][1] is None:
                current.worked[-1] = (current.worked[-1][0], time_ms)
            if kind == journal.FAILED:
                current.error, current.end_ms = argument, time_ms
            elif kind == journal.ENDED and current.end_ms is None:
                current.end_ms = time_ms
                current.error = run.error
        elif kind in {journal.RETRY_SOON, journal.RETRY_LATER}:
            current.retried = True
    return attempts
