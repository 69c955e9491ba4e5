"""How requests to Trigger.dev are written: API version, access, queue names, filters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trigdash.backends.base import Json, Unsupported
from trigdash.backends.http import Access
from trigdash.backends.rate import Governor
from trigdash.backends.target import Secret
from trigdash.model.clean import clean
from trigdash.model.run_filter import RunFilter
from trigdash.model.run_row import timestamp_ms

API_VERSION = "2025-07-16"

NEEDS_BRANCH = "a preview key needs a branch, by --branch or TRIGGER_PREVIEW_BRANCH"
"""Recorded: the server refuses a preview key without a branch as if the key were wrong."""


def access(secret: Secret, governor: Governor, branch: str | None = None) -> Access:
    """A Trigger.dev credential, with the headers of every request."""
    headers = {"x-trigger-api-version": API_VERSION}
    if branch:
        headers["x-trigger-branch"] = branch
    lacks = "" if branch or secret.environment != "preview" else NEEDS_BRANCH
    return Access(secret, governor, headers=headers, lacks=lacks)


def queue_step(name: str) -> str:
    """A queue's name within a path: a slash is encoded twice, since the server decodes it after
    routing."""
    return name.replace("/", "%2F")


_LISTS = (
    ("filter[status]", "statuses"),
    ("filter[taskIdentifier]", "tasks"),
    ("filter[tag]", "tags"),
    ("filter[version]", "versions"),
    ("filter[queue]", "queues"),
    ("filter[machine]", "machines"),
    ("filter[region]", "regions"),
)
_SINGLES = (
    ("filter[batch]", "batch"),
    ("filter[schedule]", "schedule"),
    ("filter[bulkAction]", "bulk_action"),
    ("filter[error]", "error"),
)


def list_params(
    run_filter: RunFilter, *, after: str | None = None, size: int = 100
) -> tuple[tuple[str, str], ...]:
    """Query parameters of the run list. Lists are joined by commas, since the server keeps only the
    last of repeated keys. The free text is not sent. Raises Unsupported for a value with a comma,
    since the server would list other runs."""
    params = [("page[size]", str(max(1, min(size, 100))))]
    if after is not None:
        params.append(("page[after]", after))
    params += [
        (name, _joined(field, values))
        for name, field in _LISTS
        if (values := getattr(run_filter, field))
    ]
    params += [(name, value) for name, field in _SINGLES if (value := getattr(run_filter, field))]
    if run_filter.is_test is not None:
        params.append(("filter[isTest]", "true" if run_filter.is_test else "false"))
    return tuple(params + _window(run_filter))


def _joined(field: str, values: tuple[str, ...]) -> str:
    if any("," in value for value in values):
        raise Unsupported(f"the server cannot look for {field} with a comma")
    return ",".join(values)


def _window(run_filter: RunFilter) -> list[tuple[str, str]]:
    if run_filter.period:
        return [("filter[createdAt][period]", run_filter.period)]
    bounds = (("from", run_filter.since), ("to", run_filter.until))
    return [
        (f"filter[createdAt][{name}]", str(timestamp_ms(moment)))
        for name, moment in bounds
        if moment is not None
    ]


def bulk_filter(run_filter: RunFilter) -> dict[str, object]:
    """The filter of a bulk action. It covers seven days when no window is set. It does not support
    error groups: a filter with one raises ValueError, since dropping it would widen the action."""
    if run_filter.error:
        raise ValueError("a bulk action cannot be narrowed to an error group")
    if run_filter.is_narrowed_here:
        raise ValueError("a bulk action cannot be narrowed to a free text or a condition")
    lists = {
        "status": run_filter.statuses,
        "taskIdentifier": run_filter.tasks,
        "tag": run_filter.tags,
        "version": run_filter.versions,
        "machine": run_filter.machines,
        "region": run_filter.regions,
    }
    body: dict[str, object] = {name: list(values) for name, values in lists.items() if values}
    if run_filter.queues:
        body["queue"] = [_bulk_queue(name) for name in run_filter.queues]
    singles = {
        "batch": run_filter.batch,
        "schedule": run_filter.schedule,
        "bulkAction": run_filter.bulk_action,
        "period": run_filter.period,
    }
    body |= {name: value for name, value in singles.items() if value}
    if run_filter.is_test is not None:
        body["isTest"] = run_filter.is_test
    if not run_filter.period and run_filter.since:
        body["from"] = timestamp_ms(run_filter.since)
    if not run_filter.period and run_filter.until:
        body["to"] = timestamp_ms(run_filter.until)
    return body


def _bulk_queue(name: str) -> dict[str, str]:
    task = name.removeprefix("task/")
    return {"type": "custom", "name": name} if task == name else {"type": "task", "name": task}


_PATH = "$."
"""Characters that make the server read a key as a path into the metadata (reference)."""


def metadata_operations(
    changed: Mapping[str, Json], removed: Sequence[str]
) -> list[dict[str, Json]]:
    """The operations of `PUT /api/v1/runs/{run}/metadata` (recorded). Raises Unsupported for a key
    that the server would read as a path, since that would write elsewhere."""
    for key in (*changed, *removed):
        if key.startswith(_PATH):
            raise Unsupported(f"the server reads the key {clean(key)} as a path: not sent")
    sets: list[dict[str, Json]] = [
        {"type": "set", "key": key, "value": value} for key, value in changed.items()
    ]
    return sets + [{"type": "delete", "key": key} for key in removed]
