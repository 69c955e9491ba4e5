"""JSON, written and read as the standard has it."""

import json
import math
from collections.abc import Callable
from typing import Any

import pytest

from tests.hostile import CORPUS, NEVER
from trigdash.model.json_text import (
    HugeNumber,
    json_ascii,
    json_compact,
    json_pretty,
    json_spaced,
    parse_json,
)
from trigdash.model.json_walk import TOO_DEEP

WRITERS = [json_compact, json_spaced, json_pretty]


def refuse(constant: str) -> None:
    raise AssertionError(constant)


@pytest.mark.parametrize("write", WRITERS)
def test_halves_of_characters_and_huge_numbers_come_back_as_they_came(
    write: Callable[[object], str],
) -> None:
    text = '{"a\\ud83d": ["\\udc00 x", 1e400, -2.5E+999, 1e5], "b": "1e400"}'
    value = parse_json(text)
    written = write(value)
    written.encode()
    assert parse_json(written) == value
    assert "1e400" in written
    assert "-2.5E+999" in written
    assert json.loads(written, parse_constant=refuse)["b"] == "1e400"


@pytest.mark.parametrize("write", WRITERS)
def test_numbers_that_are_none_are_written_as_json(
    write: Callable[[object], str],
) -> None:
    value = {"inf": math.inf, "less": [-math.inf], "nan": (math.nan,), "big": HugeNumber("1e400")}
    read = json.loads(write(value), parse_constant=refuse)
    assert read == {"inf": math.inf, "less": [-math.inf], "nan": [None], "big": math.inf}


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", '{"a": -Infinity}', "[" * 100_000, "{"])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_json(text)


def test_what_is_edited_shows_everything_and_means_the_same() -> None:
    value = {text: [text, {"nested": text}] for text in CORPUS}
    shown = json_pretty(value)
    assert not NEVER & set(shown)
    assert "\x1b" not in shown
    assert parse_json(shown) == value
    assert "\\u202etxt.exe" in shown
    assert "\\udb40\\udc68" in shown


@pytest.mark.parametrize("write", [json_compact, json_spaced, json_pretty, json_ascii])
@pytest.mark.parametrize("levels", [90, 5_000])
def test_a_value_can_be_written_however_deep_it_nests(
    write: Callable[[object], str], levels: int
) -> None:
    value: Any = "inner"
    for _ in range(levels):
        value = [value]
    read = json.loads(write(value))
    while isinstance(read, list):
        (read,) = read
    assert read == ("inner" if levels == 90 else TOO_DEEP)
