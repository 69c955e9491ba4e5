"""Every kind of thing that an environment has, by its letter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.events import Key
from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from trigdash.presentation.registry import RESOURCES, ResourceEntry
from trigdash.ui.dialogs.choice import Choice
from trigdash.ui.dialogs.dialog import Dialog, EnvironmentLabel
from trigdash.ui.input.keys import bindings


@dataclass(frozen=True, slots=True)
class Offered:
    """A resource, and why it is not available here; empty when it is."""

    entry: ResourceEntry
    reason: str = ""


class ResourcePicker(Dialog[str]):
    """Asks where to go; answers with the name of a resource."""

    DEFAULT_CSS = """
    ResourcePicker VerticalScroll { height: auto; max-height: 100%; }
    ResourcePicker Choice { width: 1fr; margin: 0; background: $ground-raised; }
    ResourcePicker Choice:focus { background: $accent; }
    ResourcePicker.-short { align: center bottom; }
    ResourcePicker.-short > .frame { max-height: 60%; padding: 0 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings("picker")

    def __init__(
        self, place: EnvironmentLabel, offered: Sequence[Offered], *, opened_by: str | None = None
    ) -> None:
        super().__init__("Go to", place, opened_by=opened_by)
        # A list of places does no harm: no red frame.
        self.remove_class("-production")
        self._offered = offered
        # On a short terminal a toast has its place above.
        self.VERTICAL_BREAKPOINTS = [(0, "-short"), (26, "-tall")]

    @override
    def compose_frame(self) -> Iterable[Widget]:
        with_places = VerticalScroll(*map(_choice, self._offered), can_focus=False)
        yield with_places
        yield Static(
            self.lines([(("a letter or enter goes there   esc leaves", "dim"),)]), classes="hint"
        )

    async def on_key(self, event: Key) -> None:
        """A letter goes to its resource."""
        found = [each for each in self._offered if each.entry.letter == event.character]
        if found and not found[0].reason:
            event.stop()
            self.answer(found[0].entry.name)

    def on_choice_chosen(self, event: Choice.Chosen) -> None:
        if event.answer in RESOURCES:
            self.answer(event.answer)


def _choice(offered: Offered) -> Choice:
    entry = offered.entry
    about = offered.reason or entry.about
    choice = Choice(entry.name, f"{entry.letter}  {entry.title:<14}{about}")
    choice.disabled = bool(offered.reason)
    return choice
