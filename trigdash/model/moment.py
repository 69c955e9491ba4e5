"""Times of the wire as epoch nanoseconds: small, comparable, and quick to read by the 100,000."""

from datetime import UTC, datetime

NS_PER_MS = 1_000_000
NS_PER_S = 1_000_000_000

MAX_MINUTES = 4_096
"""Minutes remembered by `moment_ns`; a trace touches a handful, a week of them ten thousand."""

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
"""Columns of nanoseconds hold 64 bits, which end 62 years later: room for durations."""

_minutes: dict[str, int] = {}


def moment_ns(text: str) -> int:
    """Epoch nanoseconds of an ISO time such as `2026-11-21T22:39:50.781Z`. Raises ValueError."""
    if len(text) != 24 or text[23] != "Z" or text[19] != ".":
        return _slow_ns(text)
    minute = _minutes.get(text[:16])
    if minute is None:
        minute = _slow_ns(f"{text[:16]}:00+00:00")
        if len(_minutes) >= MAX_MINUTES:
            _minutes.clear()
        _minutes[text[:16]] = minute
    return minute + int(text[17:19]) * NS_PER_S + int(text[20:23]) * NS_PER_MS


def in_utc(moment: datetime) -> datetime:
    """A time of the wire in UTC, also where it names no zone. One before EARLIEST or after LATEST
    is a mistake of its sender and taken for that: arithmetic and time zones end at year 1."""
    if moment.year < EARLIEST.year:
        return EARLIEST
    if moment.year >= LATEST.year:
        return LATEST
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def moment_of(moment: datetime) -> int:
    """Epoch nanoseconds of an aware datetime, to the microsecond."""
    whole = int(moment.replace(microsecond=0).timestamp())
    return whole * NS_PER_S + moment.microsecond * 1_000


def datetime_of(ns: int) -> datetime:
    """The UTC time of epoch nanoseconds, to the microsecond."""
    whole, rest = divmod(ns, NS_PER_S)
    return datetime.fromtimestamp(whole, UTC).replace(microsecond=rest // 1_000)


_UNITS_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}


def duration_ms(text: str) -> int:
    """A duration such as `90s`, `2h` or `7d`, in milliseconds. ValueError in words."""
    unit = _UNITS_MS.get(text[-1:])
    if unit is None or not text[:-1].isdecimal() or not 0 < int(text[:-1]) < 10_000:
        raise ValueError("a duration, such as 30m, 2h or 7d")
    return int(text[:-1]) * unit


def _slow_ns(text: str) -> int:
    return moment_of(in_utc(datetime.fromisoformat(text)))
