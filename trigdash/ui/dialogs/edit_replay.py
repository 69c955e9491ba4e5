"""A replay with changes: a new run of the same task, with payload and options edited."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import ClassVar

from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from trigdash.presentation.replay_form import FIELDS, FormRead, NewRun, read_form
from trigdash.presentation.replay_start import FormStart
from trigdash.ui.dialogs.choice import Choice, Choices, Editor, Entry
from trigdash.ui.dialogs.dialog import Dialog, EnvironmentLabel
from trigdash.ui.input.keys import bindings


class EditReplayDialog(Dialog[NewRun]):
    """Edits what a new run is made of; gives it when every field can be read."""

    DEFAULT_CSS = """
    EditReplayDialog > .frame { width: 110; height: 94%; }
    EditReplayDialog VerticalScroll { height: 1fr; }
    EditReplayDialog .field { height: 1; }
    EditReplayDialog .name { width: 17; color: $role-dim; }
    EditReplayDialog Entry { width: 1fr; }
    EditReplayDialog Editor { height: 8; margin: 0 0 1 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings("editor")
    AUTO_FOCUS = "Editor"

    def __init__(
        self,
        title: str,
        place: EnvironmentLabel,
        start: FormStart,
        now: Callable[[], datetime],
        *,
        opened_by: str | None = None,
    ) -> None:
        super().__init__(title, place, opened_by=opened_by)
        self._start = start
        self._now = now

    @override
    def compose_frame(self) -> Iterable[Widget]:
        yield Static(self.lines(self._start.lines), classes="said")
        with_fields = VerticalScroll(
            Static("payload", classes="name"),
            Editor(self._start.payload, id="payload", tab_behavior="focus"),
            *(self._field(name, hint) for name, hint in FIELDS.items()),
            can_focus=False,
        )
        yield with_fields
        yield Static(classes="hint", id="problem")
        yield Choices(
            Choice("no", "trigger nothing", key="esc"),
            Choice("yes", "trigger a new run", key="ctrl+s", dangerous=self.place.production),
        )

    def _field(self, name: str, hint: str) -> Widget:
        entry = Entry(self._start.fields.get(name, ""), placeholder=hint, id=_entry_id(name))
        return Horizontal(Static(name, markup=False, classes="name"), entry, classes="field")

    def on_mount(self) -> None:
        self._show()

    def _read(self) -> FormRead:
        typed = {name: self.query_one(f"#{_entry_id(name)}", Entry).value for name in FIELDS}
        payload = self.query_one(Editor).text
        start = self._start
        return read_form(payload, typed, self._now(), is_test=start.is_test, tags=start.tags)

    def _show(self) -> None:
        read = self._read()
        self.query_one(".choice.-yes", Choice).disabled = read.new_run is None
        problems = [
            ((f"{name}: ", "dim"), (problem, "warn-strong"))
            for name, problem in read.problems.items()
        ]
        self.set_lines("#problem", problems[:2] or [(("everything can be sent", "faint"),)])

    def on_input_changed(self) -> None:
        self._show()

    def on_text_area_changed(self) -> None:
        self._show()

    def action_start_over(self) -> None:
        """Bring back what the run was made of."""
        self.query_one(Editor).text = self._start.payload
        for name in FIELDS:
            self.query_one(f"#{_entry_id(name)}", Entry).value = self._start.fields.get(name, "")

    def action_save(self) -> None:
        """Answer with the new run, when every field can be read."""
        read = self._read()
        if read.new_run is not None:
            self.answer(read.new_run)
        else:
            self._show()

    def on_choice_chosen(self, event: Choice.Chosen) -> None:
        if event.answer == "no":
            self.answer(None)
        else:
            self.action_save()


def _entry_id(name: str) -> str:
    return f"entry-{name.replace(' ', '-')}"
