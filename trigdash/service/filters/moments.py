"""Points in time and look-backs as people type them: `24h`, `yesterday`, `9:00`, `2026-11-21`.

This module is imported before the first frame: standard library and light modules only.
"""

import re
from datetime import UTC, datetime, time, timedelta

from trigdash.model.moment import instant_of

_UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_LOOKBACK = re.compile(r"(?:\d+[smhdw])+")
_PART = re.compile(r"(\d+)([smhdw])")
LONGEST_S = 100 * 366 * 86_400
"""A hundred years: nothing is older, and dates far earlier cannot be represented."""
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_DAYS_AGO = {"today": 0, "yesterday": 1}

LOOKBACK_HINT = "a number and s, m, h, d or w, such as 30m, 24h or 7d"
MOMENT_HINT = "2026-11-21, 2026-11-21T09:00, 9:00, yesterday or 2h (ago)"


def lookback_s(text: str) -> int | None:
    """Seconds of a look-back such as `24h` or `1h30m`, at most LONGEST_S; None for other texts."""
    lowered = text.lower()
    if not _LOOKBACK.fullmatch(lowered):
        return None
    seconds = sum(int(number) * _UNIT_S[unit] for number, unit in _PART.findall(lowered))
    return seconds if seconds <= LONGEST_S else None


def period(text: str) -> str | None:
    """A look-back as the API writes it, one number and one unit; None when it is not one.

    The server treats an invalid period as "all of time" (recorded: `banana` listed runs older than
    the default window), so only known forms may be sent.
    """
    seconds = lookback_s(text)
    if not seconds:
        return None
    if re.fullmatch(r"\d+[smhdw]", text.lower()):
        return str(int(text[:-1])) + text[-1].lower()
    unit = max((u for u in _UNIT_S if seconds % _UNIT_S[u] == 0), key=_UNIT_S.__getitem__)
    return f"{seconds // _UNIT_S[unit]}{unit}"


def moment(text: str, now: datetime, *, last: bool = False) -> datetime | None:
    """The instant that a text names, in UTC; None when it names none. `now` is aware; dates and
    clock times are in its zone, by that zone's rules for their date. A time that occurs twice means
    its first occurrence, or with `last` its last.
    """
    lowered = text.lower()
    ago_s = lookback_s(lowered)
    if ago_s is not None:
        return now.astimezone(UTC) - timedelta(seconds=ago_s)
    if lowered == "now":
        return now.astimezone(UTC)
    named = _day(lowered, now) or _clock_time(lowered, now) or _iso(text)
    if named is None or named.tzinfo is not None:
        return _in_utc(named)
    try:
        return instant_of(named.date(), named.time(), now.tzinfo or UTC, last=last)
    except (ValueError, OverflowError):  # at the end of the calendar
        return None


def _day(text: str, now: datetime) -> datetime | None:
    """The beginning of a day by its name."""
    if text not in _DAYS_AGO:
        return None
    return datetime.combine(now.date() - timedelta(days=_DAYS_AGO[text]), time())


def _clock_time(text: str, now: datetime) -> datetime | None:
    """A time of today."""
    found = _CLOCK.fullmatch(text)
    if not found:
        return None
    hour, minute, second = (int(part or 0) for part in found.groups())
    if hour > 23 or minute > 59 or second > 59:
        return None
    return datetime.combine(now.date(), time(hour, minute, second))


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _in_utc(named: datetime | None) -> datetime | None:
    try:
        return None if named is None else named.astimezone(UTC)
    except (ValueError, OverflowError):  # at the end of the calendar
        return None
