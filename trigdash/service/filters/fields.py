"""The fields of a filter line: their names, their values in words, and the attributes of a filter
that they set.

This module is imported before the first frame: standard library and light modules only.
"""

from trigdash.model.run_filter import SupportedFilters

MACHINES = (
    "micro",
    "small-1x",
    "small-2x",
    "medium-1x",
    "medium-2x",
    "large-1x",
    "large-2x",
)
"""Every machine preset; the server refuses other words (recorded: 400 "Invalid machine values")."""

FIELDS = {
    "status": "how runs stand: failed, executing …",
    "task": "task identifier",
    "tag": "any of these tags",
    "version": "deployed version, 20261121.3",
    "queue": "queue name, or task/<task>",
    "batch": "one batch id",
    "schedule": "one schedule id",
    "bulk": "one bulk action id",
    "machine": "machine preset",
    "region": "region",
    "error": "one error group id",
    "since": "look back: 30m, 24h, 7d",
    "from": "created after: 2026-11-21, 9:00, yesterday",
    "to": "created before",
    "test": "true or false",
}
"""Field names in the order of the help, each with its values in words."""

LISTS = {
    "task": "tasks",
    "tag": "tags",
    "version": "versions",
    "region": "regions",
}
IDS = {
    "batch": ("batch", "batch_"),
    "schedule": ("schedule", "sched_"),
    "bulk": ("bulk_action", "bulk_"),
    "error": ("error", "error_"),
}
_ATTRIBUTES = (
    {"status": "statuses", "queue": "queues", "machine": "machines", "test": "is_test"}
    | LISTS
    | {name: attribute for name, (attribute, _) in IDS.items()}
)
"""The attribute of a `RunFilter` that each field sets, except the time window."""


def supports(supported_filters: SupportedFilters, field: str) -> bool:
    """Whether a list can be narrowed by a field."""
    return _ATTRIBUTES.get(field) not in supported_filters.refused
