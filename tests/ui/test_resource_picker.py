"""The way to every list: tabs, the picker, and the command line."""

from __future__ import annotations

import pytest

from tests.ui.live_harness import live_app
from trigdash.presentation.registry import RESOURCES
from trigdash.ui.dialogs.resource_picker import ResourcePicker
from trigdash.ui.input.commands import COMMANDS
from trigdash.ui.screens.resource import ResourceScreen
from trigdash.ui.widgets.line import NavLine


def test_each_resource_has_a_letter_of_its_own_a_command_and_words() -> None:
    letters = [entry.letter for entry in RESOURCES.values()]
    assert len(set(letters)) == len(letters)
    assert all(entry.about for entry in RESOURCES.values())
    assert set(RESOURCES) <= {command.name for command in COMMANDS}


async def test_nine_and_a_letter_go_to_a_list() -> None:
    async with live_app() as harness:
        await harness.until(lambda: harness.app.session.identity is not None)
        await harness.press("9")
        await harness.until(lambda: isinstance(harness.app.screen, ResourcePicker))
        await harness.press("w")
        await harness.until(lambda: isinstance(harness.app.screen, ResourceScreen))
        assert harness.app.screen.PLACE == "tokens"
        shown = harness.app.screen.query_one("#places", NavLine)
        assert [choice.words for choice in shown.choices if choice.selected] == ["Tokens"]


async def test_what_is_not_offered_says_why_and_is_not_gone_to() -> None:
    async with live_app() as harness:
        await harness.until(lambda: harness.app.session.identity is not None)
        await harness.press("9")
        await harness.until(lambda: isinstance(harness.app.screen, ResourcePicker))
        await harness.press("a")
        assert isinstance(harness.app.screen, ResourcePicker), "alerts need an access token"
        await harness.press("escape")
        await harness.until(lambda: not isinstance(harness.app.screen, ResourcePicker))


async def test_a_name_on_the_command_line_goes_to_its_list() -> None:
    async with live_app() as harness:
        await harness.until(lambda: harness.app.session.identity is not None)
        await harness.press("colon", *"webhooks", "enter")
        await harness.until(lambda: isinstance(harness.app.screen, ResourceScreen))
        assert harness.app.screen.PLACE == "webhooks"


@pytest.mark.parametrize("columns", [80, 120])
async def test_the_tab_where_one_is_and_more_stay_at_every_width(columns: int) -> None:
    async with live_app(size=(columns, 30)) as harness:
        await harness.until(lambda: harness.app.session.identity is not None)
        await harness.press("8")
        await harness.until(lambda: isinstance(harness.app.screen, ResourceScreen))
        left, _ = harness.app.screen.query_one("#places", NavLine).cells(columns)
        drawn = "".join(text for text, _ in left)
        assert "Limits" in drawn
        assert "9 More" in drawn
