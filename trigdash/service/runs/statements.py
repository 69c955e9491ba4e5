"""Runs in the query language: filters as conditions, and rows of its answers.

Quoted texts in a statement are never escaped: a text with a quotation mark, a backslash or a
control character is not queried.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from trigdash.backends.base import Forbidden, InvalidRequest, NotFound, Unsupported
from trigdash.model.clean import clean
from trigdash.model.moment import in_utc
from trigdash.model.run_row import RunRow, region_name, timestamp_ms
from trigdash.service.filters.conditions import (
    Condition,
    FigureCondition,
    TextCondition,
    read_conditions,
)

if TYPE_CHECKING:
    from trigdash.model.run_filter import RunFilter

DEFAULT_PERIOD = "7d"
"""The window of a run list by default (recorded)."""
ALL_PERIOD = "3650d"
"""The server limits it to its retention."""
REFUSALS = (NotFound, InvalidRequest, Forbidden, Unsupported)
"""Errors that mean that this statement will never be answered."""

_WORDS = {
    "EXECUTING": ("Executing", "Reattempting"),
    "WAITING": ("Waiting", "Paused"),
    "FAILED": ("Failed", "Interrupted"),
}
"""The words of the tables for a status of the API, where these are not its lower-case form."""
_NAMES = {word: name for name, words in _WORDS.items() for word in words}

STARTED, ENDED = "dequeued_at", "completed_at"
"""The columns for the API's `startedAt` and `finishedAt` (recorded)."""
_FIGURES = {
    "duration": f"dateDiff('millisecond', {STARTED}, {ENDED})",
    "cost": "total_cost * 100",
    "attempts": "attempt_count",
    "depth": "depth",
}
_TEXTS = {"task": "task_identifier", "version": "task_version", "region": "region"}
_LETTER = re.compile(r"[A-Za-z0-9_/@: -]")


class NotAskable(ValueError):
    """The query endpoint does not support a part of a filter; the message says which."""


def status_words(name: str) -> tuple[str, ...]:
    """The words of the tables for a status of the API: `("Timed out",)` for `TIMED_OUT`."""
    return _WORDS.get(name) or (name.replace("_", " ").capitalize(),)


def status_name(word: str) -> str:
    """The API's name for a status of the tables."""
    return _NAMES.get(word) or word.upper().replace(" ", "_")


def period_of(run_filter: RunFilter) -> str:
    """The `period` of a statement about a filter; bounds by moments are in its conditions."""
    if run_filter.period:
        return run_filter.period
    return ALL_PERIOD if run_filter.since or run_filter.until else DEFAULT_PERIOD


def where_of(run_filter: RunFilter) -> str:
    """The WHERE clause of a filter, without its free text; empty where nothing narrows it. Raises
    NotAskable."""
    conditions = [*_server_conditions(run_filter)]
    conditions += map(_condition, read_conditions(run_filter.conditions))
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def is_askable(run_filter: RunFilter) -> bool:
    """Whether the query endpoint supports all of a filter apart from its free text."""
    try:
        where_of(run_filter)
    except NotAskable:
        return False
    return True


def _server_conditions(run_filter: RunFilter) -> Iterator[str]:
    if run_filter.schedule or run_filter.error:
        raise NotAskable("schedule" if run_filter.schedule else "error")
    words = (word for name in run_filter.statuses for word in status_words(name))
    lists = (
        ("status", tuple(words)),
        ("task_identifier", run_filter.tasks),
        ("task_version", run_filter.versions),
        ("queue", run_filter.queues),
        ("machine", run_filter.machines),
        ("region", run_filter.regions),
        ("batch_id", (run_filter.batch,) if run_filter.batch else ()),
    )
    for column, values in lists:
        if values:
            yield f"{column} IN ({', '.join(map(literal, values))})"
    if run_filter.tags:
        yield _any(f"has(tags, {literal(tag)})" for tag in run_filter.tags)
    if run_filter.bulk_action:
        yield f"has(bulk_action_group_ids, {literal(run_filter.bulk_action)})"
    if run_filter.is_test is not None:
        yield f"is_test = {int(run_filter.is_test)}"
    if not run_filter.period:
        # Both ends are inclusive, as in the list of the API.
        bounds = ((">=", run_filter.since), ("<=", run_filter.until))
        for operator, moment in bounds:
            if moment is not None:
                yield f"triggered_at {operator} '{moment_text(moment)}'"


