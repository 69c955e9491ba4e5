"""Simulated time: a clock that others move, and a calendar of what is due.

All times are epoch milliseconds. There is no wall clock here.
"""

import heapq
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

Change = Callable[[], None]
MINUTE_MS = 60_000


class Staged(Protocol):
    """Something whose planned events are void once it reaches another stage."""

    stage: int


Subject = TypeVar("Subject", bound=Staged)


class Timeline:
    """The present, and a calendar of what is due.

    `pace` divides durations: 1 in the history, the speed of the simulator from its start on.
    While it is held, nothing happens and no time passes.
    """

    def __init__(self, now_ms: int):
        self.start_ms = now_ms
        self.now_ms = now_ms
        self.pace = 1.0
        self.is_held = False
        self._calendar: list[tuple[int, int, Callable[..., None], Any, int]] = []
        self._count = 0

    @property
    def now_min(self) -> float:
        """Minutes since the start of the simulator; negative in the history."""
        return (self.now_ms - self.start_ms) / MINUTE_MS

    @property
    def first_due_ms(self) -> int | None:
        """When the first thing on the calendar is due."""
        return self._calendar[0][0] if self._calendar else None

    def advance(self, now_ms: int) -> None:
        """Let everything happen in order that is due until `now_ms`; nothing while it is held."""
        if self.is_held:
            return
        calendar = self._calendar
        while calendar and calendar[0][0] <= now_ms:
            at_ms, _, event, subject, stage = heapq.heappop(calendar)
            self.now_ms = max(self.now_ms, at_ms)
            if subject is None:
                event()
            elif stage < 0 or stage == subject.stage:
                event(subject)
        self.now_ms = max(self.now_ms, now_ms)

    def at(self, time_ms: int, event: Callable[[Subject], None], subject: Subject) -> None:
        """Call `event` at a time, unless the subject reached another stage before."""
        self._plan(time_ms, event, subject, subject.stage)

    def always(self, time_ms: int, event: Callable[[Subject], None], subject: Subject) -> None:
        """Call `event` at a time, in any stage of the subject."""
        self._plan(time_ms, event, subject, -1)

    def later(self, time_ms: int, change: Change) -> None:
        """Call something at a time that has no subject."""
        self._plan(time_ms, change, None, -1)

    def void(self, is_gone: Callable[[Any], bool]) -> None:
        """Forget what was to happen to subjects in any stage of theirs."""
        self._calendar[:] = [
            each for each in self._calendar if each[4] >= 0 or not is_gone(each[3])
        ]
        heapq.heapify(self._calendar)

    def _plan(self, time_ms: int, event: Callable[..., None], subject: Any, stage: int) -> None:
        self._count += 1
        heapq.heappush(self._calendar, (time_ms, self._count, event, subject, stage))
