"""Tasks that outlive their callers.

A task, and whatever waits in it, holds the context that it was created in. That of a screen names
the screen, so a poll that goes on for others would keep a closed screen in memory. This module is
imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import copy_context
from typing import Any

LONGEST_NAME = 120


class Background:
    """Starts tasks in the context that it was made in itself, whoever asks for them."""

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
