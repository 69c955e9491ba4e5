"""Functions of one row that SQLite lacks. Arrays travel as JSON in bytes, times as text."""

import json
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime

from trigdash.simulator.trql import times
from trigdash.simulator.trql.refusal import QueryRefused

Value = None | int | float | str | bytes


def packed(items: object) -> bytes:
    """An array, as it travels through SQLite."""
    return json.dumps(items, ensure_ascii=False, separators=(",", ":")).encode()


def unpacked(value: Value) -> list[object]:
    """The array in a value; a single value is not one."""
    if value is None:
        return []
    if not isinstance(value, bytes):
        raise QueryRefused("Illegal type of argument: expected an array")
    found: list[object] = json.loads(value)
    return found


def text_of(value: Value) -> str:
    """As `toString` prints it."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def concat(*values: Value) -> Value:
    return None if None in values else "".join(text_of(value) for value in values)


def _number(value: Value, name: str, read: Callable[[str], float]) -> float | None:
    if value is None or isinstance(value, int | float):
        return value
    text = text_of(value)
    try:
        return read(text)
    except ValueError:
        raise QueryRefused(
            f"Cannot parse string '{text}' as {name}: syntax error at begin of string. Note: there "
            f"are to{name}OrZero and to{name}OrNull functions, which returns zero/NULL instead of "
            "throwing exception"
        ) from None


def to_integer(value: Value, name: str) -> Value:
    found = _number(value, name, lambda text: int(text, 10))
    return None if found is None else int(found)


def to_float(value: Value, name: str) -> Value:
    found = _number(value, name, float)
    return None if found is None else float(found)


def to_number_or(value: Value, other: Value) -> Value:
    """A number from text, or the default."""
    if value is None or isinstance(value, int | float):
        return value
    try:
        found = float(text_of(value))
    except ValueError:
        return other
    return int(found) if found.is_integer() else found


def json_path(document: Value, path: str) -> Value:
    """The value at a dotted path in JSON text; None when the path leads nowhere."""
    try:
        found = json.loads(text_of(document)) if document else None
    except ValueError:
        return None
    for key in path.split("."):
        if isinstance(found, dict):
            found = found.get(key)
        elif isinstance(found, list) and key.isdigit() and 0 < int(key) <= len(found):
            found = found[int(key) - 1]
        else:
            return None
    if isinstance(found, list):
        return packed(found)
    return json.dumps(found) if isinstance(found, dict) else found


def json_extract(kind: str, document: Value, *path: Value) -> Value:
    """`JSONExtractString` and its like: a default of the kind where nothing fits."""
    found = json_path(document, ".".join(text_of(part) for part in path)) if path else document
    if kind == "has":
        return int(found is not None)
    if kind == "raw":
        return text_of(found)
    if kind == "string":
        return found if isinstance(found, str) else ""
    if kind == "bool":
        return int(found is True or found == 1)
    if kind == "array":
        return found if isinstance(found, bytes) else packed([])
    return found if isinstance(found, int | float) else 0


def has(array: Value, item: Value) -> Value:
    return int(item in unpacked(array))


def has_any(array: Value, items: Value) -> Value:
    wanted = unpacked(items)
    return int(any(item in wanted for item in unpacked(array)))


def has_all(array: Value, items: Value) -> Value:
    held = unpacked(array)
    return int(all(item in held for item in unpacked(items)))


def length(value: Value) -> Value:
    if value is None:
        return None
    return len(unpacked(value)) if isinstance(value, bytes) else len(text_of(value).encode())


def at(array: Value, index: Value) -> Value:
    """`tags[1]`: from 1, or from the end with a negative index; an empty text beyond the ends."""
    items = unpacked(array)
    place = int(index) if isinstance(index, int | float) else 0
    if place == 0 or abs(place) > len(items):
        return ""
    found = items[place - 1 if place > 0 else place]
    return packed(found) if isinstance(found, list) else _plain(found)


def _plain(value: object) -> Value:
    return value if isinstance(value, int | float | str | None) else json.dumps(value)


def array(*items: Value) -> Value:
    return packed([json.loads(item) if isinstance(item, bytes) else item for item in items])


def array_join_text(items: Value, separator: Value = "") -> Value:
    return text_of(separator).join(str(item) for item in unpacked(items))


def array_sort(items: Value) -> Value:
    return packed(sorted(unpacked(items), key=lambda item: (str(type(item)), item)))


def array_distinct(items: Value) -> Value:
    return packed(list(dict.fromkeys(map(str, unpacked(items)))))


def split(separator: Value, text: Value) -> Value:
    return packed(text_of(text).split(text_of(separator)) if separator else list(text_of(text)))


def match(text: Value, pattern: Value) -> Value:
    try:
        return int(re.search(text_of(pattern), text_of(text)) is not None)
    except re.error as problem:
        raise QueryRefused(f"Cannot compile regular expression: {problem}") from None


def extract(text: Value, pattern: Value) -> Value:
    found = re.search(text_of(pattern), text_of(text))
    return "" if found is None else found.group(1 if found.re.groups else 0)


def replace_regexp(text: Value, pattern: Value, by: Value) -> Value:
    return re.sub(text_of(pattern), text_of(by), text_of(text))


def like(text: Value, pattern: Value, caseless: int) -> Value:
    """`LIKE` is sensitive to case here; SQLite's own is not."""
    if text is None or pattern is None:
        return None
    parts = (".*" if c == "%" else "." if c == "_" else re.escape(c) for c in text_of(pattern))
    flags = re.DOTALL | (re.IGNORECASE if caseless else 0)
    return int(re.fullmatch("".join(parts), text_of(text), flags) is not None)


