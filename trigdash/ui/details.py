"""Screens for one thing: a run, a queue, a batch. Imported when first opened."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trigdash.ui.screens.base import LiveScreen


@dataclass(frozen=True, slots=True)
class Detail:
    """The screen of one kind of thing."""

    kind: str
    module: str
    screen: str
    capability: str | None = None

    def make(self, thing_id: str, **options: object) -> LiveScreen:
        """A new screen of the thing with this id."""
        made: LiveScreen = getattr(import_module(self.module), self.screen)(thing_id, **options)
        return made


DETAILS = {
    detail.kind: detail
    for detail in (
        Detail("run", "trigdash.ui.screens.run", "RunScreen"),
        Detail("queue", "trigdash.ui.screens.queue", "QueueScreen", "QUEUES"),
        Detail("error", "trigdash.ui.screens.error", "ErrorScreen", "ERRORS"),
        Detail("batch", "trigdash.ui.screens.batch", "BatchScreen", "BATCHES"),
    )
}
"""The screen for each kind of thing."""
