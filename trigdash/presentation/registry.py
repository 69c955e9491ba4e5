"""Every resource there is, by name. Modules are imported when a resource is first wanted.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from trigdash.model.capability import Capability

if TYPE_CHECKING:
    from trigdash.presentation.resource import Resource


@dataclass(frozen=True, slots=True)
class ResourceEntry:
    """What is known of a resource before its module is imported."""

    name: str
    title: str
    needs: Capability
    letter: str
    """Goes there after `g`."""

    def load(self) -> Resource[Any]:
        """The declaration itself."""
        return load_resource(self.name)


def load_resource(name: str) -> Resource[Any]:
    """The declaration of a resource by its name, also of those with screens of their own."""
    module = import_module(f"trigdash.presentation.resources.{name}")
    resource: Resource[Any] = module.RESOURCE
    return resource


_ENTRIES = (
    # In the order of their tabs.
    ResourceEntry("errors", "Errors", Capability.ERRORS, "e"),
    ResourceEntry("tasks", "Tasks", Capability.QUERY, "t"),
    ResourceEntry("deployments", "Deployments", Capability.DEPLOYMENTS, "d"),
    ResourceEntry("schedules", "Schedules", Capability.SCHEDULES, "s"),
    ResourceEntry("limits", "Limits", Capability.LIMITS, "l"),
    ResourceEntry("tokens", "Tokens", Capability.TOKENS, "w"),
    ResourceEntry("variables", "Variables", Capability.VARIABLES, "v"),
    ResourceEntry("environments", "Environments", Capability.ENVIRONMENTS, "n"),
    ResourceEntry("alerts", "Alerts", Capability.ALERTS, "a"),
    ResourceEntry("webhooks", "Webhooks", Capability.WEBHOOKS, "h"),
    ResourceEntry("deliveries", "Deliveries", Capability.WEBHOOKS, "y"),
    ResourceEntry("sessions", "Sessions", Capability.SESSIONS, "c"),
)
RESOURCES = {entry.name: entry for entry in _ENTRIES}
"""The resources by their names, in the order of their tabs."""
