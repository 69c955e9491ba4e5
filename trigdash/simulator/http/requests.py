"""Reading requests: JSON bodies and query parameters, refused with the server's own messages."""

import math
from collections.abc import Mapping
from typing import Any

from starlette.types import Receive

from trigdash.simulator.http.replies import Refusal
from trigdash.simulator.world.texts import read_json

MACHINES_TEXT = (
    "'micro' | 'small-1x' | 'small-2x' | 'medium-1x' | 'medium-2x' | 'large-1x' | 'large-2x'"
)


def json_body(body: bytes, empty: str | None = "Request body is empty") -> Any:
    """The body of a builder action; `empty` is the refusal of an empty one."""
    if not body:
        if empty is None:
            return None
        raise Refusal(400, empty)
    try:
        value = read_json(body)
    except ValueError:
        raise Refusal(400, "Invalid JSON") from None
    if not value and not isinstance(value, dict | list):
        raise Refusal(400, "Invalid JSON")
    return value


def invalid(message: str, *path: str) -> Refusal:
    """One sentence, as the validation library of the builder routes makes it (recorded)."""
    where = f' at "{".".join(path)}"' if path else ""
    return Refusal(400, f"Validation error: {message}{where}")


def type_name(value: object) -> str:
    """A JSON type as validation messages name it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def want_object(value: object, *path: str) -> dict[str, Any]:
    """The value, which must be an object."""
    if not isinstance(value, dict):
        raise invalid(f"Expected object, received {type_name(value)}", *path)
    return value


def want_types(
    body: Mapping[str, object], kinds: Mapping[str, tuple[str, ...]], *path: str
) -> None:
    """Refuse fields of other JSON types than these; the refusal names the first."""
    for name, allowed in kinds.items():
        if name in body and (kind := type_name(body[name])) not in allowed:
            raise invalid(f"Expected {allowed[0]}, received {kind}", *path, name)


def query_error(*details: dict[str, Any]) -> Refusal:
    """400 for query parameters."""
    return Refusal(400, {"error": "Query Error", "details": list(details)})


def custom_issue(message: str, name: str) -> dict[str, Any]:
    return {"code": "custom", "message": message, "path": [name]}


def whole_number(
    text: str | None, name: str, default: int, most: int | None, least_1: bool = True
) -> int:
    """A positive integer parameter; `most` refuses, `least_1` adds the second complaint about 0."""
    if text is None:
        return default
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise query_error(
            {"code": "invalid_type", "expected": "number", "received": "nan", "path": [name],
             "message": "Expected number, received nan"}
        )  # fmt: skip
    issues = []
    if number <= 0:
        issues.append(_bound("too_small", 0, False, "Number must be greater than 0", name))
        if least_1:
            issues.append(
                _bound("too_small", 1, True, "Number must be greater than or equal to 1", name)
            )
    if most is not None and number > most:
        issues.append(
            _bound("too_big", most, True, f"Number must be less than or equal to {most}", name)
        )
    if issues:
        raise query_error(*issues)
    return int(number)


def _bound(code: str, bound: int, inclusive: bool, message: str, name: str) -> dict[str, Any]:
    edge = "minimum" if code == "too_small" else "maximum"
    return {
        "code": code, edge: bound, "type": "number", "inclusive": inclusive, "exact": False,
        "message": message, "path": [name],
    }  # fmt: skip


async def read_body(receive: Receive) -> bytes:
    """The whole body of a request."""
    parts = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            break
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            break
    return b"".join(parts)
