"""Values of fields as text and as JSON, whatever the user's own JSON in them is like."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from trigdash.presentation.field import json_value, plain

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def nested(levels: int) -> Any:
    value: Any = 1
    for level in range(levels):
        value = [value] if level % 2 else {"a": value}
    return value


@pytest.mark.parametrize("levels", [5, 50, 400, 900, 5_000])
def test_no_nesting_is_too_deep(levels: int) -> None:
    value = nested(levels)
    assert plain(value) == ("a=a=a=1" if levels == 5 else "a=" * 10 + "…")
    told = json_value({"at": NOW, "metadata": value})
    assert told["at"] == "2026-03-04T12:00:00.000Z"
    same: Any = told["metadata"]
    for _ in range(levels):
        (same,) = same.values() if isinstance(same, dict) else same
    assert same == 1


def test_times_within_become_text_and_json_can_carry_all() -> None:
    value = {"a": (NOW, [frozenset({NOW})]), 1: None}
    written = "2026-03-04T12:00:00.000Z"
    assert json.loads(json.dumps(json_value(value))) == {"a": [written, [[written]]], "1": None}
    assert plain(value) == f"a={written} {written} 1="
