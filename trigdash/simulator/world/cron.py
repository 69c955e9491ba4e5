"""Cron expressions in a time zone: their next and last time, and their description."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

_FIELDS = (
    ("minute", 0, 59), ("hour", 0, 23), ("day of month", 1, 31), ("month", 1, 12),
    ("day of week", 0, 7),
)  # fmt: skip
_REGIONS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe",
    "Indian", "Pacific",
)  # fmt: skip


# More is no schedule that anybody wrote.
_MOST_LETTERS = 1_000


class BadCron(ValueError):
    """An invalid expression; the text says why."""


@lru_cache(maxsize=1)
def timezones() -> list[str]:
    """The zones that schedules may be in: UTC first, then regions by name."""
    named = (name for name in available_timezones() if name.split("/")[0] in _REGIONS)
    return ["UTC", *sorted(name for name in named if "/" in name)]


def is_timezone(name: str) -> bool:
    return name in available_timezones()


def check(expression: str) -> None:
    """Refuse what is not five fields of cron."""
    fields = expression.split()
    if len(fields) != len(_FIELDS) or len(expression) > _MOST_LETTERS:
        raise BadCron("Invalid cron expression, expected 5 fields")
    for text, (_, low, high) in zip(fields, _FIELDS, strict=True):
        for number in map(int, re.findall(r"(?<![/\w])\d+", text)):
            if not low <= number <= high:
                raise BadCron(f"Constraint error, got value {number} expected range {low}-{high}")
    try:
        CronSim(expression, datetime(2026, 1, 1, tzinfo=UTC))
    except CronSimError as problem:
        raise BadCron(str(problem)) from None


@lru_cache(maxsize=512)
def describe(expression: str) -> str:
    """The description, as in the dashboard: `At 09:00 AM, Monday through Friday`."""
    # Loaded with the first description; it ships no types.
    from cron_descriptor import Options, get_description  # type: ignore[import-untyped]

    # In the server's language, not in this machine's.
    options = Options()
    options.locale_code = "en_US"
    options.use_24hour_time_format = False
    return str(get_description(expression, options))


def after(expression: str, timezone: str, time_ms: int) -> int:
    """The first time strictly after another."""
    return _moment(expression, timezone, time_ms, backwards=False)


def before(expression: str, timezone: str, time_ms: int) -> int:
    """The last time strictly before another."""
    return _moment(expression, timezone, time_ms, backwards=True)


def _moment(expression: str, timezone: str, time_ms: int, backwards: bool) -> int:
    # Backwards counts from the end of this second, forwards from its start: both are strict.
    seconds = -(-time_ms // 1000) if backwards else time_ms // 1000
    zone = UTC if timezone == "UTC" else _zone(timezone)
    start = datetime.fromtimestamp(seconds, zone)
    return int(next(CronSim(expression, start, reverse=backwards)).timestamp()) * 1000


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
