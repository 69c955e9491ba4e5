"""The span of time that a run list is about.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trigdash.backends.base import Reach
    from trigdash.model.run_filter import RunFilter


@dataclass(frozen=True, slots=True)
class RunWindow:
    """From when to when. Nothing set means all of time (`is_default` false)."""

    period: str | None = None
    """Look-back from now, as the API writes it. Beats `since` and `until`."""
    since: datetime | None = None
    until: datetime | None = None
    is_default: bool = False
    """Nobody asked for it: the system's own look-back, if it has one, applies silently."""
    newest: int | None = None
    """The most runs that the system tells of, whatever the time."""


def window_of(narrowed: RunFilter, reach: Reach) -> RunWindow:
    """The window that a filter has as its effect on a system of this reach. With only `until`
    there is no lower bound."""
    if narrowed.period is not None:
        return RunWindow(period=narrowed.period, newest=reach.newest)
    if narrowed.since is not None or narrowed.until is not None:
        return RunWindow(since=narrowed.since, until=narrowed.until, newest=reach.newest)
    return RunWindow(period=reach.period, is_default=True, newest=reach.newest)
