"""A page of runs in the plain form that servers send, read without models.

The models cost a command that lists runs a quarter of its start. Whatever is not plain in any way
(an odd row, another form of a time, a lone surrogate) is left to them: see `run_page`.
"""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from typing import Any

from trigdash.model.clean import clean
from trigdash.model.json_text import MAX_WHOLE, parse_json
from trigdash.model.moment import NS_PER_MS, datetime_of, moment_ns
from trigdash.model.odd_row import MAX_KEY
from trigdash.model.run_filter import RunFilter
from trigdash.model.run_row import RunRow, RunsPage, region_name

MAX_TEXT = 500
"""Characters kept of a text in a list; tags have at most 128. The opened run has all of it."""

_TIME = re.compile(r"(?:19[7-9]|2[01]\d)\d-\d\d-\d\dT\d\d:\d\d:[0-5]\d\.\d{3}Z", re.ASCII)
_OTHER_NAMES = frozenset(
    {
        *("task_identifier", "idempotency_key", "created_at", "updated_at", "started_at"),
        *("finished_at", "delayed_until", "expired_at", "is_test", "cost_in_cents"),
        *("base_cost_in_cents", "duration_ms", "task_kind"),
    }
)
"""Names that the models read, too, and that no server sends."""


class NotPlain(ValueError):
    """A page that the models have to read."""


def plain_page(body: bytes) -> RunsPage | None:
    """A page of slim rows, newest first; None where it is not plain."""
    try:
        text = body.decode()
        if "\\ud" in text or "\\uD" in text:
            return None
        return _page(parse_json(text, parse_float=None))
    except (ValueError, RecursionError):
        return None


def newest_first(rows: tuple[RunRow, ...]) -> tuple[RunRow, ...]:
    """Recorded: a page that is read backwards comes oldest first."""
    if len(rows) > 1 and rows[0].created_ms < rows[-1].created_ms:
        return rows[::-1]
    return rows


def short(text: str) -> str:
    """A text as a list keeps it."""
    return clean(text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}…")


def shared(text: str) -> str:
    """The same for a word that repeats from run to run: kept once."""
    return sys.intern(short(text))


def maybe_shared(text: str | None) -> str | None:
    """The same for a word that may be absent."""
    return shared(text) if text is not None else None


def _page(answer: Any) -> RunsPage:
    page = _Plain(answer)
    paging = page.part("pagination")
    rows = page.of("data", list)
    return RunsPage(
        newest_first(tuple(_row(_Plain(row)) for row in rows)),
        paging.text("next"),
        paging.text("previous"),
        applied=applied_window(answer.get("appliedFilters")),
    )


def _row(run: _Plain) -> RunRow:
    if run.has_any(_OTHER_NAMES):
        raise NotPlain
    env = run.part("env")
    key = run.text("idempotencyKey")
    return RunRow(
        id=clean(run.word("id", MAX_KEY)),
        status_name=shared(run.word("status")),
        task=shared(run.of("taskIdentifier", str)),
        created_ms=run.needed_ms("createdAt"),
        updated_ms=run.needed_ms("updatedAt"),
        started_ms=run.ms("startedAt"),
        finished_ms=run.ms("finishedAt"),
        delayed_until_ms=run.ms("delayedUntil"),
        expired_ms=run.ms("expiredAt"),
        compute_ms=run.whole("durationMs"),
        version=maybe_shared(run.text("version")),
        tags=tuple(shared(tag) for tag in run.texts("tags")),
        cost_cents=run.amount("costInCents") + run.amount("baseCostInCents"),
        is_test=run.flag("isTest"),
        environment=maybe_shared(env.text("name")) if env.are_texts("id", "user") else None,
        ttl=maybe_shared(run.text("ttl")),
        region=maybe_shared(region_name(run.text("region"))),
        idempotency_key=short(key) if key else None,
        depth=run.whole("depth"),
        kind=maybe_shared(run.text("taskKind")),
    )


class _Plain:
    """An object of an answer. Its readers return values of the expected type, or raise NotPlain."""

    __slots__ = ("_fields", "_get")

    def __init__(self, value: Any) -> None:
        if type(value) is not dict:
            raise NotPlain
        self._fields: dict[str, Any] = value
        self._get = value.get

    def has_any(self, names: frozenset[str]) -> bool:
        return not names.isdisjoint(self._fields)

    def of(self, name: str, kind: type) -> Any:
        value = self._get(name)
        if type(value) is not kind:
            raise NotPlain
        return value

    def part(self, name: str) -> _Plain:
        value = self._get(name)
        return _Plain({} if value is None else value)

    def word(self, name: str, longest: int = sys.maxsize) -> str:
        text: str = self.of(name, str)
        if not 0 < len(text) <= longest:
            raise NotPlain
        return text

    def text(self, name: str) -> str | None:
        value: str | None = self._get(name)
        if value is not None and type(value) is not str:
            raise NotPlain
        return value

    def are_texts(self, *names: str) -> bool:
        for name in names:
            self.text(name)
        return True

    def texts(self, name: str) -> list[str]:
        texts: list[str] = [] if self._get(name) is None else self.of(name, list)
        if not all(type(text) is str for text in texts):
            raise NotPlain
        return texts

    def flag(self, name: str) -> bool:
        return self._get(name) is not None and bool(self.of(name, bool))

    def whole(self, name: str) -> int:
        number: int = 0 if self._get(name) is None else self.of(name, int)
        if abs(number) > MAX_WHOLE:
            raise NotPlain
        return number

    def amount(self, name: str) -> float:
        number = self._get(name)
        if number is None:
            return 0.0
        if type(number) not in (int, float) or not abs(number) <= MAX_WHOLE:
            raise NotPlain
        return float(number)

    def needed_ms(self, name: str) -> int:
        text = self.of(name, str)
        if not _TIME.fullmatch(text):
            raise NotPlain
        # Exact, for these are whole milliseconds. The quotient of two whole numbers would keep 48
        # bytes, not 32: a list holds four of them a run.
        return int(moment_ns(text) / NS_PER_MS)

    def ms(self, name: str) -> int | None:
        return None if self._get(name) is None else self.needed_ms(name)


_PERIOD = re.compile(r"[1-9]\d{0,3}[smhdw]")


def applied_window(told: object) -> RunFilter | None:
    """The window in `appliedFilters`; None where nothing of it can be read."""
    window = told.get("createdAt") if isinstance(told, dict) else None
    if not isinstance(window, dict):
        return None
    period = window.get("period")
    if isinstance(period, str) and _PERIOD.fullmatch(period):
        return RunFilter(period=period)
    since, until = (_end(window.get(name)) for name in ("from", "to"))
    if since is None and until is None:
        return None
    return RunFilter(since=since, until=until)


def _end(told: object) -> datetime | None:
    try:
        if isinstance(told, str):
            return datetime_of(moment_ns(told))
        return datetime.fromtimestamp(told / 1000, UTC) if isinstance(told, int | float) else None
    except (ValueError, OverflowError, OSError):
        return None
