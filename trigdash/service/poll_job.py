"""What the poller knows of one watched query: what is due, what is asked, what is under way.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.service.queries import Query

Step = Callable[["Backend", Any], Awaitable[Any]]
"""A piece of work on a query's data, such as loading an older page: (backend, data) → data."""


@dataclass(eq=False)
class PollJob:
    """One watched query's task and what it has to do."""

    query: Query[Any]
    task: asyncio.Task[None] | None = None
    wanted: bool = True
    """A poll is due now, whatever the interval says."""
    asked: bool = False
    """That poll was asked for by name and happens although polling is paused."""
    steps: deque[Step] = field(default_factory=deque)
    stirred: asyncio.Event = field(default_factory=asyncio.Event)
    failures: int = 0
    unreachable: bool = False
    absent: bool = False
    """There is no such thing, and there will be none."""
    due_s: float = 0.0
    """When the next poll is due, on the clock's monotonic scale."""
    work: asyncio.Future[Any] | None = None
    """The poll under way; None while there is none, and during a step."""
    work_began_s: float = 0.0
    """When that poll began, on the same scale."""

    @property
    def is_canceled(self) -> bool:
        """Whether somebody canceled its task, whatever swallowed that."""
        return self.task is not None and self.task.cancelling() > 0

    def unanswered_s(self, now_s: float) -> float:
        """Seconds since the poll under way began; 0 when there is none."""
        return now_s - self.work_began_s if self.work is not None else 0.0

    def stir(self, timer: asyncio.Task[None]) -> None:
        """Wake the job when its time has come, and not when the timer was given up."""
        if not timer.cancelled():
            self.stirred.set()
