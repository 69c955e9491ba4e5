"""The span of time that a run list is about.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trigdash.model.run_filter import RunFilter

DEFAULT_PERIOD = "7d"
"""Recorded: what a Trigger.dev server looks back when nothing is said. Runs older than that do not
exist for an unfiltered list."""


@dataclass(frozen=True, slots=True)
class RunWindow:
    """From when to when. Nothing set means all of time (`is_default` false)."""

    period: str | None = None
    """Look-back from now, as the API writes it. Beats `since` and `until`."""
    since: datetime | None = None
    until: datetime | None = None
    is_default: bool = False
    """Nobody asked for it: the server's own `DEFAULT_PERIOD`, if it has one, applies silently."""


def window_of(narrowed: RunFilter) -> RunWindow:
    """The window that a filter has as its effect. With only `until` there is no lower bound."""
    if narrowed.period is not None:
        return RunWindow(period=narrowed.period)
    if narrowed.since is not None or narrowed.until is not None:
        return RunWindow(since=narrowed.since, until=narrowed.until)
    return RunWindow(period=DEFAULT_PERIOD, is_default=True)
