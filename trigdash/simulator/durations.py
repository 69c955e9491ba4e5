"""Durations and dates as the API takes them: `1h`, `2h30m`, ISO 8601, epoch milliseconds."""

import re
from datetime import UTC, datetime

_UNITS_MS = {
    "w": 604_800_000, "d": 86_400_000, "hr": 3_600_000, "h": 3_600_000, "m": 60_000, "s": 1_000,
}  # fmt: skip
_WHOLE = re.compile(r"(?:\d+(?:w|d|hr|h|m|s))+")
_PART = re.compile(r"(\d+)(w|d|hr|h|m|s)")


def duration_ms(text: str) -> int | None:
    """Milliseconds of a duration such as `90s` or `2h30m`; None when it is none."""
    if len(text) > 100 or _WHOLE.fullmatch(text) is None:
        return None
    return sum(int(number) * _UNITS_MS[unit] for number, unit in _PART.findall(text))


def date_ms(text: str) -> int | None:
    """Epoch milliseconds of an ISO date, or of a text of epoch milliseconds; None when neither."""
    if text.isdigit():
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp() * 1000)


def iso(time_ms: int) -> str:
    """As the API writes a time: UTC with milliseconds and `Z`."""
    seconds, millis = divmod(time_ms, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{millis:03d}Z"
