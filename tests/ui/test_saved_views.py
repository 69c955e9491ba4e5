"""Views are saved under a name, recalled with filter, columns and order, and kept per profile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.fakes.backend import FakeBackend
from tests.ui.stage import PROD, Stage, on_stage, run_row
from trigdash.config import UiSettings
from trigdash.ui.commands import read


def settings(path: Path, profile: str = "work", **changes: Any) -> UiSettings:
    return UiSettings(server="127.0.0.1", state_file=path, profile=profile, **changes)


def backend() -> FakeBackend:
    made = FakeBackend(answers={"identity": PROD})
    made.add([run_row(1, "FAILED"), run_row(2), run_row(3, "FAILED")])
    return made


async def do(stage: Stage, line: str) -> None:
    """Run a command as the command line does."""
    assert stage.app.commands.check(line) is None, stage.app.commands.check(line)
    await stage.app.commands.run(read(line))
    await stage.pilot.pause()


async def test_a_view_keeps_filter_columns_and_order_and_brings_them_back(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    async with on_stage(backend(), settings(file)) as stage:
        await stage.until(lambda: len(stage.ids) == 3)
        await do(stage, "runs status:failed since:24h")
        await do(stage, "columns task,status,run")
        stage.table.sort = ("task", False)
        await do(stage, "save mine")
        assert any(":view mine" in toast for toast in stage.toasts())
    async with on_stage(backend(), settings(file)) as stage:
        await stage.until(lambda: len(stage.ids) == 3)
        await do(stage, "columns status,run")
        stage.table.sort = None
        await do(stage, "view mine")
        await stage.until(lambda: len(stage.ids) == 2)
        assert stage.filter.line == "status:failed since:24h"
        assert [column.key for column in stage.table.columns] == ["task", "status", "run"]
        assert stage.table.sort == ("task", False)
        offered = stage.app.commands.complete("view m", 6)
        assert offered.candidates == ("mine",)
        palette = [name for name, _, _ in stage.app.commands.palette(stage.app.screen)]
        assert "view mine" in palette


async def test_views_of_another_profile_are_not_there(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    async with on_stage(backend(), settings(file)) as stage:
        await stage.until(lambda: stage.ids)
        await do(stage, "save mine")
    async with on_stage(backend(), settings(file, "other")) as stage:
        await stage.until(lambda: stage.ids)
        assert "no view mine" in str(stage.app.commands.check("view mine"))


async def test_a_view_of_the_settings_file_is_recalled_and_not_forgotten(tmp_path: Path) -> None:
    views = {"failing": "status:failed", "broken": "status:nonsense"}
    async with on_stage(backend(), settings(tmp_path / "state.json", views=views)) as stage:
        await stage.until(lambda: len(stage.ids) == 3)
        await do(stage, "view failing")
        await stage.until(lambda: len(stage.ids) == 2)
        await do(stage, "view broken")
        assert any("cannot be read" in toast for toast in stage.toasts())
        await do(stage, "forget failing")
        assert any("settings file" in toast for toast in stage.toasts())
        await do(stage, "save failing")
        await do(stage, "forget failing")
        assert stage.app.commands.check("view failing") is None


async def test_what_somebody_wrote_into_the_file_of_choices_breaks_nothing(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    odd = {"a": 3, "b": {"place": "nowhere", "filter": ""}, "c": {"place": "runs", "filter": "x"}}
    file.write_text(json.dumps({"profiles": {"work": {"views": odd}}}))
    async with on_stage(backend(), settings(file)) as stage:
        await stage.until(lambda: len(stage.ids) == 3)
        assert stage.app.commands.complete("view ", 5).candidates == ("c",)
        await do(stage, "view c")
        assert stage.filter.line == "x"
