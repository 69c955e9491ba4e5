"""Tags to add, as chips: each is checked when it is typed, and none is sent until all are."""

from collections.abc import Iterable, Sequence

from textual.events import Key, Paste
from textual.widget import Widget
from textual.widgets import Input, Static
from typing_extensions import override

from trigdash.model.clean import clean
from trigdash.model.tag_text import quoted, split_ended, split_tags
from trigdash.presentation.cell import Cell
from trigdash.presentation.replay_form import MAX_TAGS, TagChips
from trigdash.ui.dialogs.choice import Choice, Choices, Entry
from trigdash.ui.dialogs.dialog import Dialog, EnvironmentLabel
from trigdash.ui.widgets.prompt import paste


class TagEntry(Entry):
    """A line that takes a pasted list, one tag a line, as a whole."""

    @override
    def on_paste(self, event: Paste) -> None:
        """Line ends part tags, as commas do."""
        event.prevent_default()
        event.stop()
        paste(self, ", ".join(event.text.splitlines()))


class AddTagsDialog(Dialog[tuple[str, ...]]):
    """Asks for tags; gives those to add."""

    AUTO_FOCUS = "Input"

    def __init__(
        self,
        title: str,
        place: EnvironmentLabel,
        lines: Sequence[Cell],
        present: tuple[str, ...],
        *,
        opened_by: str | None = None,
    ) -> None:
        super().__init__(title, place, opened_by=opened_by)
        self._lines = lines
        self._chips = TagChips(present)
        self._problem = ""

    @override
    def compose_frame(self) -> Iterable[Widget]:
        yield Static(self.lines(self._lines), classes="said")
        yield Static(classes="hint", id="chips")
        yield TagEntry(placeholder="a tag, then enter", id="tag")
        yield Static(classes="hint", id="problem")
        yield Choices(
            Choice("no", "add nothing", key="esc"),
            Choice("yes", "add them", key="enter", dangerous=self.place.production),
        )

    def on_mount(self) -> None:
        self._show()

    def _show(self) -> None:
        chips: list[tuple[str, str]] = [("tags  ", "dim")]
        chips += [(f"{tag}  ", "dim") for tag in self._chips.present]
        chips += [piece for tag in self._chips.added for piece in ((f"+{tag}", "good"), ("  ", ""))]
        self.set_lines("#chips", [tuple(chips)])
        room = f"room for {self._chips.room} of {MAX_TAGS}; tags cannot be removed later"
        problem: Cell = ((self._problem, "warn-strong"),) if self._problem else ((room, "faint"),)
        self.set_lines("#problem", [problem])
        self.query_one(".choice.-yes", Choice).disabled = not self._chips.added

    def on_input_changed(self) -> None:
        """A comma ends a tag, so that several can be typed or pasted in one go. Reads the line
        itself: when keys come fast, the message is older than the text."""
        self._problem = ""
        ended, rest = split_ended(self.query_one(Entry).value)
        if ended:
            self._take(ended, rest.lstrip())
        self._show()

    def _take(self, typed: str, rest: str = "") -> None:
        """Make chips of a typed text; what is refused stays in the line with the reason."""
        refused: list[str] = []
        try:
            tags = split_tags(typed)
        except ValueError as problem:
            self._problem = str(problem)
            return
        for tag in map(clean, tags):
            reason = self._chips.disabled_reason(tag)
            if reason is None:
                self._chips = self._chips.with_tag(tag)
            else:
                refused.append(tag)
                self._problem = f"{reason}: {tag[:40]}"
        line = self.query_one(Entry)
        with line.prevent(Input.Changed):
            line.value = ", ".join([*map(quoted, refused), *([rest] if rest else [])])
            line.cursor_position = len(line.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter ends a tag; pressed again on an empty line it adds what was listed."""
        line = self.query_one(Entry)
        if line.value.strip():
            self._take(line.value)
            self._show()
            self.hold_last_key(heeds_quick=True)
        elif self._chips.added and not event.value.strip():
            self.answer(self._chips.added)

    def on_key(self, event: Key) -> None:
        line = self.query_one(Entry)
        if event.key == "backspace" and line.has_focus and not line.value and self._chips.added:
            event.stop()
            self._chips = self._chips.without_last()
            self._show()

    def on_choice_chosen(self, event: Choice.Chosen) -> None:
        if event.answer == "no":
            self.answer(None)
            return
        self._take(self.query_one(Entry).value)
        self._show()
        if self._chips.added and not self._problem:
            self.answer(self._chips.added)
