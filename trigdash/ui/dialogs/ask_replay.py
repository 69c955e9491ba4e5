"""Replay a run as it was, or with changes."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Literal

from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from trigdash.ui.cells import Cell
from trigdash.ui.dialogs.choice import Choice, Choices
from trigdash.ui.dialogs.dialog import Dialog
from trigdash.ui.dialogs.place import Place
from trigdash.ui.keys import bindings

HowToReplay = Literal["as it was", "with changes"]


class AskReplay(Dialog[HowToReplay]):
    """Asks whether to replay, and whether with changes. The safe answer has the focus."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("agree", "edit")

    def __init__(
        self,
        title: str,
        place: Place,
        lines: Sequence[Cell],
        *,
        can_edit: bool,
        opened_by: str | None = None,
    ) -> None:
        super().__init__(title, place, opened_by=opened_by)
        self._lines = lines
        self._can_edit = can_edit

    @override
    def compose_frame(self) -> Iterable[Widget]:
        yield Static(self.lines(self._lines), classes="said")
        choices = [
            Choice("no", "leave it", key="esc"),
            Choice("yes", "replay", key="y", dangerous=self.place.production),
        ]
        if self._can_edit:
            choices.append(Choice("edit", "edit first …", key="e"))
        yield Choices(*choices)

    def action_agree(self) -> None:
        """Replay it as it was."""
        self.answer("as it was")

    def action_edit(self) -> None:
        """Go on to the form with payload and options."""
        if self._can_edit:
            self.answer("with changes")

    def on_choice_chosen(self, event: Choice.Chosen) -> None:
        if event.answer == "yes":
            self.answer("as it was")
        elif event.answer == "edit":
            self.answer("with changes")
        else:
            self.answer(None)
