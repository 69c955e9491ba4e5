"""Places to type in that leave the key which opened their dialog to the dialog."""

from textual.screen import Screen
from textual.widgets import Input, TextArea
from typing_extensions import override


def opener_of(screen: Screen[object]) -> str | None:
    """The key that opened a dialog; None for other screens."""
    return getattr(screen, "opened_by", None)


class Entry(Input):
    """One line."""

    @override
    def check_consume_key(self, key: str, character: str | None) -> bool:
        return key != opener_of(self.screen) and super().check_consume_key(key, character)


class Editor(TextArea):
    """Several lines."""

    @override
    def check_consume_key(self, key: str, character: str | None = None) -> bool:
        return key != opener_of(self.screen) and super().check_consume_key(key, character)
