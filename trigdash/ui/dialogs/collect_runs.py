"""Reads every run that a filter matches, saying how many; can be left at any time."""

from collections.abc import Awaitable, Callable, Iterable
from typing import ClassVar

from textual import work
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from trigdash.presentation.units import plural
from trigdash.service.bulk.collect import CollectedRuns
from trigdash.ui.dialogs.choice import Choice, Choices
from trigdash.ui.dialogs.dialog import Dialog, EnvironmentLabel
from trigdash.ui.input.keys import bindings

Collect = Callable[[Callable[[int], bool]], Awaitable[CollectedRuns]]
"""Reads runs and reports how many. Returns whether to continue."""


class CollectRunsDialog(Dialog[CollectedRuns]):
    """Shows the progress of reading the runs of a filter, and returns them. Reading within a share
    of the rate limit may take a minute, so the user can continue with the runs read so far."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("gather")

    def __init__(
        self, place: EnvironmentLabel, label: str, gather: Collect, *, opened_by: str | None = None
    ) -> None:
        super().__init__("Looking for runs", place, opened_by=opened_by)
        self._label = label
        self._gather = gather
        self._found = 0
        self._has_enough = False

    @override
    def compose_frame(self) -> Iterable[Widget]:
        yield Static(self.lines([(("that match  ", "dim"), (self._label, "text"))]), classes="said")
        yield Static(classes="hint", id="found")
        yield Choices(
            Choice("no", "stop looking", key="esc"),
            Choice("enough", "go on with these", key="g"),
        )

    def on_mount(self) -> None:
        self._show_count(0)
        self._read()

    def _show_count(self, number: int) -> bool:
        """Show the count; returns whether to continue reading."""
        self._found = number
        if not self.is_alive:
            return False
        self.set_lines(
            "#found", [((f"{plural(number, 'run')} so far; nothing is sent yet", "text"),)]
        )
        self.query_one(".choice.-enough", Choice).disabled = not number
        return not self._has_enough

    def action_enough(self) -> None:
        """Stop after the page that is being read."""
        self._has_enough = self._found > 0

    @work(exclusive=True, group="gather")
    async def _read(self) -> None:
        self.answer(await self._gather(self._show_count))

    def on_choice_chosen(self, event: Choice.Chosen) -> None:
        if event.answer == "enough":
            self.action_enough()
        else:
            self.answer(None)
