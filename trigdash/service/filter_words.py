"""Filters in words: as the line that parses to them, and as the time window that they cover.

This module is imported before the first frame: standard library and light modules only.
"""

import re
from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import UTC, datetime

from trigdash.model.run_filter import RunFilter
from trigdash.service.filter_language import IDS, LISTS, status_word

_PLAIN = re.compile(r'[^\s",:\\]+')


def format_filter(narrowed: RunFilter) -> str:
    """The line that parses to this filter."""
    parts = [_list("status", map(status_word, narrowed.statuses))]
    parts += [_list(name, getattr(narrowed, attribute)) for name, attribute in LISTS.items()]
    parts.append(_list("queue", _typed_queues(narrowed.queues)))
    parts.append(_list("machine", narrowed.machines))
    for name, (attribute, _) in IDS.items():
        parts.append(_list(name, filter(None, (getattr(narrowed, attribute),))))
    if narrowed.period:
        parts.append(f"since:{narrowed.period}")
    parts += [
        f"{name}:{instant.astimezone(UTC).isoformat()}"
        for name, instant in (("from", narrowed.since), ("to", narrowed.until))
        if instant and not narrowed.period
    ]
    if narrowed.is_test is not None:
        parts.append(f"test:{str(narrowed.is_test).lower()}")
    parts += [quote(word) for word in narrowed.text.split()]
    return " ".join(part for part in parts if part)


def window_words(narrowed: RunFilter, now: datetime) -> str:
    """The effective time window, always sayable: the server defaults to the last 7 days."""
    if narrowed.period:
        number, unit = narrowed.period[:-1], narrowed.period[-1]
        names = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week"}
        return f"last {number} {names[unit]}s" if number != "1" else f"last {names[unit]}"
    if narrowed.since is None and narrowed.until is None:
        return "last 7 days"
    start, end = (_when(instant, now) for instant in (narrowed.since, narrowed.until))
    if narrowed.until is None:
        return f"since {start}"
    return f"{start} to {end}" if narrowed.since else f"until {end}"


def _when(instant: datetime | None, now: datetime) -> str:
    if instant is None:
        return ""
    local = instant.astimezone(now.tzinfo)
    return (
        f"{local:%H:%M}" if local.date() == now.date() else f"{local:%b} {local.day} {local:%H:%M}"
    )


def without_text(narrowed: RunFilter) -> RunFilter:
    """The part of a filter that the server answers."""
    return replace(narrowed, text="") if narrowed.text else narrowed


def is_everything(narrowed: RunFilter) -> bool:
    """Whether a filter narrows nothing but, perhaps, the time window."""
    window = {"period", "since", "until"}
    plain = RunFilter()
    return all(
        getattr(narrowed, field.name) == getattr(plain, field.name)
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
    if _PLAIN.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
