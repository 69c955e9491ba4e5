"""JSON that came from outside, read as the server's own language reads it."""

import json
import math
import re
from typing import Any

_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")


def read_json(text: bytes | str) -> Any:
    """The value in a JSON text; ValueError for what is none.

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
