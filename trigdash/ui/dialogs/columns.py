"""The picker of columns: which ones a list shows, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static
from typing_extensions import override

from trigdash.presentation.cell import Cell
from trigdash.ui.dialogs.dialog import to_text
from trigdash.ui.input.keys import bindings
from trigdash.ui.lifecycle import Modal
from trigdash.ui.widgets.line_list import LineList


class ColumnLines:
    """The picker's lines: shown columns in their order, then the others."""

    def __init__(self, keys: Sequence[str], shown: Sequence[str]) -> None:
        self.keys = list(keys)
        self.shown = set(shown)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The columns that are shown, in order."""
        return tuple(key for key in self.keys if key in self.shown)

    def __len__(self) -> int:
        return len(self.keys)

    def line(self, index: int, width: int) -> Cell:
        """One column with its mark."""
        key = self.keys[index]
        is_shown = key in self.shown
        mark = ("✓ ", "good") if is_shown else ("  ", "faint")
        return (mark, (key, "text" if is_shown else "dim"))


class ColumnsScreen(Modal[tuple[str, ...] | None]):
    """Asks for columns. Its answer is their keys, empty for the usual ones, None to leave all."""

    DEFAULT_CSS = """
    ColumnsScreen { align: center middle; background: $background 60%; }
    ColumnsScreen > Vertical {
        width: 52; max-width: 96%; height: auto; max-height: 94%; padding: 1 2;
        background: $panel; border: round $border;
        border-title-color: $foreground; border-title-style: bold;
    }
    ColumnsScreen Static { width: 1fr; height: auto; margin: 1 0 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings("columns")
    AUTO_FOCUS: ClassVar[str | None] = "LineList"

    def __init__(self, known: Sequence[str], shown: Sequence[str]) -> None:
        super().__init__()
        others = [key for key in known if key not in shown]
        self._lines = ColumnLines([*shown, *others], shown)

    @override
    def compose(self) -> ComposeResult:
        with Vertical() as frame:
            frame.border_title = Content(" columns ")
            yield LineList(id="columns")
            yield Static()

    def on_mount(self) -> None:
        keys: list[Cell] = [
            (("space", "key"), (" shows or hides   ", "dim"), ("J K", "key"), (" moves   ", "dim"),
             ("U", "key"), (" usual", "dim")),
            (("enter", "key"), (" done   ", "dim"),
             ("esc", "key"), (" leaves all as it was", "dim")),
        ]  # fmt: skip
        self.query_one(Static).update(to_text(self.app, keys))
        listed = self.query_one(LineList)
        listed.styles.height = max(len(self._lines), 1)
        listed.show(self._lines, 0)

    def _show(self, cursor: int) -> None:
        self.query_one(LineList).show(self._lines, cursor)
        self.query_one(LineList).refresh()

    def action_show_or_hide(self) -> None:
        """Show or hide the column under the cursor; one always stays."""
        cursor = self.query_one(LineList).cursor
        key = self._lines.keys[cursor]
        shown = self._lines.shown ^ {key}
        if shown:
            self._lines = ColumnLines(self._lines.keys, tuple(shown))
        self._show(cursor)

    def action_carry(self, step: int) -> None:
        """Move the column under the cursor."""
        keys, cursor = list(self._lines.keys), self.query_one(LineList).cursor
        target = cursor + step
        if 0 <= target < len(keys):
            keys[cursor], keys[target] = keys[target], keys[cursor]
            self._lines = ColumnLines(keys, tuple(self._lines.shown))
            self._show(target)

    def action_usual(self) -> None:
        """The usual columns again."""
        self.dismiss(())

    @on(LineList.Opened)
    def _done(self, message: LineList.Opened) -> None:
        message.stop()
        self.dismiss(self._lines.chosen)

    def action_close(self) -> None:
        """Leave all as it was."""
        self.dismiss(None)
