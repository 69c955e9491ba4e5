"""The command palette: Textual's own, in terminals of every size."""

from __future__ import annotations

from textual.command import CommandList, CommandPalette
from typing_extensions import override


class Palette(CommandPalette):
    """Textual's palette ends the program when its list pages where there is no room for a line."""

    @override
    def _action_command_list(self, action: str) -> None:
        if self.query_one(CommandList).scrollable_content_region:
            super()._action_command_list(action)
