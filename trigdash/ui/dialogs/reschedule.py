"""When a delayed run shall start: what is typed, and the moment it means."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from trigdash.ui.cells import Cell
from trigdash.ui.dialogs.choice import Choice, Choices
from trigdash.ui.dialogs.dialog import Dialog
from trigdash.ui.dialogs.entry import Entry
from trigdash.ui.dialogs.place import Place
from trigdash.ui.writing.when import HINT, Moment, NotAMoment, moment


class Reschedule(Dialog[Moment]):
    """Asks for a moment; shows it in local time and UTC before anything is sent."""

    AUTO_FOCUS = "Input"

    def __init__(
        self,
        title: str,
        place: Place,
        lines: Sequence[Cell],
        now: Callable[[], datetime],
        *,
        opened_by: str | None = None,
    ) -> None:
        super().__init__(title, place, opened_by=opened_by)
        self._lines = lines
        self._now = now

    @override
    def compose_frame(self) -> Iterable[Widget]:
        yield Static(self.lines(self._lines), classes="said")
        yield Static(self.lines([(("start it", "dim"),)]), classes="hint")
        yield Entry(placeholder=HINT, id="when")
        yield Static(classes="hint", id="meaning")
        yield Choices(
            Choice("no", "leave it", key="esc"),
            Choice("yes", "reschedule", key="enter", dangerous=self.place.production),
        )

    def on_mount(self) -> None:
        self.set_interval(1.0, self._show)
        self._show()

    def _meant(self) -> Moment | str:
        """The moment typed, or why there is none."""
        try:
            return moment(self.query_one(Entry).value, self._now())
        except NotAMoment as problem:
            return str(problem)

    def _show(self) -> None:
        typed = self.query_one(Entry).value
        meant = self._meant()
        self.query_one(".choice.-yes", Choice).disabled = isinstance(meant, str)
        if isinstance(meant, str):
            self.say("#meaning", [((meant, "warn" if typed.strip() else "faint"),)])
            return
        local = meant.local()
        self.say(
            "#meaning",
            [
                (("local  ", "dim"), (f"{local:%a %Y-%m-%d %H:%M:%S} {local:%Z}", "strong")),
                (("utc    ", "dim"), (f"{meant.at:%a %Y-%m-%d %H:%M:%S}", "text")),
            ],
        )

    def on_input_changed(self) -> None:
        self._show()

    def _confirm(self) -> None:
        meant = self._meant()
        if isinstance(meant, Moment):
            self.answer(meant)

    def on_input_submitted(self) -> None:
        self._confirm()

    def on_choice_chosen(self, event: Choice.Chosen) -> None:
        if event.answer == "no":
            self.answer(None)
        else:
            self._confirm()
