"""The table of operations in docs/systems.md: what it names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.command_reference import written
from trigdash.presentation.registry import RESOURCES, load_resource
from trigdash.ui.input.commands import COMMANDS as TYPED
from trigdash.ui.input.key_table import GROUPS
from trigdash.ui.input.keys import display

ROOT = Path(__file__).parent.parent
_PAGE = (ROOT / "docs" / "systems.md").read_text(encoding="utf-8")
_TABLE = _PAGE.partition("## Every operation of the API")[2].partition("\n## ")[0]
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in _TABLE.splitlines()
    if line.startswith("|") and not line.startswith(("|---", "| Operation"))
]
COMMANDS = re.findall(r"^## trigdash ([a-z]+(?: [a-z-]+)?)", written(), re.MULTILINE)
PUBLISHED = """
GET POST /api/v1/schedules
GET PUT DELETE /api/v1/schedules/{id}
POST /api/v1/schedules/{id}/activate
POST /api/v1/schedules/{id}/deactivate
GET /api/v1/timezones
GET /api/v1/runs
GET /api/v1/projects/{ref}/runs
GET /api/v3/runs/{id}
GET /api/v1/runs/{id}/result
GET /api/v1/runs/{id}/trace
GET /api/v1/runs/{id}/events
POST /api/v1/runs/{id}/replay
POST /api/v1/runs/{id}/tags
PUT /api/v1/runs/{id}/metadata
POST /api/v1/runs/{id}/reschedule
POST /api/v2/runs/{id}/cancel
POST /api/v1/tasks/{task}/trigger
POST /api/v1/tasks/{task}/batch
POST /api/v1/tasks/batch
GET /api/v1/batches/{id}
GET /api/v1/batches/{id}/results
GET /api/v1/queues
GET /api/v1/queues/{queue}
POST /api/v1/queues/{queue}/pause
POST /api/v1/queues/{queue}/concurrency/override
POST /api/v1/queues/{queue}/concurrency/reset
GET /api/v1/deployments/{id}
GET /api/v1/deployments/latest
POST /api/v1/deployments/{version}/promote
GET POST /api/v1/projects/{ref}/envvars/{env}
POST /api/v1/projects/{ref}/envvars/{env}/import
GET PUT DELETE /api/v1/projects/{ref}/envvars/{env}/{name}
GET POST /api/v1/waitpoints/tokens
GET /api/v1/waitpoints/tokens/{id}
POST /api/v1/waitpoints/tokens/{id}/complete
POST /api/v1/waitpoints/tokens/{id}/callback/{hash}
POST /api/v1/query
"""
"""The operations of the published specification: the methods of a path, and the path."""
OPERATIONS = [
    f"{method} {line.split()[-1]}"
    for line in PUBLISHED.strip().splitlines()
    for method in line.split()[:-1]
]
LISTS = {name: load_resource(name) for name in (*RESOURCES, "queues", "batches")}
BY_TITLE = {resource.title: resource for resource in LISTS.values()}
KEYS = {
    display(each)
    for group in GROUPS.values()
    for key in group
    for each in key.keys.split(",")
    if each
}
ACTIONS = {action.key for resource in LISTS.values() for action in resource.actions}


def _named(cell: str) -> str:
    return cell.strip("`") if cell.startswith("`") else ""


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_command_test_and_key_of_an_operation_are_there(row: list[str]) -> None:
    _, screen, key, command, held_by = row
    if name := _named(command):
        assert name in COMMANDS
    else:
        assert command == "–"
    assert (ROOT / _named(held_by)).is_file()
    noun, _, verb = _named(command).partition(" ")
    pressed = _named(key)
    if pressed.startswith(":"):
        assert pressed[1:] in {each.name for each in TYPED}
    elif not pressed:
        assert key == "–"
        assert screen.startswith("none"), "a screen without a key"
    elif screen in BY_TITLE and noun in LISTS:
        _has_key(noun, verb, pressed)
    else:
        assert pressed in KEYS | ACTIONS | {entry.letter for entry in RESOURCES.values()}


def _has_key(noun: str, verb: str, key: str) -> None:
    """An action has the key; a list has its letter, or the digit of its tab."""
    actions = {action.key for action in LISTS[noun].actions if action.name == verb}
    if verb == "list" and noun in RESOURCES:
        digit = str(list(RESOURCES).index(noun) + 4)
        assert key in (RESOURCES[noun].letter, digit)
    elif actions:
        assert actions == {key}
    else:
        assert key in KEYS | {action.key for action in LISTS[noun].actions}


def test_no_operation_of_the_specification_is_missing() -> None:
    assert len(OPERATIONS) == 44
    named = {each for row in ROWS for each in re.findall(r"`([A-Z]+ /api/[^`]+)`", row[0])}
    assert set(OPERATIONS) <= named
    assert len({row[0] for row in ROWS}) == len(ROWS)
