"""How values come off the wire: tolerant of what is new, strict about what is needed.

Unknown keys are ignored, unknown enum values are kept as the words they are, and an absent value
and a null are the same. Text is made safe for a terminal where it enters (see `clean`); free JSON
(payload, output, metadata) is kept as it came and cleaned when it is shown.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
)
from pydantic.alias_generators import to_camel

from trigdash.model.clean import clean, clean_text, encodable
from trigdash.model.json_text import parse_json
from trigdash.model.moment import in_utc

T = TypeVar("T")

MAX_WHOLE = 2**53 - 1
"""The largest whole number that a JavaScript server means; columns of 64 bits hold it."""

_FREE_JSON = frozenset({"payload", "output", "metadata", "properties"})
"""Fields whose value belongs to the user's tasks."""


def _zero(value: object) -> object:
    return 0 if value is None else value


def _empty(value: object) -> object:
    return () if value is None else value


def _nothing(value: object) -> object:
    return {} if value is None else value


Line = Annotated[str, AfterValidator(clean)]
"""One line of safe text."""
Lines = Annotated[str, AfterValidator(clean_text)]
"""Safe text of several lines, joined with a line feed."""
Moment = Annotated[datetime, AfterValidator(in_utc)]
"""An aware time in UTC."""
Flag = Annotated[bool, BeforeValidator(_zero)]
Whole = Annotated[int, Field(ge=-MAX_WHOLE, le=MAX_WHOLE)]
Count = Annotated[Whole, BeforeValidator(_zero)]
Amount = Annotated[float, BeforeValidator(_zero)]
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


def parse(adapter: TypeAdapter[T], body: bytes) -> T:
    """Validate a JSON body. Raises ValueError (ValidationError among them) when it does not fit.

    JavaScript servers may send lone surrogates as escapes, and people nest JSON deeply; both are
    legal JSON that the fast parser refuses, so the standard library gets a second try.
    """
    try:
        return adapter.validate_json(body)
    except ValidationError as problem:
        if problem.errors(include_url=False, include_input=False)[0]["type"] != "json_invalid":
            raise
    try:
        return adapter.validate_python(_encodable(parse_json(body)))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _encodable(value: Any) -> Any:
    """A value whose texts can be written, but for free JSON, which is kept as it came."""
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


def misfit(problem: ValueError) -> str:
    """Which fields of an answer do not fit, without their values (they may be private)."""
    if not isinstance(problem, ValidationError):
        return clean(str(problem))[:200]
    errors = problem.errors(include_url=False, include_input=False, include_context=False)
    first = errors[0]
    where = clean(".".join(str(part) for part in first["loc"])) or "the body"
    more = f" and {len(errors) - 1} more" if len(errors) > 1 else ""
    kind = "not JSON" if first["type"] == "json_invalid" else first["type"].replace("_", " ")
    return f"{where}: {kind}{more}"
