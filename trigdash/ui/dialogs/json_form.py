"""Dialogs around a JSON editor: metadata, and the input of a restart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from trigdash.model.json_text import json_pretty
from trigdash.model.json_walk import same_json
from trigdash.presentation.cell import Cell
from trigdash.presentation.json_text import MAX_METADATA_BYTES, effect_cell, read_json
from trigdash.ui.dialogs.choice import Choice, Choices, Editor
from trigdash.ui.dialogs.dialog import Dialog, EnvironmentLabel
from trigdash.ui.input.keys import bindings

T = TypeVar("T")


class JsonDialog(Dialog[T], Generic[T]):
    """Edits a JSON object; what is typed is checked with each key."""

    AUTO_FOCUS = "TextArea"
    BINDINGS: ClassVar[list[BindingType]] = bindings("editor")
    MAX_BYTES: ClassVar[int]
    SAFE: ClassVar[str]
    """The label of the choice that does nothing."""
    ACT: ClassVar[str]

    def __init__(
        self,
        title: str,
        place: EnvironmentLabel,
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
        """Text that was typed into an earlier form, as a start."""

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
            return read.problem.message()
        return read.value if isinstance(read.value, dict) else {}

    def _show(self) -> None:
        typed = self._typed()
        can_save = isinstance(typed, dict) and self.result(typed) is not None
        self.query_one(".choice.-yes", Choice).disabled = not can_save
        said = self.effect(typed) if isinstance(typed, dict) else ((typed, "warn-strong"),)
        self.set_lines("#problem", [said])

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


class EditMetadataDialog(JsonDialog[dict[str, object]]):
    """Edits the metadata of a run; gives what they are to be."""

    MAX_BYTES = MAX_METADATA_BYTES
    SAFE = "change nothing"
    ACT = "save the changes"

    @override
    def effect(self, after: dict[str, object]) -> Cell:
        return effect_cell(self._before, after)

    @override
    def result(self, after: dict[str, object]) -> dict[str, object] | None:
        return None if same_json(after, self._before) else after


MAX_INPUT_BYTES = 1_000_000
"""More than anybody edits by hand."""


@dataclass(frozen=True, slots=True)
class NewStart:
    """How to start again: what is laid over the input, None to leave the input as it was."""

    overrides: Mapping[str, object] | None = None


def overrides_of(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, object]:
    """The keys of the top level that were added or changed: the server merges them into the
    input, so the others need not be sent and none can be taken away."""
    return {
        key: value
        for key, value in after.items()
        if key not in before or not same_json(before[key], value)
    }


class RestartDialog(JsonDialog[NewStart]):
    """Says what is kept and lets the input be edited; nothing need be changed."""

    MAX_BYTES = MAX_INPUT_BYTES
    SAFE = "restart nothing"
    ACT = "restart"
    DEFAULT_CSS = """
    RestartDialog TextArea { height: auto; min-height: 3; max-height: 30vh; }
    """

    @override
    def effect(self, after: dict[str, object]) -> Cell:
        return _said(self._before, after)

    @override
    def result(self, after: dict[str, object]) -> NewStart:
        return NewStart(overrides_of(self._before, after) or None)


def _said(before: Mapping[str, object], after: object) -> Cell:
    new = after if isinstance(after, dict) else {}
    laid_over = overrides_of(before, new)
    gone = [key for key in before if key not in new]
    pieces = [(f"laid over the input: {', '.join(laid_over)}  ", "warn")] if laid_over else []
    if gone:
        pieces.append((f"stays, as the server merges: {', '.join(gone)}", "warn-strong"))
    return tuple(pieces) or (("the input stays as it was", "faint"),)
