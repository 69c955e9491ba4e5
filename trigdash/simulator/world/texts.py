"""Texts of the wire: durations (`1h`, `2h30m`), dates (ISO 8601, epoch ms), JSON and cursors."""

import base64
import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_UNITS_MS = {
    "w": 604_800_000, "d": 86_400_000, "hr": 3_600_000, "h": 3_600_000, "m": 60_000, "s": 1_000,
}  # fmt: skip
_WHOLE = re.compile(r"(?:\d+(?:w|d|hr|h|m|s))+")
_PART = re.compile(r"(\d+)(w|d|hr|h|m|s)")
# What a time can be: beyond these no date can be written.
_LAST_MS = int(datetime(9000, 1, 1, tzinfo=UTC).timestamp() * 1000)
LONGEST_MS = 1_000 * 366 * 86_400_000


def duration_ms(text: str) -> int | None:
    """Milliseconds of a duration such as `90s` or `2h30m`; None when it is invalid."""
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


_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")


def read_json(text: bytes | str) -> Any:
    """The value of a JSON text; ValueError when it is invalid.

    Half a character becomes U+FFFD and a number beyond all bounds becomes null, as both would when
    the server writes them again. `NaN` and `Infinity` are no JSON, though Python reads them.
    """
    try:
        value = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    escaped = b"\\u" in text if isinstance(text, bytes) else "\\u" in text
    return _whole_characters(value) if escaped else value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def _whole_characters(value: Any) -> Any:
    if isinstance(value, str):
        return _HALF_A_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, list):
        return [_whole_characters(item) for item in value]
    if isinstance(value, dict):
        return {_whole_characters(name): _whole_characters(item) for name, item in value.items()}
    return value


def encode_cursor(parts: Mapping[str, object]) -> str:
    """A cursor from the values that name a place."""
    text = json.dumps(parts, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(text: str) -> dict[str, Any] | None:
    """The values in a cursor; None for one that cannot be read."""
    try:
        found = read_json(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
