"""Dialogs answered with one key: yes or no, one of a few, how to replay."""

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Literal

from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from trigdash.presentation.cell import Cell
from trigdash.ui.dialogs.choice import Choice, Choices
from trigdash.ui.dialogs.dialog import Dialog, EnvironmentLabel
from trigdash.ui.input.keys import bindings


class ConfirmDialog(Dialog[bool]):
    """Asks whether to do one thing. The safe answer has the focus; `y` is the other one."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("agree")

    def __init__(
        self,
        title: str,
        place: EnvironmentLabel,
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


class PickDialog(Dialog[str]):
    """Asks which; gives its name. What is picked asks again before anything is sent."""

    def __init__(
        self,
        title: str,
        place: EnvironmentLabel,
        lines: Sequence[Cell],
        choices: Mapping[str, str],
        *,
        safe: str = "nothing",
        opened_by: str | None = None,
    ) -> None:
        """`choices` are names and their labels."""
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


ReplayChoice = Literal["as it was", "with changes"]


class ReplayDialog(Dialog[ReplayChoice]):
    """Asks whether to replay, and whether with changes. The safe answer has the focus."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("agree", "edit")

    def __init__(
        self,
        title: str,
        place: EnvironmentLabel,
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
