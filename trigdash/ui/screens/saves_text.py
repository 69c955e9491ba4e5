"""Screens of lines: what they show is saved as text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from trigdash.ui.input.keys import bindings
from trigdash.ui.screens.base import LiveScreen
from trigdash.ui.widgets.line_list import LineList

if TYPE_CHECKING:
    from pathlib import Path


class SavesText(LiveScreen):
    """A screen whose lines are saved as they are shown; what is hidden stays hidden."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("text")

    def shown_text(self) -> Iterable[str]:
        """The lines that are saved; none while nothing is known."""
        return written(self)

    def action_save_shown(self) -> None:
        """Save what is shown to a file, and say where."""
        self.save_text(self.PLACE, self.shown_text())

    def save_text(self, name: str, lines: Iterable[str]) -> None:
        """Ask for a file, and write lines to it."""
        from trigdash.ui.dialogs.save import SaveText

        text = "\n".join(lines)
        if text.strip():
            self.app.push_screen(SaveText(name, f"{text}\n"), self._show_saved)
        else:
            self.trigdash.toast("there is nothing to save yet")

    def _show_saved(self, path: Path | None) -> None:
        if path is not None:
            self.trigdash.toast(f"saved {path}")


def written(widget: Widget) -> Iterable[str]:
    """All lines within a widget, as text."""
    return [line for listed in widget.query(LineList) for line in listed.written()]
