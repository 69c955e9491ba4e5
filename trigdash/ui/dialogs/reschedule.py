"""When a delayed run shall start: what is typed, and the moment it means."""

from collections.abc import Callable, Sequence
from datetime import datetime

from typing_extensions import override

from trigdash.ui.cells import Cell
from trigdash.ui.dialogs.entry import Entry
from trigdash.ui.dialogs.one_line import OneLine
from trigdash.ui.dialogs.place import Place
from trigdash.ui.writing.when import Moment, NotAMoment, hint, moment


class Reschedule(OneLine[Moment]):
    """Asks for a moment; shows it in local time and UTC before anything is sent."""

    ASKED = "start it"
    ACT = "reschedule"

    def __init__(
        self,
        title: str,
        place: Place,
        lines: Sequence[Cell],
        now: Callable[[], datetime],
        *,
        opened_by: str | None = None,
    ) -> None:
        super().__init__(title, place, lines, opened_by=opened_by)
        self._now = now

    @override
    def on_mount(self) -> None:
        # What a phrase such as 10m means moves with the clock. (Textual calls the base's, too.)
        self.set_interval(1.0, self.show_meaning)

    @override
    def entry(self) -> Entry:
        return Entry(placeholder=hint(self._now()))

    @override
    def read(self, typed: str) -> Moment | str:
        try:
            return moment(typed, self._now())
        except NotAMoment as problem:
            return str(problem)

    @override
    def effect(self, meant: Moment) -> Sequence[Cell]:
        local = meant.local()
        return [
            (("local  ", "dim"), (f"{local:%a %Y-%m-%d %H:%M:%S} {local:%Z}", "strong")),
            (("utc    ", "dim"), (f"{meant.at:%a %Y-%m-%d %H:%M:%S}", "text")),
        ]
