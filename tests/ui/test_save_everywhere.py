"""`ctrl+s` on every screen that holds data writes a file, or says that there is nothing to save."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from textual.widgets import Input

from tests.ui.harness import at_rest
from tests.ui.live_harness import LiveHarness
from tests.ui.world_harness import ids_of, open_world, rows_of
from trigdash.service.cache.store import State
from trigdash.ui.dialogs.save import SaveFile
from trigdash.ui.routes import ROUTES
from trigdash.ui.screens.base import LiveScreen
from trigdash.ui.screens.run.tab_keys import TABS
from trigdash.ui.widgets.line_list import LineList
from trigdash.ui.widgets.row_table import RowTable

NOTHING = "nothing to save"
NUMBERS = count()
OPENED = ("errors", "queues", "tasks")
"""Lists whose rows open screens of different kinds."""


def screen_of(stage: LiveHarness) -> LiveScreen:
    screen = stage.app.screen
    assert isinstance(screen, LiveScreen), screen
    return screen


async def settle(stage: LiveHarness) -> LiveScreen:
    """Wait until the screen on top has an answer, and shows it."""
    await stage.until(
        lambda: (
            isinstance(stage.app.screen, LiveScreen)
            and stage.app.screen.main_snapshot().state is not State.LOADING
        ),
        "an answer",
    )
    await at_rest(stage.app)
    return screen_of(stage)


def has_rows(screen: LiveScreen) -> bool:
    rows = any(table.records for table in screen.query(RowTable))
    return rows or any(listed.count for listed in screen.query(LineList) if listed.is_on_screen)


async def save(stage: LiveHarness, folder: Path) -> bool:
    """Save the screen on top; whether a file was written."""
    screen = await settle(stage)
    stage.app.clear_notifications()
    await stage.press("ctrl+s")
    await stage.until(
        lambda: isinstance(stage.app.screen, SaveFile) or any(NOTHING in t for t in stage.toasts),
        f"an answer to ctrl+s on {screen.PLACE}",
    )
    dialog = stage.app.screen
    if not isinstance(dialog, SaveFile):
        assert not has_rows(screen), f"{screen.PLACE}: {stage.toasts}"
        return False
    path = folder / f"{next(NUMBERS)}{dialog.ENDINGS[0]}"
    dialog.query_one(Input).value = str(path)
    await stage.press("enter")
    await stage.until(lambda: stage.app.screen is screen, "back")
    assert path.stat().st_size > 1
    assert any(str(path) in toast for toast in stage.toasts)
    return True


def quarters() -> Iterator[tuple[str, ...]]:
    for start in range(4):
        yield tuple(ROUTES)[start::4]


@pytest.mark.parametrize("names", quarters(), ids=lambda names: names[0])
async def test_every_place_and_what_it_opens_is_saved(
    names: tuple[str, ...], tmp_path: Path
) -> None:
    async with open_world(runs=30, size=(100, 24)) as stage:
        await rows_of(stage, "prod")
        for name in names:
            await stage.app.go(name)
            await stage.until(lambda name=name: name == screen_of(stage).PLACE, name)
            listed = await settle(stage)
            is_saved = await save(stage, tmp_path)
            if name in OPENED:
                assert is_saved, name
                await stage.press("home", "enter")
                await stage.until(lambda listed=listed: stage.app.screen is not listed, name)
                assert await save(stage, tmp_path), f"what {name} opens"


async def test_every_tab_of_a_run_and_what_leads_further_is_saved(tmp_path: Path) -> None:
    async with open_world(runs=30, size=(100, 24)) as stage:
        await rows_of(stage, "prod")
        run_id = min(ids_of(stage, "prod"))
        for tab in TABS:
            stage.app.open_detail("run", run_id, tab=tab)
            await settle(stage)
            await save(stage, tmp_path)
        for kind, thing in (("why", run_id), ("compare", "stg"), ("split", "stg")):
            stage.app.open_detail(kind, thing)
            await settle(stage)
            assert await save(stage, tmp_path), kind
