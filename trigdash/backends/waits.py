"""Waits of requests, told to whoever wants to know: at the rate gate, and before another try.

This module is imported before the first frame: standard library only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

OnWait = Callable[[float, str], None]
"""Hears how many seconds a request waits and why; then 0 and nothing, when it goes on."""

on_wait: ContextVar[OnWait | None] = ContextVar("on_wait", default=None)
"""Who hears of waits in this context. The dashboard shows the budget instead, and hears nothing."""


@contextmanager
def told_wait(seconds: float, why: str) -> Iterator[None]:
    """Tell of a wait that lasts as long as the block."""
    hear = on_wait.get()
    if hear is not None:
        hear(seconds, why)
    try:
        yield
    finally:
        if hear is not None:
            hear(0.0, "")
