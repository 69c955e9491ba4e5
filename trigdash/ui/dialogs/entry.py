"""Places to type in that leave the key which opened their dialog to the dialog."""

from re import fullmatch

from textual.events import Key, Paste
from textual.screen import Screen
from textual.widgets import Input, TextArea
from typing_extensions import override

from trigdash.ui.widgets.pasting import paste


def opener_of(screen: Screen[object]) -> str | None:
    """The key that opened a dialog; None for other screens."""
    return getattr(screen, "opened_by", None)


class Entry(Input):
    """One line. Characters that it does not take may be keys of its dialog."""

    def on_paste(self, event: Paste) -> None:
        """Several lines become one."""
        event.prevent_default()
        event.stop()
        paste(self, event.text)

    @override
    def check_consume_key(self, key: str, character: str | None) -> bool:
        if key == opener_of(self.screen) or not super().check_consume_key(key, character):
            return False
        return not self.restrict or not character or bool(fullmatch(self.restrict, character))


class Editor(TextArea):
    """Several lines."""

    async def on_key(self, event: Key) -> None:
        """Leave the escape to the dialog: Textual's editor takes it to move the focus on."""
        if event.key == "escape":
            event.prevent_default()

    @override
    def check_consume_key(self, key: str, character: str | None = None) -> bool:
        return key != opener_of(self.screen) and super().check_consume_key(key, character)
