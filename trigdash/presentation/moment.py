"""What people write for a moment to come, and which moment that is.

`10m`, `2h30m`, `tomorrow 9:00`, `fri 18:00`, `9:00`, `2026-11-21T22:37Z`. A duration is sent to the
server as a duration, so that it counts from the server's own clock; everything else as an ISO time.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from trigdash.model.moment import LOCAL, instant_of, local

_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_UNIT_WORDS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), "m"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("w", "wk", "week", "weeks"), "w"),
}
_PART = re.compile(r"(\d{1,6})\s*([a-z]+)\s*")
_CLOCK = re.compile(r"(\d{1,2})(?::(\d{2}))?(?::(\d{2}))?\s*(am|pm)?")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MORNING = time(9, 0)
"""What a day without a time means: the start of a working day, shown before it is confirmed."""

MAX_AHEAD = timedelta(days=365 * 10)
"""Farther away it is a slip of the finger; also keeps `timedelta` from overflowing."""


class NotAMoment(ValueError):
    """The phrase cannot be read, or is not in the future; the text says why."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A future moment, and the form in which the API takes it."""

    at: datetime
    """UTC."""
    delay: str
    """A duration such as `2h30m`, or an ISO time in UTC."""

    def local(self, zone: tzinfo = LOCAL) -> datetime:
        """The moment on the user's clock (the machine's zone unless one is given)."""
        return local(self.at, zone)


def hint(now: datetime, zone: tzinfo = LOCAL) -> str:
    """What may be typed. Its date is one to come, so that each example works."""
    day = local(now, zone).date() + timedelta(days=2)
    return f"10m · 2h30m · tomorrow 9:00 · fri 18:00 · {day} 22:30 · now"


def moment(phrase: str, now: datetime, zone: tzinfo = LOCAL) -> Moment:
    """The moment that a phrase means, seen from `now` in a time zone (default: the machine's).

    Raises NotAMoment with a sentence for the user.
    """
    words = " ".join(phrase.lower().split())
    if not words:
        raise NotAMoment(f"when? {hint(now, zone)}")
    if words == "now":
        return Moment(now.astimezone(UTC) + timedelta(seconds=1), "1s")
    seconds = _duration_s(words.removeprefix("in "))
    if seconds is not None:
        return _after(seconds, now)
    at = _named(words, now, zone) or _iso(phrase.strip(), now, zone)
    if at is None:
        raise NotAMoment(f"cannot read that time; try {hint(now, zone)}")
    if at <= now:
        raise NotAMoment(f"{local(at, zone):%Y-%m-%d %H:%M} has passed")
    if at - now > MAX_AHEAD:
        raise NotAMoment("that is more than ten years away")
    return Moment(at, at.strftime("%Y-%m-%dT%H:%M:%S.000Z"))


def _after(seconds: int, now: datetime) -> Moment:
    if not seconds:
        raise NotAMoment("that is now; say `now` to start it at once")
    if seconds > MAX_AHEAD.total_seconds():
        raise NotAMoment("that is more than ten years away")
    return Moment(now.astimezone(UTC) + timedelta(seconds=seconds), _duration_text(seconds))


def _duration_s(words: str) -> int | None:
    """Seconds of `2h30m`, `2 hours 30 min`; None when it is not a duration."""
    position, total = 0, 0
    while position < len(words):
        part = _PART.match(words, position)
        unit = _UNIT_WORDS.get(part[2]) if part else None
        if part is None or unit is None:
            return None
        total += int(part[1]) * _UNITS[unit]
        position = part.end()
    return total


def _duration_text(seconds: int) -> str:
    """The duration in the API's grammar (weeks, days, hours, minutes, seconds, no spaces)."""
    parts = []
    for unit, size in _UNITS.items():
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts)


def _named(words: str, now: datetime, zone: tzinfo) -> datetime | None:
    """`today 18:00`, `tomorrow`, `fri 9:00`, `9:00`: the next moment that fits."""
    here = local(now, zone)
    first, _, rest = words.partition(" ")
    day = _day(first, here.date())
    if day is None:
        clock = _clock(words) if ":" in words or words.endswith(("am", "pm")) else None
        if clock is None:
            return None
        return _next_after(now, here.date(), clock, zone, days=1)
    clock = _clock(rest.removeprefix("at ")) if rest else _MORNING
    if clock is None:
        return None
    if first[:3] in _DAYS:
        return _next_after(now, day, clock, zone, days=7)
    return _coming(now, day, clock, zone)


def _day(word: str, today: date) -> date | None:
    if word == "today":
        return today
    if word == "tomorrow":
        return today + timedelta(days=1)
    full = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    for number, name in enumerate(full):
        if len(word) >= 3 and name.startswith(word):
            return today + timedelta(days=(number - today.weekday()) % 7)
    try:
        return date.fromisoformat(word)
    except ValueError:
        return None


def _clock(words: str) -> time | None:
    match = _CLOCK.fullmatch(words)
    if match is None:
        return None
    hour, minute, second = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    if match[4]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match[4] == "pm" else 0)
    return time(hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


def _next_after(now: datetime, day: date, clock: time, zone: tzinfo, *, days: int) -> datetime:
    """A time on a day, or so many days later where it has passed."""
    at = _coming(now, day, clock, zone)
    return at if at > now else instant_of(day + timedelta(days=days), clock, zone)


def _coming(now: datetime, day: date, clock: time, zone: tzinfo) -> datetime:
    """A time on a day; one that comes twice is over only when its second occurrence is."""
    first = instant_of(day, clock, zone)
    return first if first > now else instant_of(day, clock, zone, last=True)


def _iso(text: str, now: datetime, zone: tzinfo) -> datetime | None:
    """An ISO time; without an offset it is a time on the user's clock."""
    try:
        read = datetime.fromisoformat(text)
        if read.tzinfo is not None:
            return read.astimezone(UTC)
        return _coming(now, read.date(), read.time(), zone)
    except (ValueError, OverflowError):
        return None