def rounded(value: Value, places: Value = 0) -> Value:
    """Half to even, as ClickHouse rounds."""
    if not isinstance(value, int | float):
        return value
    return round(value, int(places) if isinstance(places, int | float) else 0)


def power(base: Value, exponent: Value) -> Value:
    if not isinstance(base, int | float) or not isinstance(exponent, int | float):
        return None
    found = math.pow(base, exponent)
    return found if math.isfinite(found) else None


def square_root(value: Value) -> Value:
    return math.sqrt(value) if isinstance(value, int | float) and value >= 0 else None


def logarithm(value: Value, base: float) -> Value:
    return math.log(value, base) if isinstance(value, int | float) and value > 0 else None


def to_moment(value: Value, with_ms: int) -> Value:
    if value is None:
        return None
    found = times.read(text_of(value) if isinstance(value, bytes) else value)
    return times.fine(found) if with_ms else times.coarse(found)


def to_date(value: Value) -> Value:
    return None if value is None else text_of(to_moment(value, 0))[:10]


def part_of(value: Value, directive: str) -> Value:
    """A part of a time, by the letter of `strftime`."""
    return None if value is None else int(times.read(text_of(value)).strftime(directive))


def epoch_s(value: Value) -> Value:
    return None if value is None else int(times.read(text_of(value)).timestamp())


def epoch_ms(value: Value) -> Value:
    return None if value is None else round(times.read(text_of(value)).timestamp() * 1000)


def from_epoch_ms(value: Value) -> Value:
    if not isinstance(value, int | float):
        return None
    return times.fine(datetime.fromtimestamp(value / 1000, UTC))


def seconds_between(later: Value, earlier: Value) -> Value:
    if later is None or earlier is None:
        return None
    span = times.read(text_of(later)) - times.read(text_of(earlier))
    return span.total_seconds()


def format_moment(value: Value, pattern: Value) -> Value:
    """`formatDateTime`; minutes are `%i` there."""
    if value is None:
        return None
    return times.read(text_of(value)).strftime(text_of(pattern).replace("%i", "%M"))
