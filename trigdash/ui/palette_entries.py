"""Entries of the palette that the list in front offers, and what choosing a key does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.dom import DOMNode
    from textual.screen import Screen

    from trigdash.ui.input.keys import Key
    from trigdash.ui.screens.list import ListScreen


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
