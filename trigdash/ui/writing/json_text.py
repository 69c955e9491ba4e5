"""JSON as people type it: read strictly, and when it cannot be read, where and why in words."""

import json
import math
from dataclasses import dataclass

from trigdash.model.json_text import json_compact

MAX_METADATA_BYTES = 262_144
"""Recorded: a larger metadata is refused with 413 "exceeds maximum size of 262144 bytes"."""
MAX_PAYLOAD_BYTES = 3_000_000
"""The trigger endpoint takes a body of at most 3,145,728 bytes; the rest is for the options."""


@dataclass(frozen=True, slots=True)
class JsonProblem:
    """Why a text is not acceptable JSON."""

    reason: str
    line: int | None = None
    """From 1; None when the problem is not at one place."""
    column: int | None = None

    def sentence(self) -> str:
        """For the line under the editor."""
        where = f"line {self.line}, column {self.column}: " if self.line else ""
        return f"{where}{self.reason}"


@dataclass(frozen=True, slots=True)
class JsonText:
    """A text that was read: its value, or the problem."""

    value: object = None
    problem: JsonProblem | None = None


def read_json(text: str, *, must_be_object: bool = False, max_bytes: int | None = None) -> JsonText:
    """Read a text as JSON. NaN, Infinity, numbers beyond all floats and repeated keys are refused:
    the server would not store what was typed."""
    if not text.strip():
        return _bad("empty: write {} for nothing" if must_be_object else "empty: write null")
    try:
        value = json.loads(
            text,
            parse_float=_float,
            parse_constant=_no_constant,
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:
        return JsonText(problem=JsonProblem(_reason(error), error.lineno, error.colno))
    except RecursionError:
        return _bad("nested too deeply")
    except ValueError as error:  # a repeated key, NaN, or a number of thousands of digits
        return _bad(str(error) if isinstance(error, _Unwelcome) else "a number is too long")
    if must_be_object and not isinstance(value, dict):
        return _bad("must be an object: {…}")
    if max_bytes is not None:
        size = len(json_compact(value).encode())
        if size > max_bytes:
            return _bad(f"{size:,} bytes, the server takes at most {max_bytes:,}")
    return JsonText(value)


class _Unwelcome(ValueError):
    """Readable by Python's reader, but not what JSON or the server keeps."""


def _bad(reason: str) -> JsonText:
    return JsonText(problem=JsonProblem(reason))


def _no_constant(name: str) -> object:
    raise _Unwelcome(f"{name} is not JSON")


def _float(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise _Unwelcome(f"{digits[:40]} is larger than a number can be")
    return number


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    read = dict(pairs)
    if len(read) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Unwelcome(f'the key "{twice}" appears twice')
    return read


_REASONS = {
    "Expecting value": "a value is missing",
    "Expecting property name enclosed in double quotes": "a key in double quotes is missing",
    "Illegal trailing comma before end of object": "remove the last comma",
    "Illegal trailing comma before end of array": "remove the last comma",
    "Expecting ':' delimiter": "a colon is missing",
    "Expecting ',' delimiter": "a comma or the end is missing",
    "Unterminated string starting at": "this text has no closing quote",
    "Extra data": "something follows the end",
    "Invalid control character at": "a line break or tab inside a text: write \\n or \\t",
    "Invalid \\escape": "a backslash must be doubled",
}


def _reason(error: json.JSONDecodeError) -> str:
    return _REASONS.get(error.msg, error.msg.lower())
