"""Time windows of a filter line: the usual ones, and the same line with another window."""

from __future__ import annotations

from datetime import datetime, timedelta

from trigdash.service.filters.language import tokens

PRESETS = ("15m", "1h", "6h", "24h", "3d", "7d", "30d")
"""Look-backs to choose from, as the filter line writes them."""

_WINDOW_FIELDS = frozenset({"since", "from", "to"})


def window_of(line: str) -> str:
    """The part of a filter line that says its window; empty where it says none."""
    return " ".join(line[t.start : t.end] for t in tokens(line) if t.field in _WINDOW_FIELDS)


def with_window(line: str, window: str) -> str:
    """A filter line narrowed to another window, such as `since:1h`; empty for none at all."""
    kept = [line[t.start : t.end] for t in tokens(line) if t.field not in _WINDOW_FIELDS]
    return " ".join(filter(None, (*kept, window)))


def from_to(now: datetime) -> str:
    """A window of two moments to begin an edit with: the hour that ends now."""
    start = now - timedelta(hours=1)
    return f"from:{start:%Y-%m-%dT%H:%M} to:{now:%Y-%m-%dT%H:%M}"
