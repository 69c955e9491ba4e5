"""Where one can be: the places behind `1`, `2`, `3`, and what they need of a backend.

Screens are imported when they are first wanted: the first frame needs one of them only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

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

    def make(self) -> LiveScreen:
        """A new screen of this place."""
        made: LiveScreen = getattr(import_module(self.module), self.screen)()
        return made


_PLACES = (
    Place("runs", "Runs", "trigdash.ui.screens.runs", "RunsScreen"),
    Place("queues", "Queues", "trigdash.ui.screens.queues", "QueuesScreen", "QUEUES"),
    Place("batches", "Batches", "trigdash.ui.screens.batches", "BatchesScreen", "BATCHES"),
)


@cache
def places() -> tuple[Place, ...]:
    """The places there are, in the order of their keys."""
    return tuple(place for place in _PLACES if find_spec(place.module))


def place(place_id: str) -> Place | None:
    """The place with an id, if there is such a screen."""
    return next((each for each in places() if each.id == place_id), None)
