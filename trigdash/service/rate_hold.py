"""Holding all polling while the rate limit that everybody shares is nearly spent.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from trigdash.service.store import Problem, Snapshot

if TYPE_CHECKING:
    from trigdash.backends.base import RateBudget

HELD = "RateHeld"
"""The `kind` of the problem that polling is held: to spare the rate limit, or since the server
takes no request for now."""

HELD_SENTENCE = "polling is held: less than a tenth of the rate limit is left"

PROBE_S = 15.0
"""Seconds between looks at the rate limit when the server does not say when it refills."""


class RateHold:
    """Whether polls may go, by the rate budget of the last answer.

    Past the reset the bucket has refilled, but only an answer can tell by how much: then one poll
    may probe, and the others wait for its answer.
    """

    def __init__(self) -> None:
        self._probe_at: datetime | None = None

    def until(self, budget: RateBudget, now: datetime) -> datetime | None:
        """When polling goes on; None when it does now. Ask once for each poll."""
        if not budget.stopped:
            self._probe_at = None
            return None
        later = now + timedelta(seconds=PROBE_S)
        if self._probe_at is None:
            reset_is_ahead = budget.resets_at is not None and budget.resets_at > now
            self._probe_at = budget.resets_at if reset_is_ahead else later
        if self._probe_at is not None and now < self._probe_at:
            return self._probe_at
        self._probe_at = later
        return None

    def ended(self, budget: RateBudget) -> bool:
        """Whether polls have been held and need not be any more."""
        return self._probe_at is not None and not budget.stopped


def held_problem(known: Snapshot[object], because: str, until: datetime, now: datetime) -> Problem:
    """The problem to show while polling is held; the known one where it says so already."""
    problem = known.problem
    since = problem.since if problem else now
    held = Problem(because, since, until, HELD)
    return problem if problem == held else held
