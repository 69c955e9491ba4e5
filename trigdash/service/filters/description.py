"""Filters as text: the line that parses to them, and the time window that they cover.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from trigdash.model.moment import comes_twice
from trigdash.model.run_filter import RunFilter
from trigdash.service.filters.fields import IDS, LISTS
from trigdash.service.filters.moments import moment
from trigdash.service.filters.status_words import typed_status

if TYPE_CHECKING:
    from trigdash.model.capability import Reach

_PLAIN = re.compile(r'[^\s",:\\*]+')


def format_filter(run_filter: RunFilter, zone: tzinfo | None = None) -> str:
    """The line that parses to this filter; with a zone its dates are short and in that zone, as
    people type them, otherwise in UTC."""
    parts = [_list("status", map(typed_status, run_filter.statuses))]
    parts += [_list(name, getattr(run_filter, attribute)) for name, attribute in LISTS.items()]
    parts.append(_list("queue", _typed_queues(run_filter.queues)))
    parts.append(_list("machine", run_filter.machines))
    for name, (attribute, _) in IDS.items():
        parts.append(_list(name, filter(None, (getattr(run_filter, attribute),))))
    if run_filter.period:
        parts.append(f"since:{run_filter.period}")
    parts += [
        f"{name}:{_moment_text(instant, zone, is_end=name == 'to')}"
        for name, instant in (("from", run_filter.since), ("to", run_filter.until))
        if instant and not run_filter.period
    ]
    if run_filter.is_test is not None:
        parts.append(f"test:{str(run_filter.is_test).lower()}")
    parts += run_filter.conditions
    parts += [quote(word) for word in run_filter.text.split()]
    return " ".join(part for part in parts if part)


def _moment_text(instant: datetime, zone: tzinfo | None, *, is_end: bool) -> str:
    """The shortest text for an instant: a day, a time on a day, or an unambiguous form."""
    if zone is not None:
        there = instant.astimezone(zone)
        for form in ("%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"):
            text = there.strftime(form)
            if moment(text, there, last=is_end) == instant:
                return text
    return instant.astimezone(UTC).isoformat()


def window_text(
    run_filter: RunFilter, now: datetime, reach: Reach | None, applied: RunFilter | None = None
) -> str:
    """The effective window: the one that the server says it used, otherwise the requested one,
    otherwise how far the system's list reaches. Empty while none is requested and the system is
    unknown."""
    time = _time_label(applied or run_filter, now)
    if reach is None:
        return time
    if reach.newest is not None:
        most = f"newest {reach.newest} at most"
        return f"{time}, {most}" if time else most
    return time or (_period_label(reach.period) if reach.period else "all time")


def window_phrase(
    run_filter: RunFilter, now: datetime, reach: Reach | None, preposition: str = "in"
) -> str:
    """The same within a sentence: `in the last 7 days`, `since 09:00`, `among the newest 100`.
    Empty when nothing bounds the list, or the bound is unknown."""
    time = _time_label(run_filter, now)
    if not time and reach is not None and reach.period:
        time = _period_label(reach.period)
    words = [f"{preposition} the {time}" if time.startswith("last") else time]
    if reach is not None and reach.newest is not None:
        words.append(f"among the newest {reach.newest}")
    return " ".join(filter(None, words))


def _time_label(run_filter: RunFilter, now: datetime) -> str:
    if run_filter.period:
        return _period_label(run_filter.period)
    if run_filter.since is None and run_filter.until is None:
        return ""
    start, end = (_when(instant, now) for instant in (run_filter.since, run_filter.until))
    if run_filter.until is None:
        return f"since {start}"
    return f"{start} to {end}" if run_filter.since else f"until {end}"


def _period_label(period: str) -> str:
    number, unit = period[:-1], period[-1]
    names = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week"}
    return f"last {number} {names[unit]}s" if number != "1" else f"last {names[unit]}"


def _when(instant: datetime | None, now: datetime) -> str:
    """An instant in the zone of `now`, as short as is unambiguous."""
    if instant is None:
        return ""
    local = instant.astimezone(now.tzinfo)
    clock = f"{local:%H:%M %Z}" if comes_twice(local) else f"{local:%H:%M}"
    if local.date() == now.date():
        return clock
    year = "" if local.year == now.year else f" {local.year}"
    return f"{local:%b} {local.day}{year} {clock}"


def without_text(run_filter: RunFilter) -> RunFilter:
    """The part of a filter that the server answers."""
    if not run_filter.is_narrowed_here:
        return run_filter
    return replace(run_filter, text="", conditions=())


def is_everything(run_filter: RunFilter) -> bool:
    """Whether a filter narrows nothing, apart from the time window."""
    window = {"period", "since", "until"}
    plain = RunFilter()
    return all(
        getattr(run_filter, field.name) == getattr(plain, field.name)
        for field in fields(RunFilter)
        if field.name not in window
    )


def _typed_queues(queues: tuple[str, ...]) -> list[str]:
    both = {name for name in queues if f"task/{name}" in queues}
    typed = []
    for name in queues:
        if name in both:
            typed.append(name)
        elif name.removeprefix("task/") not in both:
            typed.append(name if name.startswith("task/") else f"custom/{name}")
    return typed


def _list(name: str, values: Iterable[str]) -> str:
    quoted = ",".join(quote(value) for value in values)
    return f"{name}:{quoted}" if quoted else ""


def quote(value: str) -> str:
    """A value as it is typed, in quotes where these are needed."""
    if _PLAIN.fullmatch(value) and not value.startswith("!"):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
