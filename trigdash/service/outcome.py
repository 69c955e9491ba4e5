"""What became of an action, and what is still under way.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum


class Result(Enum):
    """How an action ended."""

    DONE = "done"
    REFUSED = "refused"
    """It did not happen, and the sentence says why."""
    UNKNOWN = "unknown"
    """The answer was lost: it may have happened, and is not sent again."""


@dataclass(frozen=True, slots=True)
class Made:
    """What an action made, or found to be there."""

    id: str
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one action."""

    verb: str
    """cancel, replay, tag, reschedule, metadata, trigger, retry, restart, pause, resume, limit,
    reset limit, bulk cancel, bulk replay, abort bulk."""
    target: str
    """Id of the run, queue or bulk action; the task's name for a trigger."""
    result: Result
    sentence: str
    """For the user: what happened, or why it did not."""
    at: datetime
    new_id: str | None = None
    """The run (or bulk action) that was made."""
    is_new: bool = True
    """False when nothing was made: `new_id` is the run that an idempotency key stood for."""
    may_retry: bool = False
    """It can be sent again without harm and may well succeed then: no connection, the rate limit,
    or a lost answer of an action that did not take effect."""
    is_busy: bool = False
    """It was refused because the server is at work on too many of its kind: it can be sent again
    when one of them has ended."""
    is_general: bool = False
    """It was refused for a reason that holds for every target: the key, or read-only."""
    details: Mapping[str, object] = field(default_factory=dict)
    """For the action log: how the runs of a bulk were chosen (`chosen_by`, `filter`), and which
    they were (`run_ids`)."""

    @property
    def done(self) -> bool:
        return self.result is Result.DONE


@dataclass(frozen=True, slots=True)
class Pending:
    """An action under way, or done while its effect is still to be seen."""

    verb: str
    target: str
    since: datetime
    answered: bool = False
    """The server said yes; a cancelled run may still take a while to stop."""
    answer_lost: bool = False
    """No answer came; the target is being read to see what became of it."""
