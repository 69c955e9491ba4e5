"""Notifications of waiting requests: at the rate gate, and before another try.

This module is imported before the first frame: standard library only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

OnWait = Callable[[float, str], None]
"""Called with the seconds that a request waits and the reason, then with 0 and an empty text when
it continues."""

on_wait: ContextVar[OnWait | None] = ContextVar("on_wait", default=None)
"""The listener of this context. The dashboard shows the budget instead, and has none."""


@contextmanager
def told_wait(seconds: float, why: str) -> Iterator[None]:
    """Report a wait that lasts as long as the block."""
    hear = on_wait.get()
    if hear is not None:
        hear(seconds, why)
    try:
        yield
    finally:
        if hear is not None:
            hear(0.0, "")
