"""The next start comes back to where the program was left."""

from __future__ import annotations

from pathlib import Path

from tests.fakes.backend import FakeBackend
from tests.ui.harness import open_app, run_row
from trigdash.backends.base import NotFound
from trigdash.config.options import UiSettings
from trigdash.config.state import StateFile
from trigdash.ui.screens.now import NowScreen
from trigdash.ui.screens.queues import QueuesScreen
from trigdash.ui.screens.run import RunScreen


def backend() -> FakeBackend:
    made = FakeBackend()
    made.add([run_row(n, "FAILED" if n % 2 else "COMPLETED") for n in range(1, 40)])
    # Which run is open is what matters here, not what is in it.
    gone = NotFound("Not found", status=404)
    made.failures |= dict.fromkeys(("run", "trace", "events", "queues", "call", "query"), gone)
    return made


def settings(path: Path, **changes: object) -> UiSettings:
    told: dict[str, object] = {"server": "127.0.0.1", "restore": True, **changes}
    return UiSettings(state_file=path / "state.json", **told)  # type: ignore[arg-type]


async def test_filter_order_and_row_are_as_they_were_left(tmp_path: Path) -> None:
    async with open_app(backend(), settings(tmp_path)) as harness:
        await harness.until(lambda: harness.ids)
        harness.runs.apply_line("status:failed")
        await harness.until(lambda: len(harness.ids) == 20)
        await harness.press("s", "s")
        harness.table.select_key("run_0021")
        left = harness.table.sort
        await harness.press("q")
    async with open_app(backend(), settings(tmp_path)) as harness:
        await harness.until(lambda: len(harness.ids) == 20)
        await harness.until(lambda: harness.table.cursor_key == "run_0021")
        assert (harness.filter.line, harness.table.sort) == ("status:failed", left)
        assert any("narrowed as you left it" in toast for toast in harness.toasts())
        await harness.press("escape", "g", "q")
    async with open_app(backend(), settings(tmp_path)) as harness:
        await harness.until(lambda: len(harness.ids) == 39)
        assert (harness.filter.line, harness.table.cursor_index) == ("", 0)


async def test_the_list_and_the_open_run_come_back(tmp_path: Path) -> None:
    async with open_app(backend(), settings(tmp_path)) as harness:
        await harness.until(lambda: harness.ids)
        await harness.press("2")
        await harness.until(lambda: isinstance(harness.app.screen, QueuesScreen))
        harness.app.open_detail("run", "run_0003", tab="events")
        await harness.until(lambda: isinstance(harness.app.screen, RunScreen))
        await harness.press("ctrl+q")
    async with open_app(backend(), settings(tmp_path)) as harness:
        await harness.until(lambda: isinstance(harness.app.screen, RunScreen))
        screen = harness.app.screen
        assert isinstance(screen, RunScreen)
        assert (screen.run_id, screen.tab) == ("run_0003", "events")
        await harness.press("q")
        await harness.until(lambda: isinstance(harness.app.screen, QueuesScreen))


async def test_a_switch_turns_it_off_and_a_run_that_is_asked_for_comes_first(
    tmp_path: Path,
) -> None:
    async with open_app(backend(), settings(tmp_path)) as harness:
        await harness.until(lambda: harness.ids)
        harness.runs.apply_line("status:failed")
        await harness.press("ctrl+q")
    async with open_app(backend(), settings(tmp_path, restore=False)) as harness:
        await harness.until(lambda: len(harness.ids) == 39)
    async with open_app(backend(), settings(tmp_path, run="run_0002")) as harness:
        await harness.until(lambda: isinstance(harness.app.screen, RunScreen))
        assert harness.runs.filter_lines()
        assert harness.runs.query_one("FilterLine").line == ""  # type: ignore[attr-defined]


async def test_what_was_kept_by_another_version_is_passed_over(tmp_path: Path) -> None:
    kept = StateFile(tmp_path / "state.json", None)
    for told in ([], {"place": "nowhere"}, {"place": "runs", "line": "status:nothing", "row": 3}):
        assert kept.save("last", told)
        async with open_app(backend(), settings(tmp_path)) as harness:
            await harness.until(lambda: len(harness.ids) == 39)
            assert harness.filter.line == ""


async def test_the_settings_name_the_first_screen(tmp_path: Path) -> None:
    async with open_app(backend(), settings(tmp_path, start="now", restore=False)) as harness:
        await harness.until(lambda: isinstance(harness.app.screen, NowScreen))
        await harness.press("1")
        await harness.until(lambda: harness.ids)
