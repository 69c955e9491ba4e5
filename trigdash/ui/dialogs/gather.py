"""Reads every run that a filter matches, saying how many; can be left at any time."""

from collections.abc import Awaitable, Callable, Iterable

from textual import work
from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from trigdash.service.gathering import Gathered
from trigdash.ui.cells.units import plural
from trigdash.ui.dialogs.choice import Choice, Choices
from trigdash.ui.dialogs.dialog import Dialog
from trigdash.ui.dialogs.place import Place

Gather = Callable[[Callable[[int], None]], Awaitable[Gathered]]


class GatherRuns(Dialog[Gathered]):
    """Shows the reading of the runs of a filter, and gives them."""

    def __init__(
        self, place: Place, label: str, gather: Gather, *, opened_by: str | None = None
    ) -> None:
        super().__init__("Looking for runs", place, opened_by=opened_by)
        self._label = label
        self._gather = gather

    @override
    def compose_frame(self) -> Iterable[Widget]:
        yield Static(self.lines([(("that match  ", "dim"), (self._label, "text"))]), classes="said")
        yield Static(classes="hint", id="found")
        yield Choices(Choice("no", "stop looking", key="esc"))

    def on_mount(self) -> None:
        self._say_found(0)
        self._read()

    def _say_found(self, number: int) -> None:
        self.say("#found", [((f"{plural(number, 'run')} so far; nothing is sent yet", "text"),)])

    @work(exclusive=True, group="gather")
    async def _read(self) -> None:
        self.answer(await self._gather(self._say_found))

    def on_choice_chosen(self, event: Choice.Chosen) -> None:
        self.answer(None)
