"""The run list in other orders than the newest first, and with a gap in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.fakes.backend import FakeBackend
from tests.recorded import recorded
from tests.ui.stage import Stage, on_stage, run_row
from trigdash.backends.base import CannotReach
from trigdash.model.batch import BatchesFound, BatchSummary
from trigdash.model.queue import parse_queues
from trigdash.service.run_list import Gap
from trigdash.ui.cells.cell import cell_text
from trigdash.ui.screens.listing import ListScreen
from trigdash.ui.widgets.line import Line

MORE = 600
"""Runs of a burst that is larger than what one poll reads."""


@asynccontextmanager
async def with_a_gap() -> AsyncIterator[Stage]:
    """The run list after a burst: 500 of its runs, a gap, and the runs before it."""
    backend = FakeBackend()
    backend.add(run_row(number) for number in range(2000, 2050))
    async with on_stage(backend) as stage:
        await stage.until(lambda: len(stage.ids) == 50)
        backend.add(run_row(n, started_ms=run_row(n).created_ms + n) for n in range(1000, 1600))
        await stage.poll()
        await stage.until(lambda: len(stage.ids) == 550)
        yield stage


def gaps(stage: Stage) -> int:
    return sum(isinstance(row, Gap) for row in stage.table.rows)


async def test_a_list_with_a_gap_can_be_sorted_by_every_column_and_says_what_is_left_out() -> None:
    async with with_a_gap() as stage:
        assert gaps(stage) == 1
        for column in stage.runs.all_columns().values():
            stage.table.columns = (column,)
            stage.table.sort = (column.key, True)
            await stage.pilot.pause()
            if column.key != "age":
                assert gaps(stage) == 0, column.key
                assert f"by {column.key}, of 550 loaded, 1 gap not shown" in stage.counts
        stage.table.columns = stage.runs.chosen_columns()
        stage.table.sort = ("age", True)
        await stage.pilot.pause()
        assert gaps(stage) == 1
        assert ", of " not in stage.counts


async def test_the_keys_of_the_list_bear_a_gap(tmp_path: Path) -> None:
    async with with_a_gap() as stage:
        at = next(i for i, row in enumerate(stage.table.rows) if isinstance(row, Gap))
        for key in ("space", "y", "o", "C", "t"):
            stage.table.move_to(at)
            await stage.press(key)
        assert "marked" not in stage.counts
        stage.table.move_to(at)
        await stage.press("ctrl+a")
        assert "550 marked" in stage.counts
        await stage.press("ctrl+a")
        assert "marked" not in stage.counts
        await stage.press("ctrl+s")
        await stage.pilot.pause()
        path = tmp_path / "runs.csv"
        stage.app.screen.query_one("#save-path").value = str(path)  # type: ignore[attr-defined]
        await stage.press("enter")
        await stage.until(lambda: any("saved" in toast for toast in stage.toasts()))
        assert len(path.read_text().splitlines()) == 551


async def test_a_key_that_sorts_shows_what_comes_first() -> None:
    backend = FakeBackend()
    backend.add(run_row(n, cost_cents=float(n)) for n in range(1, 90))
    async with on_stage(backend) as stage:
        await stage.until(lambda: len(stage.ids) == 89)
        await stage.press("G")
        await stage.press("s")
        assert stage.table.top == 0
        stage.table.sort = ("cost", True)
        stage.table.move_to(70)
        await stage.press("S")
        assert (stage.table.top, stage.table.cursor_key) == (0, "run_0001")


async def test_an_order_says_that_it_is_of_what_is_loaded() -> None:
    backend = FakeBackend()
    backend.add(run_row(n) for n in range(1, 151))
    async with on_stage(backend) as stage:
        await stage.until(lambda: len(stage.ids) == 100)
        assert "loaded  100+" in stage.counts
        assert ", of " not in stage.counts
        stage.table.sort = ("duration", True)
        await stage.pilot.pause()
        assert "by duration, of 100 loaded" in stage.counts
        await stage.press("G")
        await stage.until(lambda: len(stage.ids) == 150)
        await stage.until(lambda: "all  150 " in stage.counts)
        assert ", of " not in stage.counts


async def test_a_key_at_the_end_of_a_sorted_list_loads_a_page_and_not_all_of_them() -> None:
    backend = FakeBackend()
    backend.add(run_row(n, task=f"task-{n:04}") for n in range(1, 1000))
    async with on_stage(backend) as stage:
        await stage.until(lambda: len(stage.ids) == 100)
        # The oldest first: each older page comes above the last row.
        stage.table.sort = ("age", False)
        await stage.press("G")
        await stage.until(lambda: len(stage.ids) == 200)
        for _ in range(5):
            await stage.press("j", "G")
        assert len(stage.ids) == 200
        assert len(backend.asked("runs")) == 2
        await stage.clock.advance(1.0)
        await stage.press("j")
        await stage.until(lambda: len(stage.ids) == 300)
        assert "new" not in stage.counts


async def test_older_pages_are_not_called_new_in_any_order() -> None:
    backend = FakeBackend()
    backend.add(run_row(n, cost_cents=float(n)) for n in range(1, 400))
    async with on_stage(backend) as stage:
        await stage.until(lambda: len(stage.ids) == 100)
        stage.table.sort = ("cost", True)
        await stage.press("G")
        await stage.until(lambda: len(stage.ids) == 200)
        assert " new" not in stage.counts


async def test_older_runs_can_be_asked_for_again_after_a_failure() -> None:
    backend = FakeBackend()
    backend.add(run_row(n) for n in range(1, 150))
    async with on_stage(backend) as stage:
        await stage.until(lambda: len(stage.ids) == 100)
        backend.failure = CannotReach("refused")
        await stage.press("G")
        await stage.until(lambda: "cannot reach" in stage.aside)
        backend.failure = None
        await stage.poll(60)
        await stage.until(lambda: "live" in stage.bar)
        await stage.press("G")
        await stage.until(lambda: len(stage.ids) == 149)


def tail(stage: Stage) -> str:
    return " ".join(cell_text(line) for line in stage.table._tail)


async def test_the_end_of_the_list_says_what_ends_it() -> None:
    backend = FakeBackend()
    backend.add(run_row(n) for n in range(1, 151))
    async with on_stage(backend) as stage:
        await stage.until(lambda: len(stage.ids) == 100)
        assert tail(stage) == ""
        await stage.press("G")
        await stage.until(lambda: len(stage.ids) == 150)
        await stage.until(lambda: "no older runs in the last 7 days" in tail(stage))
        assert "since:30d" in tail(stage)
        stage.table.sort = ("task", True)
        await stage.pilot.pause()
        assert tail(stage) == ""
        stage.table.sort = ("age", True)
        await stage.press("slash", *"since:60d", "enter")
        await stage.until(lambda: len(stage.ids) == 100)
        await stage.press("G")
        await stage.until(lambda: "no older runs in the last 60 days" in tail(stage))
        assert "since:30d" not in tail(stage), "which would look less far"


async def command(stage: Stage, line: str) -> None:
    await stage.press("colon", *["space" if letter == " " else letter for letter in line], "enter")
    await stage.pilot.pause()


async def test_any_column_can_be_sorted_by_from_the_command_line() -> None:
    backend = FakeBackend()
    backend.add(run_row(n, region=f"r{n}", cost_cents=float(n)) for n in range(1, 6))
    async with on_stage(backend) as stage:
        await stage.until(lambda: len(stage.ids) == 5)
        await command(stage, "sort cost")
        assert stage.ids[0] == "run_0005"
        await command(stage, "sort cost asc")
        assert stage.ids[0] == "run_0001"
        assert "region" not in [column.key for column in stage.table.columns]
        await command(stage, "sort region desc")
        assert stage.ids[0] == "run_0005"
        assert "by region" in stage.counts, "no title shows it"
        await stage.press("colon", *"sort", "space", *"nonsense", "enter")
        hint = " ".join(line.words for line in stage.app.screen.query(Line))
        assert "no column nonsense" in hint


@pytest.mark.parametrize("place", ["runs", "queues", "batches", "actions"])
async def test_columns_are_chosen_on_every_list_without_a_file_to_keep_them(place: str) -> None:
    backend = FakeBackend()
    backend.add(run_row(n) for n in range(1, 6))
    backend.answers["queues"] = parse_queues(recorded("queues_list__ok").body)
    backend.answers["batches"] = BatchesFound((BatchSummary("batch_1", 2, {"COMPLETED": 2}),))
    async with on_stage(backend) as stage:
        await stage.until(lambda: stage.ids)
        if place != "runs":
            await command(stage, place)
        await stage.until(lambda: isinstance(stage.app.screen, ListScreen))
        screen = stage.app.screen
        assert isinstance(screen, ListScreen)
        usual = [column.key for column in screen.table.columns]
        chosen = usual[2::-1]
        await command(stage, f"columns {chosen[0]} {chosen[1]},{chosen[2]}")
        assert [column.key for column in screen.table.columns] == chosen
        assert any("kept until trigdash ends" in toast for toast in stage.toasts())
        await command(stage, "columns")
        assert [column.key for column in screen.table.columns] == usual
