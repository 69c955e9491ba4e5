"""The last words of a program that failed: a traceback without the values of variables.

Textual's own prints locals, and so prints keys that happen to be in one.
"""

from __future__ import annotations

import sys

from rich.console import Group
from rich.segment import Segments
from rich.text import Text
from textual.app import App
from textual.worker import WorkerFailed
from typing_extensions import override

from trigdash.ui.safe_output import safe_segments

MAX_FRAMES = 20
"""Frames at either end: rendering a deep recursion in full was measured to take a minute."""


LAST_WORDS = "trigdash stopped on an error of its own."


class QuietCrash(App[int]):
    """An app whose crash shows where it failed and not with what."""

    @override
    def _fatal_error(self) -> None:
        """Replaces a private method of Textual's App: it offers no public way."""
        from rich.traceback import Traceback  # slow to import, and hopefully never needed

        self.bell()
        error = self._exception or sys.exception()
        if isinstance(error, WorkerFailed):
            error = error.error
        if error is None:
            return
        traceback = Traceback.from_exception(
            type(error),
            error,
            error.__traceback__,
            show_locals=False,
            width=100,
            max_frames=MAX_FRAMES,
            suppress=["textual", "rich"],
        )
        said = self.console.render(Group(traceback, Text(LAST_WORDS)), self.console.options)
        # An error's own words may quote data.
        self._exit_renderables.append(Segments(safe_segments(said)))
        self._close_messages_no_wait()
