"""Every list and every thing that can be opened has a command, from one registry."""

from __future__ import annotations

import pytest

from tests.fakes.backend import FakeBackend
from tests.ui.harness import open_app
from trigdash.ui.input.commands import COMMANDS, read
from trigdash.ui.input.key_table import GROUPS
from trigdash.ui.routes import DETAIL_ROUTES, ROUTES


def test_every_list_has_a_command_and_a_key_id() -> None:
    commands = {command.name for command in COMMANDS}
    keys = {key.id for key in GROUPS["everywhere"]}
    assert ROUTES.keys() <= commands
    assert {route.key_id for route in ROUTES.values()} <= keys
    assert {"run", "queue", "batch"} <= DETAIL_ROUTES.keys() & commands


@pytest.mark.parametrize("name", [name for name in ROUTES if name != "runs"])
def test_a_list_is_read_by_its_name(name: str) -> None:
    assert read(f":{name}").command.name == name


async def test_a_list_is_gone_to_by_its_name() -> None:
    backend = FakeBackend()
    backend.capabilities = frozenset()
    async with open_app(backend) as harness:
        await harness.press("colon", *"schedules", "enter")
        await harness.until(lambda: "the fake does not know schedules" in harness.toasts())
