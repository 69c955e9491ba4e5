"""Restart from a step: what is kept, what runs again, and the input to start with."""

from collections.abc import Mapping
from dataclasses import dataclass

from typing_extensions import override

from trigdash.model.json_value import same_json
from trigdash.ui.cells import Cell
from trigdash.ui.dialogs.json_form import JsonForm

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


class RestartForm(JsonForm[NewStart]):
    """Says what is kept and lets the input be edited; nothing need be changed."""

    MAX_BYTES = MAX_INPUT_BYTES
    SAFE = "restart nothing"
    ACT = "restart"
    DEFAULT_CSS = """
    RestartForm TextArea { height: auto; min-height: 3; max-height: 30vh; }
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
