"""Views are saved under a name, recalled with filter, columns and order, and kept per profile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.fakes.backend import FakeBackend
from tests.ui.harness import PROD, Harness, open_app, run_row
from trigdash.config.options import UiSettings
from trigdash.ui.input.commands import read


def settings(path: Path, profile: str = "work", **changes: Any) -> UiSettings:
    return UiSettings(server="127.0.0.1", state_file=path, profile=profile, **changes)


def backend() -> FakeBackend:
    made = FakeBackend(answers={"identity": PROD})
    made.add([run_row(1, "FAILED"), run_row(2), run_row(3, "FAILED")])
    return made


async def do(stage: Harness, line: str) -> None:
    """Run a command as the command line does."""
    assert stage.app.commands.check(line) is None, stage.app.commands.check(line)
    await stage.app.commands.run(read(line))
    await stage.pilot.pause()


async def test_a_view_keeps_filter_columns_and_order_and_brings_them_back(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    async with open_app(backend(), settings(file)) as stage:
        await stage.until(lambda: len(stage.ids) == 3)
        await do(stage, "runs status:failed since:24h")
        await do(stage, "columns task,status,run")
        stage.table.sort = ("task", False)
        await do(stage, "save mine")
        assert any(":view mine" in toast for toast in stage.toasts())
    async with open_app(backend(), settings(file)) as harness:
        await harness.until(lambda: len(harness.ids) == 3)
        await do(harness, "columns status,run")
        harness.table.sort = None
        await do(harness, "view mine")
        await harness.until(lambda: len(harness.ids) == 2)
        assert harness.filter.line == "status:failed since:24h"
        assert [column.key for column in harness.table.columns] == ["task", "status", "run"]
        assert harness.table.sort == ("task", False)
        offered = harness.app.commands.complete("view m", 6)
        assert offered.candidates == ("mine",)
        palette = [name for name, _, _ in harness.app.commands.palette(harness.app.screen)]
        assert "view mine" in palette


async def test_views_of_another_profile_are_not_there(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    async with open_app(backend(), settings(file)) as stage:
        await stage.until(lambda: stage.ids)
        await do(stage, "save mine")
    async with open_app(backend(), settings(file, "other")) as harness:
        await harness.until(lambda: harness.ids)
        assert "no view mine" in str(harness.app.commands.check("view mine"))


async def test_a_view_of_the_settings_file_is_recalled_and_not_forgotten(tmp_path: Path) -> None:
    views = {"failing": "status:failed", "broken": "status:nonsense"}
    async with open_app(backend(), settings(tmp_path / "state.json", views=views)) as harness:
        await harness.until(lambda: len(harness.ids) == 3)
        await do(harness, "view failing")
        await harness.until(lambda: len(harness.ids) == 2)
        await do(harness, "view broken")
        assert any("cannot be read" in toast for toast in harness.toasts())
        await do(harness, "forget failing")
        assert any("settings file" in toast for toast in harness.toasts())
        await do(harness, "save failing")
        await do(harness, "forget failing")
        assert harness.app.commands.check("view failing") is None


async def test_what_somebody_wrote_into_the_file_of_choices_breaks_nothing(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    odd = {"a": 3, "b": {"place": "nowhere", "filter": ""}, "c": {"place": "runs", "filter": "x"}}
    file.write_text(json.dumps({"profiles": {"work": {"views": odd}}}))
    async with open_app(backend(), settings(file)) as harness:
        await harness.until(lambda: len(harness.ids) == 3)
        assert harness.app.commands.complete("view ", 5).candidates == ("c",)
        await do(harness, "view c")
        assert harness.filter.line == "x"
