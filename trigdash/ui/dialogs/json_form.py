"""A dialog around a JSON editor, which says where the mistake is while it is typed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Generic, TypeVar

from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from trigdash.model.json_text import json_pretty
from trigdash.ui.cells import Cell
from trigdash.ui.dialogs.choice import Choice, Choices
from trigdash.ui.dialogs.dialog import Dialog
from trigdash.ui.dialogs.entry import Editor
from trigdash.ui.dialogs.place import Place
from trigdash.ui.keys import bindings
from trigdash.ui.writing.json_text import read_json

T = TypeVar("T")


class JsonForm(Dialog[T], Generic[T]):
    """Edits a JSON object; what is typed is checked with each key."""

    AUTO_FOCUS = "TextArea"
    BINDINGS: ClassVar[list[BindingType]] = bindings("editor")
    MAX_BYTES: ClassVar[int]
    SAFE: ClassVar[str]
    """The words of the answer that does nothing."""
    ACT: ClassVar[str]

    def __init__(
        self,
        title: str,
        place: Place,
        lines: Sequence[Cell],
        before: object,
        *,
        typed: dict[str, object] | None = None,
        opened_by: str | None = None,
    ) -> None:
        super().__init__(title, place, opened_by=opened_by)
        self._lines = lines
        self._before: dict[str, object] = before if isinstance(before, dict) else {}
        self._typed_before = typed
        """What was typed into a form before this one, to go on with."""

    def effect(self, after: dict[str, object]) -> Cell:
        """What saving this would do, in words."""
        raise NotImplementedError

    def result(self, after: dict[str, object]) -> T | None:
        """The answer for this; None when there is nothing to save."""
        raise NotImplementedError

    @override
    def compose_frame(self) -> Iterable[Widget]:
        yield Static(self.lines(self._lines), classes="said")
        text = self._before if self._typed_before is None else self._typed_before
        yield Editor(json_pretty(text), id="json", tab_behavior="indent")
        yield Static(classes="hint", id="problem")
        yield Choices(
            Choice("no", self.SAFE, key="esc"),
            Choice("yes", self.ACT, key="ctrl+s", dangerous=self.place.production),
        )

    def on_mount(self) -> None:
        self._show()

    def _typed(self) -> dict[str, object] | str:
        """What was typed, or what is wrong with it."""
        text = self.query_one(Editor).text
        read = read_json(text, must_be_object=True, max_bytes=self.MAX_BYTES)
        if read.problem is not None:
            return read.problem.sentence()
        return read.value if isinstance(read.value, dict) else {}

    def _show(self) -> None:
        typed = self._typed()
        can_save = isinstance(typed, dict) and self.result(typed) is not None
        self.query_one(".choice.-yes", Choice).disabled = not can_save
        said = self.effect(typed) if isinstance(typed, dict) else ((typed, "warn-strong"),)
        self.say("#problem", [said])

    def on_text_area_changed(self) -> None:
        self._show()

    def action_start_over(self) -> None:
        """Bring back what stood there at first."""
        self.query_one(Editor).text = json_pretty(self._before)

    def action_save(self) -> None:
        """Answer with what was typed, when it can be read and there is something to save."""
        typed = self._typed()
        if isinstance(typed, dict):
            result = self.result(typed)
            if result is not None:
                self.answer(result)

    def on_choice_chosen(self, event: Choice.Chosen) -> None:
        if event.answer == "no":
            self.answer(None)
        else:
            self.action_save()
