"""JSON as people type it, read strictly, and what an edit of metadata changes."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trigdash.model.clean import clean
from trigdash.model.json_text import escaped, json_compact
from trigdash.presentation.cell import Cell, cut_text
from trigdash.service.actions.metadata_edit import ABSENT, Conflict, counts

if TYPE_CHECKING:
    from trigdash.model.run import Run

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

    def message(self) -> str:
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


LISTED = 6
"""Conflicts that are shown; the others are counted."""

WIDEST = 60
"""Columns of a value that is shown next to another."""


def metadata_of(run: Run) -> dict[str, object]:
    """A run's metadata; none, or none that is an object, is an empty one."""
    return run.metadata if isinstance(run.metadata, dict) else {}


def effect_cell(before: Mapping[str, object], after: Mapping[str, object]) -> Cell:
    """How many keys of the top level are added, changed and removed."""
    words = zip(
        counts(before, after),
        ("added", "changed", "removed"),
        ("good", "warn", "bad"),
        strict=True,
    )
    said = tuple((f"{number} {word}  ", role) for number, word, role in words if number)
    return said or (("unchanged", "faint"),)


def conflict_lines(conflicts: Sequence[Conflict]) -> list[Cell]:
    """Both values of each key that was changed on both sides."""
    lines: list[Cell] = [(("These values changed while you were editing:", "text"),), ()]
    for conflict in conflicts[:LISTED]:
        lines += [
            ((clean(".".join(conflict.path)), "strong"),),
            (("  now    ", "dim"), (_shown(conflict.theirs), "warn")),
            (("  yours  ", "dim"), (_shown(conflict.mine), "text")),
        ]
    if len(conflicts) > LISTED:
        lines.append(((f"and {len(conflicts) - LISTED} more", "dim"),))
    return [*lines, (), (("What else changed is kept as it is.", "dim"),)]


def _shown(value: object) -> str:
    return "removed" if value is ABSENT else cut_text(escaped(json_compact(value)), WIDEST)
