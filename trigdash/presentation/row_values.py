"""The values of a run, as a menu offers them for the filter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trigdash.model.status import status
from trigdash.presentation.units import clock_time, duration
from trigdash.service.filters.row_values import RowValue, can_exclude, can_take, row_values

if TYPE_CHECKING:
    from trigdash.model.run_filter import SupportedFilters
    from trigdash.model.run_row import RunRow


def value_options(
    row: RunRow, supported: SupportedFilters, *, takes: bool
) -> list[tuple[RowValue, str, str]]:
    """The values of a run that can be added to a filter or excluded by it, each with the name of
    its field and a label."""
    return [
        (value, value.field, _words(value, takes=takes))
        for value in row_values(row)
        if (can_take(value, supported) if takes else can_exclude(value))
    ]


def _words(value: RowValue, *, takes: bool) -> str:
    if value.field == "status":
        return status(value.value).word
    if value.field == "created":
        at = clock_time(int(value.value))
        return f"since {at}" if takes else f"since {at}: only before"
    if not value.is_figure:
        return value.value
    figure = {
        "duration": lambda: duration(float(value.value.removesuffix("ms"))),
        "cost": lambda: f"${value.value}",
    }.get(value.field, lambda: value.value)()
    return f"{figure} or more"
