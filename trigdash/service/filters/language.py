"""The filter line: `status:failed,crashed task:send-email since:24h timeout`, both ways.

Words with a known field narrow the request to the server; the rest is free text for loaded rows.
Errors are explained here, before anything is sent. Values with spaces or colons are in double
quotes. The time window of a line can be replaced separately.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any

from trigdash.model.run_filter import ANY, RunFilter, SupportedFilters
from trigdash.service.filters.conditions import EXCLUDED, read_condition
from trigdash.service.filters.fields import FIELDS, IDS, LISTS, MACHINES, supports
from trigdash.service.filters.moments import LOOKBACK_HINT, MOMENT_HINT, moment, period
from trigdash.service.filters.status_words import (
    group,
    status_name,
    statuses_of,
    statuses_without,
)

_TRUTH = {"true": True, "yes": True, "false": False, "no": False}
_TOKEN = re.compile(r'(?:"(?:\\.|[^"\\])*"?|[^\s"])+')
_FIELD = re.compile(r"([A-Za-z_]+):")
_EXCLUDED = re.compile(r"[-!]([A-Za-z_]+):|([A-Za-z_]+):!")
_VALUE = re.compile(r'(?:"(?:\\.|[^"\\])*"?|[^,"])+')
_QUOTED = re.compile(r'"((?:\\.|[^"\\])*)"?')


class FilterError(ValueError):
    """What is wrong with a filter line, in words, and its position in the line."""

    def __init__(self, words: str, start: int, end: int) -> None:
        super().__init__(words)
        self.words = words
        self.start = start
        self.end = end


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a filter line: a field with its values, or free text (field is None)."""

    field: str | None
    values: tuple[str, ...]
    """Unquoted; for free text the one word."""
    start: int
    end: int


def tokens(line: str) -> list[Token]:
    """The words of a line; an unclosed quote runs to the end of the line."""
    found = []
    for match in _TOKEN.finditer(line):
        raw = match.group()
        name = _FIELD.match(raw)
        if name:
            rest = raw[name.end() :]
            values = tuple(_unquote(part) for part in _VALUE.findall(rest))
            found.append(Token(name[1].lower(), values, *match.span()))
        else:
            found.append(Token(None, (_unquote(raw),), *match.span()))
    return found


def parse(line: str, now: datetime, supported_filters: SupportedFilters = ANY) -> RunFilter:
    """The filter that a line describes. Raises FilterError. `now` is on the user's clock (`local`):
    dates without a zone are in its zone.
    """
    if len(re.findall(r'(?<!\\)"', line)) % 2:
        raise FilterError('a quote " is not closed', line.rfind('"'), len(line))
    run_filter = RunFilter()
    text: list[str] = []
    conditions: list[str] = []
    seen: set[str] = set()
    for word in tokens(line):
        if (condition := _condition(word, line)) is not None:
            conditions.append(condition)
            continue
        token = _expanded(word, line, supported_filters)
        if token.field == word.field:
            _check_form(token, line)
        if token.field is None:
            text.append(token.values[0])
            continue
        _check_field(token, seen, supported_filters)
        try:
            run_filter = replace(
                run_filter, **_read(token.field, token.values, now, supported_filters)
            )
        except ValueError as problem:
            raise FilterError(str(problem), token.start, token.end) from None
    _check_window(run_filter, seen, len(line))
    return replace(
        run_filter,
        text=" ".join(word for word in text if word),
        conditions=_unique(conditions),
    )


def _condition(token: Token, line: str) -> str | None:
    """A word that is a condition on rows, as it was typed."""
    raw = line[token.start : token.end]
    try:
        return raw if read_condition(raw) else None
    except ValueError as problem:
        raise FilterError(str(problem), token.start, token.end) from None


def _expanded(token: Token, line: str, supported: SupportedFilters) -> Token:
    """Expands a word that stands for several statuses: `status:bad`, `-status:queued`,
    `has:error`."""
    excluded = EXCLUDED.fullmatch(line[token.start : token.end])
    if excluded and excluded[1].lower() == "status":
        try:
            values = statuses_without(excluded[2].split(","), supported.statuses)
        except ValueError as problem:
            raise FilterError(str(problem), token.start, token.end) from None
        return replace(token, field="status", values=values)
    if token.field == "has" and token.values == ("error",):
        return replace(token, field="status", values=group("with-error", supported.statuses))
    if token.field != "status":
        return token
    return replace(token, values=statuses_of(token.values, supported.statuses))


def _check_form(token: Token, line: str) -> None:
    """Refuse syntax of other tools that this one does not support, so that it is not taken for a
    name."""
    raw = _QUOTED.sub("", line[token.start : token.end])
    excluded = _EXCLUDED.match(raw)
    name = (excluded[1] or excluded[2]).lower() if excluded else ""
    if name in FIELDS:
        words = f"{raw}: write -{name}:… to exclude: task, tag, version, region or status"
        raise FilterError(words, token.start, token.end)
    if "*" in raw and token.field in ("version", "region", "queue"):
        words = f"{token.field}: takes whole names, * is no wildcard: type a word to search for it"
        raise FilterError(words, token.start, token.end)


