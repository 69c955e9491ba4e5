"""Every key that a place binds is in its help and in the palette, those of its actions first."""

from __future__ import annotations

from textual.screen import Screen

from tests.ui.live_harness import LiveHarness
from tests.ui.world_harness import open_world
from trigdash.presentation.cell import cell_text
from trigdash.ui.input.keys import GROUPS
from trigdash.ui.routes import ROUTES
from trigdash.ui.screens.base import LiveScreen
from trigdash.ui.screens.help import HelpScreen

OF_TEXTUAL = {action for each in Screen.BINDINGS if (action := getattr(each, "action", ""))}


def bound(screen: LiveScreen) -> set[str]:
    """The actions that the screen's own keys begin."""
    keys = screen._bindings.key_to_bindings.values()
    return {each.action for bindings in keys for each in bindings} - OF_TEXTUAL


def listed(screen: LiveScreen) -> set[str]:
    """The actions of the keys that help and palette tell."""
    of_groups = {key.action for group in screen.key_groups() for key in GROUPS[group]}
    return of_groups | {key.action for key in screen.own_keys()}


async def arrived(stage: LiveHarness, place: str) -> LiveScreen:
    await stage.app.go(place)
    await stage.until(lambda: getattr(stage.app.screen, "PLACE", "") == place, place)
    screen = stage.app.screen
    assert isinstance(screen, LiveScreen)
    return screen


async def test_every_key_of_every_place_is_told() -> None:
    async with open_world() as stage:
        await stage.until(lambda: stage.app.session.identity is not None)
        with_actions = 0
        for place in ROUTES:
            screen = await arrived(stage, place)
            assert bound(screen) - listed(screen) == set(), place
            own = [key.help for key in screen.own_keys()]
            names = [name for name, _, _ in stage.app.commands.palette(screen)]
            assert names[: len(own)] == own, place
            with_actions += bool(own)
        assert with_actions > 8


async def test_the_help_of_a_list_begins_with_what_can_be_done_to_a_row() -> None:
    async with open_world() as stage:
        await stage.until(lambda: stage.app.session.identity is not None)
        await arrived(stage, "errors")
        await stage.press("question_mark")
        await stage.until(lambda: isinstance(stage.app.screen, HelpScreen))
        screen = stage.app.screen
        assert isinstance(screen, HelpScreen)
        heading, first, *_ = map(cell_text, screen.lines())
        assert heading == "ACTIONS"
        assert first.split() == ["V", "resolve", "the", "error"]
