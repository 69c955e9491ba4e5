"""What the command palette finds, shown as plain text.

Textual's own provider reads names as markup: a branch or a view called `[/x]` ended the program,
and one with `[@click=…]` in it would run what it says.
"""

from __future__ import annotations

from rich.text import Text
from textual.app import SystemCommand
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.markup import escape
from typing_extensions import override

from trigdash.model.clean import clean

_STEP = 1e-6


class PlainHits(Provider):
    """The app's commands."""

    @override
    async def discover(self) -> Hits:
        for command in self._commands():
            name = clean(command.title)
            yield DiscoveryHit(Text(name), command.callback, name, _help(command))

    @override
    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for place, command in enumerate(self._commands()):
            name = clean(command.title)
            score, offsets = matcher.fuzzy_search.match(query, name)
            if score > 0:
                shown = Text(name)
                for offset in offsets:
                    shown.stylize(matcher.match_style.rich_style, offset, offset + 1)
                # Of two that match as well, the one of this screen comes first.
                yield Hit(score - place * _STEP, shown, command.callback, name, _help(command))

    def _commands(self) -> list[SystemCommand]:
        return list(self.app.get_system_commands(self.screen))


def _help(command: SystemCommand) -> str:
    """Textual reads it as markup, whatever is done."""
    return escape(clean(command.help))
