"""The filter of a bulk action: JSON, where lists of runs take query parameters."""

from collections.abc import Callable
from typing import Any

from trigdash.simulator.durations import date_ms, duration_ms
from trigdash.simulator.index import RunFilter
from trigdash.simulator.listing import DEFAULT_WINDOW_MS
from trigdash.simulator.replies import Refusal
from trigdash.simulator.requests import invalid, type_name
from trigdash.simulator.statuses import FILTERS
from trigdash.simulator.tasks import PRESETS

MOST_IDS = 500
"""Run ids that one action takes; a filter takes more."""

# The newer names only, in the order of the refusal (recorded).
_STATUSES = (
    "PENDING_VERSION", "QUEUED", "DEQUEUED", "EXECUTING", "WAITING", "COMPLETED", "CANCELED",
    "FAILED", "CRASHED", "SYSTEM_FAILURE", "DELAYED", "EXPIRED", "TIMED_OUT",
)  # fmt: skip


def read_filter(body: dict[str, Any], now_ms: int) -> RunFilter:
    """The runs that a filter means; the window is frozen here, 7 days unless it says otherwise."""
    if not any(value not in (None, [], "") for value in body.values()):
        raise invalid("At least one filter must be provided", "filter")
    wanted = RunFilter(
        tasks=_texts(body, "taskIdentifier"),
        versions=_texts(body, "version"),
        tags=_texts(body, "tag"),
        regions=_texts(body, "region"),
        queues=_queues(body),
        machines=_choices(body, "machine", PRESETS),
        batch=_one(body, "batch"),
        schedule=_one(body, "schedule"),
        bulk=_one(body, "bulkAction"),
        is_test=_flag(body, "isTest"),
    )
    statuses = _choices(body, "status", _STATUSES)
    if statuses is not None:
        wanted.statuses = frozenset(own for name in statuses for own in FILTERS[name])
    wanted.from_ms, wanted.to_ms = _window(body, now_ms)
    return wanted


def _listed(body: dict[str, Any], name: str) -> list[Any] | None:
    value = body.get(name)
    if value is None or value == []:
        return None
    return value if isinstance(value, list) else [value]


def _texts(body: dict[str, Any], name: str) -> frozenset[str] | None:
    values = _listed(body, name)
    if values is None:
        return None
    for value in values:
        if not isinstance(value, str):
            raise invalid(f"Expected string, received {type_name(value)}", "filter", name)
    return frozenset(values)


def _choices(body: dict[str, Any], name: str, choices: tuple[str, ...]) -> frozenset[str] | None:
    values = _texts(body, name)
    for value in values or ():
        if value not in choices:
            listed = " | ".join(f"'{choice}'" for choice in choices)
            where = f'at "filter.{name}"'
            raise Refusal(
                400,
                f"Validation error: Invalid enum value. Expected {listed}, received '{value}' "
                f"{where}, or Expected array, received string {where}",
            )
    return values


def _queues(body: dict[str, Any]) -> frozenset[str] | None:
    values = _listed(body, "queue")
    if values is None:
        return None
    names = set()
    for value in values:
        if not isinstance(value, dict) or value.get("type") not in ("task", "custom"):
            raise invalid("Invalid input", "filter", "queue")
        prefix = "task/" if value["type"] == "task" else ""
        names.add(prefix + str(value.get("name", "")).removeprefix(prefix))
    return frozenset(names)


def _one(body: dict[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise invalid(f"Expected string, received {type_name(value)}", "filter", name)
    return value or None


def _flag(body: dict[str, Any], name: str) -> bool | None:
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise invalid(f"Expected boolean, received {type_name(value)}", "filter", name)
    return value


def _window(body: dict[str, Any], now_ms: int) -> tuple[int | None, int | None]:
    length_ms = _read(body, "period", duration_ms)
    if length_ms is not None:
        return now_ms - length_ms, now_ms
    from_ms, to_ms = _read(body, "from", date_ms), _read(body, "to", date_ms)
    if from_ms is None and to_ms is None:
        return now_ms - DEFAULT_WINDOW_MS, now_ms
    return from_ms, now_ms if to_ms is None else min(to_ms, now_ms)


def _read(body: dict[str, Any], name: str, read: Callable[[str], int | None]) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    found = read(str(value))
    if found is None:
        raise invalid("Invalid date" if name != "period" else "Invalid period", "filter", name)
    return found
