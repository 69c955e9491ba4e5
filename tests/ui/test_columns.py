"""The picker of columns: chosen with space, ordered with J and K, kept for the next start."""

from __future__ import annotations

from pathlib import Path

from tests.fakes.backend import FakeBackend
from tests.ui.harness import Harness, open_app, run_row
from trigdash.config.options import UiSettings
from trigdash.ui.dialogs.columns import ColumnsScreen


def shown(harness: Harness) -> list[str]:
    return [column.key for column in harness.runs.table.columns]


async def picker(harness: Harness) -> None:
    await harness.until(lambda: harness.ids)
    await harness.press("c")
    await harness.until(lambda: isinstance(harness.app.screen, ColumnsScreen))


async def closed(harness: Harness) -> None:
    await harness.until(lambda: harness.app.screen is harness.runs)


def settings(path: Path) -> UiSettings:
    return UiSettings(columns=("status", "task", "age"), state_file=path / "state.json")


def backend() -> FakeBackend:
    made = FakeBackend()
    made.add([run_row(1)])
    return made


async def test_space_hides_a_column_and_j_moves_it_and_both_are_kept(tmp_path: Path) -> None:
    async with open_app(backend(), settings(tmp_path)) as harness:
        await picker(harness)
        await harness.press("J", "j", "space", "enter")
        await closed(harness)
        assert shown(harness) == ["task", "status"]
    async with open_app(backend(), settings(tmp_path)) as harness:
        await harness.until(lambda: harness.ids)
        assert shown(harness) == ["task", "status"]
        await picker(harness)
        await harness.press("U")
        await closed(harness)
        assert shown(harness) == ["status", "task", "age"]


async def test_escape_leaves_the_columns_and_the_last_one_cannot_be_hidden(tmp_path: Path) -> None:
    async with open_app(backend(), settings(tmp_path)) as harness:
        await picker(harness)
        await harness.press("space", "escape")
        await closed(harness)
        assert shown(harness) == ["status", "task", "age"]
        await picker(harness)
        await harness.press("space", "j", "space", "j", "space", "enter")
        await closed(harness)
        assert shown(harness) == ["age"]
