"""What holds for every question and every screen: a second answer, keys typed while the program
ends, and being left before anything is there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import pytest
from textual.events import Key
from textual.screen import ModalScreen, Screen

from tests.ui.harness import Harness, open_app
from tests.ui.modals import MODALS, all_modals, backend_of_three
from trigdash.ui.app import TrigdashApp
from trigdash.ui.input.key_table import GROUPS
from trigdash.ui.routes import DETAIL_ROUTES, ROUTES
from trigdash.ui.screens.actions_log import ActionsScreen
from trigdash.ui.screens.run.tab_keys import TABS

ANSWERS = ("enter", "escape", "y", "ctrl+s", "space", "e", "r", "q")
"""Keys that answer some question."""

TURNS = (0, 1, 2, 3, 5, 8, 13, 21)
"""Turns of the event loop after which a screen is left."""

SCREENS = {
    **{place.id: (lambda place=place: place.make()) for place in ROUTES.values()},
    **{
        kind: (lambda detail=detail: detail.make("run_000001"))
        for kind, detail in DETAIL_ROUTES.items()
        if kind != "run"
    },
    **{
        f"run, {tab}": (lambda tab=tab: DETAIL_ROUTES["run"].make("run_000001", tab=tab))
        for tab in TABS
    },
    "actions": ActionsScreen,
}

BOUND = sorted({key.split(",")[0] for group in GROUPS.values() for key in (k.keys for k in group)})


@pytest.fixture(autouse=True)
def _save_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def made_in(app: TrigdashApp) -> Iterator[tuple[str, Screen[object]]]:
    """Every question and every screen, new."""
    yield from ((name, make(app)) for name, make in MODALS.items())
    yield from ((name, make()) for name, make in SCREENS.items())


async def ready(stage: Harness) -> None:
    await stage.until(lambda: stage.ids)


def type_at_once(stage: Harness, keys: Sequence[str]) -> None:
    for key in keys:
        stage.app.post_message(Key(key, key if len(key) == 1 else None))


async def turns(number: int) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


def test_no_question_is_forgotten_here() -> None:
    async def classes() -> set[type[object]]:
        async with open_app(backend_of_three()) as harness:
            await ready(harness)
            return {type(make(harness.app)) for make in MODALS.values()}

    assert set(all_modals()) == asyncio.run(classes())
    assert set(all_modals(ModalScreen)) == set(all_modals())


async def test_a_question_is_answered_once() -> None:
    """Answered twice at once by the same key, and by code that does not look."""
    async with open_app(backend_of_three()) as harness:
        await ready(harness)
        for name, key in product(MODALS, ANSWERS):
            screen = MODALS[name](harness.app)
            if key in ("enter", *screen._bindings.key_to_bindings):
                await answer_twice(harness, screen, key)


async def answer_twice(stage: Harness, screen: Screen[object], key: str) -> None:
    base = stage.app.screen
    answers: list[object] = []
    stage.app.push_screen(screen, answers.append)
    await stage.rest()
    target = stage.app.focused or screen
    # To the question itself, past the order that the app keeps.
    for _ in range(2):
        target.post_message(Key(key, key if len(key) == 1 else None))
    await stage.rest()
    while stage.app.screen is not base:
        above = stage.app.screen
        above.dismiss(None)
        above.dismiss(None)
        await stage.rest()
    assert len(answers) == 1, (screen, key)
    assert stage.app.screen_stack == [base]


async def test_a_question_below_another_one_is_left_when_its_turn_comes() -> None:
    async with open_app(backend_of_three()) as harness:
        await ready(harness)
        base = harness.app.screen
        for name in MODALS:
            answers: list[object] = []
            below, above = MODALS[name](harness.app), MODALS["help"](harness.app)
            harness.app.push_screen(below, answers.append)
            await harness.rest()
            harness.app.push_screen(above)
            await harness.rest()
            below.dismiss(None)
            await harness.rest()
            assert harness.app.screen is above, name
            above.dismiss(None)
            await harness.until(lambda: harness.app.screen is base)
            assert len(answers) == 1, name


@pytest.mark.parametrize("number", TURNS)
async def test_a_screen_may_be_left_before_it_is_there(number: int) -> None:
    async with open_app(backend_of_three()) as harness:
        await ready(harness)
        base, before = harness.app.screen, len(harness.app._registry)
        for name, screen in made_in(harness.app):
            harness.app.push_screen(screen)
            await turns(number)
            if isinstance(screen, ModalScreen):
                screen.dismiss(None)
            else:
                harness.app.pop_screen()
            await harness.until(lambda: len(harness.app._registry) == before)
            assert harness.app.screen is base, name


@pytest.mark.parametrize("first", range(len(TURNS)))
async def test_the_program_may_end_before_a_screen_is_there(first: int) -> None:
    for index in range(first, len(MODALS) + len(SCREENS), len(TURNS)):
        async with open_app(backend_of_three()) as harness:
            await ready(harness)
            _, screen = list(made_in(harness.app))[index]
            harness.app.push_screen(screen)
            await turns(TURNS[(first + index // len(TURNS)) % len(TURNS)])
            harness.app.exit(return_code=3)
            type_at_once(harness, BOUND)
            await harness.reached(lambda: not harness.app.is_running)
        assert harness.app.return_code == 3


async def test_no_key_acts_while_the_program_ends() -> None:
    backend = backend_of_three()
    async with open_app(backend) as harness:
        await ready(harness)
        asked = len(backend.log)
        type_at_once(harness, ("q", *BOUND))
        await harness.reached(lambda: not harness.app.is_running)
    assert harness.app.return_code == 0
    assert len(backend.log) == asked
