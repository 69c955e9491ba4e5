"""A JSON editor that says where the mistake is while it is typed."""

from collections.abc import Iterable, Sequence
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
from trigdash.ui.json_text import MAX_METADATA_BYTES, JsonText, json_pretty, read_json
from trigdash.ui.keys import bindings


class EditMetadata(Dialog[dict[str, object]]):
    """Edits the metadata of a run; gives the new value, which replaces the old one."""

    AUTO_FOCUS = "TextArea"
    BINDINGS: ClassVar[list[BindingType]] = bindings("editor")

    def __init__(
        self,
        title: str,
        place: Place,
        lines: Sequence[Cell],
        metadata: object,
        *,
        opened_by: str | None = None,
    ) -> None:
        super().__init__(title, place, opened_by=opened_by)
        self._lines = lines
        self._before = metadata if isinstance(metadata, dict) else {}

    @override
    def compose_frame(self) -> Iterable[Widget]:
        yield Static(self.lines(self._lines), classes="said")
        yield Editor(json_pretty(self._before), id="json", tab_behavior="indent")
        yield Static(classes="hint", id="problem")
        yield Choices(
            Choice("no", "change nothing", key="esc"),
            Choice("yes", "replace it", key="ctrl+s", dangerous=self.place.production),
        )

    def on_mount(self) -> None:
        self._show()

    def _read(self) -> JsonText:
        text = self.query_one(Editor).text
        return read_json(text, must_be_object=True, max_bytes=MAX_METADATA_BYTES)

    def _show(self) -> None:
        read = self._read()
        same = read.problem is None and read.value == self._before
        self.query_one(".choice.-yes", Choice).disabled = read.problem is not None or same
        if read.problem is not None:
            self.say("#problem", [((read.problem.sentence(), "warn-strong"),)])
        elif same:
            self.say("#problem", [(("unchanged", "faint"),)])
        else:
            self.say("#problem", [_changes(self._before, read.value)])

    def on_text_area_changed(self) -> None:
        self._show()

    def action_start_over(self) -> None:
        """Bring back what the run has now."""
        self.query_one(Editor).text = json_pretty(self._before)

    def action_save(self) -> None:
        """Answer with what was typed, when it can be read and differs."""
        read = self._read()
        if read.problem is None and isinstance(read.value, dict) and read.value != self._before:
            self.answer(read.value)

    def on_choice_chosen(self, event: Choice.Chosen) -> None:
        if event.answer == "no":
            self.answer(None)
        else:
            self.action_save()


def _changes(before: dict[str, object], after: object) -> Cell:
    """How many keys of the top level are added, changed and removed."""
    new = after if isinstance(after, dict) else {}
    added = len(new.keys() - before.keys())
    removed = len(before.keys() - new.keys())
    changed = sum(1 for key in new.keys() & before.keys() if new[key] != before[key])
    counts = (("added", added, "good"), ("changed", changed, "warn"), ("removed", removed, "bad"))
    return tuple((f"{count} {word}  ", role) for word, count, role in counts if count)
