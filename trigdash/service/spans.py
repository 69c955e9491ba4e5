"""Durations as text, for sentences: "4 m 06 s", "2 h 55 m", "1 d 00 h"."""

from __future__ import annotations

from datetime import timedelta

_SMALLER = {"d": (3_600, "h"), "h": (60, "m"), "m": (1, "s")}


def span_text(away: timedelta) -> str:
    """A duration in its two largest units; never negative."""
    seconds = max(0, round(away.total_seconds()))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= size:
            whole, rest = divmod(seconds, size)
            part, smaller = _SMALLER[unit]
            return f"{whole} {unit} {rest // part:02} {smaller}"
    return f"{seconds} s"
