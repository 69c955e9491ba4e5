"""The query parameters of run lists, read and refused as the real server does."""

from collections.abc import Mapping
from typing import Any

from trigdash.simulator.durations import date_ms, duration_ms
from trigdash.simulator.error_groups import FAILED, has_error
from trigdash.simulator.index import RunFilter
from trigdash.simulator.replies import Refusal
from trigdash.simulator.requests import custom_issue, query_error, whole_number
from trigdash.simulator.statuses import FILTERS
from trigdash.simulator.tasks import PRESETS

# Without a period, from or to, lists reach back this far (recorded).
DEFAULT_WINDOW_MS = 7 * 86_400_000


def page_size(query: Mapping[str, str]) -> int:
    """`page[size]`: 1 to 100, 25 when absent."""
    return whole_number(query.get("page[size]"), "page[size]", 25, 100)


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


def _date(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name)
    if not text:
        return None
    time_ms = date_ms(text)
    if time_ms is None:
        issue: dict[str, Any] = {"code": "invalid_date", "path": [name], "message": "Invalid date"}
        raise Refusal(400, {"error": "Query Error", "details": [issue]})
    return time_ms
