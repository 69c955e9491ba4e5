"""The run list in other orders than the newest first, and with a gap in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.fakes.backend import FakeBackend
from tests.recorded import recorded
from tests.ui.harness import Harness, open_app, run_row
from trigdash.backends.base import CannotReach
from trigdash.model.batch import BatchSummary
from trigdash.model.capability import Capability
from trigdash.model.listing import Listing
from trigdash.model.queue import parse_queues
from trigdash.presentation.cell import cell_text
from trigdash.service.runs.run_list import Gap
from trigdash.ui.screens.list import ListScreen
from trigdash.ui.widgets.line import Line

MORE = 600
"""Runs of a burst that is larger than what one poll reads."""


@asynccontextmanager
async def with_a_gap() -> AsyncIterator[Harness]:
    """The run list after a burst: 500 of its runs, a gap, and the runs before it."""
    backend = FakeBackend()
    backend.add(run_row(number) for number in range(2000, 2050))
    async with open_app(backend) as harness:
        await harness.until(lambda: len(harness.ids) == 50)
        backend.add(run_row(n, started_ms=run_row(n).created_ms + n) for n in range(1000, 1600))
        await harness.poll()
        await harness.until(lambda: len(harness.ids) == 550)
        yield harness


def gaps(stage: Harness) -> int:
    return sum(isinstance(row, Gap) for row in stage.table.rows)


async def test_a_list_with_a_gap_can_be_sorted_by_every_column_and_says_what_is_left_out() -> None:
    async with with_a_gap() as harness:
        assert gaps(harness) == 1
        for column in harness.runs.all_columns().values():
            harness.table.columns = (column,)
            harness.table.sort = (column.key, True)
            await harness.pilot.pause()
            if column.key != "age":
                assert gaps(harness) == 0, column.key
                assert f"by {column.key}, of 550 loaded, 1 gap not shown" in harness.counts
        harness.table.columns = harness.runs.chosen_columns()
        harness.table.sort = ("age", True)
        await harness.pilot.pause()
        assert gaps(harness) == 1
        assert ", of " not in harness.counts


async def test_the_keys_of_the_list_bear_a_gap(tmp_path: Path) -> None:
    async with with_a_gap() as harness:
        at = next(i for i, row in enumerate(harness.table.rows) if isinstance(row, Gap))
        for key in ("space", "y", "o", "C", "t"):
            harness.table.move_to(at)
            await harness.press(key)
        assert "marked" not in harness.counts
        harness.table.move_to(at)
        await harness.press("ctrl+a")
        assert "550 marked" in harness.counts
        await harness.press("ctrl+a")
        assert "marked" not in harness.counts
        await harness.press("ctrl+s")
        await harness.pilot.pause()
        path = tmp_path / "runs.csv"
        harness.app.screen.query_one("#save-path").value = str(path)  # type: ignore[attr-defined]
        await harness.press("enter")
        await harness.until(lambda: any("saved" in toast for toast in harness.toasts()))
        assert len(path.read_text().splitlines()) == 551


async def test_a_key_that_sorts_shows_what_comes_first() -> None:
    backend = FakeBackend()
    backend.add(run_row(n, cost_cents=float(n)) for n in range(1, 90))
    async with open_app(backend) as harness:
        await harness.until(lambda: len(harness.ids) == 89)
        await harness.press("G")
        await harness.press("s", "s")
        assert harness.table.top == 0
        harness.table.sort = ("cost", True)
        harness.table.move_to(70)
        await harness.press("S")
        assert (harness.table.top, harness.table.cursor_key) == (0, "run_0001")


async def test_an_order_says_that_it_is_of_what_is_loaded() -> None:
    backend = FakeBackend()
    backend.add(run_row(n) for n in range(1, 151))
    async with open_app(backend) as harness:
        await harness.until(lambda: len(harness.ids) == 100)
        assert "loaded  100+" in harness.counts
        assert ", of " not in harness.counts
        harness.table.sort = ("duration", True)
        await harness.pilot.pause()
        assert "by duration, of 100 loaded" in harness.counts
        await harness.press("G")
        await harness.until(lambda: len(harness.ids) == 150)
        await harness.until(lambda: "all  150 " in harness.counts)
        assert ", of " not in harness.counts


async def test_a_key_at_the_end_of_a_sorted_list_loads_a_page_and_not_all_of_them() -> None:
    backend = FakeBackend()
    backend.add(run_row(n, task=f"task-{n:04}") for n in range(1, 1000))
    async with open_app(backend) as harness:
        await harness.until(lambda: len(harness.ids) == 100)
        # The oldest first: each older page comes above the last row.
        harness.table.sort = ("age", False)
        await harness.press("G")
        await harness.until(lambda: len(harness.ids) == 200)
        for _ in range(5):
            await harness.press("j", "G")
        assert len(harness.ids) == 200
        assert len(backend.asked("runs")) == 2
        await harness.clock.advance(1.0)
        await harness.press("j")
        await harness.until(lambda: len(harness.ids) == 300)
        assert "new" not in harness.counts


async def test_older_pages_are_not_called_new_in_any_order() -> None:
    backend = FakeBackend()
    backend.add(run_row(n, cost_cents=float(n)) for n in range(1, 400))
    async with open_app(backend) as harness:
        await harness.until(lambda: len(harness.ids) == 100)
        harness.table.sort = ("cost", True)
        await harness.press("G")
        await harness.until(lambda: len(harness.ids) == 200)
        assert " new" not in harness.counts


async def test_older_runs_can_be_asked_for_again_after_a_failure() -> None:
    backend = FakeBackend()
    backend.add(run_row(n) for n in range(1, 150))
    async with open_app(backend) as harness:
        await harness.until(lambda: len(harness.ids) == 100)
        backend.failure = CannotReach("refused")
        await harness.press("G")
        await harness.until(lambda: "cannot reach" in harness.aside)
        backend.failure = None
        await harness.poll(60)
        await harness.until(lambda: "live" in harness.bar)
        await harness.press("G")
        await harness.until(lambda: len(harness.ids) == 149)


def tail(stage: Harness) -> str:
    return " ".join(cell_text(line) for line in stage.table._tail)


async def test_the_end_of_the_list_says_what_ends_it() -> None:
    backend = FakeBackend()
    backend.add(run_row(n) for n in range(1, 151))
    async with open_app(backend) as harness:
        await harness.until(lambda: len(harness.ids) == 100)
        assert tail(harness) == ""
        await harness.press("G")
        await harness.until(lambda: len(harness.ids) == 150)
        await harness.until(lambda: "no older runs in the last 7 days" in tail(harness))
        assert "since:30d" in tail(harness)
        harness.table.sort = ("task", True)
        await harness.pilot.pause()
        assert tail(harness) == ""
        harness.table.sort = ("age", True)
        await harness.press("slash", *"since:60d", "enter")
        await harness.until(lambda: len(harness.ids) == 100)
        await harness.press("G")
        await harness.until(lambda: "no older runs in the last 60 days" in tail(harness))
        assert "since:30d" not in tail(harness), "which would look less far"


async def command(stage: Harness, line: str) -> None:
    await stage.press("colon", *["space" if letter == " " else letter for letter in line], "enter")
    await stage.pilot.pause()


async def test_any_column_can_be_sorted_by_from_the_command_line() -> None:
    backend = FakeBackend()
    backend.add(run_row(n, region=f"r{n}", cost_cents=float(n)) for n in range(1, 6))
    async with open_app(backend) as harness:
        await harness.until(lambda: len(harness.ids) == 5)
        await command(harness, "sort cost")
        assert harness.ids[0] == "run_0005"
        await command(harness, "sort cost asc")
        assert harness.ids[0] == "run_0001"
        assert "region" not in [column.key for column in harness.table.columns]
        await command(harness, "sort region desc")
        assert harness.ids[0] == "run_0005"
        assert "region" in harness.table.shown_columns, "an order is read in its figures"
        await command(harness, "sort age")
        assert "region" not in [column.key for column in harness.table.columns]
        await harness.press("colon", *"sort", "space", *"nonsense", "enter")
        hint = " ".join(line.plain_text for line in harness.app.screen.query(Line))
        assert "no column nonsense" in hint


@pytest.mark.parametrize("place", ["runs", "queues", "batches", "actions"])
async def test_columns_are_chosen_on_every_list_without_a_file_to_keep_them(place: str) -> None:
    backend = FakeBackend(capabilities=frozenset(Capability) - {Capability.HEALTH})
    backend.add(run_row(n) for n in range(1, 6))
    backend.answers["queues"] = parse_queues(recorded("queues_list__ok").body)
    backend.calls[Capability.BATCHES] = Listing((BatchSummary(id="batch_1", runs=2, succeeded=2),))
    async with open_app(backend) as harness:
        await harness.until(lambda: harness.ids)
        if place != "runs":
            await command(harness, place)
        await harness.until(lambda: isinstance(harness.app.screen, ListScreen))
        screen = harness.app.screen
        assert isinstance(screen, ListScreen)
        usual = [column.key for column in screen.table.columns]
        chosen = usual[2::-1]
        await command(harness, f"columns {chosen[0]} {chosen[1]},{chosen[2]}")
        assert [column.key for column in screen.table.columns] == chosen
        assert any("kept until trigdash ends" in toast for toast in harness.toasts())
        await command(harness, "columns")
        assert [column.key for column in screen.table.columns] == usual
