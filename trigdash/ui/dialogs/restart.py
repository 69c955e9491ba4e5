"""Restart from a step: what is kept, what runs again, and the input to start with."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from trigdash.ui.cells import Cell
from trigdash.ui.dialogs.choice import Choice, Choices
from trigdash.ui.dialogs.dialog import Dialog
from trigdash.ui.dialogs.entry import Editor
from trigdash.ui.dialogs.place import Place
from trigdash.ui.json_text import JsonText, json_pretty, read_json
from trigdash.ui.keys import bindings

MAX_INPUT_BYTES = 1_000_000
"""More than anybody edits by hand."""


@dataclass(frozen=True, slots=True)
class NewStart:
    """How to start again: what is laid over the input, None to leave the input as it was."""

    overrides: Mapping[str, object] | None = None


def overrides_of(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, object]:
    """The keys of the top level that were added or changed: the server merges them into the
    input, so the others need not be sent and none can be taken away."""
    missing = object()
    return {key: value for key, value in after.items() if before.get(key, missing) != value}


class RestartForm(Dialog[NewStart]):
    """Says what is kept and lets the input be edited; nothing need be changed."""

    AUTO_FOCUS = "TextArea"
    BINDINGS: ClassVar[list[BindingType]] = bindings("editor")
    DEFAULT_CSS = """
    RestartForm TextArea { height: auto; min-height: 3; max-height: 30vh; }
    """

    def __init__(
        self,
        title: str,
        place: Place,
        lines: Sequence[Cell],
        before: object,
        *,
        opened_by: str | None = None,
    ) -> None:
        super().__init__(title, place, opened_by=opened_by)
        self._lines = lines
        self._before = before if isinstance(before, dict) else {}

    @override
    def compose_frame(self) -> Iterable[Widget]:
        yield Static(self.lines(self._lines), classes="said")
        yield Editor(json_pretty(self._before), id="json", tab_behavior="indent")
        yield Static(classes="hint", id="problem")
        yield Choices(
            Choice("no", "restart nothing", key="esc"),
            Choice("yes", "restart", key="ctrl+s", dangerous=self.place.production),
        )

    def on_mount(self) -> None:
        self._show()

    def _read(self) -> JsonText:
        text = self.query_one(Editor).text
        return read_json(text, must_be_object=True, max_bytes=MAX_INPUT_BYTES)

    def _show(self) -> None:
        read = self._read()
        self.query_one(".choice.-yes", Choice).disabled = read.problem is not None
        if read.problem is not None:
            self.say("#problem", [((read.problem.sentence(), "warn-strong"),)])
        else:
            self.say("#problem", [_said(self._before, read.value)])

    def on_text_area_changed(self) -> None:
        self._show()

    def action_start_over(self) -> None:
        """Bring back the input that the run had."""
        self.query_one(Editor).text = json_pretty(self._before)

    def action_save(self) -> None:
        """Answer with what was typed, when it can be read."""
        read = self._read()
        if read.problem is None and isinstance(read.value, dict):
            self.answer(NewStart(overrides_of(self._before, read.value) or None))

    def on_choice_chosen(self, event: Choice.Chosen) -> None:
        if event.answer == "no":
            self.answer(None)
        else:
            self.action_save()


def _said(before: Mapping[str, object], after: object) -> Cell:
    new = after if isinstance(after, dict) else {}
    laid_over = overrides_of(before, new)
    gone = [key for key in before if key not in new]
    pieces = [(f"laid over the input: {', '.join(laid_over)}  ", "warn")] if laid_over else []
    if gone:
        pieces.append((f"stays, as the server merges: {', '.join(gone)}", "warn-strong"))
    return tuple(pieces) or (("the input stays as it was", "faint"),)
