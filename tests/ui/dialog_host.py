"""The smallest app that a dialog can stand on: it keeps every answer it was given."""

from typing import Any, ClassVar

from textual.binding import BindingType
from textual.screen import ModalScreen

from trigdash.ui.input.key_order import KeyOrder
from trigdash.ui.theme.paint import THEMES


class DialogHost(KeyOrder):
    """Opens a dialog for each press of the capital C, and counts what it was answered."""

    BINDINGS: ClassVar[list[BindingType]] = [("C", "ask")]

    def __init__(self, make: Any) -> None:
        super().__init__()
        self._make = make
        self.answers: list[Any] = []
        self.asked = 0
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name

    def action_ask(self) -> None:
        self.asked += 1
        dialog: ModalScreen[Any] = self._make()
        self.push_screen(dialog, self.answers.append)
