"""The errors as a list on screen shows them: each with its failures of the last day as bars."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from trigdash.presentation.cell import EMPTY, Cell
from trigdash.presentation.failures import internal_code
from trigdash.presentation.field import ResourceField
from trigdash.presentation.plot import sparkline
from trigdash.presentation.resources.errors import RESOURCE
from trigdash.presentation.run.overview import message_shape
from trigdash.presentation.units import UNKNOWN
from trigdash.service.error_trends import HOURS, MESSAGE_LENGTH, ErrorTrends

if TYPE_CHECKING:
    from trigdash.model.error_group import ErrorGroup
    from trigdash.presentation.resource import Resource

BARS = 12
"""Two hours each."""
NARROW_MESSAGE = 22
"""Columns of a message next to the bars; the line under the list shows all of it."""
Bars = tuple[int, ...]
"""Failures, the oldest first."""


def bars_of(
    trends: ErrorTrends, groups: Sequence[ErrorGroup], *, is_whole: bool
) -> Mapping[str, Bars]:
    """The failures of each group by its id, without those whose failures are not known.

    `is_whole` says whether these are all groups: then the only one of a task and class has all
    failures of these. Where some failures may be of any of several groups, none of these is known.
    """
    if trends.refused:
        return {}
    by_class: dict[tuple[str, str], list[ErrorGroup]] = defaultdict(list)
    by_shape: dict[tuple[str, str, str], list[ErrorGroup]] = defaultdict(list)
    for group in groups:
        kind = group.task_identifier, group.error_type
        by_class[kind].append(group)
        by_shape[*kind, message_shape(group.error_message[:MESSAGE_LENGTH])].append(group)
    counted = {group.id: [0] * BARS for group in groups}
    unclear: set[str] = set()
    for each in trends.failures:
        # Recorded: what was thrown without a class counts as an Error.
        kind = each.task, internal_code(each.message) or each.name or "Error"
        alike = by_class[kind]
        if is_whole and len(alike) == 1:
            chosen = alike
        else:
            chosen = by_shape[*kind, message_shape(each.message)]
        if len(chosen) == 1:
            counted[chosen[0].id][BARS - 1 - each.hours_ago * BARS // HOURS] += each.runs
        else:
            unclear.update(group.id for group in alike)
    unclear.update(g.id for g in groups if _was_seen(g, trends) and not any(counted[g.id]))
    return {key: tuple(bars) for key, bars in counted.items() if key not in unclear}


def _was_seen(group: ErrorGroup, trends: ErrorTrends) -> bool:
    return group.last_seen is not None and group.last_seen >= trends.since


def errors_with_trends(bars: Callable[[], Mapping[str, Bars] | None]) -> Resource[ErrorGroup]:
    """The errors with a column of their failures; None for `bars` where these are not read yet."""

    def value(group: ErrorGroup) -> Bars | None:
        return (bars() or {}).get(group.id)

    def cell(group: ErrorGroup, now_ms: float) -> Cell:
        if bars() is None:
            return EMPTY
        known = value(group)
        return ((UNKNOWN, "faint"),) if known is None else sparkline(known, "bad")

    def order(group: ErrorGroup) -> int | None:
        known = value(group)
        return None if known is None else sum(known)

    trend = ResourceField(
        "_trend",
        "trend 24 h",
        value,
        cell,
        BARS,
        importance=91,
        is_live=lambda group: True,
        order=order,
        word="trend",
    )
    fields = []
    for each in RESOURCE.fields:
        if each.name == "errorMessage":
            more = each.width - NARROW_MESSAGE
            each = replace(each, width=NARROW_MESSAGE, grow=each.grow + more, importance=92)
        fields += [each, trend] if each.name == "count" else [each]
    return replace(RESOURCE, fields=tuple(fields))
