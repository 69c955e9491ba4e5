"""Every resource there is, by name. A module is imported when its resource is first used.

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
    """Facts about a resource that are needed before its module is imported."""

    name: str
    title: str
    needs: Capability
    letter: str
    """The key in the picker that opens it."""
    about: str
    """What it is, and what can be done with it, in a few words."""

    def load(self) -> Resource[Any]:
        """Import and return the declaration."""
        return load_resource(self.name)


def load_resource(name: str) -> Resource[Any]:
    """The declaration of a resource by its name, including those with their own screens."""
    module = import_module(f"trigdash.presentation.resources.{name}")
    resource: Resource[Any] = module.RESOURCE
    return resource


_ENTRIES = (
    # In the order of their tabs.
    ResourceEntry(
        "errors", "Errors", Capability.ERRORS, "e", "what fails, in groups: resolve, ignore"
    ),
    ResourceEntry(
        "tasks",
        "Tasks",
        Capability.QUERY,
        "t",
        "what can be triggered: failures, durations, trigger",
    ),
    ResourceEntry(
        "deployments", "Deployments", Capability.DEPLOYMENTS, "d", "versions: promote, roll back"
    ),
    ResourceEntry(
        "schedules",
        "Schedules",
        Capability.SCHEDULES,
        "s",
        "what runs by the clock: create, edit, deactivate",
    ),
    ResourceEntry(
        "limits", "Limits", Capability.LIMITS, "l", "what holds runs back: override, reset, pause"
    ),
    ResourceEntry(
        "tokens", "Tokens", Capability.TOKENS, "w", "what runs wait for: create, complete"
    ),
    ResourceEntry(
        "variables",
        "Variables",
        Capability.VARIABLES,
        "v",
        "settings of the code: create, edit, import",
    ),
    ResourceEntry(
        "environments",
        "Environments",
        Capability.ENVIRONMENTS,
        "n",
        "all of the project: pause, resume",
    ),
    ResourceEntry(
        "allruns",
        "All runs",
        Capability.PROJECT_RUNS,
        "r",
        "runs of all environments of the project",
    ),
    ResourceEntry("alerts", "Alerts", Capability.ALERTS, "a", "what the server watches: resolve"),
    ResourceEntry(
        "webhooks",
        "Webhooks",
        Capability.WEBHOOKS,
        "h",
        "endpoints that take requests in: enable, disable",
    ),
    ResourceEntry(
        "deliveries", "Deliveries", Capability.WEBHOOKS, "y", "requests that came in: replay"
    ),
    ResourceEntry(
        "sessions", "Sessions", Capability.SESSIONS, "c", "conversations with agents: close"
    ),
)
RESOURCES = {entry.name: entry for entry in _ENTRIES}
"""The resources by their names, in the order of their tabs."""
