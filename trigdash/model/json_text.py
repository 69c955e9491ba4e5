"""JSON as text, written and read as the standard has it.

Python's own reader and writer take liberties: `1e400` becomes `Infinity`, which is no JSON, and
half an emoji (`"\\ud83d"`, legal JSON and common in texts that JavaScript has cut) becomes a string
that nothing can write. Here a number that no float holds keeps its digits, and half a character is
written as the escape that it came as.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any, NoReturn

from trigdash.model.clean import replace_unsafe
from trigdash.model.json_walk import MAX_DEPTH, TOO_DEEP

MAX_WHOLE = 2**53 - 1
"""The largest whole number that a JavaScript server means; columns of 64 bits hold it. No amount
is larger either."""

_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class HugeNumber:
    """A number beyond what a float holds, as it was written."""

    digits: str


BEYOND_ALL = HugeNumber("1e999")
"""An infinite number whose digits are not known: every reader takes this for infinite."""


def parse_json(text: str | bytes, **options: Any) -> Any:
    """The value of a JSON text. Raises ValueError if it is not JSON or nests too deeply; NaN and
    Infinity, which Python would accept, are not JSON. `options` are those of `json.loads`."""
    hooks: dict[str, Any] = {"parse_float": _read_float, "parse_constant": _refuse}
    try:
        return json.loads(text, **(hooks | options))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def json_compact(value: object) -> str:
    """A value as the wire carries it: no blanks, and nothing that UTF-8 cannot write."""
    return _written(value, separators=(",", ":"))


def json_spaced(value: object) -> str:
    """A value on one line, for people to take along."""
    return _written(value)


def json_pretty(value: object) -> str:
    """A value in indented lines that are safe to show and to edit: what a terminal may not get is
    written as escapes, which mean the same."""
    return "\n".join(map(escaped, _written(value, indent=2).split("\n")))


def json_ascii(value: object, *, indent: int | None = None) -> str:
    """A value in ASCII, for any reader of a command's output: it survives every encoding, and
    nothing in it acts on a terminal."""
    text = _written(value, ensure_ascii=True, indent=indent)
    return "\n".join(map(escaped, text.split("\n")))


def escaped(text: str) -> str:
    """A text with all that is unsafe to show as JSON escapes, line ends among it."""
    return replace_unsafe(text, _escape)


def _written(value: object, **layout: Any) -> str:
    numbers = _Numbers()
    layout.setdefault("ensure_ascii", False)
    try:
        text = json.dumps(value, allow_nan=False, default=numbers.stand_in, **layout)
    except RecursionError:
        return _written(_cut(value, MAX_DEPTH), **layout)
    except ValueError:
        text = json.dumps(_finite(value), default=numbers.stand_in, **layout)
    # Only strings have them, and there the escape means the same.
    text = text if text.isascii() else _SURROGATES.sub(lambda half: _escape(half[0]), text)
    return numbers.put_back(text)


class _Numbers:
    """Numbers that `json` cannot write: a text replaces each until the rest is written."""

    def __init__(self) -> None:
        self._mark = ""
        self._digits: list[str] = []

    def stand_in(self, value: object) -> str:
        if not isinstance(value, HugeNumber):
            return str(value)
        if not self._mark:
            from uuid import uuid4  # hardly ever needed

            self._mark = uuid4().hex
        self._digits.append(value.digits)
        return f"{self._mark} {len(self._digits) - 1}"

    def put_back(self, text: str) -> str:
        if not self._mark:
            return text
        return re.sub(rf'"{self._mark} (\d+)"', lambda found: self._digits[int(found[1])], text)


def _cut(value: Any, levels: int) -> Any:
    """A value without what nests deeper than so many levels."""
    if not isinstance(value, dict | list | tuple):
        return value
    if levels == 0:
        return TOO_DEEP
    if isinstance(value, dict):
        return {key: _cut(part, levels - 1) for key, part in value.items()}
    return [_cut(part, levels - 1) for part in value]


def _finite(value: Any) -> Any:
    """A value in which no float is infinite or no number."""
    if isinstance(value, float):
        return value if math.isfinite(value) else _not_finite(value)
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return value


def _not_finite(value: float) -> HugeNumber | None:
    if math.isnan(value):
        return None
    return BEYOND_ALL if value > 0 else HugeNumber(f"-{BEYOND_ALL.digits}")


def _read_float(digits: str) -> float | HugeNumber:
    number = float(digits)
    return number if math.isfinite(number) else HugeNumber(digits)


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _escape(character: str) -> str:
    """A character as JSON escape; one beyond U+FFFF takes two."""
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
