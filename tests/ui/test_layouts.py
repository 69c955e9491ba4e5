"""Keyboards whose layout has no Latin letters."""

from __future__ import annotations

import pytest
from textual.events import Key

from tests.ui.harness import Harness, open_app
from tests.ui.modals import backend_of_three
from trigdash.config.options import UiSettings
from trigdash.ui.screens.command_line import CommandLine
from trigdash.ui.screens.help import HelpScreen
from trigdash.ui.typed_keys import LATIN, latin, on_latin_layout
from trigdash.ui.widgets.prompt import Prompt


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("йцукенгшщз", "qwertyuiop"),
        ("ЖКПМСТРЧ", ":RGVCNHX"),
        ("іїє", "s]'"),
        ("ερτσΣΡς", "ertsSRw"),
        ("קראש", "erta"),
        ("ضصث", "qwe"),
        ("ｑｊＲ／", "qjR/"),
        ("é漢", ""),
    ],
)
def test_a_letter_means_the_key_of_the_same_place(typed: str, meant: str) -> None:
    assert "".join(map(latin, typed)) == meant


def test_every_letter_means_one_key() -> None:
    for letter, key in LATIN.items():
        assert not letter.isascii()
        assert key.isascii()
        assert len(key) == 1
    known = on_latin_layout(Key("ctrl+с", None))
    assert known is not None
    assert known.key == "ctrl+c"


async def type_on(stage: Harness, text: str) -> None:
    for character in text:
        stage.app.post_message(Key(character, character))
    await stage.rest()


async def test_keys_act_and_texts_stay_as_they_were_typed() -> None:
    async with open_app(backend_of_three()) as harness:
        await harness.until(lambda: harness.ids)
        await type_on(harness, "оо")
        assert harness.runs.table.cursor_index == 2
        await type_on(harness, "Жйцук")
        assert isinstance(harness.app.screen, CommandLine)
        assert harness.app.screen.query_one(Prompt).value == "йцук"
        await harness.press("escape", "enter")
        await type_on(harness, "й")
        assert harness.app.screen is harness.runs
        assert not harness.toasts()


async def test_a_letter_of_no_known_layout_is_explained_once() -> None:
    async with open_app(backend_of_three()) as harness:
        await harness.until(lambda: harness.ids)
        await type_on(harness, "漢字")
        (said,) = harness.toasts()
        assert said.startswith("no key is called 漢: keys are Latin letters.")


async def test_a_letter_that_the_settings_name_keeps_its_meaning() -> None:
    async with open_app(backend_of_three(), UiSettings(keys={"app.help": "й"})) as harness:
        await harness.until(lambda: harness.ids)
        await type_on(harness, "й")
        assert isinstance(harness.app.screen, HelpScreen)
