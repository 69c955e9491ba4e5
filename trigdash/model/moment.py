"""Times: epoch nanoseconds of the wire, and local times through clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from typing_extensions import override

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
    """A duration such as `90s`, `2h` or `7d`, in milliseconds. Raises ValueError with a message."""
    unit = _UNITS_MS.get(text[-1:])
    if unit is None or not text[:-1].isdecimal() or not 0 < int(text[:-1]) < 10_000:
        raise ValueError("a duration, such as 30m, 2h or 7d")
    return int(text[:-1]) * unit


def _slow_ns(text: str) -> int:
    return moment_of(in_utc(datetime.fromisoformat(text)))


class _MachineZone(tzinfo):
    """The time zone of this machine, by its rules for each date."""

    @override
    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        if moment is None:
            return None
        wall = moment.replace(tzinfo=None)
        # Without a zone, the standard library asks the system; it heeds `fold`, too.
        return wall - wall.astimezone(UTC).replace(tzinfo=None)

    @override
    def dst(self, moment: datetime | None) -> timedelta | None:
        return None  # nobody asks, and the system tells it for some zones only

    @override
    def tzname(self, moment: datetime | None) -> str | None:
        return None if moment is None else moment.replace(tzinfo=None).astimezone().tzname()

    @override
    def fromutc(self, moment: datetime) -> datetime:
        there = moment.replace(tzinfo=UTC).astimezone()
        wall = there.replace(tzinfo=self)
        # Of an hour that comes twice this is the second one.
        return wall if wall.utcoffset() == there.utcoffset() else wall.replace(fold=1)


LOCAL: Final[tzinfo] = _MachineZone()
"""The machine's zone."""


def local(instant: datetime, zone: tzinfo = LOCAL) -> datetime:
    """An aware instant on the clock of a zone."""
    return instant.astimezone(zone)


def local_at(epoch_s: float, zone: tzinfo = LOCAL) -> datetime:
    """Seconds since the epoch on the clock of a zone."""
    return datetime.fromtimestamp(epoch_s, zone)


def instant_of(day: date, clock: time, zone: tzinfo = LOCAL, *, last: bool = False) -> datetime:
    """The instant, in UTC, at which a zone's clock shows a time on a day.

    A time that comes twice, when clocks go back, means its first occurrence, or with `last` its
    last. One that does not come, when clocks go forward, is moved forward by what was skipped.
    Raises OverflowError or ValueError at the ends of the calendar.
    """
    first, second = (
        datetime.combine(day, clock.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1)
    )
    return max(first, second) if last else first


def comes_twice(moment: datetime) -> bool:
    """Whether a local moment's time of day comes twice on its day: its zone must be said then."""
    first, second = (moment.replace(fold=fold) for fold in (0, 1))
    return first.astimezone(UTC) < second.astimezone(UTC)


_SMALLER = {"d": (3_600, "h"), "h": (60, "m"), "m": (1, "s")}


def span_text(away: timedelta) -> str:
    """A duration in its two largest units; never negative."""
    seconds = max(0, round(away.total_seconds()))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= size:
            whole, rest = divmod(seconds, size)
            part, smaller = _SMALLER[unit]
            return f"{whole} {unit} {rest // part:02} {smaller}"
    return f"{seconds} s"