def moment_text(moment: datetime) -> str:
    """A moment as the tables write it: UTC, without a zone, to the millisecond."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def literal(text: str) -> str:
    """A text in quotation marks. Raises NotAskable if something in it could end them."""
    if any(letter in "'\\" or not letter.isprintable() for letter in text):
        raise NotAskable(clean(text))
    return f"'{text}'"


def _any(conditions: Iterable[str]) -> str:
    return f"({' OR '.join(conditions)})"


def _condition(condition: Condition) -> str:
    if isinstance(condition, FigureCondition):
        return f"{_FIGURES[condition.field]} {condition.operator} {_number(condition)}"
    found = _any(_text_test(condition, pattern) for pattern in condition.patterns)
    return f"NOT {found}" if condition.is_excluding else found


def _number(condition: FigureCondition) -> str:
    return f"{condition.wanted:.6f}".rstrip("0").rstrip(".")


def _text_test(condition: TextCondition, pattern: tuple[str, ...]) -> str:
    if condition.field == "kind":
        raise NotAskable("kind")
    is_tag, is_whole = condition.field == "tag", len(pattern) == 1
    if is_whole:
        text = literal(pattern[0])
        return f"has(tags, {text})" if is_tag else f"{_TEXTS[condition.field]} = {text}"
    if is_tag:
        # Tags joined by line breaks, the one character that no tag contains.
        expression = _expression(pattern, "[^\n]*")
        return f"match(arrayStringConcat(tags, '\n'), '(^|\n){expression}(\n|$)')"
    return f"match({_TEXTS[condition.field]}, '^{_expression(pattern, '.*')}$')"


def _expression(pattern: tuple[str, ...], wildcard: str) -> str:
    """A pattern as a regular expression without backslashes, which a literal would drop."""
    return wildcard.join("".join(map(_letter, piece)) for piece in pattern)


def _letter(letter: str) -> str:
    if _LETTER.fullmatch(letter):
        return letter
    if letter in '.+*?()[{|$#%&,;<=>!~"`':
        return f"[{letter}]"
    raise NotAskable(letter)


# Rows of answers

ROW_COLUMNS = (
    "run_id, status, task_identifier, triggered_at, dequeued_at, completed_at, delay_until, "
    "expired_at, usage_duration, task_version, tags, total_cost, is_test, environment, ttl, "
    "region, idempotency_key, depth, attempt_count"
)
"""The columns that make up a row of a run list."""


def row_of(told: Mapping[str, object]) -> RunRow | None:
    """A run from an answer with some of ROW_COLUMNS; None for a row of another shape. The tables do
    not have the time of the last change, so the latest known time stands for it, and any other
    answer is newer.
    """
    run_id, word = told.get("run_id"), told.get("status")
    created = moment_ms(told.get("triggered_at"))
    if not isinstance(run_id, str) or not isinstance(word, str) or created is None:
        return None
    started, finished = moment_ms(told.get(STARTED)), moment_ms(told.get(ENDED))
    cost, tags = _number_of(told, "total_cost"), told.get("tags")
    attempts = int(_number_of(told, "attempt_count"))
    return RunRow(
        id=clean(run_id),
        status_name=status_name(clean(word)),
        task=_text_of(told, "task_identifier") or "",
        created_ms=created,
        updated_ms=finished or started or created,
        started_ms=started,
        finished_ms=finished,
        delayed_until_ms=moment_ms(told.get("delay_until")),
        expired_ms=moment_ms(told.get("expired_at")),
        compute_ms=int(_number_of(told, "usage_duration")),
        version=_text_of(told, "task_version"),
        tags=tuple(clean(str(tag)) for tag in tags) if isinstance(tags, list) else (),
        cost_cents=cost * 100,
        is_test=told.get("is_test") in (True, 1),
        environment=_text_of(told, "environment"),
        ttl=_text_of(told, "ttl"),
        region=region_name(_text_of(told, "region")),
        idempotency_key=_text_of(told, "idempotency_key"),
        depth=int(_number_of(told, "depth")),
        attempts=attempts or None,
    )


def _text_of(told: Mapping[str, object], name: str) -> str | None:
    value = told.get(name)
    return clean(value) if isinstance(value, str) and value else None


def _number_of(told: Mapping[str, object], name: str) -> float:
    value = told.get(name)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else 0


def moment_ms(text: object) -> int | None:
    """Epoch milliseconds of a time as the tables write it, UTC without a zone."""
    if not isinstance(text, str):
        return None
    try:
        return timestamp_ms(in_utc(datetime.fromisoformat(text)))
    except ValueError:
        return None
