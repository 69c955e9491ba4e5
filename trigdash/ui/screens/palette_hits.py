"""What the command palette offers for the list in front, and finds: shown as plain text.

Textual's own provider reads names as markup: a branch or a view called `[/x]` ended the program,
and one with `[@click=…]` in it would run what it says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from rich.text import Text
from textual.app import SystemCommand
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.markup import escape
from typing_extensions import override

from trigdash.model.clean import clean

if TYPE_CHECKING:
    from textual.dom import DOMNode
    from textual.screen import Screen

    from trigdash.ui.input.keys import Key
    from trigdash.ui.screens.list import ListScreen

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
    """Textual always parses it as markup."""
    return escape(clean(command.help))


def layout_entries(screen: ListScreen | None) -> Iterator[tuple[str, str, Callable[[], Any]]]:
    """Columns and orders of a list."""
    if screen is None:
        return
    on_screen = [column.key for column in screen.table.columns]
    for name, column in screen.all_columns().items():
        is_shown = name in on_screen
        others = [each for each in on_screen if each != name]
        chosen = others if is_shown else [*on_screen, name]
        words = f"{'hide' if is_shown else 'show'} the column {name}"
        yield words, ":columns", partial(screen.choose_columns, chosen)
        if column.is_sortable:
            yield f"sort by {name}", ":sort", partial(screen.sort_by, name, None)


def presser(screen: Screen[Any], key: Key) -> Callable[[], Any]:
    """Do what a key does, where the focus is: a pane or a table may know it, and not the screen."""
    return lambda: screen.app.run_action(key.action, _taker(screen, key.action))


def _taker(screen: Screen[Any], action: str) -> DOMNode:
    name = f"action_{action.partition('(')[0]}"
    above = screen.focused.ancestors_with_self if screen.focused is not None else ()
    return next((node for node in above if hasattr(node, name)), screen)
