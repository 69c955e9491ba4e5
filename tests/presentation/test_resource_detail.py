"""A row in detail: labels in one column, and each value once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.recorded import successes_of
from trigdash.presentation.cell import cell_text
from trigdash.presentation.columns import arrange
from trigdash.presentation.registry import load_resource
from trigdash.presentation.resource import HIDDEN, detail_lines
from trigdash.presentation.run.fields import LABEL

NOW_MS = 1_795_400_000_000.0
KINDS = {
    "sessions": "sessions_list",
    "tokens": "waitpoint_tokens_list",
    "schedules": "schedules_list",
    "variables": "envvars_list",
}


def rows_of(name: str) -> list[Any]:
    read = load_resource(name).page(None).parser
    return [row for told in successes_of(KINDS[name]) for row in read(told.body).rows]


def lines_of(name: str, row: Any, *, hides: bool = False) -> list[str]:
    resource = load_resource(name)
    shown = detail_lines(resource, row, NOW_MS, lambda field: hides and field.is_hidden)
    return [cell_text(line.cell) for line in shown]


@pytest.mark.parametrize("name", KINDS)
def test_values_stand_in_one_column_and_are_told_once(name: str) -> None:
    longest = max(len(field.heading) for field in load_resource(name).fields)
    rows = rows_of(name)
    assert rows
    for row in rows:
        for line in lines_of(name, row):
            values = line[max(longest, LABEL) :]
            assert values[:2] == "  ", "after the longest label"
            assert values[2:3].strip() or not values.strip(), line
            words = values.lower().replace("_", " ").split()
            assert words[-1:] != words[-2:-1] or len(words) != 3, line


def test_a_hidden_value_is_not_in_the_lines() -> None:
    row = next(row for row in rows_of("variables") if row.value and not row.is_secret)
    value = f"  {row.value}"
    assert any(line.endswith(value) for line in lines_of("variables", row))
    hidden = lines_of("variables", row, hides=True)
    assert not any(line.endswith(value) for line in hidden)
    assert any(line.endswith(cell_text(HIDDEN)) for line in hidden)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("limits", {"limit", "state", "running", "queued", "total"}),
        ("tasks", {"task", "runs-7d", "failed", "running", "queued", "p50"}),
        ("tokens", {"token", "status", "tags", "age", "times-out"}),
        ("schedules", {"task", "active", "when", "next"}),
        ("environments", {"environment", "branch", "paused", "running", "queued", "failed-1h"}),
        ("deployments", {"version", "current", "status", "age"}),
        ("errors", {"status", "type", "task", "runs", "last"}),
        ("alerts", {"alert", "attention", "changed"}),
        ("deliveries", {"delivery", "status", "webhook", "age"}),
        ("webhooks", {"webhook", "status", "source"}),
        ("sessions", {"session", "state", "task", "age"}),
        ("allruns", {"status", "env", "task", "age"}),
    ],
)
def test_what_matters_most_has_room_in_80_columns(name: str, kept: set[str]) -> None:
    columns = [field.column() for field in load_resource(name).fields if field.is_shown]
    shown = {each.column.key for each in arrange(columns, 76).placed}
    assert kept <= shown
