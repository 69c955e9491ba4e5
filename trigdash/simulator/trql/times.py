"""Times as text: `2026-11-21 22:37:14.076`, in UTC and without a zone, as the server prints them.

Text of this form sorts as time does, so SQLite compares it as it is.
"""

import calendar
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from trigdash.simulator.trql.refusal import QueryRefused

_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
_MILLISECOND = "millisecond"
_PLAIN = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$")


def unit_of(text: str) -> str:
    """`hours`, `HOUR`, `hh` to `hour`."""
    name = text.strip().lower()
    short = {
        "ms": _MILLISECOND, "ss": "second", "s": "second", "mi": "minute", "n": "minute",
        "hh": "hour", "h": "hour", "dd": "day", "d": "day", "wk": "week", "w": "week",
        "mm": "month", "m": "month", "qq": "quarter", "q": "quarter", "yy": "year", "yyyy": "year",
    }  # fmt: skip
    name = short.get(name, name.removesuffix("s"))
    if name not in _SECONDS and name not in _MONTHS and name != _MILLISECOND:
        raise QueryRefused(f"Unknown interval unit: '{text}'")
    return name


def read(value: object) -> datetime:
    """A time from text or from epoch seconds."""
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    try:
        found = datetime.fromisoformat(str(value).strip().replace(" ", "T"))
    except ValueError:
        raise QueryRefused(f"Cannot parse string '{value}' as DateTime") from None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def fine(moment: datetime) -> str:
    """With milliseconds."""
    text = moment.strftime("%Y-%m-%d %H:%M:%S.%f")
    return text[:-3]


def coarse(moment: datetime) -> str:
    """With seconds."""
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def fine_ms(time_ms: int) -> str:
    """Epoch milliseconds, with milliseconds."""
    seconds, millis = divmod(time_ms, 1000)
    return f"{_second(seconds)}.{millis:03d}"


def coarse_ms(time_ms: int) -> str:
    """Epoch milliseconds, with seconds."""
    return _second(time_ms // 1000)


@lru_cache(maxsize=4096)
def _second(seconds: int) -> str:
    return coarse(datetime.fromtimestamp(seconds, UTC))


def moved(value: object, count: float, unit: str) -> str | None:
    """A time some units later, or earlier."""
    if value is None:
        return None
    moment = read(value)
    text = fine if re.search(r"\.\d{3}$", str(value)) else coarse
    name = unit_of(unit)
    if name in _MONTHS:
        return text(_months_later(moment, int(count) * _MONTHS[name]))
    if name == _MILLISECOND:
        return fine(moment + timedelta(milliseconds=count))
    return text(moment + timedelta(seconds=count * _SECONDS[name]))


def _months_later(moment: datetime, months: int) -> datetime:
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))


def start_of(value: object, unit: str, count: int = 1) -> str | None:
    """The start of the bucket of `count` units that a time lies in; days and longer are dates."""
    if value is None:
        return None
    name = unit_of(unit)
    if isinstance(value, str) and name != "second" and _PLAIN.match(value):
        # All times of a minute share the answer, and a minute holds many.
        return _start(value[:16], name, count)
    return _start(value, name, count)


@lru_cache(maxsize=16_384)
def _start(value: object, name: str, count: int) -> str:
    moment = read(value)
    if name in _MONTHS:
        step = count * _MONTHS[name]
        year, month = divmod((moment.year * 12 + moment.month - 1) // step * step, 12)
        return f"{year:04}-{month + 1:02}-01"
    if name == "week":
        # Weeks start on Monday; the epoch was a Thursday.
        days = (moment - _epoch()).days
        weeks = (days + 3) // (7 * count) * 7 * count - 3
        return (_epoch() + timedelta(days=weeks)).strftime("%Y-%m-%d")
    step_s = count * _SECONDS[name]
    start = datetime.fromtimestamp(moment.timestamp() // step_s * step_s, UTC)
    return start.strftime("%Y-%m-%d") if name == "day" else coarse(start)


def _epoch() -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC)


def crossings(unit: str, start: object, end: object) -> int | None:
    """`dateDiff`: how many boundaries of a unit lie between two times."""
    if start is None or end is None:
        return None
    first, last = read(start), read(end)
    name = unit_of(unit)
    if name in _MONTHS:
        months = [
            (moment.year * 12 + moment.month - 1) // _MONTHS[name] for moment in (first, last)
        ]
        return months[1] - months[0]
    if name == _MILLISECOND:
        return round((last - first) / timedelta(milliseconds=1))
    step_s = _SECONDS[name]
    shift_s = 3 * 86_400 if name == "week" else 0
    counts = [int((moment.timestamp() + shift_s) // step_s) for moment in (first, last)]
    return counts[1] - counts[0]
