"""Every key of a screen, made from the same table that binds them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static
from typing_extensions import override

from trigdash.presentation.cell import EMPTY, Cell, wrap_cell
from trigdash.service.filters.language import FIELDS, supports
from trigdash.ui.dialogs.dialog import to_text
from trigdash.ui.input.commands import COMMANDS
from trigdash.ui.input.keys import GROUPS, bindings, display, keymap, stand_in
from trigdash.ui.lifecycle import Modal

if TYPE_CHECKING:
    from trigdash.service.session import Session

KEY_WIDTH = 20
WIDTH = 76
"""Columns of the dialog, where there are so many."""
_BORDERS = 2 + 4 + 2
"""What frame, padding and scroll bar take of it."""


class HelpScreen(Modal[None]):
    """Keys by group, the fields of the filter, and the commands."""

    DEFAULT_CSS = f"""
    HelpScreen {{ align: center middle; background: $background 60%; }}
    HelpScreen > VerticalScroll {{
        width: {WIDTH}; max-width: 96%; height: auto; max-height: 92%; padding: 1 2;
        background: $panel; border: round $border;
        border-title-color: $foreground; border-title-style: bold;
        border-subtitle-color: $role-faint;
    }}
    HelpScreen Static {{ width: 1fr; height: auto; }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("dialog"),
        ("j", "scroll(1)"),
        ("k", "scroll(-1)"),
        ("space", "scroll(10)"),
        ("G,end", "scroll(1000)"),
        ("g,home", "scroll(-1000)"),
    ]

    def __init__(self, groups: Sequence[str], session: Session) -> None:
        super().__init__()
        self._groups = groups
        self._changed = keymap(session.settings.keys)
        self._missing = session.disabled_reason
        self._narrowing = session.settings.supported_filters

    @override
    def compose(self) -> ComposeResult:
        with VerticalScroll() as frame:
            frame.border_title = Content("keys")
            frame.border_subtitle = Content("j k scroll · esc closes")
            yield Static(id="help-lines")

    def on_resize(self) -> None:
        """Words that are too long for the width go on below themselves."""
        room = min(WIDTH, self.size.width * 96 // 100) - _BORDERS
        indent = KEY_WIDTH + 2
        lines = (row for line in self.lines() for row in wrap_cell(line, room, indent=indent))
        self.query_one("#help-lines", Static).update(to_text(self.app, lines))

    def lines(self) -> Iterable[Cell]:
        """What the help says."""
        for group in self._groups:
            listed = list(self._group_lines(group))
            if listed:
                yield from (((group.upper(), "title"),), *listed, EMPTY)
        yield ((("FILTER"), "title"),)
        yield from (self._field_line(name, words) for name, words in FIELDS.items())
        yield _entry("any other word", "is looked for in what is loaded")
        yield EMPTY
        yield ((("COMMANDS"), "title"),)
        for command in COMMANDS:
            takes = f" <{command.takes}>" if command.takes else ""
            yield _entry(f":{command.name}{takes}", command.help)

    def _field_line(self, name: str, words: str) -> Cell:
        if supports(self._narrowing, name):
            return _entry(f"{name}:", words)
        return _entry(f"{name}:", "", f"{self._narrowing.system} cannot filter by it")

    def _group_lines(self, group: str) -> Iterable[Cell]:
        for listed in GROUPS[group]:
            key = stand_in(listed, self._missing)
            keys = self._changed.get(key.id, key.keys).split(",")
            reason = self._missing(key.needs) if key.needs else ""
            yield _entry(" ".join(map(display, keys)), key.help or key.words, reason)

    def action_close(self) -> None:
        """Close the help."""
        self.dismiss(None)

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)


def _entry(key: str, words: str, reason: str = "") -> Cell:
    """A key and what it does, or why it does nothing here."""
    if reason:
        said = ": ".join(filter(None, (words, reason)))
        return ((f"  {key:<{KEY_WIDTH}}{said}", "faint"),)
    return ((f"  {key:<{KEY_WIDTH}}", "key"), (words, "text"))
