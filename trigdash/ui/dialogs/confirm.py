"""Yes or no, to something that is said in full."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from trigdash.ui.cells import Cell
from trigdash.ui.dialogs.choice import Choice, Choices
from trigdash.ui.dialogs.dialog import Dialog
from trigdash.ui.dialogs.place import Place
from trigdash.ui.keys import bindings


class Confirm(Dialog[bool]):
    """Asks whether to do one thing. The safe answer has the focus; `y` is the other one."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("agree")

    def __init__(
        self,
        title: str,
        place: Place,
        lines: Sequence[Cell],
        *,
        safe: str,
        act: str,
        opened_by: str | None = None,
    ) -> None:
        super().__init__(title, place, opened_by=opened_by)
        self._lines = lines
        self._safe = safe
        self._act = act

    @override
    def compose_frame(self) -> Iterable[Widget]:
        yield Static(self.lines(self._lines), classes="said")
        yield Choices(
            Choice("no", self._safe, key="esc"),
            Choice("yes", self._act, key="y", dangerous=self.place.production),
        )

    def action_agree(self) -> None:
        """Do it."""
        self.answer(True)

    def on_choice_chosen(self, event: Choice.Chosen) -> None:
        self.answer(True if event.answer == "yes" else None)
