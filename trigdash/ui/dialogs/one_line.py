"""A question that is answered with one typed line; what it means is said while it is typed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Generic, TypeVar

from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from trigdash.ui.cells import Cell
from trigdash.ui.dialogs.choice import Choice, Choices
from trigdash.ui.dialogs.dialog import Dialog
from trigdash.ui.dialogs.entry import Entry
from trigdash.ui.dialogs.place import Place

T = TypeVar("T")


class OneLine(Dialog[T], Generic[T]):
    """Asks for a line; gives what it means, as soon as it means something."""

    AUTO_FOCUS = "Entry"
    ASKED: ClassVar[str]
    """What is asked for, in words."""
    ACT: ClassVar[str]
    """The words of the answer that acts."""

    def __init__(
        self, title: str, place: Place, lines: Sequence[Cell], *, opened_by: str | None = None
    ) -> None:
        super().__init__(title, place, opened_by=opened_by)
        self._lines = lines

    def entry(self) -> Entry:
        """The line to type in."""
        raise NotImplementedError

    def read(self, typed: str) -> T | str:
        """What a line means, or why it means nothing."""
        raise NotImplementedError

    def effect(self, meant: T) -> Sequence[Cell]:
        """What will happen, in words."""
        raise NotImplementedError

    @override
    def compose_frame(self) -> Iterable[Widget]:
        yield Static(self.lines(self._lines), classes="said")
        yield Static(self.lines([((self.ASKED, "dim"),)]), classes="hint")
        yield self.entry()
        yield Static(classes="hint", id="meaning")
        yield Choices(
            Choice("no", "leave it", key="esc"),
            Choice("yes", self.ACT, key="enter", dangerous=self.place.production),
        )

    def on_mount(self) -> None:
        self.show_meaning()

    def show_meaning(self) -> None:
        """Say what the line means now."""
        typed = self.query_one(Entry).value
        meant = self.read(typed)
        self.query_one(".choice.-yes", Choice).disabled = isinstance(meant, str)
        if isinstance(meant, str):
            self.say("#meaning", [((meant, "warn" if typed.strip() else "faint"),)])
        else:
            self.say("#meaning", self.effect(meant))

    def on_input_changed(self) -> None:
        self.show_meaning()

    def _answer_if_read(self) -> None:
        meant = self.read(self.query_one(Entry).value)
        if not isinstance(meant, str):
            self.answer(meant)

    def on_input_submitted(self) -> None:
        self._answer_if_read()

    def on_choice_chosen(self, event: Choice.Chosen) -> None:
        if event.answer == "no":
            self.answer(None)
        else:
            self._answer_if_read()
