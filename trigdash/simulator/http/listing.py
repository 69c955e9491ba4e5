"""Lists: their filters and pages, read and refused as the real server does.

Run lists take query parameters, bulk actions take the same filters as JSON.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from trigdash.simulator.http.replies import Refusal
from trigdash.simulator.http.requests import (
    custom_issue,
    invalid,
    query_error,
    type_name,
    whole_number,
)
from trigdash.simulator.world.error_groups import FAILED, has_error
from trigdash.simulator.world.index import RunFilter
from trigdash.simulator.world.statuses import FILTERS
from trigdash.simulator.world.tasks import PRESETS
from trigdash.simulator.world.texts import date_ms, duration_ms, iso

Item = TypeVar("Item")
# Without a period, from or to, lists reach back this far (recorded).
DEFAULT_WINDOW_MS = 7 * 86_400_000


def page_size(query: Mapping[str, str]) -> int:
    """`page[size]`: 1 to 100, 25 when absent."""
    return whole_number(query.get("page[size]"), "page[size]", 25, 100)


def listed(query: Mapping[str, str], name: str) -> list[str]:
    """The parts of a comma-separated parameter."""
    return [part for part in query.get(name, "").split(",") if part]


def run_filter(query: Mapping[str, str], now_ms: int) -> RunFilter:
    """The filter of a run list; what it does not know it ignores."""
    wanted = RunFilter(
        statuses=_statuses(query),
        tasks=_names(query, "filter[taskIdentifier]"),
        versions=_names(query, "filter[version]"),
        tags=_names(query, "filter[tag]"),
        queues=_names(query, "filter[queue]"),
        machines=_machines(query),
        regions=_names(query, "filter[region]"),
        batch=query.get("filter[batch]") or None,
        schedule=query.get("filter[schedule]") or None,
        bulk=query.get("filter[bulkAction]") or None,
        is_test=_is_test(query),
    )
    wanted.from_ms, wanted.to_ms = window(query, now_ms)
    error = query.get("filter[error]")
    if error:
        wanted.statuses = FAILED if wanted.statuses is None else wanted.statuses & FAILED
        wanted.also = has_error(error)
    return wanted


def _names(query: Mapping[str, str], name: str) -> frozenset[str] | None:
    text = query.get(name)
    names = frozenset(part.strip() for part in text.split(",") if part.strip()) if text else None
    return names or None


def _statuses(query: Mapping[str, str]) -> frozenset[str] | None:
    name = "filter[status]"
    wanted = _names(query, name)
    if wanted is None:
        return None
    parts = [part.strip() for part in query[name].split(",")]
    unknown = [part for part in parts if part and part not in FILTERS]
    if unknown:
        raise query_error(custom_issue(f"Invalid status values: {', '.join(unknown)}", name))
    return frozenset(status for part in wanted for status in FILTERS[part])


def _machines(query: Mapping[str, str]) -> frozenset[str] | None:
    name = "filter[machine]"
    wanted = _names(query, name)
    unknown = [part for part in query.get(name, "").split(",") if part and part not in PRESETS]
    if unknown:
        raise query_error(custom_issue(f"Invalid machine values: {', '.join(unknown)}", name))
    return wanted


def _is_test(query: Mapping[str, str]) -> bool | None:
    text = query.get("filter[isTest]")
    if not text:
        return None
    if text not in {"true", "false"}:
        raise query_error(custom_issue(f"Invalid value for isTest: {text}", "filter[isTest]"))
    return text == "true"


def window(query: Mapping[str, str], now_ms: int) -> tuple[int | None, int | None]:
    """From and to. A period beats both; an unreadable one takes every bound away (recorded)."""
    period = query.get("filter[createdAt][period]")
    if period:
        length_ms = duration_ms(period)
        return (None if length_ms is None else now_ms - length_ms), None
    from_ms = _date(query, "filter[createdAt][from]")
    to_ms = _date(query, "filter[createdAt][to]")
    if from_ms is None and to_ms is None:
        return now_ms - DEFAULT_WINDOW_MS, None
    return from_ms, None if to_ms is None else min(to_ms, now_ms)


def applied_window(query: Mapping[str, str], now_ms: int) -> dict[str, str]:
    """The window that a list used: a period, or its ends. Its form on real servers is not known."""
    period = query.get("filter[createdAt][period]")
    if period and duration_ms(period) is not None:
        return {"period": period}
    from_ms, to_ms = window(query, now_ms)
    ends = {"from": from_ms, "to": to_ms}
    given = {name: iso(time_ms) for name, time_ms in ends.items() if time_ms is not None}
    return (
        given if any(query.get(f"filter[createdAt][{end}]") for end in ends) else {"period": "7d"}
    )


def _date(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name)
    if not text:
        return None
    time_ms = date_ms(text)
    if time_ms is None:
        issue: dict[str, Any] = {"code": "invalid_date", "path": [name], "message": "Invalid date"}
        raise Refusal(400, {"error": "Query Error", "details": [issue]})
    return time_ms


def page_of(
    items: Sequence[Item],
    size: int,
    after: Callable[[Item], bool] | None,
    before: Callable[[Item], bool] | None,
    cursor: Callable[[Item], str],
) -> tuple[Sequence[Item], dict[str, str]]:
    """A page of a list, and its `pagination`.

    `after` tests for the items beyond a cursor, `before` for those ahead of one; the list keeps its
    order in both directions. `next` and `previous` are absent where nothing follows.
    """
    if before is not None:
        fitting = [item for item in items if before(item)]
        chosen = fitting[-size:]
        more_behind, more_ahead = bool(chosen), len(fitting) > size
    else:
        fitting = [item for item in items if after is None or after(item)]
        chosen = fitting[:size]
        more_behind, more_ahead = len(fitting) > size, after is not None
    pagination = {}
    if chosen and more_behind:
        pagination["next"] = cursor(chosen[-1])
    if chosen and more_ahead:
        pagination["previous"] = cursor(chosen[0])
    return chosen, pagination


class Keyed(Protocol):
    """An item of a list that is ordered by its key, newest first."""

    @property
    def key(self) -> Any: ...


KeyedItem = TypeVar("KeyedItem", bound=Keyed)


def keyed_page(
    query: Mapping[str, str],
    items: Sequence[KeyedItem],
    size: int,
    find: Callable[[str], KeyedItem | None],
    cursor: Callable[[KeyedItem], str],
) -> tuple[Sequence[KeyedItem], dict[str, str]]:
    """The page of a list behind or ahead of the item that a cursor names; see `page_of`."""
    behind, ahead = find(query.get("page[after]", "")), find(query.get("page[before]", ""))
    return page_of(
        items,
        size,
        None if behind is None else lambda each: each.key < behind.key,
        None if ahead is None else lambda each: each.key > ahead.key,
        cursor,
    )


MOST_IDS = 500
"""Run ids that one action takes; a filter takes more."""

# The newer names only, in the order of the refusal (recorded).
_BULK_STATUSES = (
    "PENDING_VERSION", "QUEUED", "DEQUEUED", "EXECUTING", "WAITING", "COMPLETED", "CANCELED",
    "FAILED", "CRASHED", "SYSTEM_FAILURE", "DELAYED", "EXPIRED", "TIMED_OUT",
)  # fmt: skip


def bulk_filter(body: dict[str, Any], now_ms: int) -> RunFilter:
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
    statuses = _choices(body, "status", _BULK_STATUSES)
    if statuses is not None:
        wanted.statuses = frozenset(own for name in statuses for own in FILTERS[name])
    wanted.from_ms, wanted.to_ms = _bulk_window(body, now_ms)
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


def _bulk_window(body: dict[str, Any], now_ms: int) -> tuple[int | None, int | None]:
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
