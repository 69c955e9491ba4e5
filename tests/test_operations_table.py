"""The table of operations in docs/systems.md: what it names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.command_reference import written
from trigdash.presentation.registry import RESOURCES, load_resource

ROOT = Path(__file__).parent.parent
_PAGE = (ROOT / "docs" / "systems.md").read_text(encoding="utf-8")
_TABLE = _PAGE.partition("## Every operation of the API")[2].partition("\n## ")[0]
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in _TABLE.splitlines()
    if line.startswith("|") and not line.startswith(("|---", "| Operation"))
]
COMMANDS = re.findall(r"^## trigdash ([a-z]+(?: [a-z-]+)?)", written(), re.MULTILINE)
PUBLISHED = 44


def _named(cell: str) -> str:
    return cell.strip("`") if cell.startswith("`") else ""


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_command_test_and_key_of_an_operation_are_there(row: list[str]) -> None:
    assert len(row) == 5
    _, screen, key, command, held_by = row
    if name := _named(command):
        assert name in COMMANDS
    else:
        assert command == "–"
    if test := _named(held_by):
        assert (ROOT / test).is_file()
    noun, _, verb = _named(command).partition(" ")
    if _named(key) and noun in RESOURCES and screen == RESOURCES[noun].title:
        _has_key(noun, verb, _named(key))


def _has_key(noun: str, verb: str, key: str) -> None:
    """An action has the key; a list has its letter or the digit of its tab."""
    if verb == "list":
        digit = str(list(RESOURCES).index(noun) + 4)
        assert key in (RESOURCES[noun].letter, digit)
    else:
        assert {action.key for action in load_resource(noun).actions if action.name == verb} == {
            key
        }


def test_no_operation_of_the_specification_is_missing() -> None:
    published = [row for row in ROWS if "(4." not in row[0]]
    assert len(published) >= PUBLISHED
    assert len({row[0] for row in ROWS}) == len(ROWS)
