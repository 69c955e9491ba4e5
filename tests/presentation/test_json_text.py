"""JSON as people type it."""

import pytest

from trigdash.model.json_text import json_pretty
from trigdash.presentation.json_text import read_json


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"a": 1', "line 1, column 8: a comma or the end is missing"),
        ('{\n  "a": nope\n}', "line 2, column 8: a value is missing"),
        ('{"a" 1}', "line 1, column 6: a colon is missing"),
        ("{a: 1}", "line 1, column 2: a key in double quotes is missing"),
        ('{"a": "x}', "line 1, column 7: this text has no closing quote"),
        ("{} {}", "line 1, column 4: something follows the end"),
        ("  ", "empty: write null"),
        ('{"a": NaN}', "NaN is not JSON"),
        ('{"a": 1, "a": 2}', 'the key "a" appears twice'),
        ("[" * 100_000, "nested too deeply"),
        ("9" * 5_000, "a number is too long"),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, sentence: str) -> None:
    problem = read_json(text).problem
    assert problem is not None
    assert problem.message() == sentence


def test_metadata_must_be_an_object_and_fit() -> None:
    listed = read_json("[1]", must_be_object=True).problem
    large = read_json('{"a": "' + "é" * 20 + '"}', must_be_object=True, max_bytes=40).problem
    assert listed is not None
    assert listed.message() == "must be an object: {…}"
    assert large is not None
    assert large.message() == "48 bytes, the server takes at most 40"


def test_what_was_read_comes_back_as_it_was() -> None:
    value = {"zoë": [1, 2.5, None, True], "n": {"x": "y"}}
    read = read_json(json_pretty(value), must_be_object=True)
    assert read.problem is None
    assert read.value == value
