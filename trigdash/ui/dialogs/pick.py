"""One of a few things to do, the safe one first."""

from collections.abc import Iterable, Mapping, Sequence

from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from trigdash.ui.cells import Cell
from trigdash.ui.dialogs.choice import Choice, Choices
from trigdash.ui.dialogs.dialog import Dialog
from trigdash.ui.dialogs.place import Place


class Pick(Dialog[str]):
    """Asks which; gives its name. What is picked asks again before anything is sent."""

    def __init__(
        self,
        title: str,
        place: Place,
        lines: Sequence[Cell],
        choices: Mapping[str, str],
        *,
        safe: str = "nothing",
        opened_by: str | None = None,
    ) -> None:
        """`choices` are names and their words."""
        super().__init__(title, place, opened_by=opened_by)
        self._lines = lines
        self._choices = choices
        self._safe = safe

    @override
    def compose_frame(self) -> Iterable[Widget]:
        yield Static(self.lines(self._lines), classes="said")
        yield Choices(
            Choice("no", self._safe, key="esc"),
            *(Choice(name, words) for name, words in self._choices.items()),
        )

    def on_choice_chosen(self, event: Choice.Chosen) -> None:
        self.answer(None if event.answer == "no" else event.answer)
