"""Metadata of a run in an editor."""

from typing_extensions import override

from trigdash.ui.cells import Cell
from trigdash.ui.dialogs.json_form import JsonForm
from trigdash.ui.writing.json_text import MAX_METADATA_BYTES


class EditMetadata(JsonForm[dict[str, object]]):
    """Edits the metadata of a run; gives the new value, which replaces the old one."""

    MAX_BYTES = MAX_METADATA_BYTES
    SAFE = "change nothing"
    ACT = "replace it"

    @override
    def effect(self, after: dict[str, object]) -> Cell:
        return _changes(self._before, after) or (("unchanged", "faint"),)

    @override
    def result(self, after: dict[str, object]) -> dict[str, object] | None:
        return after if after != self._before else None


def _changes(before: dict[str, object], after: dict[str, object]) -> Cell:
    """How many keys of the top level are added, changed and removed."""
    added = len(after.keys() - before.keys())
    removed = len(before.keys() - after.keys())
    changed = sum(1 for key in after.keys() & before.keys() if after[key] != before[key])
    counts = (("added", added, "good"), ("changed", changed, "warn"), ("removed", removed, "bad"))
    return tuple((f"{count} {word}  ", role) for word, count, role in counts if count)
