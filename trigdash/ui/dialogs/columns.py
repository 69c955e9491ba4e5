"""The picker of columns: which ones a list shows, in which order, and how wide."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static
from typing_extensions import override

from trigdash.presentation.cell import Cell
from trigdash.presentation.columns import WIDTHS, ColumnChoice
from trigdash.ui.dialogs.dialog import to_text
from trigdash.ui.input.keys import bindings
from trigdash.ui.lifecycle import FramedModal
from trigdash.ui.widgets.line_list import LineList


class ColumnLines:
    """The picker's lines: shown columns in their order, then the others, each with its width."""

    def __init__(self, standing: Mapping[str, int], choice: ColumnChoice) -> None:
        self.keys = [*choice.keys, *(key for key in standing if key not in choice.keys)]
        self.shown = set(choice.keys)
        self.widths = dict(choice.widths)
        """Those that somebody set."""
        self.standing = dict(standing)
        """How wide the columns stand in the list, or would."""

    @property
    def choice(self) -> ColumnChoice:
        """What is chosen by now."""
        shown = tuple(key for key in self.keys if key in self.shown)
        return ColumnChoice(shown, dict(self.widths))

    def toggle(self, index: int) -> None:
        """Show a column or hide it; one always stays."""
        self.shown = self.shown ^ {self.keys[index]} or self.shown

    def carry(self, index: int, step: int) -> int:
        """Move a column; where it is then."""
        target = min(max(index + step, 0), len(self.keys) - 1)
        self.keys.insert(target, self.keys.pop(index))
        return target

    def widen(self, index: int, step: int) -> None:
        """Make a column wider than it stands, or narrower, within bounds."""
        key, (least, most) = self.keys[index], WIDTHS
        self.widths[key] = min(max(self.standing[key] + step, least), most)

    def __len__(self) -> int:
        return len(self.keys)

    def line(self, index: int, width: int) -> Cell:
        """One column with its mark and its width."""
        key = self.keys[index]
        is_shown = key in self.shown
        mark = ("✓ ", "good") if is_shown else ("  ", "faint")
        named = f"{key:<{max(map(len, self.keys))}}"
        columns = (f"{self.standing[key]:>4}", "text" if key in self.widths else "faint")
        return (mark, (named, "text" if is_shown else "dim"), columns)


class ColumnsScreen(FramedModal[ColumnChoice | None]):
    """Asks for columns. Its answer is None to leave all as it was."""

    DEFAULT_CSS = """
    ColumnsScreen > Vertical { width: 52; }
    ColumnsScreen Static { margin: 1 0 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings("columns")
    AUTO_FOCUS: ClassVar[str | None] = "LineList"

    def __init__(
        self,
        standing: Mapping[str, int],
        choice: ColumnChoice,
        preview: Callable[[ColumnChoice], Mapping[str, int]],
    ) -> None:
        """`standing` names all columns and how wide they stand. `preview` shows a choice and says
        how wide the columns stand then."""
        super().__init__()
        self._lines = ColumnLines(standing, choice)
        self._preview = preview

    @override
    def compose(self) -> ComposeResult:
        with Vertical() as frame:
            frame.border_title = Content(" columns ")
            yield LineList(id="columns")
            yield Static()

    def on_mount(self) -> None:
        keys: list[Cell] = [
            (("space", "key"), (" shows or hides   ", "dim"), ("J K", "key"), (" moves   ", "dim"),
             ("< >", "key"), (" width", "dim")),
            (("U", "key"), (" usual   ", "dim"), ("enter", "key"), (" done   ", "dim"),
             ("esc", "key"), (" leaves as it was", "dim")),
        ]  # fmt: skip
        self.query_one(Static).update(to_text(self.app, keys))
        listed = self.query_one(LineList)
        listed.styles.height = max(len(self._lines), 1)
        listed.show(self._lines, 0)

    @property
    def _cursor(self) -> int:
        return self.query_one(LineList).cursor

    def _show(self, cursor: int) -> None:
        self._lines.standing.update(self._preview(self._lines.choice))
        self.query_one(LineList).show(self._lines, cursor)

    def action_show_or_hide(self) -> None:
        """Show or hide the column under the cursor; one always stays."""
        self._lines.toggle(self._cursor)
        self._show(self._cursor)

    def action_carry(self, step: int) -> None:
        """Move the column under the cursor."""
        self._show(self._lines.carry(self._cursor, step))

    def action_widen(self, step: int) -> None:
        """Make the column under the cursor wider, or narrower."""
        self._lines.widen(self._cursor, step)
        self._show(self._cursor)

    def action_usual(self) -> None:
        """The usual columns again, as wide as they usually are."""
        self.dismiss(ColumnChoice())

    @on(LineList.Opened)
    def _done(self, message: LineList.Opened) -> None:
        message.stop()
        self.dismiss(self._lines.choice)

    def action_close(self) -> None:
        """Leave all as it was."""
        self.dismiss(None)
