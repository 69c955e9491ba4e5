"""What a dialog is answered with: buttons side by side, and places to type."""

from re import fullmatch
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.events import Click, Key, Paste
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, Static, TextArea
from typing_extensions import override

from trigdash.model.clean import clean
from trigdash.ui.input.keys import bindings
from trigdash.ui.widgets.prompt import paste


class Choice(Static, can_focus=True):
    """One answer: `enter`, a click, or its own key."""

    DEFAULT_CSS = """
    Choice { width: auto; height: 1; padding: 0 1; margin: 0 2 0 0; background: $ground-selected; }
    Choice:focus { background: $accent; color: $background; text-style: bold; }
    Choice.-dangerous { color: $error; }
    Choice.-dangerous:focus { background: $error; color: $background; }
    Choice:nocolor:focus { text-style: reverse bold; }
    Choice:ansi:focus { background: ansi_default; color: ansi_default; text-style: reverse bold; }
    Choice.-dangerous:ansi:focus { color: ansi_red; }
    Choice:disabled { color: $role-faint; background: $ground-raised; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings("answer")

    class Chosen(Message):
        """The user gave this answer."""

        def __init__(self, answer: str) -> None:
            super().__init__()
            self.answer = answer

    def __init__(self, answer: str, words: str, *, key: str = "", dangerous: bool = False) -> None:
        super().__init__(classes=f"choice -{answer}")
        self.answer = answer
        self._words = words
        self._key = key
        self.set_class(dangerous, "-dangerous")

    def set_label(self, words: str) -> None:
        """Change the label."""
        self._words = words
        self._show()

    def on_mount(self) -> None:
        self._show()

    @override
    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self._show()

    def _show(self) -> None:
        """The focus is a mark too: never color alone."""
        label = Text("› " if self.has_focus else "  ").append(clean(self._words))
        if self._key:
            label.append(f"  {self._key}", "dim")
        self.update(label.append(" "))

    def action_choose(self) -> None:
        """Give this answer."""
        self.post_message(self.Chosen(self.answer))

    def on_click(self, event: Click) -> None:
        event.stop()
        self.action_choose()


class Choices(Horizontal):
    """The row of answers; arrows move between them."""

    DEFAULT_CSS = """
    Choices { height: 1; margin: 1 0 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings("answers")

    def __init__(self, *choices: Choice) -> None:
        super().__init__()
        self._choices = choices

    @override
    def compose(self) -> ComposeResult:
        yield from self._choices


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
