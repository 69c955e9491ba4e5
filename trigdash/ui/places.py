"""Where one can be: the places behind `1`, `2`, `3`, and what they need of a backend.

Screens are imported when they are first wanted: the first frame needs one of them only.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from trigdash.presentation.registry import RESOURCES

if TYPE_CHECKING:
    from trigdash.ui.screens.base import LiveScreen


@dataclass(frozen=True, slots=True)
class Place:
    """A screen that one goes to by its key."""

    id: str
    title: str
    module: str
    screen: str
    """Name of the screen's class."""
    capability: str | None = None
    """Name of the `Capability` without which there is nothing to show."""

    is_always_shown: bool = True
    """Whether the line of places names it while another one is shown."""
    argument: str | None = None
    """What the screen is made with, where one class serves many places."""

    @property
    def key_id(self) -> str:
        """The id of the key that goes there."""
        return f"app.{self.id}" if self.argument is None else f"go.{self.id}"

    def make(self) -> LiveScreen:
        """A new screen of this place."""
        screen = getattr(import_module(self.module), self.screen)
        made: LiveScreen = screen() if self.argument is None else screen(self.argument)
        return made


PLACES = {
    place.id: place
    for place in (
        Place("runs", "Runs", "trigdash.ui.screens.runs", "RunsScreen"),
        Place("queues", "Queues", "trigdash.ui.screens.queues", "QueuesScreen", "QUEUES"),
        Place("batches", "Batches", "trigdash.ui.screens.batches", "BatchesScreen", "BATCHES"),
        *(
            Place(
                entry.name,
                entry.title,
                "trigdash.ui.screens.resource",
                "ResourceScreen",
                entry.needs.name,
                is_always_shown=False,
                argument=entry.name,
            )
            for entry in RESOURCES.values()
        ),
    )
}
"""The places there are, in the order of their keys."""
