"""The picker of columns: chosen with space, ordered with J and K, sized with < and >, and all kept
for the next start."""

from __future__ import annotations

from pathlib import Path

from tests.fakes.backend import FakeBackend
from tests.ui.harness import Harness, open_app, run_row
from trigdash.config.options import UiSettings
from trigdash.presentation.columns import WIDTHS
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


def widths(harness: Harness) -> dict[str, int]:
    """How wide the columns stand."""
    return {**harness.runs.table.shown_widths}


async def test_a_column_is_widened_from_what_is_seen_at_once_and_kept(tmp_path: Path) -> None:
    async with open_app(backend(), settings(tmp_path)) as harness:
        await picker(harness)
        before = widths(harness)
        await harness.press("j", *["greater_than_sign"] * 3, "j", "less_than_sign")
        wanted = {"status": before["status"], "task": before["task"] + 3, "age": before["age"] - 1}
        await harness.until(lambda: widths(harness) == wanted)
        await harness.press("enter")
        await closed(harness)
        assert widths(harness) == wanted
    async with open_app(backend(), settings(tmp_path)) as harness:
        await harness.until(lambda: harness.ids)
        assert widths(harness) == wanted
        await picker(harness)
        await harness.press("less_than_sign", "escape")
        await closed(harness)
        assert widths(harness) == wanted, "what was not kept is taken back"
        await picker(harness)
        await harness.press("U")
        await closed(harness)
        assert widths(harness) == before


async def test_a_width_alone_chooses_no_columns(tmp_path: Path) -> None:
    chosen_by_nobody = UiSettings(state_file=tmp_path / "state.json")
    async with open_app(backend(), chosen_by_nobody) as harness:
        await picker(harness)
        await harness.press("greater_than_sign", "enter")
        await closed(harness)
        assert harness.runs.column_choice() == ()
        assert list(harness.runs.column_widths()) == ["status"]


async def test_widths_stay_within_bounds_and_damaged_ones_are_ignored(tmp_path: Path) -> None:
    async with open_app(backend(), settings(tmp_path)) as harness:
        await picker(harness)
        await harness.press(*["less_than_sign"] * 20, "enter")
        await closed(harness)
        assert widths(harness)["status"] == WIDTHS[0]
        harness.app.session.choices.save("runs.widths", {"task": 10**9, "age": "wide", "x": True})
        assert harness.runs.column_widths() == {"task": WIDTHS[1]}
