"""A JSON value as rows: folding, searching, copying, and values that break naive viewers."""

import json
from typing import Any

import pytest

from tests.recorded import successes_of
from trigdash.presentation.run import json_rows
from trigdash.presentation.run.json_rows import JsonKind, JsonRows, read_json

VALUES: list[Any] = [
    None,
    True,
    0,
    -1.5e300,
    "",
    "text",
    [],
    {},
    [[], {}, [[]]],
    {"a": [1, {"b": None}], "odd key": "x\ny", "": "é\u202e", "n": "x" * 500},
]

SAMPLE = {"to": "a@example.test", "items": [{"id": 7, "tags": ["x", "y"]}, {"id": 8}], "note": None}


def shown(rows: JsonRows) -> list[str]:
    return [f"{rows.key_text(row)} {rows.value_text(row)}".strip() for row in rows.shown]


def row_at(rows: JsonRows, path: str) -> int:
    return next(row for row in range(len(rows)) if rows.path(row) == path)


@pytest.mark.parametrize("value", VALUES)
def test_what_is_copied_is_the_value_again(value: Any) -> None:
    copied = JsonRows(value).copied(0)
    assert (copied if isinstance(value, str) else json.loads(copied)) == value


@pytest.mark.parametrize("told", successes_of("runs_get_v3"), ids=lambda told: told.name)
def test_recorded_answers_are_shown_and_copied_whole(told: Any) -> None:
    rows = JsonRows(told.data)
    assert json.loads(rows.copied(0)) == told.data
    assert all(text.isprintable() for text in shown(rows))


def test_rows_have_keys_values_notes_and_paths() -> None:
    rows = JsonRows(SAMPLE, "payload")
    assert shown(rows)[:4] == ["payload", 'to "a@example.test"', "items", "0"]
    assert rows.size_label(0) == "3 keys"
    assert rows.size_label(row_at(rows, "$.items")) == "2 items"
    tag = row_at(rows, "$.items[0].tags[1]")
    assert rows.value_text(tag) == '"y"'
    assert JsonRows({"odd key": [1]}).path(2) == '$["odd key"][0]'
    assert rows.copied(row_at(rows, "$.items[1]")) == '{\n  "id": 8\n}'


def test_a_search_finds_keys_and_values_and_shows_where_they_are() -> None:
    rows = JsonRows(SAMPLE)
    rows.search("TAGS")
    assert [rows.path(row) for row in rows.matches] == ["$.items[0].tags"]
    assert len(rows.shown) == 4
    rows.search("example.test")
    assert [rows.path(row) for row in rows.shown] == ["$", "$.to"]


def test_containers_fold_and_levels_show() -> None:
    rows = JsonRows(SAMPLE)
    items = row_at(rows, "$.items")
    rows.toggle(items)
    assert [rows.path(row) for row in rows.shown] == ["$", "$.to", "$.items", "$.note"]
    rows.fold_to(2)
    assert "$.items[0].id" not in [rows.path(row) for row in rows.shown]


def test_long_texts_unfold_into_lines() -> None:
    rows = JsonRows({"log": "first\n\tsecond\x1b[2J\n" + "x" * 1000})
    log = row_at(rows, "$.log")
    assert rows.kind(log) is JsonKind.TEXT
    assert rows.size_label(log) == "1,018 characters"
    lines = [rows.value_text(row) for row in rows.shown[2:]]
    assert lines[:2] == ["first", "    second"]
    assert [len(line) for line in lines[2:]] == [480, 480, 40]
    assert rows.copied(log + 2).startswith("first\n\tsecond")


def test_large_values_begin_folded() -> None:
    rows = JsonRows({"many": list(range(1_000)), "few": [1, 2], "text": "a\n" * 40})
    assert rows.is_folded(row_at(rows, "$.many"))
    assert not rows.is_folded(row_at(rows, "$.few"))
    assert rows.is_folded(row_at(rows, "$.text"))


def test_rows_beyond_the_cap_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_rows, "MAX_ROWS", 10)
    rows = JsonRows(list(range(100)))
    assert len(rows) == 10
    assert rows.left_out == 91
    assert rows.subtree_end[0] == 10


def test_no_depth_is_too_deep() -> None:
    value: Any = "bottom"
    for _ in range(3_000):
        value = [value]
    rows = JsonRows(value)
    assert len(rows) == 3_001
    assert rows.copied(0).count("[") == 3_000
    rows.search("bottom")
    assert len(rows.shown) == 3_001


def test_text_that_is_no_json_stays_text() -> None:
    assert read_json('{"a": 1}') == ({"a": 1}, True)
    assert read_json("{oops") == ("{oops", False)
    assert read_json("[" * 100_000) == ("[" * 100_000, False)


def test_numbers_of_any_size_are_shown() -> None:
    assert JsonRows(10**500).value_text(0) == "a number of 1,661 bits"
    assert JsonRows(12345678901234567890).value_text(0) == "12345678901234567890"


def test_a_value_that_is_too_large_to_be_shown_is_copied_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(json_rows, "MAX_ROWS", 10)
    value = {"items": [{"id": number} for number in range(50)], "end": True}
    rows = JsonRows(value)
    assert rows.left_out
    assert json.loads(rows.copied(0)) == value
    assert json.loads(rows.copied(1)) == value["items"]
