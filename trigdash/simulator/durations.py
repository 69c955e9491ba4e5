"""Durations and dates as the API takes them: `1h`, `2h30m`, ISO 8601, epoch milliseconds."""

import re
from datetime import UTC, datetime

_UNITS_MS = {
    "w": 604_800_000, "d": 86_400_000, "hr": 3_600_000, "h": 3_600_000, "m": 60_000, "s": 1_000,
}  # fmt: skip
_WHOLE = re.compile(r"(?:\d+(?:w|d|hr|h|m|s))+")
_PART = re.compile(r"(\d+)(w|d|hr|h|m|s)")
# What a time can be: beyond these no date can be written.
_LAST_MS = int(datetime(9000, 1, 1, tzinfo=UTC).timestamp() * 1000)
LONGEST_MS = 1_000 * 366 * 86_400_000


def duration_ms(text: str) -> int | None:
    """Milliseconds of a duration such as `90s` or `2h30m`; None when it is none."""
    if len(text) > 100 or _WHOLE.fullmatch(text) is None:
        return None
    length_ms = sum(int(number) * _UNITS_MS[unit] for number, unit in _PART.findall(text))
    return length_ms if length_ms <= LONGEST_MS else None


def date_ms(text: str) -> int | None:
    """Epoch milliseconds of an ISO date, or of a text of epoch milliseconds; None when neither."""
    if text.isdecimal():
        time_ms = int(text) if len(text) < 20 else _LAST_MS + 1
    else:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        time_ms = int(moment.timestamp() * 1000)
    return time_ms if time_ms <= _LAST_MS else None


def iso(time_ms: int) -> str:
    """As the API writes a time: UTC with milliseconds and `Z`."""
    seconds, millis = divmod(time_ms, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{millis:03d}Z"
