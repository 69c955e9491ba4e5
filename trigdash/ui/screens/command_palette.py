"""The command palette: Textual's own, in terminals of every size."""

from __future__ import annotations

from textual import on
from textual.command import CommandList, CommandPalette
from textual.widgets import Button, Input, OptionList
from typing_extensions import override

from trigdash.ui.lifecycle import LeftOnce


class Palette(CommandPalette, LeftOnce[None]):
    """Textual's palette runs a command again for each enter that comes before it is gone, and
    ends the program when its list pages where there is no room for a line."""

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
