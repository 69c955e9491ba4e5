"""The filter of a list: shown as text, edited in place, explained before anything is sent."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.message import Message
from typing_extensions import override

from trigdash.presentation.cell import EMPTY, Cell, Piece
from trigdash.ui.lifecycle import Whole
from trigdash.ui.widgets.line import Line
from trigdash.ui.widgets.prompt import Check, Complete, Prompt

MAX_HISTORY = 100
"""Lines remembered while the program runs."""


class FilterLine(Whole, can_focus=False):
    """`/` and the filter; while it is edited, a second line says what may come next."""

    DEFAULT_CSS = """
    FilterLine {
        height: auto; layout: grid; grid-size: 2; grid-columns: 3 1fr; grid-rows: 1;
    }
    FilterLine > .shown, FilterLine > .hint { column-span: 2; }
    FilterLine.-editing > .shown { display: none; }
    """

    class Entered(Message):
        """A valid filter line was entered."""

        def __init__(self, line: str) -> None:
            super().__init__()
            self.line = line

    class Left(Message):
        """Editing ended; the focus is free."""

    def __init__(self, complete: Complete, check: Check, example: str) -> None:
        super().__init__(id="filter")
        self._check = check
        self._complete = complete
        self._example = example
        self._line = ""
        self._note: Cell = EMPTY
        self._lines: list[str] = []
        self._prompt: Prompt | None = None

    @override
    def compose(self) -> ComposeResult:
        yield Line(id="filter-shown").add_class("shown")

    def on_mount(self) -> None:
        self._show()

    def show(self, line: str, note: Cell = EMPTY, example: str | None = None) -> None:
        """Show a filter, with a note at the right. `example` is what an empty one says from now
        on."""
        told = (line, note, example or self._example)
        if told != (self._line, self._note, self._example):
            self._line, self._note, self._example = told
            self._show()

    @property
    def line(self) -> str:
        """The filter that is shown."""
        return self._line

    def problem_of(self, line: str) -> str | None:
        """What is wrong with a filter, in words; None when it can be entered."""
        return self._check(line)

    def on_click(self) -> None:
        """Edit the filter."""
        if not self.is_editing:
            self.edit()

    @property
    def is_editing(self) -> bool:
        """Whether the line is being edited."""
        return self.has_class("-editing")

    def edit(self, line: str | None = None) -> None:
        """Edit the filter; `line` is what to begin with instead of it."""
        if self._prompt is None:
            self._prompt = self._mount_prompt()
        self.add_class("-editing")
        self._show_prompt(True)
        begun = f"{self._line} " if self._line else ""
        self._prompt.start_editing(begun if line is None else line, self._lines)

    def _show_prompt(self, shown: bool) -> None:
        for widget in self.query(".slash, Prompt, .hint"):
            widget.display = shown

    def _mount_prompt(self) -> Prompt:
        """The line to edit and its hint; made when first wanted, to keep the first frame early."""
        prompt = Prompt(self._complete, self._check, id="filter-prompt")
        slash = Line(((" / ", "key"),)).add_class("slash")
        self.mount(slash, prompt, Line(id="filter-hint").add_class("hint"))
        return prompt

    def _show(self) -> None:
        if self.is_attached:
            self.query_one("#filter-shown", Line).show(self._cell(), self._note)

    def _cell(self) -> Cell:
        if not self._line:
            return ((" / ", "faint"), (self._example, "faint"))
        pieces: list[Piece] = [(" / ", "key")]
        for word in self._line.split(" "):
            name, colon, value = word.partition(":")
            if colon and name.isalpha():
                pieces += [(f"{name}:", "dim"), (f"{value} ", "strong")]
            else:
                pieces.append((f"{word} ", "strong"))
        return tuple(pieces)

    @on(Prompt.Done)
    def _enter(self, message: Prompt.Done) -> None:
        message.stop()
        if message.line and message.line not in self._lines[-1:]:
            self._lines = [*self._lines, message.line][-MAX_HISTORY:]
        self._stop_editing()
        self.post_message(self.Entered(message.line))

    @on(Prompt.Left)
    def _leave(self, message: Prompt.Left) -> None:
        message.stop()
        self._stop_editing()

    def _stop_editing(self) -> None:
        self.remove_class("-editing")
        self._show_prompt(False)
        self.post_message(self.Left())

    @on(Prompt.Hinted)
    def _hint(self, message: Prompt.Hinted) -> None:
        message.stop()
        self.query_one("#filter-hint", Line).show((("   ", "faint"), *message.hint))
