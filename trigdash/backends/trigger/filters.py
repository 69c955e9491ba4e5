"""How a run filter is written in the query of a list and in the body of a bulk action."""

from __future__ import annotations

from trigdash.backends.base import Unsupported
from trigdash.model.run_filter import RunFilter
from trigdash.model.run_row import timestamp_ms

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
    narrowed: RunFilter, *, after: str | None = None, size: int = 100
) -> tuple[tuple[str, str], ...]:
    """Query parameters of the run list. Lists are joined by commas: of a repeated key the server
    keeps only the last. The free text is not sent. Raises Unsupported for a value with a comma: the
    server would list other runs."""
    params = [("page[size]", str(max(1, min(size, 100))))]
    if after is not None:
        params.append(("page[after]", after))
    params += [
        (name, _joined(field, values))
        for name, field in _LISTS
        if (values := getattr(narrowed, field))
    ]
    params += [(name, value) for name, field in _SINGLES if (value := getattr(narrowed, field))]
    if narrowed.is_test is not None:
        params.append(("filter[isTest]", "true" if narrowed.is_test else "false"))
    return tuple(params + _window(narrowed))


def _joined(field: str, values: tuple[str, ...]) -> str:
    if any("," in value for value in values):
        raise Unsupported(f"the server cannot look for {field} with a comma")
    return ",".join(values)


def _window(narrowed: RunFilter) -> list[tuple[str, str]]:
    if narrowed.period:
        return [("filter[createdAt][period]", narrowed.period)]
    bounds = (("from", narrowed.since), ("to", narrowed.until))
    return [
        (f"filter[createdAt][{name}]", str(timestamp_ms(moment)))
        for name, moment in bounds
        if moment is not None
    ]


def bulk_filter(narrowed: RunFilter) -> dict[str, object]:
    """The filter of a bulk action. It covers seven days when no window is set, and takes no error
    group: one that is set raises ValueError, for leaving it out would widen the action."""
    if narrowed.error:
        raise ValueError("a bulk action cannot be narrowed to an error group")
    if narrowed.text:
        raise ValueError("a bulk action cannot be narrowed to a free text")
    lists = {
        "status": narrowed.statuses,
        "taskIdentifier": narrowed.tasks,
        "tag": narrowed.tags,
        "version": narrowed.versions,
        "machine": narrowed.machines,
        "region": narrowed.regions,
    }
    body: dict[str, object] = {name: list(values) for name, values in lists.items() if values}
    if narrowed.queues:
        body["queue"] = [_bulk_queue(name) for name in narrowed.queues]
    singles = {
        "batch": narrowed.batch,
        "schedule": narrowed.schedule,
        "bulkAction": narrowed.bulk_action,
        "period": narrowed.period,
    }
    body |= {name: value for name, value in singles.items() if value}
    if narrowed.is_test is not None:
        body["isTest"] = narrowed.is_test
    if not narrowed.period and narrowed.since:
        body["from"] = timestamp_ms(narrowed.since)
    if not narrowed.period and narrowed.until:
        body["to"] = timestamp_ms(narrowed.until)
    return body


def _bulk_queue(name: str) -> dict[str, str]:
    task = name.removeprefix("task/")
    return {"type": "custom", "name": name} if task == name else {"type": "task", "name": task}
