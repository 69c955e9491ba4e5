"""Tasks that outlive their callers.

A task, and everything that waits in it, holds the context in which it was created. The context of a
screen refers to the screen, so a poll that continues for other watchers would keep a closed screen
in memory. This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import copy_context
from typing import Any

LONGEST_NAME = 120


class Background:
    """Starts tasks in its own context, regardless of the caller's."""

    def __init__(self) -> None:
        self._context = copy_context()

    def start(
        self,
        work: Coroutine[Any, Any, None],
        name: str,
        *on_done: Callable[[asyncio.Task[None]], object],
    ) -> asyncio.Task[None]:
        """Start a task; each of `on_done` gets it once it has ended."""
        context = self._context.copy()
        task = asyncio.create_task(work, name=name[:LONGEST_NAME], context=context)
        for told in on_done:
            task.add_done_callback(told, context=context)
        return task
