"""How values are parsed from the wire: tolerant of new fields, strict about required ones. Unknown
keys are ignored, unknown enum values are kept as text, and an absent value and a null are the same.
Text is made safe for a terminal where it enters (see `clean`); free JSON (payload, output,
metadata) is kept as it came and cleaned when it is shown.
"""

from __future__ import annotations

from datetime import datetime
from json import JSONDecodeError
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    TypeAdapter,
    ValidationError,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from trigdash.model.clean import clean, clean_text, encodable
from trigdash.model.json_text import MAX_WHOLE, parse_json
from trigdash.model.json_walk import read_json
from trigdash.model.moment import in_utc

T = TypeVar("T")

_FREE_JSON = frozenset({"payload", "output", "metadata", "properties"})
"""Fields whose value belongs to the user's tasks."""

MAX_LINE = 4_000
"""Characters kept of one line: the longest that the API takes is a key of 2,048."""


def _line(text: str) -> str:
    return clean(text if len(text) <= MAX_LINE else f"{text[:MAX_LINE]}…")


def _not_a_number(value: object) -> object:
    """Pydantic takes a number for seconds since 1970, which no server means."""
    if isinstance(value, int | float):
        raise PydanticCustomError("datetime_number", "not a time")
    return value


def _zero(value: object) -> object:
    return 0 if value is None else value


def _empty(value: object) -> object:
    return () if value is None else value


def _nothing(value: object) -> object:
    return {} if value is None else value


Line = Annotated[str, AfterValidator(_line)]
"""One line of safe text."""
Lines = Annotated[str, AfterValidator(clean_text)]
"""Safe text of several lines, joined with a line feed."""
Time = Annotated[datetime, BeforeValidator(_not_a_number)]
"""A time as it was sent, in any zone."""
Moment = Annotated[Time, AfterValidator(in_utc)]
"""An aware time in UTC."""
Flag = Annotated[bool, BeforeValidator(_zero)]
Whole = Annotated[int, Field(ge=-MAX_WHOLE, le=MAX_WHOLE)]
Count = Annotated[Whole, BeforeValidator(_zero)]
Real = Annotated[float, Field(ge=-MAX_WHOLE, le=MAX_WHOLE)]
Amount = Annotated[Real, BeforeValidator(_zero)]
Words = Annotated[tuple[Line, ...], BeforeValidator(_empty)]
NullIsEmpty = BeforeValidator(_empty)
"""For lists that may come as null."""
NullIsDefault = BeforeValidator(_nothing)
"""For objects whose every field has a default."""


class Wire(BaseModel):
    """Base of all that the API gives: frozen, camelCase on the wire, unknown keys ignored."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        alias_generator=to_camel,
        populate_by_name=True,
        allow_inf_nan=False,
        # Built when first used: the run list waits for its own model only.
        defer_build=True,
    )

    _unread: tuple[str, ...] = PrivateAttr(())

    @property
    def unread(self) -> tuple[str, ...]:
        """Names of the fields that came and could not be read; they are shown as absent."""
        return self._unread


def parse(adapter: TypeAdapter[T], body: bytes) -> T:
    """Validate a JSON body. Raises ValueError (ValidationError among them) when it does not fit.

    If the fast parser refuses the JSON, a patient one reads it: lone surrogates, very deep nesting,
    numbers of thousands of digits.
    """
    try:
        return adapter.validate_json(body)
    except ValidationError as problem:
        if not _is_syntax(problem):
            raise
    return adapter.validate_python(patient_value(body))


def patient_value(body: bytes) -> Any:
    """The value of a body that the fast parser refuses. ValueError where it is no JSON.

    Free JSON is kept as it came. Where even that parser refuses, for a value that nests without end
    or a number of thousands of digits, what it refuses is replaced and the rest is read.
    """
    try:
        return _encodable(parse_json(body))
    except (ValueError, RecursionError):
        return read_json(body)


def _encodable(value: Any) -> Any:
    """A value whose texts can be encoded, except free JSON, which is kept as it came."""
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, list):
        return [_encodable(part) for part in value]
    if isinstance(value, dict):
        return {
            encodable(key): part if key in _FREE_JSON else _encodable(part)
            for key, part in value.items()
        }
    return value


def _is_syntax(problem: ValidationError) -> bool:
    return problem.errors(include_url=False, include_input=False)[0]["type"] == "json_invalid"


_KINDS = {
    "missing": "is missing",
    "json_invalid": "is not JSON",
    "finite_number": "is not a number",
    "greater_than_equal": "is too small a number",
    "less_than_equal": "is too large a number",
    "string_too_short": "is empty",
    "string_too_long": "is too long",
}
_NOUNS = (
    ("datetime", "a time"),
    ("timezone", "a time"),
    ("int", "a number"),
    ("float", "a number"),
    ("bool", "yes or no"),
    ("string", "a text"),
    ("tuple", "a list"),
    ("list", "a list"),
    ("model", "an object"),
    ("dict", "an object"),
)
"""Beginnings of pydantic's names of errors, and what was expected there."""


WEB_PAGE = "a web page instead of JSON"
"""What another server than was meant is likely to send."""


def mismatch(problem: ValueError, body: bytes) -> str:
    """Which fields of an answer do not fit, without their values (they may be private)."""
    if not body.strip():
        return "the body is empty"
    if body.lstrip().startswith(b"<"):
        return f"{WEB_PAGE}; is this the address of the API?"
    if isinstance(problem, JSONDecodeError | UnicodeError):
        return "the body is not JSON"
    if not isinstance(problem, ValidationError):
        return clean(str(problem))[:200]
    errors = problem.errors(include_url=False, include_input=False, include_context=False)
    first = errors[0]
    where = clean(".".join(str(part) for part in first["loc"])) or "the body"
    more = f", and {len(errors) - 1} more" if len(errors) > 1 else ""
    return f"{where} {_kind(first['type'])}{more}"


def _kind(name: str) -> str:
    if name in _KINDS:
        return _KINDS[name]
    noun = next((noun for beginning, noun in _NOUNS if name.startswith(beginning)), "")
    return f"is not {noun}" if noun else "does not fit"
