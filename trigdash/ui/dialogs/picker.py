"""The picker: a short list over a screen, from which one thing is chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static
from typing_extensions import override

from trigdash.presentation.cell import Cell
from trigdash.presentation.columns import Column
from trigdash.ui.dialogs.dialog import to_text
from trigdash.ui.input.keys import bindings
from trigdash.ui.lifecycle import FollowsTheme, FramedModal
from trigdash.ui.widgets.line_list import LineList

MAX_HEIGHT = 20
"""Lines of a list at most: longer ones scroll."""


@runtime_checkable
class HasMarks(Protocol):
    """An app whose marks can be drawn with ASCII."""

    def toggle_ascii(self) -> None:
        """Draw with ASCII only, or with all marks again."""


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose, and what the answer says of it."""

    value: str
    words: str
    about: str = ""
    is_current: bool = False


class OptionLines:
    """Options as a list wants them, names and explanations aligned."""

    def __init__(self, options: Sequence[Option]) -> None:
        self._options = options
        self._width = max((len(option.words) for option in options), default=0)

    def __len__(self) -> int:
        return len(self._options)

    def line(self, index: int, width: int) -> Cell:
        """One option with its mark."""
        option = self._options[index]
        mark = ("✓ ", "good") if option.is_current else ("  ", "faint")
        return (mark, (f"{option.words:<{self._width}}  ", "text"), (option.about, "dim"))


class Picker(FramedModal[str | None]):
    """Asks for one of some options; answers with its value, or None to leave all as it was."""

    DEFAULT_CSS = """
    Picker > Vertical { width: 52; }
    Picker Static { margin: 1 0 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings("menu")
    AUTO_FOCUS: ClassVar[str | None] = "LineList"
    KEYS: ClassVar[Sequence[Cell]] = ()
    """Hints for additional keys of this kind of picker."""

    def __init__(
        self,
        title: str,
        options: Sequence[Option],
        preview: Callable[[str], None] | None = None,
    ) -> None:
        """`preview` shows what the highlighted option would be like."""
        super().__init__()
        self._title = title
        self._options = options
        self._preview = preview

    @override
    def compose(self) -> ComposeResult:
        with Vertical() as frame:
            frame.border_title = Content(f" {self._title} ")
            yield LineList(id="options")
            yield Static()

    def on_mount(self) -> None:
        self.show_keys()
        listed = self.query_one(LineList)
        listed.styles.height = min(max(len(self._options), 1), MAX_HEIGHT)
        current = next((n for n, one in enumerate(self._options) if one.is_current), 0)
        listed.show(OptionLines(self._options), current)

    def show_keys(self) -> None:
        """Say which keys do what, in the colors of now."""
        usual: Cell = (
            *(("enter", "key"), (" chooses   ", "dim")),
            *(("esc", "key"), (" leaves all as it was", "dim")),
        )
        self.query_one(Static).update(to_text(self.app, [*self.KEYS, usual]))

    @property
    def highlighted(self) -> str:
        """The value of the highlighted option."""
        return self._options[self.query_one(LineList).cursor].value

    @on(LineList.CursorMoved)
    def _cursor_moved(self, message: LineList.CursorMoved) -> None:
        message.stop()
        if self._preview is not None:
            self._preview(self.highlighted)

    @on(LineList.Opened)
    def _opened(self, message: LineList.Opened) -> None:
        message.stop()
        self.dismiss(self.highlighted)

    def action_close(self) -> None:
        """Leave all as it was."""
        self.dismiss(None)


class SortPicker(Picker):
    """Asks for the column to sort by; its own key again takes the next one."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("sort menu")
    KEYS: ClassVar[Sequence[Cell]] = (
        (
            (
                ("s", "key"),
                (" takes the next column   ", "dim"),
                ("S", "key"),
                (" turns round", "dim"),
            )
        ),
    )
    NEXT: ClassVar[str] = "next column"
    REVERSE: ClassVar[str] = "other way round"
    """Answers other than names of columns, which are single words."""

    def action_take_next(self) -> None:
        """Sort by the next column."""
        self.dismiss(self.NEXT)

    def action_turn_round(self) -> None:
        """Turn the order round."""
        self.dismiss(self.REVERSE)


class ThemePicker(Picker, FollowsTheme):
    """Asks for a theme, in the theme that is highlighted."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("theme menu")
    KEYS: ClassVar[Sequence[Cell]] = ((("a", "key"), (" ASCII marks on or off", "dim")),)

    @override
    def take_theme(self) -> None:
        self.show_keys()

    def action_toggle_ascii(self) -> None:
        """Draw with ASCII only, or with all marks."""
        if isinstance(self.app, HasMarks):
            self.app.toggle_ascii()


def sort_options(columns: Sequence[Column[Any]], sort: tuple[str, bool] | None) -> Sequence[Option]:
    """The orders of a list; the present one with its direction."""
    return [
        Option(column.key, column.key, _direction(column.key, sort), _is_by(column.key, sort))
        for column in columns
        if column.is_sortable
    ]


def _is_by(column: str, sort: tuple[str, bool] | None) -> bool:
    return sort is not None and sort[0] == column


def _direction(column: str, sort: tuple[str, bool] | None) -> str:
    if sort is None or sort[0] != column:
        return ""
    return "▼" if sort[1] else "▲"
