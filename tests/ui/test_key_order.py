"""Keys typed in a burst do what the same keys do when they are typed slowly: in every line, form
and dialog."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any, ClassVar

import pytest
from textual.binding import BindingType
from textual.events import Key, Paste
from textual.screen import Screen
from textual.widgets import Input, Static, TextArea
from typing_extensions import override

from tests.ui.dialog_host import DialogHost
from tests.ui.harness import PATIENCE_S, Harness, at_rest, open_app
from tests.ui.modals import MODALS, backend_of_three
from trigdash.ui.widgets.row_table import RowTable

EDITING = (
    *("backspace", "backspace", "delete", "left", "right", "home", "end", "ctrl+u", "ctrl+w"),
    *("tab", "tab", "shift+tab", "up", "down"),
)
LETTERS = tuple('send:/12,-{}" x')
LEAVING = ("enter", "escape", "colon", "slash", "C")
CHARACTERS = {"space": " ", "comma": ",", "colon": ":", "slash": "/", "minus": "-"}
BURST = 40
SEEDS = range(1)


@pytest.fixture(autouse=True)
def _save_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def burst(random: Random) -> list[str]:
    """Random keys: mostly text, some that edit, few that leave and open what is beneath."""
    kinds = random.choices((LETTERS, EDITING, LEAVING), (6, 4, 1), k=BURST)
    return [random.choice(kind) for kind in kinds]


def event(key: str) -> Key | Paste:
    character = CHARACTERS.get(key, key if len(key) == 1 else None)
    return Paste("a, b") if key == "P" else Key(key, character)


def said(screen: Screen[Any]) -> tuple[object, ...]:
    """All that keys can have changed on a screen."""
    focused = screen.focused
    return (
        type(screen).__name__,
        focused and (type(focused).__name__, focused.id),
        # A file to save to is called by the time.
        [re.sub(r"\d{4,}", "", line.value) for line in screen.query(Input)],
        [editor.text for editor in screen.query(TextArea)],
        [(table.cursor_index, sorted(map(str, table.marked))) for table in screen.query(RowTable)],
    )


async def typed(stage: Harness, keys: Sequence[str], *, slowly: bool) -> object:
    """What keys lead to."""
    for key in keys:
        stage.app.post_message(event(key))
        if slowly:
            await stage.rest()
    await stage.rest()
    return [said(screen) for screen in stage.app.screen_stack]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", MODALS)
async def test_a_burst_does_in_a_question_what_slow_keys_do(name: str, seed: int) -> None:
    # A file is written beside, and the palette looks for commands beside: no matter of order.
    is_beside = name == "palette" or name.startswith("save")
    keys = [key for key in burst(Random(f"{name} {seed}")) if key != "enter" or not is_beside]
    seen = []
    for slowly in (True, False):
        async with open_app(backend_of_three()) as harness:
            await harness.until(lambda: harness.ids)
            answers: list[object] = []
            harness.app.push_screen(MODALS[name](harness.app), answers.append)
            seen.append((await typed(harness, keys, slowly=slowly), answers))
    assert seen[0] == seen[1], keys


SCREEN_KEYS = (
    *(
        "j",
        "k",
        "space",
        "enter",
        "escape",
        "slash",
        "colon",
        "n",
        "s",
        "C",
        "T",
        "R",
        "X",
        "ctrl+s",
    ),
    *("1", "2", "3", "t", "e", "p", "d", "question_mark", "ctrl+e", "tab", "right_square_bracket"),
)


@pytest.mark.parametrize("seed", range(6))
async def test_a_burst_does_on_the_screens_what_slow_keys_do(seed: int) -> None:
    random = Random(seed)
    kinds = random.choices((SCREEN_KEYS, LETTERS, EDITING), (6, 2, 2), k=BURST)
    keys = [random.choice(kind) for kind in kinds]
    seen = []
    for slowly in (True, False):
        async with open_app(backend_of_three()) as harness:
            await harness.until(lambda: harness.ids)
            seen.append(await typed(harness, keys, slowly=slowly))
    assert seen[0] == seen[1], keys


class Silent(Screen[None]):
    """A screen that takes a callback and goes before it calls back."""

    @override
    def call_later(self, *_callback: Any, **_options: Any) -> bool:
        return True


async def test_a_key_acts_although_the_screen_that_it_waits_for_never_reports_back() -> None:
    app = DialogHost(Silent)
    async with app.run_test():
        app.push_screen(Silent())
        app.post_message(event("C"))
        end = monotonic() + PATIENCE_S
        while not app.asked:
            assert monotonic() < end, "the key is still waiting"
            await asyncio.sleep(0.01)


class Slow(Screen[None]):
    """A screen that takes its time to get its parts."""

    BINDINGS: ClassVar[list[BindingType]] = [("x", "act")]

    def __init__(self) -> None:
        super().__init__()
        self.ready = asyncio.Event()
        self.acted = 0

    @override
    async def _compose(self) -> None:
        await self.ready.wait()
        await super()._compose()

    def action_act(self) -> None:
        assert self.ready.is_set()
        self.acted += 1


class Opener(Static, can_focus=True):
    """Opens a screen by a key, and lets the key go on."""

    opens: Slow | None = None

    def on_key(self) -> None:
        if self.opens is not None:
            self.app.push_screen(self.opens)


async def test_a_key_waits_for_a_screen_that_takes_longer_than_a_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("trigdash.ui.input.key_order.TURN_S", 0.01)
    app, slow = DialogHost(Slow), Slow()
    async with app.run_test():
        app.push_screen(slow)
        await typed_while_it_is_made(app, slow)
        end = monotonic() + PATIENCE_S
        while not slow.acted:
            assert monotonic() < end, "the key is lost"
            await asyncio.sleep(0.01)


async def test_a_key_that_opens_a_screen_does_not_act_on_it_too() -> None:
    app, slow, opener = DialogHost(Slow), Slow(), Opener()
    async with app.run_test():
        await app.screen.mount(opener)
        opener.focus()
        await asyncio.sleep(0)
        opener.opens = slow
        await typed_while_it_is_made(app, slow)
        await at_rest(app)
        assert not slow.acted


async def typed_while_it_is_made(app: DialogHost, slow: Slow) -> None:
    """Type a key while the screen gets its parts, which then come."""
    app.post_message(event("x"))
    for _ in range(20):
        await asyncio.sleep(0.01)
        assert not slow.acted
    slow.ready.set()
