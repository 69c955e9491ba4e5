"""The picker of a run list's time window."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from trigdash.model.run_filter import RunFilter
from trigdash.service.filters.description import window_text
from trigdash.service.filters.language import PRESETS, from_to, window_of, with_window
from trigdash.ui.dialogs.picker import Option, Picker

if TYPE_CHECKING:
    from trigdash.ui.screens.list import ListScreen

MOMENTS = "moments"
"""The answer that asks for two moments; the others are windows as a filter line says them."""


def window_options(window: str, now: datetime) -> Sequence[Option]:
    """The options: no window, the presets, and two moments to type; `window` is the present one."""
    presets = [
        (f"since:{preset}", window_text(RunFilter(period=preset), now, None), f"since:{preset}")
        for preset in PRESETS
    ]
    offered = [("", "as far as the list goes", ""), *presets]
    is_other = window not in [value for value, _, _ in offered]
    moments = Option(MOMENTS, "from … to …", window if is_other else "", is_other)
    return [*(Option(*each, each[0] == window) for each in offered), moments]


def pick_window(screen: ListScreen, now: datetime) -> None:
    """Ask for a window, and narrow the list to it."""
    shown = next(iter(screen.filter_lines()))

    def picked(answer: str | None) -> None:
        if answer == MOMENTS:
            shown.edit(with_window(shown.line, window_of(shown.line) or from_to(now)))
        elif answer is not None:
            screen.apply_line(with_window(shown.line, answer))

    screen.app.push_screen(
        Picker("time window", window_options(window_of(shown.line), now)), picked
    )
