"""Where one can go: lists by key, details by kind, and web links.

Screens are imported when they are first opened: the first frame needs only one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from trigdash.model.capability import Capability
from trigdash.presentation.registry import RESOURCES

if TYPE_CHECKING:
    from trigdash.ui.screens.base import LiveScreen


@dataclass(frozen=True, slots=True)
class Route:
    """A screen that one goes to by its key."""

    id: str
    title: str
    module: str
    screen: str
    """Name of the screen's class."""
    capability: Capability | None = None
    """The capability without which there is nothing to show."""

    is_always_shown: bool = True
    """Whether the line of places names it while another one is shown."""
    argument: str | None = None
    """What the screen is made with, where one class serves many places."""

    @property
    def key_id(self) -> str:
        """The id of the key that goes there."""
        return f"go.{self.id}" if self.id in RESOURCES else f"app.{self.id}"

    def load(self) -> type[LiveScreen]:
        """The class of the screen."""
        screen: type[LiveScreen] = getattr(import_module(self.module), self.screen)
        return screen

    def make(self) -> LiveScreen:
        """A new screen of this place."""
        screen: Callable[..., LiveScreen] = self.load()
        return screen() if self.argument is None else screen(self.argument)


_RESOURCE_SCREEN = "trigdash.ui.screens.resource"
_ON_TABS = ("tasks", "deployments", "schedules", "limits")
"""Further resources with their own tab, if there is room; `9` lists them all."""

ROUTES = {
    place.id: place
    for place in (
        Route("now", "Now", "trigdash.ui.screens.now", "NowScreen"),
        Route("runs", "Runs", "trigdash.ui.screens.runs", "RunsScreen"),
        Route("queues", "Queues", "trigdash.ui.screens.queues", "QueuesScreen", Capability.QUEUES),
        Route(
            "batches",
            "Batches",
            _RESOURCE_SCREEN,
            "ResourceScreen",
            Capability.BATCHES,
            argument="batches",
        ),
        Route("errors", "Errors", "trigdash.ui.screens.errors", "ErrorsScreen", Capability.ERRORS),
        *(
            Route(
                entry.name,
                entry.title,
                _RESOURCE_SCREEN,
                "ResourceScreen",
                entry.needs,
                is_always_shown=entry.name in _ON_TABS,
                argument=entry.name,
            )
            for entry in RESOURCES.values()
            if entry.name != "errors"
        ),
        Route("stuck", "Stuck", "trigdash.ui.screens.why", "StuckScreen", is_always_shown=False),
        Route(
            "health",
            "Health",
            "trigdash.ui.screens.health",
            "HealthScreen",
            Capability.HEALTH,
            is_always_shown=False,
        ),
    )
}
"""The places there are, in the order of their keys."""


@dataclass(frozen=True, slots=True)
class DetailRoute:
    """The screen of one kind of thing."""

    kind: str
    module: str
    screen: str
    capability: Capability | None = None

    def make(self, thing_id: str, **options: object) -> LiveScreen:
        """A new screen of the thing with this id."""
        made: LiveScreen = getattr(import_module(self.module), self.screen)(thing_id, **options)
        return made


DETAIL_ROUTES = {
    detail.kind: detail
    for detail in (
        DetailRoute("run", "trigdash.ui.screens.run", "RunScreen"),
        DetailRoute("why", "trigdash.ui.screens.why", "WhyScreen"),
        DetailRoute("queue", "trigdash.ui.screens.queue", "QueueScreen", Capability.QUEUES),
        DetailRoute("diff", "trigdash.ui.screens.comparisons", "DiffScreen", Capability.TRACE),
        DetailRoute("error", "trigdash.ui.screens.triage", "TriageScreen", Capability.ERRORS),
        DetailRoute("error_runs", "trigdash.ui.screens.batch", "ErrorScreen", Capability.ERRORS),
        DetailRoute("split", "trigdash.ui.screens.split", "SplitScreen", Capability.ENVIRONMENTS),
        DetailRoute(
            "compare", "trigdash.ui.screens.comparisons", "CompareScreen", Capability.VARIABLES
        ),
        DetailRoute("batch", "trigdash.ui.screens.batch", "BatchScreen", Capability.BATCHES),
    )
}
"""The screen for each kind of thing."""