def _check_field(token: Token, seen: set[str], supported_filters: SupportedFilters) -> None:
    name = token.field or ""
    if name not in FIELDS:
        close = get_close_matches(name, FIELDS, n=1)
        hint = f"do you mean {close[0]}:?" if close else 'quote it to search for it: "…"'
        raise FilterError(f"no field {name}:  {hint}", token.start, token.end)
    if not supports(supported_filters, name):
        raise FilterError(
            f"{supported_filters.system} cannot filter by {name}:", token.start, token.end
        )
    if name in seen:
        raise FilterError(f"{name}: stands twice; write {name}:a,b", token.start, token.end)
    if not token.values:
        raise FilterError(f"{name}: needs a value: {FIELDS[name]}", token.start, token.end)
    seen.add(name)


def _check_window(run_filter: RunFilter, seen: set[str], end: int) -> None:
    if "since" in seen and seen & {"from", "to"}:
        raise FilterError("since: and from: or to: exclude each other", 0, end)
    if run_filter.since and run_filter.until and run_filter.since >= run_filter.until:
        raise FilterError("from: is not before to:", 0, end)


def _read(
    name: str, values: tuple[str, ...], now: datetime, supported_filters: SupportedFilters
) -> dict[str, Any]:
    """The attributes of RunFilter that one field sets. Raises ValueError with a message."""
    if name == "status":
        return {
            "statuses": _unique(status_name(value, supported_filters.statuses) for value in values)
        }
    if name == "queue":
        plain = (_without_comma(name, value) for value in values)
        return {"queues": _unique(each for value in plain for each in queue_names(value))}
    if name == "machine":
        return {"machines": _unique(_machine(value) for value in values)}
    if name in LISTS:
        return {LISTS[name]: _unique(_without_comma(name, value) for value in values)}
    if len(values) > 1:
        raise ValueError(f"{name}: takes one value")
    return _read_single(name, values[0], now)


def _read_single(name: str, value: str, now: datetime) -> dict[str, Any]:
    if name in IDS:
        attribute, prefix = IDS[name]
        if not value.startswith(prefix):
            raise ValueError(f"{name}: takes an id that starts with {prefix}")
        return {attribute: value}
    if name == "test":
        if value.lower() not in _TRUTH:
            raise ValueError("test: takes true or false")
        return {"is_test": _TRUTH[value.lower()]}
    if name == "since":
        look_back = period(value)
        if look_back is None:
            raise ValueError(f"since: takes {LOOKBACK_HINT}")
        return {"period": look_back}
    instant = moment(value, now, last=name == "to")
    if instant is None:
        raise ValueError(f"{name}: takes {MOMENT_HINT}")
    return {"since" if name == "from" else "until": instant}


def _without_comma(name: str, value: str) -> str:
    """Refuse values with a comma. Servers take it for the end of a value (recorded) and would list
    other runs."""
    if "," in value:
        raise ValueError(f"{name}: a value with a comma cannot be looked for")
    return value


def _machine(value: str) -> str:
    if value.lower() not in MACHINES:
        raise ValueError(f"no machine {value}: one of {', '.join(MACHINES)}")
    return value.lower()


def queue_names(value: str) -> tuple[str, ...]:
    """A queue's names in the API. A task's own queue is `task/<task>` there and a custom one a bare
    name; the bare name of a task queue matches nothing (recorded). A plain name stands for both,
    which costs nothing, since the server matches any of them; `task/x` and `custom/x` stand for
    one.
    """
    if value.startswith("task/"):
        return (value,)
    if value.startswith("custom/"):
        return (value.removeprefix("custom/"),)
    return (f"task/{value}", value)


def _unquote(raw: str) -> str:
    return _QUOTED.sub(lambda quoted: re.sub(r"\\(.)", r"\1", quoted[1]), raw)


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


PRESETS = ("15m", "1h", "6h", "24h", "3d", "7d", "30d")
"""Look-backs to choose from, as the filter line writes them."""

_WINDOW_FIELDS = frozenset({"since", "from", "to"})


def window_of(line: str) -> str:
    """The part of a filter line that sets its window; empty if none does."""
    return " ".join(line[t.start : t.end] for t in tokens(line) if t.field in _WINDOW_FIELDS)


def with_window(line: str, window: str) -> str:
    """A filter line with its window replaced, such as by `since:1h`; an empty window removes it."""
    kept = [line[t.start : t.end] for t in tokens(line) if t.field not in _WINDOW_FIELDS]
    return " ".join(filter(None, (*kept, window)))


def from_to(now: datetime) -> str:
    """A window of two moments as the start of an edit: the last hour."""
    start = now - timedelta(hours=1)
    return f"from:{start:%Y-%m-%dT%H:%M} to:{now:%Y-%m-%dT%H:%M}"
