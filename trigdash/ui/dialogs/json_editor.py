"""Metadata of a run in an editor."""

from typing_extensions import override

from trigdash.model.json_value import same_json
from trigdash.ui.cells import Cell
from trigdash.ui.dialogs.json_form import JsonForm
from trigdash.ui.writing.json_text import MAX_METADATA_BYTES
from trigdash.ui.writing.metadata_words import effect_cell


class EditMetadata(JsonForm[dict[str, object]]):
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
