"""Output outside the screen: the terminal's title, and notifications of runs by a rule."""

from __future__ import annotations

from collections.abc import Sequence

from trigdash.model.clean import clean
from trigdash.model.run_row import RunRow
from trigdash.presentation.units import plural

MAX_TITLE = 80


def title(environment: str, failures: int | None) -> str:
    """`trigdash prod · 3 failed`; `failures` is None while nothing is known."""
    words = " ".join(part for part in ("trigdash", clean(environment)) if part)
    if failures:
        words += f" · {failures:,} failed"
    return words[:MAX_TITLE]


def notification(words: str) -> str:
    """What asks a terminal for a notification of its system, in both dialects (OSC 9 and 777). One
    that knows neither passes over it."""
    said = clean(words)
    return f"\x1b]9;{said}\x1b\\\x1b]777;notify;trigdash;{said}\x1b\\"


def told(rows: Sequence[RunRow]) -> str:
    """The notification of runs that newly match a rule; names the newest."""
    first = rows[0]
    words = f"{clean(first.task)} {first.status.word}: {first.id}"
    more = len(rows) - 1
    return f"{words}, and {plural(more, 'more run')}" if more else words
