"""The values of a run that can be added to a filter or excluded by it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import floor
from typing import TYPE_CHECKING, Any

from trigdash.model.run_filter import RunFilter, SupportedFilters
from trigdash.service.filters.description import quote
from trigdash.service.filters.fields import LISTS, supports

if TYPE_CHECKING:
    from trigdash.model.run_row import RunRow


@dataclass(frozen=True, slots=True)
class RowValue:
    """One value of a run."""

    field: str
    """Its name in the filter line."""
    value: str
    column: str = ""
    """The column that shows it."""

    @property
    def is_figure(self) -> bool:
        """Whether it stands for runs with at least this much, not for equal ones."""
        return self.field in ("duration", "cost", "attempts", "created")


def row_values(row: RunRow) -> Iterator[RowValue]:
    """The values of a run in the order of a list's columns."""
    yield RowValue("status", row.status_name, "status")
    yield RowValue("task", row.task, "task")
    yield RowValue("created", str(row.created_ms), "age")
    if row.started_ms is not None and row.finished_ms is not None:
        yield RowValue("duration", f"{max(0, row.finished_ms - row.started_ms)}ms", "duration")
    if row.attempts:
        yield RowValue("attempts", str(row.attempts), "tries")
    if row.version:
        yield RowValue("version", row.version, "version")
    for tag in row.tags:
        yield RowValue("tag", tag, "tags")
    if row.cost_cents:
        # Rounded down, so that the run itself costs as much.
        yield RowValue(
            "cost", f"{floor(row.cost_cents * 1e6) / 1e8:.8f}".rstrip("0").rstrip("."), "cost"
        )
    yield RowValue("test", str(row.is_test).lower(), "test")
    if row.region:
        yield RowValue("region", row.region, "region")
    yield RowValue("depth", str(row.depth), "depth")


def can_take(value: RowValue, supported: SupportedFilters) -> bool:
    """Whether a list can be narrowed to a value. Servers take a comma for the end of a value."""
    return supports(supported, value.field) and ("," not in value.value or value.field == "status")


def can_exclude(value: RowValue) -> bool:
    """Whether a value can be excluded."""
    return value.field not in ("test", "depth")


def with_value(run_filter: RunFilter, value: RowValue) -> RunFilter:
    """The filter for runs with this value, and with at least so much of a figure."""
    name = value.field
    if name == "status":
        return replace(run_filter, statuses=(value.value,))
    if name in LISTS:
        taken: dict[str, Any] = {LISTS[name]: (value.value,)}
        return replace(run_filter, **taken)
    if name == "test":
        return replace(run_filter, is_test=value.value == "true")
    if name == "created":
        return replace(run_filter, period=None, since=_moment(value))
    return _compared(run_filter, name, f"{'' if name == 'depth' else '>='}{value.value}")


def without_value(run_filter: RunFilter, value: RowValue, supported: SupportedFilters) -> RunFilter:
    """The filter without runs of this value. Raises ValueError when no runs would be left."""
    name = value.field
    if name == "status":
        wanted = run_filter.statuses or supported.statuses
        statuses = tuple(each for each in wanted if each != value.value)
        if not statuses:
            raise ValueError("no status is left")
        return replace(run_filter, statuses=statuses)
    if name == "created":
        return replace(run_filter, period=None, until=_moment(value))
    if value.is_figure:
        return _compared(run_filter, name, f"<{value.value}")
    condition = f"-{name}:{quote(value.value)}"
    return replace(run_filter, conditions=(*_others(run_filter, condition), condition))


def _moment(value: RowValue) -> datetime:
    return datetime.fromtimestamp(int(value.value) / 1000, UTC)


def _compared(run_filter: RunFilter, name: str, wanted: str) -> RunFilter:
    """The filter with a comparison of a figure, which replaces an earlier one."""
    others = (each for each in run_filter.conditions if not each.startswith(f"{name}:"))
    return replace(run_filter, conditions=(*others, f"{name}:{wanted}"))


def _others(run_filter: RunFilter, condition: str) -> Iterator[str]:
    return (each for each in run_filter.conditions if each != condition)
