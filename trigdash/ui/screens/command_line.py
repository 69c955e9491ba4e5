"""The command line above the footer, and the command palette."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.command import CommandList, CommandPalette
from textual.containers import Horizontal, Vertical
from textual.events import Mount
from textual.widgets import Button, Input, OptionList
from typing_extensions import override

from trigdash.ui.lifecycle import LeftOnce, Modal
from trigdash.ui.widgets.line import Line
from trigdash.ui.widgets.prompt import Check, Complete, Prompt


class CommandLine(Modal[str | None]):
    """Asks for a command; its answer is a valid line, or None."""

    DEFAULT_CSS = """
    CommandLine { background: transparent; align: left bottom; }
    CommandLine > Vertical { height: 3; background: $panel; border-top: solid $border; }
    CommandLine Horizontal { height: 1; }
    CommandLine Horizontal > Line { width: 3; }
    CommandLine Prompt, CommandLine Prompt:focus { background: $panel; }
    """
    AUTO_FOCUS: ClassVar[str | None] = "Prompt"

    def __init__(self, line: str, complete: Complete, check: Check, history: Sequence[str]) -> None:
        super().__init__()
        self._line = line
        self._complete = complete
        self._check = check
        self._history = history

    @override
    def compose(self) -> ComposeResult:
        with Vertical():
            with Horizontal():
                yield RaisedLine(((" : ", "key"),))
                yield Prompt(self._complete, self._check)
            yield RaisedLine(id="command-hint")

    def on_mount(self) -> None:
        self.query_one(Prompt).start_editing(self._line, self._history)

    def on_click(self) -> None:
        """Keep the focus where the typing is."""
        self.query_one(Prompt).focus()

    @on(Prompt.Done)
    def _enter(self, message: Prompt.Done) -> None:
        message.stop()
        self.dismiss(message.line)

    @on(Prompt.Left)
    def _leave(self, message: Prompt.Left) -> None:
        message.stop()
        self.dismiss(None)

    @on(Prompt.Hinted)
    def _hint(self, message: Prompt.Hinted) -> None:
        message.stop()
        self.query_one("#command-hint", Line).show((("   ", "faint"), *message.hint))


class RaisedLine(Line):
    """A line on the raised ground of the footer."""

    GROUND = "raised"


class ActionPalette(CommandPalette, LeftOnce[None]):
    """Textual's palette, with fixes: the original runs a command again for each enter before it is
    gone, and crashes when its list pages without room for a line, or when another screen comes to
    the front before it is mounted."""

    @override
    def _on_mount(self, event: Mount) -> None:
        if self not in self.app.screen_stack[1:]:
            # It looks for the screen below itself.
            event.prevent_default()

    @on(OptionList.OptionSelected)
    @on(Input.Submitted)
    @on(Button.Pressed)
    def _choose_once(
        self, event: OptionList.OptionSelected | Input.Submitted | Button.Pressed
    ) -> None:
        if self.is_left:
            event.stop()
            event.prevent_default()

    @override
    def _action_command_list(self, action: str) -> None:
        if self.query_one(CommandList).scrollable_content_region:
            super()._action_command_list(action)
